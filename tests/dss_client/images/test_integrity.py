"""Tests of incomplete image files. SimpleITK would fill them with zeros or contents of memory."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from dss_client import ImageUnreadable
from dss_client.images import read
from tests.dss_client.images import nifti

sitk = pytest.importorskip("SimpleITK", reason="needs the extra `images`")

TYPES = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.float32]
GIPL = [np.int8, np.uint8, np.int16, np.uint16, np.float32, np.float64]


def create_array(*shape: int, dtype: type[np.generic] = np.int16) -> np.ndarray:
    """Create an array of different numbers."""
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def check_truncation(
    path: Path, array: np.ndarray, *, cut: Path | None = None, is_vector: bool = False
) -> None:
    """Check that a complete file is read and a truncated one is refused.

    Args:
        path: the image file to write and read.
        array: the image.
        cut: the file to truncate, if it is not `path`.
        is_vector: whether the last axis holds components.
    """
    image = sitk.GetImageFromArray(array, isVector=is_vector)
    sitk.WriteImage(image, str(path))
    assert np.array_equal(sitk.GetArrayFromImage(read.read_image(path)), array)
    cut = cut or path
    content = cut.read_bytes()
    for size in (len(content) - 1, len(content) // 2):
        cut.write_bytes(content[:size])
        with pytest.raises(ImageUnreadable, match=rf"{cut.name} .*et a new copy of the file"):
            read.read_image(path)


@pytest.mark.parametrize("dtype", GIPL)
def test_truncated_gipl_file_is_refused(dtype: type[np.generic], tmp_path: Path) -> None:
    check_truncation(tmp_path / "a.gipl", create_array(7, 8, 9, dtype=dtype))


def test_compressed_gipl_file_with_truncated_content_is_refused(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(create_array(7, 8, 9)), str(tmp_path / "a.gipl"))
    data = (tmp_path / "a.gipl").read_bytes()

    (tmp_path / "a.gipl.gz").write_bytes(gzip.compress(data))
    assert read.read_image(tmp_path / "a.gipl.gz").GetSize() == (9, 8, 7)

    (tmp_path / "a.gipl.gz").write_bytes(gzip.compress(data[:-1]))
    with pytest.raises(ImageUnreadable, match="it has 1263 bytes, but its image needs 1264"):
        read.read_image(tmp_path / "a.gipl.gz")


@pytest.mark.parametrize("dtype", TYPES)
def test_truncated_vtk_file_is_refused(dtype: type[np.generic], tmp_path: Path) -> None:
    check_truncation(tmp_path / "a.vtk", create_array(7, 8, 9, dtype=dtype))


@pytest.mark.parametrize("components", [2, 3, 4])
def test_truncated_vtk_file_with_components_is_refused(components: int, tmp_path: Path) -> None:
    array = create_array(7, 8, 9, components, dtype=np.float32)

    check_truncation(tmp_path / "a.vtk", array, is_vector=True)


VTK = b"# vtk DataFile Version 3.0\n.\n%s\nDATASET STRUCTURED_POINTS\nDIMENSIONS 4 3 2\n%s"
SPACE = b"SPACING 1 1 1\nORIGIN 0 0 0\nPOINT_DATA 24\n"


@pytest.mark.parametrize(
    "attribute, size",
    [
        (b"COLOR_SCALARS c 3", 72),
        (b"TENSORS t float", 864),
        (b"SCALARS s unsigned_short\nLOOKUP_TABLE default", 48),
    ],
)
def test_truncated_vtk_file_with_other_attributes_is_refused(
    attribute: bytes, size: int, tmp_path: Path
) -> None:
    data = VTK % (b"BINARY", SPACE + attribute + b"\n") + bytes(size)

    (tmp_path / "a.vtk").write_bytes(data[:-1])

    with pytest.raises(
        ImageUnreadable, match=rf"has {len(data) - 1} bytes, but its image needs {len(data)}"
    ):
        read.read_image(tmp_path / "a.vtk")


@pytest.mark.parametrize(
    "data",
    [
        VTK % (b"ASCII", SPACE + b"SCALARS s short 1\nLOOKUP_TABLE default\n1 2 3\n"),
        VTK % (b"BINARY", SPACE + b"SCALARS s bit 1\nLOOKUP_TABLE default\n"),
        VTK % (b"BINARY", SPACE),
        b"no header\n",
        b"",
    ],
)
def test_vtk_file_without_size_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.vtk").write_bytes(data)

    with pytest.raises(ImageUnreadable, match=r"a\.vtk .* Convert it to \.nii\.gz"):
        read.read_image(tmp_path / "a.vtk")


@pytest.mark.parametrize("data", [b"", bytes(255), bytes(4096)])
def test_gipl_file_without_size_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.gipl").write_bytes(data)

    with pytest.raises(ImageUnreadable, match=r"a\.gipl .* Convert it to \.nii\.gz"):
        read.read_image(tmp_path / "a.gipl")


@pytest.mark.parametrize("name", ["a.hdr", "a.img"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_pair_with_truncated_voxel_file_is_refused(
    name: str, dtype: type[np.generic], tmp_path: Path
) -> None:
    check_truncation(tmp_path / name, create_array(7, 8, 9, dtype=dtype), cut=tmp_path / "a.img")


def test_pair_with_upper_case_names_is_read(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(create_array(2, 3, 4)), str(tmp_path / "a.hdr"))
    for end in ("hdr", "img"):
        (tmp_path / f"a.{end}").rename(tmp_path / f"A.{end.upper()}")

    assert read.read_image(tmp_path / "A.HDR").GetSize() == (4, 3, 2)


def test_pair_with_voxel_offset_is_refused_if_too_short(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(create_array(2, 3, 4)), str(tmp_path / "a.hdr"))
    header = bytearray((tmp_path / "a.hdr").read_bytes())
    struct.pack_into("<f", header, 108, 16)
    (tmp_path / "a.hdr").write_bytes(header)

    with pytest.raises(ImageUnreadable, match="it has 48 bytes, but its image needs 64"):
        read.read_image(tmp_path / "a.hdr")


def test_truncated_pair_with_times_is_refused(tmp_path: Path) -> None:
    check_truncation(tmp_path / "a.hdr", create_array(5, 7, 8, 9), cut=tmp_path / "a.img")


def test_truncated_analyze_pair_in_either_byte_order_is_refused(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(create_array(2, 3, 4)), str(tmp_path / "a.hdr"))
    header = bytearray((tmp_path / "a.hdr").read_bytes())[:348]
    header[344:348] = bytes(4)  # Analyze
    (tmp_path / "a.hdr").write_bytes(header)
    assert read.read_image(tmp_path / "a.hdr").GetSize() == (4, 3, 2)
    for form, at, count in (("i", 0, 1), ("h", 40, 8), ("h", 70, 2), ("f", 76, 8), ("f", 108, 3)):
        values = struct.unpack_from(f"<{count}{form}", header, at)
        struct.pack_into(f">{count}{form}", header, at, *values)
    (tmp_path / "a.hdr").write_bytes(header)
    assert read.read_image(tmp_path / "a.hdr").GetSize() == (4, 3, 2)

    (tmp_path / "a.img").write_bytes(bytes(47))

    with pytest.raises(
        ImageUnreadable, match=r"a\.img ends .* has 47 bytes, but its image needs 48"
    ):
        read.read_image(tmp_path / "a.hdr")


def test_compressed_pair_with_truncated_voxels_is_refused(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(create_array(2, 3, 4)), str(tmp_path / "a.img.gz"))
    assert read.read_image(tmp_path / "a.img.gz").GetSize() == (4, 3, 2)

    (tmp_path / "a.img.gz").write_bytes(gzip.compress(bytes(47)))

    with pytest.raises(ImageUnreadable, match="it has 47 bytes, but its image needs 48"):
        read.read_image(tmp_path / "a.img.gz")


def test_error_names_missing_file_of_pair(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(create_array(2, 3, 4)), str(tmp_path / "a.hdr"))
    (tmp_path / "a.img").unlink()

    with pytest.raises(
        ImageUnreadable, match=r"one file of a pair, and a\.img is not in the same folder"
    ):
        read.read_image(tmp_path / "a.hdr")


def test_pair_without_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.hdr").write_bytes(bytes(348))
    (tmp_path / "a.img").write_bytes(bytes(48))

    with pytest.raises(ImageUnreadable, match="does not state its size"):
        read.read_image(tmp_path / "a.img")


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_nifti_file_with_only_its_first_time_is_refused(name: str, tmp_path: Path) -> None:
    path = nifti.write_nifti(tmp_path / "a.nii", create_array(4, 3, 2, 5))
    data = path.read_bytes()[: 352 + 4 * 3 * 2 * 2]  # the first time is complete

    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)

    with pytest.raises(ImageUnreadable, match="it has 400 bytes, but its image needs 592"):
        read.read_image(path)
