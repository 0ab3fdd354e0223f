"""Exports of images to `.nii.gz` files without texts, named by the hash of their voxels."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from dss_api import DssError
from dss_client.atomic_write import open_atomically, translate_os_errors
from dss_client.errors import ImageUnreadable
from dss_client.export.voxel_hash import open_voxel_hash
from dss_client.images import gzip_stream, read
from dss_client.images.gzip_stream import DamagedFile, GzipReader
from dss_client.images.nifti_header import MIN_VOX_OFFSET, NiftiHeader

if TYPE_CHECKING:
    from dss_client.workspace.registry import Registry


@frozen
class ImageFile:
    """The exported file of an image. See `ExportedFile` for the attributes."""

    path: Path
    md5: str
    copied: bool
    removed: tuple[str, ...]
    grid: tuple[int, ...]


class ExportCancelled(Exception):
    """Another file of the export failed, or the user interrupted it."""


def export_image(
    source: Path, hints: Registry | None, folder: Path, cancel_event: Event, *, position: int
) -> ImageFile:
    """Export the image of a layer under the name that `itksnap-wt` uses.

    * A compressed NIfTI file without private content, such as texts in the header, is hashed and
      copied in one pass. The compressed voxels are not changed.
    * In other NIfTI files, private content of the header is overwritten with zeros, extensions are
      removed, and the voxels are compressed again as a stream.
    * Files in other formats are read into memory with SimpleITK.

    Args:
        source: the image.
        hints: the workspace's instructions for reading the image.
        folder: the folder of the new file.
        cancel_event: set by another thread to cancel the export. Reading and converting with
            SimpleITK cannot be cancelled.
        position: the number of the layer in the workspace, from 0.

    Raises:
        ExportCancelled: the event was set.
        ImageUnreadable: the image cannot be read, is damaged, or is shorter than its header states.
        ImagesNotInstalled: the image is not NIfTI, and SimpleITK is not installed.
        FileNotWritten: the file cannot be written.
    """
    new_file = folder / f"{position:03d}.nii.gz"
    with _open_as_nifti(source, hints, folder, cancel_event) as (nifti, header, removed):
        copy_md5 = _copy_compressed(nifti, header, new_file, cancel_event)
        md5 = copy_md5 or _compress_image(nifti, header, new_file, cancel_event)
    path = folder / f"layer_{position:03d}_{md5}.nii.gz"
    with translate_os_errors(f"{path} cannot be written"):
        new_file.replace(path)
    return ImageFile(path, md5, copy_md5 is not None, removed, header.grid)


@contextmanager
def _open_as_nifti(
    source: Path, hints: Registry | None, folder: Path, cancel_event: Event
) -> Iterator[tuple[Path, NiftiHeader, tuple[str, ...]]]:
    """Provide an image as a NIfTI file, with its header and the names of its private content."""
    header = _read_header(source, cancel_event)
    if header is not None and header.is_plain:
        yield source, header, header.removable_parts
        return
    sitk = read.import_simpleitk()
    image = read.read_image(source, hints)  # checks that the file is complete
    removed = image.GetMetaDataKeys()
    for key in removed:
        image.EraseMetaData(key)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        nifti = Path(temporary) / "image.nii"
        try:
            sitk.WriteImage(image, nifti)
        except RuntimeError as cause:
            raise ImageUnreadable(
                f"{source} cannot be converted to NIfTI: {read.extract_message(cause)}"
            ) from cause
        voxel_type = image.GetPixelIDTypeAsString()
        del image  # to free memory
        header = _read_header(nifti, cancel_event)
        if header is None or not header.is_plain:
            raise ImageUnreadable(
                f"{source} has voxels of the type {voxel_type}, which a workspace cannot use. "
                "Convert the image, for example to 32-bit float."
            )
        with translate_os_errors(f"{source} cannot be converted in {folder}"):
            if nifti.stat().st_size < header.file_size:  # SimpleITK does not notice
                raise OSError(ENOSPC, os.strerror(ENOSPC))
        yield nifti, header, tuple(key for key in removed if not key.startswith("ITK_"))


def _read_header(source: Path, cancel_event: Event) -> NiftiHeader | None:
    """Read the header of a NIfTI file. Return `None` for other formats and unusual voxel types."""
    if source.is_dir():  # a DICOM series
        return None
    start = b""
    with _open_image(source, cancel_event) as file:
        for chunk in _iterate_chunks(file):
            start += chunk
            if len(start) >= MIN_VOX_OFFSET:
                break
    return NiftiHeader.parse(start)


def _copy_compressed(
    source: Path, header: NiftiHeader, target: Path, cancel_event: Event
) -> str | None:
    """Copy a compressed file unchanged, and return the hash of its voxels.

    Return `None` if the file is not compressed, or has more content than header and voxels.
    """
    with _open_image(source, cancel_event) as file, open_atomically(target) as write:
        bytes_to_skip = gzip_stream.read_header_length(file)
        if not bytes_to_skip or header.removable_parts:
            return None
        write(gzip_stream.NEUTRAL_HEADER)

        def copy_block(block: bytes) -> None:
            nonlocal bytes_to_skip
            write(block[bytes_to_skip:])
            bytes_to_skip = max(0, bytes_to_skip - len(block))

        content = GzipReader(file, copy_block)
        with open_voxel_hash(header, target.parent) as voxel_hash:
            for voxels in _iterate_voxels(content, header):
                voxel_hash.update(voxels)
            has_expected_size = content.size == header.file_size
            is_clean = content.is_single_member and has_expected_size
            return voxel_hash.hexdigest() if is_clean else None


def _compress_image(source: Path, header: NiftiHeader, target: Path, cancel_event: Event) -> str:
    """Compress an image with a cleaned header, and return the hash of its voxels."""
    with (
        _open_image(source, cancel_event) as file,
        open_atomically(target) as write,
        open_voxel_hash(header, target.parent) as voxel_hash,
    ):

        def iterate_content() -> Iterator[bytes]:
            yield header.get_clean_bytes()
            for voxels in _iterate_voxels(_iterate_chunks(file), header):
                voxel_hash.update(voxels)
                yield voxels

        for block in gzip_stream.compress_chunks(iterate_content()):
            write(block)
        return voxel_hash.hexdigest()


def _iterate_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content of a file, decompressed if necessary."""
    if gzip_stream.read_header_length(file):
        yield from GzipReader(file)
    else:
        while chunk := file.read(gzip_stream.CHUNK_SIZE):
            yield chunk


def _iterate_voxels(chunks: Iterable[bytes], header: NiftiHeader) -> Iterator[bytes]:
    """Yield the voxels from the content of a file.

    Raises:
        DamagedFile: the file is shorter than its header states, or its header has changed.
    """
    start, position = b"", 0
    for chunk in chunks:
        if len(start) < MIN_VOX_OFFSET:
            start = (start + chunk)[:MIN_VOX_OFFSET]
            if not header.raw.startswith(start):
                raise DamagedFile("it has changed during the export")
        first, end = header.voxels_offset - position, header.file_size - position
        voxels = chunk[max(0, first) : max(0, end)]
        position += len(chunk)
        if voxels:
            yield voxels
    if position < header.file_size:
        raise DamagedFile(
            f"it ends after {position} of the {header.file_size} bytes that its header states"
        )


class _CancellableReader(io.BufferedReader):
    """A file whose reading another thread can cancel."""

    def __init__(self, source: Path, cancel_event: Event) -> None:
        super().__init__(io.FileIO(source))
        self._cancel_event = cancel_event

    def read(self, size: int | None = -1, /) -> bytes:
        if self._cancel_event.is_set():
            raise ExportCancelled
        return super().read(size)


@contextmanager
def _open_image(source: Path, cancel_event: Event) -> Iterator[BinaryIO]:
    """Open the file of an image.

    Raises:
        ImageUnreadable: the file cannot be read, or is damaged.
    """
    try:
        with _CancellableReader(source, cancel_event) as file:
            yield file
    except (DamagedFile, OSError) as cause:
        if isinstance(cause, DssError):  # an error of the file that is written in the `with` block
            raise
        raise ImageUnreadable(
            f"{source} cannot be read completely: {cause}. Get a new copy of the file."
        ) from cause
