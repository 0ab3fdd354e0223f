"""Tests of `Layer.write_like`: a new file has the position of its image, or is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dss_client import FileNotWritten, Layer, Workspace
from tests.dss_client.images import nifti

sitk = pytest.importorskip("SimpleITK", reason="needs the extra `images`")

AFFINE = np.array([[0, -2, 0, 10], [0, 0, 3, -20], [1.5, 0, 0, 30], [0, 0, 0, 1.0]])
"""Voxels of 1.5 by 2 by 3 mm. The axes point superior, left and anterior."""


def create_layer(path: Path) -> Layer:
    return Workspace.create(path, nickname="Scan").main


def create_array(*shape: int) -> np.ndarray:
    """Create an array of different numbers."""
    return np.arange(np.prod(shape), dtype=np.int16).reshape(shape)


def create_small_layer(folder: Path) -> Layer:
    return create_layer(nifti.write_nifti(folder / "a.nii", create_array(4, 3, 2), AFFINE))


@pytest.mark.parametrize("shape", [(4, 3, 2), (4, 3, 2, 3), (4, 3)])
@pytest.mark.parametrize("name", ["out.nii.gz", "out.nii", "out.nrrd", "out.mha"])
def test_write_like_keeps_position_of_image(
    shape: tuple[int, ...], name: str, tmp_path: Path
) -> None:
    affine = AFFINE if len(shape) > 2 else np.diag([1.5, 2, 1, 1])
    like = create_layer(nifti.write_nifti(tmp_path / "a.nii.gz", create_array(*shape), affine))
    before = like.array()

    path = like.write_like(tmp_path / name, before.array * 2)

    after = create_layer(path).array()
    assert np.array_equal(after.array, before.array * 2)
    assert after.array.dtype == before.array.dtype
    assert after.spacing == pytest.approx(before.spacing)
    assert np.allclose(after.affine, before.affine, atol=1e-5)


def test_boolean_mask_is_written_as_uint8(tmp_path: Path) -> None:
    like = create_layer(nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2)))
    mask = like.array().array > 5

    path = like.write_like(tmp_path / "mask.nii.gz", mask)

    written = create_layer(path).array().array
    assert written.dtype == np.uint8
    assert np.array_equal(written, mask)


def test_array_with_components_is_written_like_scalar_image(tmp_path: Path) -> None:
    like = create_layer(nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2)))
    field = create_array(4, 3, 2, 3).astype(np.float32)

    path = like.write_like(tmp_path / "field.nii.gz", field)

    assert np.array_equal(create_layer(path).array().array, field)


def test_scalar_array_is_written_like_image_with_components(tmp_path: Path) -> None:
    path = tmp_path / "a.mha"
    sitk.WriteImage(sitk.GetImageFromArray(create_array(2, 3, 4, 5), isVector=True), str(path))

    written = create_layer(path).write_like(tmp_path / "seg.nii", np.ones((4, 3, 2), np.uint8))

    assert create_layer(written).array().array.shape == (4, 3, 2)


@pytest.mark.parametrize("shape", [(2, 3, 4), (4, 3), (4, 3, 2, 3, 1), (24,), ()])
def test_array_with_a_shape_unlike_the_image_is_refused(
    shape: tuple[int, ...], tmp_path: Path
) -> None:
    like = create_layer(nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2)))

    with pytest.raises(ValueError, match=r"out\.nii .*image has 4 by 3 by 2 voxels, the array"):
        like.write_like(tmp_path / "out.nii", np.zeros(shape))
    assert not (tmp_path / "out.nii").exists()


def test_object_array_is_refused(tmp_path: Path) -> None:
    like = create_layer(nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2)))

    with pytest.raises(ValueError, match="an image cannot hold object"):
        like.write_like(tmp_path / "out.nii", np.full((4, 3, 2), None))


@pytest.mark.parametrize("name", ["mask", "m.npy", "m.gipl", "m.gipl.gz", "m.vtk", "m.png"])
def test_format_that_loses_position_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"{name} .* end in \.nii\.gz, \.nii, \.mha or \.nrrd\. "):
        create_small_layer(tmp_path).write_like(tmp_path / name, create_array(4, 3, 2))

    assert not (tmp_path / name).exists()


def test_extension_can_be_upper_case(tmp_path: Path) -> None:
    path = create_small_layer(tmp_path).write_like(tmp_path / "OUT.NII.GZ", create_array(4, 3, 2))

    assert path.name == "OUT.NII.GZ"
    assert path.read_bytes().startswith(b"\x1f\x8b")
    assert np.array_equal(create_layer(path).array().array, create_array(4, 3, 2))


@pytest.mark.parametrize("name", ["m.nii.gz", "m.mha", "m.nrrd"])
def test_formats_with_compression_are_compressed(name: str, tmp_path: Path) -> None:
    like = create_layer(nifti.write_nifti(tmp_path / "a.nii", np.zeros((40, 30, 20), np.int16)))

    path = like.write_like(tmp_path / name, np.zeros((40, 30, 20), np.float64))

    assert path.stat().st_size < 4000


@pytest.mark.parametrize("name", ["m.nii.gz", "m.nii"])
def test_position_that_format_cannot_store_is_refused(name: str, tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(create_array(2, 3, 4))
    image.SetOrigin((1e300, 0, 0))
    sitk.WriteImage(image, str(tmp_path / "far.mha"))
    (tmp_path / name).write_bytes(b"as it was")

    with pytest.raises(ValueError, match=rf"{name} was not written: .* Use .*\.mha or \.nrrd\."):
        create_layer(tmp_path / "far.mha").write_like(tmp_path / name, create_array(4, 3, 2))

    assert (tmp_path / name).read_bytes() == b"as it was"
    assert {path.name for path in tmp_path.iterdir()} == {"far.mha", name}


def test_complex_array_is_refused_if_format_cannot_store_it(tmp_path: Path) -> None:
    numbers = create_array(4, 3, 2).astype(np.complex64)

    with pytest.raises(ValueError, match=r"m\.mha was not written: .* Use \.nii\.gz, \.nii or"):
        create_small_layer(tmp_path).write_like(tmp_path / "m.mha", numbers)
    path = create_small_layer(tmp_path).write_like(tmp_path / "m.nii.gz", numbers)
    assert np.array_equal(create_layer(path).array().array, numbers)


def test_half_precision_error_suggests_float32(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"hold float16\. .*\.astype\(np\.float32\)"):
        create_small_layer(tmp_path).write_like(tmp_path / "m.nii", np.zeros((4, 3, 2), np.float16))


def test_voxels_object_is_accepted_as_array(tmp_path: Path) -> None:
    like = create_small_layer(tmp_path)

    path = like.write_like(tmp_path / "m.nii.gz", like.array())

    assert np.array_equal(create_layer(path).array().array, create_array(4, 3, 2))


def test_components_with_axes_of_nibabel_are_accepted(tmp_path: Path) -> None:
    field = create_array(4, 3, 2, 1, 3)

    path = create_small_layer(tmp_path).write_like(tmp_path / "m.nii.gz", field)

    assert np.array_equal(create_layer(path).array().array, field[:, :, :, 0])


@pytest.mark.parametrize("name", ["m.nii.gz", "m.mha", "m.nrrd"])
def test_single_component_and_single_time_are_dropped(name: str, tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(create_array(1, 2, 3, 4), isVector=False)
    sitk.WriteImage(image, str(tmp_path / "time.nrrd"))

    for like in (create_small_layer(tmp_path), create_layer(tmp_path / "time.nrrd")):
        path = like.write_like(tmp_path / name, create_array(4, 3, 2, 1))

        assert np.array_equal(
            create_layer(path).array().array.ravel(), create_array(4, 3, 2).ravel()
        )


def test_existing_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "m.nii.gz").write_bytes(b"as it was")

    create_small_layer(tmp_path).write_like(tmp_path / "m.nii.gz", create_array(4, 3, 2))

    assert np.array_equal(create_layer(tmp_path / "m.nii.gz").array().array, create_array(4, 3, 2))
    assert {path.name for path in tmp_path.iterdir()} == {"a.nii", "m.nii.gz"}


def test_open_reader_of_replaced_file_sees_old_content(tmp_path: Path) -> None:
    (tmp_path / "m.nii.gz").write_bytes(b"as it was")

    with (tmp_path / "m.nii.gz").open("rb") as file:
        create_small_layer(tmp_path).write_like(tmp_path / "m.nii.gz", create_array(4, 3, 2))

        assert file.read() == b"as it was"


def test_image_can_be_written_over_itself(tmp_path: Path) -> None:
    like = create_small_layer(tmp_path)

    like.write_like(tmp_path / "a.nii", like.array().array + 1)

    assert np.array_equal(like.array().array, create_array(4, 3, 2) + 1)


@pytest.mark.parametrize("name", ["m.nii.gz", "m.mha"])
def test_error_names_obstacle_of_file(name: str, tmp_path: Path) -> None:
    like = create_small_layer(tmp_path)
    (tmp_path / name).mkdir()
    for path, reason in (
        (tmp_path / "none" / name, "No such file or directory. Create the folder"),
        (tmp_path / "a.nii" / name, "Not a directory. Move what is in the way"),
        (tmp_path / name, "Is a directory. Move what is in the way"),
        (Path("/proc") / name, "No such file or directory"),
    ):
        with pytest.raises(FileNotWritten, match=f"{name} cannot be written: {reason}"):
            like.write_like(path, create_array(4, 3, 2))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_error_reports_missing_permission_of_folder(tmp_path: Path) -> None:
    like = create_small_layer(tmp_path)
    (tmp_path / "closed").mkdir(mode=0o500)

    with pytest.raises(
        FileNotWritten, match=r"Permission denied. Give a folder that you can write to"
    ):
        like.write_like(tmp_path / "closed" / "m.nii", create_array(4, 3, 2))


def test_path_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not UTF-8"):
        create_small_layer(tmp_path).write_like(
            tmp_path / os.fsdecode(b"\xff.nii"), create_array(4, 3, 2)
        )


FULL = """
import resource, sys
import numpy as np
from pathlib import Path
from dss_client import FileNotWritten, Workspace
folder = Path(sys.argv[1])
scan = Workspace.create(folder / "a.nii").main
noise = np.random.default_rng(0).integers(0, 30000, (64, 64, 16)).astype(np.int16)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for name in ("m.nii.gz", "m.nii", "m.mha", "m.nrrd"):
    (folder / name).write_bytes(b"as it was")
    try:
        scan.write_like(folder / name, noise)
    except FileNotWritten as error:
        print(error.errno, error)
    assert (folder / name).read_bytes() == b"as it was"
"""


def test_full_disk_keeps_existing_file(tmp_path: Path) -> None:
    nifti.write_nifti(tmp_path / "a.nii", np.zeros((64, 64, 16), np.uint8))

    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.count("cannot be written: File too large. Free space") == 4, done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {
        "a.nii",
        "m.nii.gz",
        "m.nii",
        "m.mha",
        "m.nrrd",
    }
