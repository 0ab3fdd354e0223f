"""Whether an image file names others, of which its reader would take the voxels.

Whoever sends such a file chooses what is read with it, which may be any file of this machine. So
this refuses what it does not know, and believes no name: HDF5 is read whatever a file is called.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from dss_client.errors import ImageUnreadable

_MAX_HEADER_SIZE = 64 * 1024
"""How much of a file is looked at, in bytes; no header that names a file is near as long."""
_SINGLE_FILE_EXTENSIONS = (
    ".gipl",
    ".gipl.gz",
    ".vtk",
    ".dcm",
    ".png",
    ".jpg",
    ".jpeg",
    ".tif",
    ".tiff",
    ".bmp",
)
_PAIR_EXTENSIONS = (".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz")
"""Those of NIfTI and Analyze, whose readers look for a file of the same name without the ending."""
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_DICOM_SIGNATURE = b"DICM"
_META_LINE = re.compile(rb"[ \t]*(\w+)[ \t]*=[ \t]*([^\s=:][^\r\n]*?)[ \t]*\r?\n")
_META_DATA_FILE = b"ElementDataFile"
_NRRD_DATA_FILE = re.compile(rb"[\r\n]data ?file:([^\r\n]*)", re.IGNORECASE)
_PLAIN_NAME = re.compile(rb"(?:\./)?(\w[-+.\w]*)")


def refuse_external_data(path: Path, *, is_series: bool = False) -> None:
    """Refuse an image whose voxels, or some of them, may stand outside of its folder.

    Args:
        path: the image's file, or the folder of a DICOM series.
        is_series: whether it is a file of a DICOM series, which is read with all of its folder.

    Raises:
        ImageUnreadable: they may, or it cannot be told.
    """
    try:
        if path.is_dir() or is_series:
            folder = path if path.is_dir() else path.parent
            _refuse_outside_links(path, folder, folder.iterdir())
        if path.is_file():
            _check_file(path)
    except OSError as cause:
        if isinstance(cause, ImageUnreadable):
            raise
        raise ImageUnreadable(f"{path} cannot be read: {cause.strerror or cause}.") from cause


def _check_file(path: Path) -> None:
    name = path.name.lower()
    with path.open("rb") as file:
        start = file.read(_MAX_HEADER_SIZE)
        if _is_hdf5(file):
            raise _create_error(path, "it is HDF5 or MINC, which can refer to other files")
    if name.endswith((".mha", ".mhd")):
        _check_data_file(path, _read_meta_data_file(path, start))
    elif name.endswith((".nrrd", ".nhdr")):
        _check_data_file(path, _read_nrrd_data_file(path, start))
    elif name.endswith(_PAIR_EXTENSIONS):
        beside = (each for each in path.parent.iterdir() if _get_stem(each) == _get_stem(path))
        _refuse_outside_links(path, path.parent, beside)
    elif not name.endswith(_SINGLE_FILE_EXTENSIONS) and start[128:132] != _DICOM_SIGNATURE:
        raise _create_error(path, "its format is none that is known to be in one file")


def _get_stem(path: Path) -> str:
    return path.name.lower().partition(".")[0]


def _is_hdf5(file: BinaryIO) -> bool:
    """Whether the HDF5 library takes a file for its own: it looks at 0, 512, 1024, 2048 ..."""
    size, at = os.fstat(file.fileno()).st_size, 0
    while at < size:
        file.seek(at)
        if file.read(len(_HDF5_SIGNATURE)) == _HDF5_SIGNATURE:
            return True
        at = 2 * at or 512
    return False


def _read_meta_data_file(path: Path, start: bytes) -> bytes:
    """What a MetaImage header calls the file of its voxels; nothing if that is this one."""
    at = 0
    # Each line has a value, without which the reader would take the next line for it.
    while line := _META_LINE.match(start, at):
        if line[1] == _META_DATA_FILE:
            return b"" if line[2] in (b"LOCAL", b"Local", b"local") else line[2]
        at = line.end()
    raise _create_error(path, "its header is no MetaImage header that is as it should be")


def _read_nrrd_data_file(path: Path, start: bytes) -> bytes:
    """What a NRRD header calls the file of its voxels; nothing if that is this one."""
    fields = _NRRD_DATA_FILE.findall(start)
    is_whole = len(start) < _MAX_HEADER_SIZE or b"" in start.splitlines()
    if not start.startswith(b"NRRD") or len(fields) > 1 or not is_whole:
        raise _create_error(path, "its header is no NRRD header that is as it should be")
    return bytes(fields[0]).strip() if fields else b""


def _check_data_file(path: Path, name: bytes) -> None:
    """Refuse an image by what its header calls the file of its voxels."""
    if not name:
        return
    plain = _PLAIN_NAME.fullmatch(name)
    if plain is None or plain[1] == b"LIST":
        raise _create_error(
            path, f"its voxels are said to stand in {name.decode(errors='replace')!r}"
        )
    _refuse_outside_links(path, path.parent, [path.parent / plain[1].decode()])


def _refuse_outside_links(path: Path, folder: Path, files: Iterable[Path]) -> None:
    """Refuse an image if one of the files that are read with it is a link out of its folder."""
    inside = os.path.realpath(folder)
    for each in files:
        if each.is_symlink() and not Path(os.path.realpath(each)).is_relative_to(inside):
            raise _create_error(path, f"{each.name}, which is read with it, is a link to elsewhere")


def _create_error(path: Path, reason: str) -> ImageUnreadable:
    return ImageUnreadable(
        f"{path} is not read, for what others sent must not lead to files elsewhere: {reason}. "
        "Have it sent as .nii.gz."
    )
