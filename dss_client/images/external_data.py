"""Refusal of received images that take their voxels from other files.

The sender of such an image chooses the files that are read with it. These could be any files of
this machine. Unknown formats are refused too. HDF5 is recognised by its content, because its
reader ignores file names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from dss_client.errors import ImageUnreadable

_MAX_HEADER_SIZE = 64 * 1024
"""The number of bytes that are searched. Headers that name a file are much shorter."""
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
_POSSIBLE_PAIR_EXTENSIONS = (".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz")
"""NIfTI and Analyze. Their readers look for a second file with the same stem."""
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_DICOM_SIGNATURE = b"DICM"
_META_LINE = re.compile(rb"[ \t]*(\w+)[ \t]*=[ \t]*([^\s=:][^\r\n]*?)[ \t]*\r?\n")
_META_DATA_FILE = b"ElementDataFile"
_NRRD_DATA_FILE = re.compile(rb"[\r\n]data ?file:([^\r\n]*)", re.IGNORECASE)
_PLAIN_NAME = re.compile(rb"(?:\./)?(\w[-+.\w]*)")


def refuse_external_data(path: Path, *, is_series: bool = False) -> None:
    """Refuse an image if any of its voxels can come from outside its folder.

    Args:
        path: the image file, or the folder of a DICOM series.
        is_series: whether the file belongs to a DICOM series. All files of its folder are then
            checked.

    Raises:
        ImageUnreadable: voxels can come from outside the folder, or the format is not known.
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
            raise _create_error(path, "it is an HDF5 or MINC file, which can refer to other files")
    if name.endswith((".mha", ".mhd")):
        _check_data_file(path, _read_meta_data_file(path, start))
    elif name.endswith((".nrrd", ".nhdr")):
        _check_data_file(path, _read_nrrd_data_file(path, start))
    elif name.endswith(_POSSIBLE_PAIR_EXTENSIONS):
        files = (file for file in path.parent.iterdir() if _get_stem(file) == _get_stem(path))
        _refuse_outside_links(path, path.parent, files)
    elif not name.endswith(_SINGLE_FILE_EXTENSIONS) and start[128:132] != _DICOM_SIGNATURE:
        raise _create_error(path, "its format is not known to keep an image in one file")


def _get_stem(path: Path) -> str:
    return path.name.lower().partition(".")[0]


def _is_hdf5(file: BinaryIO) -> bool:
    """Look for the signature where the HDF5 library does: at bytes 0, 512, 1024, 2048 ..."""
    size, offset = os.fstat(file.fileno()).st_size, 0
    while offset < size:
        file.seek(offset)
        if file.read(len(_HDF5_SIGNATURE)) == _HDF5_SIGNATURE:
            return True
        offset = 2 * offset or 512
    return False


def _read_meta_data_file(path: Path, start: bytes) -> bytes:
    """Return the voxel file that a MetaImage header names, or `b""` if it is the image itself."""
    offset = 0
    # Lines without a value are refused, because the reader takes the next line as their value.
    while line := _META_LINE.match(start, offset):
        if line[1] == _META_DATA_FILE:
            return b"" if line[2] in (b"LOCAL", b"Local", b"local") else line[2]
        offset = line.end()
    raise _create_error(path, "its MetaImage header is not valid")


def _read_nrrd_data_file(path: Path, start: bytes) -> bytes:
    """Return the voxel file that an NRRD header names, or `b""` if it is the image itself."""
    fields = _NRRD_DATA_FILE.findall(start)
    is_complete = len(start) < _MAX_HEADER_SIZE or b"" in start.splitlines()
    if not start.startswith(b"NRRD") or len(fields) > 1 or not is_complete:
        raise _create_error(path, "its NRRD header is not valid")
    return bytes(fields[0]).strip() if fields else b""


def _check_data_file(path: Path, name: bytes) -> None:
    """Refuse an image if the voxel file that its header names may be outside its folder."""
    if not name:
        return
    plain = _PLAIN_NAME.fullmatch(name)
    if plain is None or plain[1] == b"LIST":
        raise _create_error(
            path, f"its header names the voxel file {name.decode(errors='replace')!r}"
        )
    _refuse_outside_links(path, path.parent, [path.parent / plain[1].decode()])


def _refuse_outside_links(path: Path, folder: Path, files: Iterable[Path]) -> None:
    """Refuse an image if a file that is read with it is a link out of its folder."""
    real_folder = os.path.realpath(folder)
    for file in files:
        if file.is_symlink() and not Path(os.path.realpath(file)).is_relative_to(real_folder):
            raise _create_error(
                path, f"{file.name}, which is read with it, is a link out of the folder"
            )


def _create_error(path: Path, reason: str) -> ImageUnreadable:
    return ImageUnreadable(
        f"{path} was not read: {reason}. A received image must not lead to files outside its "
        "folder. Ask the sender for a .nii.gz file."
    )
