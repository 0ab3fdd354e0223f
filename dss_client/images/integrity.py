"""Whether a file holds all of its image.

SimpleITK reads NIfTI files that are damaged, or end too early, as if zeros stood there, and GIPL,
Analyze and VTK files as if whatever is in the memory of this process did.
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
    """Check that a file is whole: all of it if it is compressed, else how long it is.

    Raises:
        ImageUnreadable: it is damaged, ends too early, or it cannot be told whether it does.
        OSError: it cannot be read at all.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(_PAIR_EXTENSIONS):
        _check_pair(path)
        return
    start, size = _read_start_and_size(path)
    if name.endswith(".gipl"):
        promised = _require_size(path, expected_sizes.compute_gipl_size(start))
    elif name.endswith(".vtk"):
        promised = _require_size(path, expected_sizes.compute_vtk_size(start))
    else:
        header = NiftiHeader.parse(start)
        promised = header.file_size if header is not None else 0
    _check_size(path, size, promised)


def _check_pair(path: Path) -> None:
    """Check an image whose header and voxels stand in files of their own."""
    name = path.name.lower().removesuffix(".gz")
    stem = name.removesuffix(_PAIR_EXTENSIONS[0]).removesuffix(_PAIR_EXTENSIONS[1])
    header, voxels = (
        _find_beside(path, (stem + end, f"{stem}{end}.gz")) for end in _PAIR_EXTENSIONS
    )
    if header is None or voxels is None:
        missing = " and ".join(
            stem + end
            for end, each in zip(_PAIR_EXTENSIONS, (header, voxels), strict=True)
            if each is None
        )
        raise ImageUnreadable(f"{path} is one of two files; {missing} is not beside it.")
    known = NiftiHeader.parse_pair(_read_start_and_size(header)[0])
    promised = _require_size(path, known.file_size if known is not None else None)
    _check_size(voxels, _read_start_and_size(voxels)[1], promised - nifti_header.MIN_VOX_OFFSET)


def _find_beside(path: Path, names: Iterable[str]) -> Path | None:
    """The file that is called so, in large or small letters, in the folder of another."""
    return next((each for each in path.parent.iterdir() if each.name.lower() in names), None)


def _read_start_and_size(path: Path) -> tuple[bytes, int]:
    """How a file begins, and how many bytes it has; inflated if it is compressed."""
    with path.open("rb") as stream:
        start, size = stream.read(_START_SIZE), os.fstat(stream.fileno()).st_size
        if not start.startswith(MAGIC):
            return start, size
        stream.seek(0)
        start, pieces = b"", GzipReader(stream)
        try:
            for piece in pieces:
                start = start if len(start) >= _START_SIZE else start + piece
        except DamagedFile as cause:
            raise ImageUnreadable(f"{path} is damaged: {cause}. Get it anew.") from cause
        return start, pieces.size


def _require_size(path: Path, size: int | None) -> int:
    if size is None:
        raise ImageUnreadable(
            f"{path} cannot be read: its header does not say how long it is. Convert it to "
            ".nii.gz, with ITK-SNAP for instance, or get it anew."
        )
    return size


def _check_size(path: Path, size: int, expected: int) -> None:
    if size < expected:
        raise ImageUnreadable(
            f"{path} ends too early: it has {size} bytes, its image {expected}. Get it anew."
        )
