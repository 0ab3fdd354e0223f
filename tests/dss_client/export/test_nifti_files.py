"""NIfTI files are called by the voxels that SimpleITK reads of them, and stay the same images."""

import gzip
import json
import math
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dss_client.images.nifti_header import NiftiHeader
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
def test_names_are_those_of_itksnap_wt(number: int, real: Path, tmp_path: Path) -> None:
    names: dict[str, str] = json.loads((real.parent / "layer-names.json").read_text("utf-8"))
    assert len(names) == 7
    image, name = list(names.items())[number]

    file = export_one_image(real / image, tmp_path / "work.itksnap")

    assert file.path.name == name
    assert file.copied == image.endswith(".nii.gz")
    assert read_hash_and_geometry(file.path) == read_hash_and_geometry(real / image)


@st.composite
def image_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A suffix, and an image file that SimpleITK reads, with anything in its free fields."""
    order = draw(st.sampled_from("<>"))
    shape: tuple[int, ...] = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=5)))
    assume(max(shape[1:4]) > 1)  # SimpleITK reads no lines
    datatype = draw(st.sampled_from(sorted(VOXEL_SIZES)))
    intents = [0, 2, 1002, VECTORS, DISPLACEMENTS]
    intent = draw(st.sampled_from(intents))
    if len(shape) < 5 or shape[4:] == (1,) or datatype in COLOURS | COMPLEX:
        assume(intent < DISPLACEMENTS)  # SimpleITK fails on them, or spoils its memory
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
def test_any_file_is_called_by_its_voxels_and_stays_the_same_image(file: tuple[str, bytes]) -> None:
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
def test_components_of_large_images_are_put_side_by_side(
    components: int, order: str, sources: Path, target: Path
) -> None:
    shape = (61, 53, 47, 1, components)
    source = sources / "vectors.nii.gz"
    data = create_header(shape, 16, order=order, intent=VECTORS) + create_voxels(shape, 16)
    source.write_bytes(gzip_bytes(data, level=1))

    assert export_one_image(source, target).md5 == read_hash_and_geometry(source)[0]


@pytest.mark.parametrize("datatype", sorted(REAL))
@pytest.mark.parametrize("order", "<>")
def test_displacements_are_called_as_itk_turns_them(
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
def test_scaled_components_are_taken_as_they_stand_for_itk_cannot_read_them(
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


@pytest.mark.parametrize(
    "change",
    [
        (344, b"ni1\0"),
        (344, b"n+2\0"),
        (40, struct.pack("<h", 0)),
        (40, struct.pack("<h", -3)),
        (40, struct.pack("<h", 7)),
        (42, struct.pack("<h", 0)),
        (44, struct.pack("<h", -1)),
        (70, struct.pack("<h", 1536)),
        (108, struct.pack("<f", 0)),
        (108, struct.pack("<f", 360.5)),
        (108, struct.pack("<f", math.nan)),
        (108, struct.pack("<f", math.inf)),
        (0, struct.pack("<i", 540)),
    ],
)
def test_headers_of_other_files_are_none(change: tuple[int, bytes]) -> None:
    good = create_header((3, 4, 2))
    assert NiftiHeader.parse(good) is not None
    at, changed = change

    assert NiftiHeader.parse(good[:at] + changed + good[at + len(changed) :]) is None
    assert NiftiHeader.parse(good[:347]) is None


@pytest.mark.parametrize(
    "scaled", [{"slope": 3}, {"slope": math.nan}, {"intercept": 3}, {"slope": 1, "intercept": 3}]
)
def test_scaled_voxels_are_not_plain(scaled: dict[str, float]) -> None:
    found = NiftiHeader.parse(create_header((3, 4, 2), **scaled))  # type: ignore[arg-type]

    assert found is not None
    assert not found.is_plain


@pytest.mark.parametrize("order", "<>")
def test_a_cleaned_header_has_no_text_and_places_the_image_as_before(order: str) -> None:
    texts = dict.fromkeys(TEXT_FIELDS, b"x" * 80)
    raw = create_header((3, 4, 2), order=order, start=400, texts=texts)
    found = NiftiHeader.parse(raw)
    assert found is not None

    assert set(found.removable_parts) == {*TEXT_FIELDS, "extensions"}
    clean = found.get_clean_bytes()
    assert b"x" not in clean
    assert NiftiHeader.parse(clean) is not None
    plain = bytearray(create_header((3, 4, 2), order=order))
    plain[38:39] = b"\0"
    assert clean == bytes(plain)


@pytest.mark.parametrize(
    ("at", "usual"), [(32, b"\0\x40\0\0\0\0r"), (32, bytes(7)), (32, b"\0\0\x40\0\0\0r")]
)
def test_what_analyze_left_in_headers_is_no_text(at: int, usual: bytes) -> None:
    raw = create_header((3, 4, 2))
    found = NiftiHeader.parse(raw[:at] + usual + raw[at + 7 :])
    assert found is not None

    assert found.removable_parts == ()


def test_the_bytes_written_here_are_what_others_call_nifti(sources: Path) -> None:
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
