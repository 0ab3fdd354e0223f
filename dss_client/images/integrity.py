"""Checks that image files are complete.

SimpleITK fills the missing part of a damaged or short NIfTI file with zeros. For GIPL, Analyze and
VTK files it uses arbitrary contents of memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dss_client.errors import ImageUnreadable
from dss_client.images import expected_sizes, nifti_header
from dss_client.images.gzip_stream import MAGIC, DamagedFile, GzipReader
from dss_client.images.nifti_header import NiftiHeader

_START_SIZE = max(nifti_header.MIN_VOX_OFFSET, expected_sizes.MAX_HEADER_SIZE)
_PAIR_EXTENSIONS = (".hdr", ".img")


def check_integrity(path: Path) -> None:
    """Check that an image file is complete.

    Compressed files are decompressed and verified. The size of NIfTI, Analyze, GIPL and VTK files
    is compared with their header.

    Raises:
        ImageUnreadable: the file is damaged, ends too early, or does not state its size.
        OSError: the file cannot be opened or read.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(_PAIR_EXTENSIONS):
        _check_pair(path)
        return
    start, size = _read_start_and_size(path)
    if name.endswith(".gipl"):
        expected = _require_size(path, expected_sizes.compute_gipl_size(start))
    elif name.endswith(".vtk"):
        expected = _require_size(path, expected_sizes.compute_vtk_size(start))
    else:
        header = NiftiHeader.parse(start)
        expected = header.file_size if header is not None else 0
    _check_size(path, size, expected)


def _check_pair(path: Path) -> None:
    """Check an image that keeps its header and its voxels in separate files."""
    name = path.name.lower().removesuffix(".gz")
    stem = name.removesuffix(_PAIR_EXTENSIONS[0]).removesuffix(_PAIR_EXTENSIONS[1])
    header, voxels = (
        _find_beside(path, (stem + end, f"{stem}{end}.gz")) for end in _PAIR_EXTENSIONS
    )
    if header is None or voxels is None:
        missing = " and ".join(
            stem + end
            for end, file in zip(_PAIR_EXTENSIONS, (header, voxels), strict=True)
            if file is None
        )
        raise ImageUnreadable(
            f"{path} is one file of a pair, and {missing} is not in the same folder."
        )
    parsed = NiftiHeader.parse_pair(_read_start_and_size(header)[0])
    expected = _require_size(path, parsed.file_size if parsed is not None else None)
    _check_size(voxels, _read_start_and_size(voxels)[1], expected - nifti_header.MIN_VOX_OFFSET)


def _find_beside(path: Path, names: Iterable[str]) -> Path | None:
    """Find a file by its name in the folder of another file, ignoring case."""
    return next((file for file in path.parent.iterdir() if file.name.lower() in names), None)


def _read_start_and_size(path: Path) -> tuple[bytes, int]:
    """Return the first bytes and the size of a file, after decompression."""
    with path.open("rb") as stream:
        start, size = stream.read(_START_SIZE), os.fstat(stream.fileno()).st_size
        if not start.startswith(MAGIC):
            return start, size
        stream.seek(0)
        start, content = b"", GzipReader(stream)
        try:
            for chunk in content:
                start = start if len(start) >= _START_SIZE else start + chunk
        except DamagedFile as cause:
            raise ImageUnreadable(
                f"{path} is damaged: {cause}. Get a new copy of the file."
            ) from cause
        return start, content.size


def _require_size(path: Path, size: int | None) -> int:
    if size is None:
        raise ImageUnreadable(
            f"{path} cannot be read: its header does not state its size. Convert it to .nii.gz, "
            "for example with ITK-SNAP, or get a new copy of the file."
        )
    return size


def _check_size(path: Path, size: int, expected: int) -> None:
    if size < expected:
        raise ImageUnreadable(
            f"{path} ends too early: it has {size} bytes, but its image needs {expected}. "
            "Get a new copy of the file."
        )
