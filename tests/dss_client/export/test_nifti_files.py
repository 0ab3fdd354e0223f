"""Tests that exported NIfTI files are named by SimpleITK's voxels and stay the same images."""

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.dss_client.export.nifti_bytes import (
    TEXT_FIELDS,
    VOXEL_SIZES,
    create_extension,
    create_header,
    create_voxels,
    gzip_bytes,
)
from tests.dss_client.export.one_image import export_one_image, read_hash_and_geometry

VECTORS, DISPLACEMENTS = 1007, 1006
COLOURS, COMPLEX, REAL = {128, 2304}, {32, 1792}, {16, 64}


@pytest.mark.parametrize("number", range(7))
def test_file_names_equal_those_of_itksnap_wt(
    number: int, itksnap_data: Path, tmp_path: Path
) -> None:
    names: dict[str, str] = json.loads(
        (itksnap_data.parent / "layer-names.json").read_text("utf-8")
    )
    assert len(names) == 7
    image, name = list(names.items())[number]

    file = export_one_image(itksnap_data / image, tmp_path / "work.itksnap")

    assert file.path.name == name
    assert file.copied == image.endswith(".nii.gz")
    assert read_hash_and_geometry(file.path) == read_hash_and_geometry(itksnap_data / image)


@st.composite
def image_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a suffix and an image file that SimpleITK can read, with random free fields."""
    order = draw(st.sampled_from("<>"))
    shape: tuple[int, ...] = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=5)))
    assume(max(shape[1:4]) > 1)  # SimpleITK cannot read images with one axis
    datatype = draw(st.sampled_from(sorted(VOXEL_SIZES)))
    intents = [0, 2, 1002, VECTORS, DISPLACEMENTS]
    intent = draw(st.sampled_from(intents))
    if len(shape) < 5 or shape[4:] == (1,) or datatype in COLOURS | COMPLEX:
        assume(intent < DISPLACEMENTS)  # SimpleITK fails, or corrupts its memory
    if intent == DISPLACEMENTS:
        assume(datatype in REAL and shape[4:] == (3,))
    if datatype in COLOURS:
        assume(len(shape) < 5)
    slope = intercept = 0.0
    if datatype not in COLOURS and intent < DISPLACEMENTS:
        slope, intercept = draw(st.sampled_from([(0, 0), (1, 0), (0, 5), (2, 0), (-0.5, 3)]))
    texts = draw(
        st.fixed_dictionaries({}, optional={name: st.binary(max_size=80) for name in TEXT_FIELDS})
    )
    between = draw(st.sampled_from([b"", create_extension(b"a comment", order=order)]))
    between += bytes(draw(st.sampled_from([0, 16, 1600]))) if between else b""
    data = create_header(
        shape,
        datatype,
        order=order,
        intent=intent,
        slope=slope,
        intercept=intercept,
        start=352 + max(0, len(between) - 4),
        texts=texts,
    )
    data = data[:348] + (between or data[348:]) + create_voxels(shape, datatype)
    data += draw(st.binary(max_size=8))
    if draw(st.booleans()):
        return ".nii", data
    cut = draw(st.integers(0, len(data)))
    field = st.none() | st.binary(max_size=40).map(lambda text: text.replace(b"\0", b""))
    head = {name: draw(field) for name in ("name", "comment", "extra")}
    first = gzip_bytes(data[:cut], **head, check=draw(st.booleans()), level=draw(st.integers(0, 9)))
    return ".nii.gz", first + (gzip_bytes(data[cut:]) if cut < len(data) else b"")


@settings(max_examples=100, deadline=None)
@given(image_files())
def test_random_nifti_file_is_named_by_voxel_hash_and_stays_equal(file: tuple[str, bytes]) -> None:
    suffix, data = file
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"image{suffix}")
        source.write_bytes(data)
        was = read_hash_and_geometry(source)

        exported = export_one_image(source, Path(folder, "out", "work.itksnap"))

        assert exported.md5 == was[0]
        assert exported.path.name == f"layer_000_{was[0]}.nii.gz"
        assert read_hash_and_geometry(exported.path) == was
        assert {path.name for path in exported.path.parent.iterdir()} == {
            exported.path.name,
            "work.itksnap",
        }


@pytest.mark.parametrize("components", [1, 2, 3, 6])
@pytest.mark.parametrize("order", "<>")
def test_hash_of_large_image_interleaves_components(
    components: int, order: str, sources: Path, target: Path
) -> None:
    shape = (61, 53, 47, 1, components)
    source = sources / "vectors.nii.gz"
    data = create_header(shape, 16, order=order, intent=VECTORS) + create_voxels(shape, 16)
    source.write_bytes(gzip_bytes(data, level=1))

    assert export_one_image(source, target).md5 == read_hash_and_geometry(source)[0]


@pytest.mark.parametrize("datatype", sorted(REAL))
@pytest.mark.parametrize("order", "<>")
def test_displacements_are_named_after_conversion_by_itk(
    order: str, datatype: int, sources: Path, target: Path
) -> None:
    shape = (6, 5, 4, 1, 3)
    source = sources / "warp.nii.gz"
    data = create_header(shape, datatype, order=order, intent=DISPLACEMENTS) + create_voxels(
        shape, datatype
    )
    source.write_bytes(gzip_bytes(data))

    file = export_one_image(source, target)

    assert read_hash_and_geometry(file.path) == read_hash_and_geometry(source)
    assert file.md5 == read_hash_and_geometry(source)[0]


@pytest.mark.parametrize("datatype", [4, 128])
def test_scaled_components_are_exported_unscaled(
    datatype: int, sources: Path, target: Path
) -> None:
    shape = (20, 30, 10, 1, 3) if datatype == 4 else (20, 30, 10)
    scaled = sources / "scaled.nii.gz"
    intent = VECTORS if datatype == 4 else 0
    start = create_header(shape, datatype, intent=intent, slope=2, intercept=1)
    scaled.write_bytes(gzip_bytes(start + create_voxels(shape, datatype)))
    plain = sources / "plain.nii.gz"
    start = create_header(shape, datatype, intent=intent)
    plain.write_bytes(gzip_bytes(start + create_voxels(shape, datatype)))

    assert export_one_image(scaled, target).md5 == read_hash_and_geometry(plain)[0]


def test_simpleitk_reads_nifti_bytes_of_helpers(sources: Path) -> None:
    source = sources / "image.nii"
    source.write_bytes(
        create_header((3, 4, 2), spacing=(0.5, 0.75, 2)) + create_voxels((3, 4, 2), 4)
    )

    _, (kind, components, size, spacing, origin, direction) = read_hash_and_geometry(source)

    assert (kind, components, size) == ("16-bit signed integer", 1, (3, 4, 2))
    assert spacing == (0.5, 0.75, 2)
    assert origin == (10, -20.5, 30)
    assert direction == pytest.approx([0, 1, 0, -1, 0, 0, 0, 0, 1], abs=1e-6)
    assert gzip.decompress(gzip_bytes(b"x" * 999, name=b"n", comment=b"c", extra=b"e", check=True))
