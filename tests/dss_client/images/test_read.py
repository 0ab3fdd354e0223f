"""Tests of reading images and their headers."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dss_client import (
    DssError,
    ImageMissing,
    ImageUnreadable,
    Layer,
    Registry,
    Workspace,
)
from dss_client.images import read
from tests.dss_client.images import nifti

sitk = pytest.importorskip("SimpleITK", reason="needs the extra `images`")

AFFINE = np.array([[0, -2, 0, 10], [0, 0, 3, -20], [1.5, 0, 0, 30], [0, 0, 0, 1.0]])
"""Voxels of 1.5 by 2 by 3 mm. The axes point superior, left and anterior."""


def create_layer(path: Path) -> Layer:
    return Workspace.create(path, nickname="Scan").main


def create_array(*shape: int) -> np.ndarray:
    """Create an array of different numbers."""
    return np.arange(np.prod(shape), dtype=np.int16).reshape(shape)


def test_array_and_affine_match_nifti_file(tmp_path: Path) -> None:
    array = create_array(4, 3, 2)

    voxels = create_layer(nifti.write_nifti(tmp_path / "a.nii.gz", array, AFFINE)).array()

    assert np.array_equal(voxels.array, array)
    assert voxels.array.dtype == np.int16
    assert voxels.array.flags.writeable
    assert voxels.spacing == (1.5, 2, 3)
    assert np.allclose(voxels.affine, AFFINE, atol=1e-5)
    assert np.allclose(voxels.affine @ (1, 1, 1, 1), (8, -17, 31.5, 1), atol=1e-5)


def test_voxels_unpack_to_array_spacing_and_affine(tmp_path: Path) -> None:
    path = nifti.write_nifti(tmp_path / "a.nii.gz", create_array(4, 3, 2), AFFINE)

    array, spacing, affine = create_layer(path).array()

    assert np.array_equal(array, create_array(4, 3, 2))
    assert spacing == (1.5, 2, 3)
    assert np.allclose(affine, AFFINE, atol=1e-5)


def test_time_is_fourth_axis_in_seconds(tmp_path: Path) -> None:
    array = create_array(4, 3, 2, 5)

    known = nifti.write_nifti(tmp_path / "a.nii", array, AFFINE, seconds=0.5)
    milliseconds = nifti.write_nifti(
        tmp_path / "b.nii", array, AFFINE, seconds=500, units=nifti.MM | nifti.MILLISECOND
    )
    unknown = nifti.write_nifti(tmp_path / "c.nii", array, AFFINE, seconds=7, units=nifti.MM)

    for path, step in ((known, 0.5), (milliseconds, 0.5), (unknown, 7)):
        voxels = create_layer(path).array()
        assert np.array_equal(voxels.array, array)
        assert voxels.spacing == pytest.approx((1.5, 2, 3, step))
        assert np.allclose(voxels.affine, AFFINE, atol=1e-5)


def test_spacing_in_micron_is_converted_to_mm(tmp_path: Path) -> None:
    path = nifti.write_nifti(
        tmp_path / "a.nii",
        create_array(4, 3, 2),
        np.diag([1500, 2000, 3000, 1]),
        units=nifti.MICRON,
    )

    voxels = create_layer(path).array()

    assert voxels.spacing == pytest.approx((1.5, 2, 3))
    assert np.allclose(voxels.affine, np.diag([1.5, 2, 3, 1]), atol=1e-5)


def test_components_are_last_axis(tmp_path: Path, itksnap_data: Path) -> None:
    path = tmp_path / "a.mha"
    sitk.WriteImage(sitk.GetImageFromArray(create_array(2, 3, 4, 5), isVector=True), str(path))

    array = create_layer(path).array().array

    assert array.shape == (4, 3, 2, 5)
    assert array[3, 1, 1, 2] == create_array(2, 3, 4, 5)[1, 1, 3, 2]
    assert create_layer(itksnap_data / "multi_chunk.nii.gz").array().array.shape == (64, 52, 39, 2)


def test_2d_image_has_one_z(tmp_path: Path) -> None:
    path = nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3), np.diag([1.5, 2, 1, 1]))

    voxels = create_layer(path).array()

    assert voxels.array.shape == (4, 3, 1)
    assert np.array_equal(voxels.array[:, :, 0], create_array(4, 3))
    assert voxels.spacing == (1.5, 2, 1)
    assert np.allclose(voxels.affine, np.diag([1.5, 2, 1, 1]), atol=1e-5)


def test_error_of_invalid_image_names_file_and_layer(tmp_path: Path) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_bytes(b"no image")

    for ask in (
        create_layer(path).image,
        create_layer(path).array,
        lambda: create_layer(path).write_like("x.nii", 0),
    ):
        with pytest.raises(ImageUnreadable) as caught:
            ask()
        message = str(caught.value)
        assert message.startswith("Layer 000 (Scan) of the new workspace: ")
        assert f"{path} cannot be read as an image: " in message
        assert "ERROR" not in message
        assert isinstance(caught.value, OSError)
        assert isinstance(caught.value, DssError)


@pytest.mark.parametrize(
    "name, data, expected",
    [
        ("a.nii.gz", b"", "it is empty. Get a new copy of the file."),
        (
            "a.nii",
            b"text",
            "If the file is complete, convert it to .nii.gz, for example with ITK-SNAP.",
        ),
        (
            "a.txt",
            b"text",
            "If the file is complete, convert it to .nii.gz, for example with ITK-SNAP.",
        ),
        ("a.mha", b"NDims = 3\n", "If the file is complete, convert it to .nii.gz"),
    ],
)
def test_error_of_unreadable_image_says_what_to_do(
    name: str, data: bytes, expected: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)

    for ask in (read.read_image, read.read_grid, read.read_size):
        with pytest.raises(ImageUnreadable, match=rf"{name} cannot be read") as caught:
            ask(tmp_path / name)
        assert expected in str(caught.value)


def test_sheared_image_error_mentions_right_angles(tmp_path: Path) -> None:
    sheared = np.array([[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    path = nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2), sheared)

    with pytest.raises(ImageUnreadable, match="axes are not at right angles"):
        read.read_image(path)


NAMES = """
import os, sys
from pathlib import Path
from dss_client import ImageUnreadable, Workspace, snapshot
from dss_client.images import read
folder = Path(os.fsdecode(os.fsencode(sys.argv[1]) + b"/\\xff"))
moved = Workspace.open(folder / "moved.itksnap").main
slices = folder.parent / "slices"
for path in (folder / "a.nii.gz", folder / "dicom", slices):
    for ask in (read.read_image, read.read_grid, read.read_size, snapshot):
        try:
            ask(path)
        except ImageUnreadable as error:
            print(ascii(str(error)))
for ask in (moved.image, moved.array, lambda: moved.write_like("x.nii", 0)):
    try:
        ask()
    except ImageUnreadable as error:
        print(ascii(str(error)))
"""


def test_path_that_is_not_utf_8_raises_instead_of_ending_process(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    path = nifti.write_nifti(tmp_path / "a.nii.gz", create_array(4, 3, 2))
    Workspace.create(path).save(tmp_path / "moved.itksnap")
    folder.mkdir()
    for name in ("a.nii.gz", "moved.itksnap"):
        (tmp_path / name).rename(folder / name)
    for slices in (folder / "dicom", tmp_path / "slices"):
        write_series(tmp_path / "series", "1.2.3", 2, 100)
        (tmp_path / "series").rename(slices)
    first = min((tmp_path / "slices").iterdir())
    first.rename(first.with_name(os.fsdecode(b"\xff.dcm")))

    done = subprocess.run(
        [sys.executable, "-c", NAMES, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.count("its path is not UTF-8. Rename the file or its folder.") == 4 * 3 + 3


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.mha", "a.nrrd"])
def test_truncated_file_is_not_read_as_image(name: str, tmp_path: Path) -> None:
    """SimpleITK would fill the missing part of a NIfTI file with zeros."""
    path = create_layer(
        nifti.write_nifti(tmp_path / "whole.nii", create_array(9, 8, 7))
    ).write_like(tmp_path / name, create_array(9, 8, 7))
    path.write_bytes(path.read_bytes()[:-60])

    with pytest.raises(ImageUnreadable, match=rf"Layer 000 \(Scan\) .*{name} ") as caught:
        create_layer(path).image()
    if "nii" in name:
        assert "Get a new copy of the file" in str(caught.value)


def test_damaged_file_is_not_read_as_image(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = nifti.write_nifti(
        tmp_path / "a.nii.gz", rng.integers(0, 999, (9, 8, 7)).astype(np.int16)
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    with pytest.raises(ImageUnreadable, match=r"a\.nii\.gz is damaged: "):
        create_layer(path).image()


def test_truncated_big_endian_scaled_file_is_refused(tmp_path: Path) -> None:
    path = nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2))
    header = bytearray(path.read_bytes())
    for form, at, count in (("i", 0, 1), ("h", 40, 8), ("h", 70, 2), ("f", 76, 8), ("f", 108, 1)):
        values = struct.unpack_from(f"<{count}{form}", header, at)
        struct.pack_into(f">{count}{form}", header, at, *values)
    struct.pack_into(">ff", header, 112, 2, 1)  # scaled
    struct.pack_into(">hh", header, 252, 0, 0)
    path.write_bytes(header)

    assert create_layer(path).array().array.shape == (4, 3, 2)
    path.write_bytes(header[:-1])
    with pytest.raises(ImageUnreadable, match="it has 399 bytes, but its image needs 400"):
        create_layer(path).image()


def test_error_of_system_is_reported_for_unreadable_file() -> None:
    with pytest.raises(ImageUnreadable, match="/proc/self/mem cannot be read: Input/output error"):
        read.read_image("/proc/self/mem")  # fails for root too


def test_missing_file_error_names_file_and_layer(tmp_path: Path) -> None:
    with pytest.raises(ImageMissing, match=r"Layer 000 \(Scan\)"):
        create_layer(tmp_path / "none.nii").image()
    with pytest.raises(ImageMissing, match=r"The image .*none\.nii does not exist"):
        read.read_image(tmp_path / "none.nii")


def test_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.nii")

    with pytest.raises(ImageMissing):
        create_layer(tmp_path / "a.nii").image()


def write_series(folder: Path, uid: str, slices: int, value: int) -> None:
    """Write a DICOM series. The order of the file names differs from the order of the slices."""
    folder.mkdir(exist_ok=True)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for z in range(slices):
        image = sitk.GetImageFromArray(np.full((1, 4, 5), value + z, np.int16))
        fields = {
            "0008|0018": f"{uid}.{z}",
            "0008|0060": "MR",
            "0020|000d": "1.2",
            "0020|000e": uid,
            "0020|0013": str(z),
            "0020|0032": f"0\\0\\{2 * z}",
            "0020|0037": "1\\0\\0\\0\\1\\0",
        }
        for tag, text in fields.items():
            image.SetMetaData(tag, text)
        writer.SetFileName(str(folder / f"{uid}_{slices - z}.dcm"))
        writer.Execute(image)


def test_dicom_series_of_hints_is_read_in_slice_order(tmp_path: Path) -> None:
    write_series(tmp_path, "1.2.3", 3, 100)
    write_series(tmp_path, "1.2.4", 2, 200)
    scan = create_layer(tmp_path / "1.2.4_1.dcm")

    scan.registry["IOHints.DICOM.SeriesId"] = "1.2.3"

    voxels = scan.array()
    assert voxels.array.shape == (5, 4, 3)
    assert voxels.array[0, 0].tolist() == [100, 101, 102]
    assert voxels.spacing == (1, 1, 2)
    written = create_layer(scan.write_like(tmp_path / "seg.nii", voxels.array))
    assert np.allclose(written.array().affine, voxels.affine)


def test_dicom_series_is_found_by_detailed_name(tmp_path: Path) -> None:
    write_series(tmp_path, "1.2.3", 3, 100)
    (detailed,) = sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(tmp_path), True)
    assert detailed != "1.2.3"
    hints = Registry()
    hints["DICOM.SeriesId"] = detailed

    assert read.read_image(tmp_path, hints).GetSize() == (5, 4, 3)


def test_folder_with_one_dicom_series_is_read_as_image(tmp_path: Path) -> None:
    write_series(tmp_path / "dicom", "1.2.3", 3, 100)

    assert create_layer(tmp_path / "dicom").image().GetSize() == (5, 4, 3)


def test_size_of_dicom_series_is_read_without_voxels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path / "dicom", "1.2.3", 3, 100)
    monkeypatch.delattr(sitk, "ReadImage")

    main = create_layer(tmp_path / "dicom")

    assert read.read_size(tmp_path / "dicom") == (5, 4, 3)
    assert main.registry["ProjectMetaData.Files.Grey.Dimensions"] == "5 4 3"


@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 2), (4, 3, 2, 5)])
def test_size_of_file_is_read_without_voxels(shape: tuple[int, ...], tmp_path: Path) -> None:
    path = nifti.write_nifti(tmp_path / "a.nii", create_array(*shape))
    path.write_bytes(path.read_bytes()[:-1])

    assert read.read_size(path) == shape
    assert read.read_grid(path).size == shape


def test_missing_dicom_series_error_lists_available_series(tmp_path: Path) -> None:
    write_series(tmp_path / "two", "1.2.3", 1, 100)
    write_series(tmp_path / "two", "1.2.4", 1, 200)
    (tmp_path / "none").mkdir()
    hints = Registry()
    hints["DICOM.SeriesId"] = "1.2.5"

    with pytest.raises(
        ImageUnreadable, match=r"two does not contain the DICOM series 1\.2\.5\. It contains 1\."
    ):
        read.read_image(tmp_path / "two" / "1.2.3_1.dcm", hints)
    with pytest.raises(
        ImageUnreadable, match=r"exactly one DICOM series\. It contains 1\.2\.\d, 1\.2\.\d"
    ):
        read.read_image(tmp_path / "two")
    with pytest.raises(ImageUnreadable, match=r"exactly one DICOM series\. It contains no series"):
        read.read_image(tmp_path / "none")


def test_all_images_of_test_data_are_read(itksnap_data: Path) -> None:
    unreadable = {"echo_cartesian_dummy.dcm"}  # only ITK-SNAP can read this scanner's files
    for path in itksnap_data.iterdir():
        if path.name.endswith((".nii.gz", ".gipl.gz", ".mha")):
            assert read.read_image(path).GetNumberOfPixels() > 0
            assert read.read_grid(path).size == read.read_image(path).GetSize()
    for name in unreadable:
        with pytest.raises(ImageUnreadable):
            read.read_image(itksnap_data / name)


WITHOUT = """
import sys
sys.modules["SimpleITK"] = None  # an import now raises ImportError
from dss_client import ImagesNotInstalled, Workspace
workspace = Workspace.create(sys.argv[1])
workspace.add_segmentation(sys.argv[1])
workspace.save(sys.argv[1] + ".itksnap")
layer = workspace.main
for ask in (layer.image, layer.array, lambda: layer.write_like("x.nii", 0)):
    try:
        ask()
    except ImagesNotInstalled as error:
        assert isinstance(error, ImportError)
        print(error)
"""


def test_error_without_simpleitk_says_how_to_install_it(tmp_path: Path) -> None:
    path = nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2))

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.count("pip install 'itksnap-dss-kit[images]'") == 3
    assert done.stderr == ""


def test_workspace_is_edited_without_loading_image_libraries(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom dss_client import Workspace\n"
        f"workspace = Workspace.open({str(tmp_path / 'a.itksnap')!r})\n"
        "workspace.tagged('T1').nickname = 'Scan'\n"
        "workspace.add_segmentation('seg.nii')\n"
        "workspace.save()\n"
        "print(*[name for name in ('SimpleITK', 'numpy', 'pandas') if name in sys.modules])"
    )
    Workspace.create("/none.nii", tags=["T1"]).save(tmp_path / "a.itksnap")

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []
