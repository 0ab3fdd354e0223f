"""An image made into a file that may leave: `.nii.gz`, called by its voxels, without any text."""

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
    """A file that was made of an image; see `ExportedFile`.

    Attributes:
        grid: how many voxels it has along x, y and z.
    """

    path: Path
    md5: str
    copied: bool
    removed: tuple[str, ...]
    grid: tuple[int, ...]


class ExportCancelled(Exception):
    """The file is no longer wanted."""


def export_image(
    source: Path, hints: Registry | None, folder: Path, cancel_event: Event, *, position: int
) -> ImageFile:
    """Make the file of a layer's image, under the name that `itksnap-wt` gives it.

    A compressed NIfTI file is hashed and copied in one pass, as it is compressed, if nothing is in
    it that must not leave. Of other NIfTI files the header is cleaned and the voxels are compressed
    anew, as a stream. All else is read with SimpleITK, whole.

    Args:
        source: the image.
        hints: what the workspace says of how to read it.
        folder: where the file is put.
        stop: set by another thread when the file is no longer wanted. SimpleITK cannot be stopped.
        position: of the layer.

    Raises:
        Stopped: the file is no longer wanted.
        ImageUnreadable: the image cannot be read, is damaged, or is shorter than its header says.
        ImagesNotInstalled: it takes SimpleITK to read it.
        FileNotWritten: the file cannot be written.
    """
    made = folder / f"{position:03d}.nii.gz"
    with _open_as_nifti(source, hints, folder, cancel_event) as (nifti, header, removed):
        copied = _copy_compressed(nifti, header, made, cancel_event)
        md5 = copied or _compress_image(nifti, header, made, cancel_event)
    path = folder / f"layer_{position:03d}_{md5}.nii.gz"
    with translate_os_errors(f"{path} cannot be written"):
        made.replace(path)
    return ImageFile(path, md5, copied is not None, removed, header.grid)


@contextmanager
def _open_as_nifti(
    source: Path, hints: Registry | None, folder: Path, cancel_event: Event
) -> Iterator[tuple[Path, NiftiHeader, tuple[str, ...]]]:
    """An image as a NIfTI file, with its header and what in it must not leave."""
    header = _read_header(source, cancel_event)
    if header is not None and header.is_plain:
        yield source, header, header.removable_parts
        return
    sitk = read.import_simpleitk()
    image = read.read_image(source, hints)  # looks whether the file is whole
    removed = image.GetMetaDataKeys()
    for key in removed:
        image.EraseMetaData(key)
    with tempfile.TemporaryDirectory(dir=folder) as within:
        made = Path(within) / "image.nii"
        try:
            sitk.WriteImage(image, made)
        except RuntimeError as cause:
            raise ImageUnreadable(
                f"{source} cannot become NIfTI: {read.extract_message(cause)}"
            ) from cause
        del image  # it is as large as the file
        header = _read_header(made, cancel_event)
        if header is None or not header.is_plain:
            raise ImageUnreadable(f"{source} has voxels of a kind that a workspace cannot have.")
        with translate_os_errors(f"{source} cannot be converted in {folder}"):
            if made.stat().st_size < header.file_size:  # SimpleITK does not say it
                raise OSError(ENOSPC, os.strerror(ENOSPC))
        yield made, header, tuple(key for key in removed if not key.startswith("ITK_"))


def _read_header(source: Path, cancel_event: Event) -> NiftiHeader | None:
    """The header of a NIfTI file; `None` if it is none, or one of a rare kind."""
    if source.is_dir():  # of a DICOM series
        return None
    start = b""
    with _open_image(source, cancel_event) as file:
        for piece in _iterate_chunks(file):
            start += piece
            if len(start) >= MIN_VOX_OFFSET:
                break
    return NiftiHeader.parse(start)


def _copy_compressed(
    source: Path, header: NiftiHeader, target: Path, cancel_event: Event
) -> str | None:
    """Copy a compressed file as it is; the hash of its voxels.

    `None` if it is not compressed, or if there is more in it than the voxels and their header.
    """
    with _open_image(source, cancel_event) as file, open_atomically(target) as write:
        ahead = gzip_stream.read_header_length(file)
        if not ahead or header.removable_parts:
            return None
        write(gzip_stream.NEUTRAL_HEADER)

        def take(block: bytes) -> None:
            nonlocal ahead
            write(block[ahead:])
            ahead = max(0, ahead - len(block))

        inflated = GzipReader(file, take)
        with open_voxel_hash(header, target.parent) as found:
            for voxels in _iterate_voxels(inflated, header):
                found.update(voxels)
            is_all = inflated.size == header.file_size
            return found.hexdigest() if inflated.is_single_member and is_all else None


def _compress_image(source: Path, header: NiftiHeader, target: Path, cancel_event: Event) -> str:
    """Write an image's voxels behind a header without text; the hash of the voxels."""
    with (
        _open_image(source, cancel_event) as file,
        open_atomically(target) as write,
        open_voxel_hash(header, target.parent) as found,
    ):

        def content() -> Iterator[bytes]:
            yield header.get_clean_bytes()
            for voxels in _iterate_voxels(_iterate_chunks(file), header):
                found.update(voxels)
                yield voxels

        for block in gzip_stream.compress_chunks(content()):
            write(block)
        return found.hexdigest()


def _iterate_chunks(file: BinaryIO) -> Iterator[bytes]:
    """What is in a file, inflated if it is compressed."""
    if gzip_stream.read_header_length(file):
        yield from GzipReader(file)
    else:
        while piece := file.read(gzip_stream.CHUNK_SIZE):
            yield piece


def _iterate_voxels(chunks: Iterable[bytes], header: NiftiHeader) -> Iterator[bytes]:
    """The voxels among what is in a file.

    Raises:
        Damaged: there are fewer than the header says, or the file has another header by now.
    """
    start, position = b"", 0
    for piece in chunks:
        if len(start) < MIN_VOX_OFFSET:
            start = (start + piece)[:MIN_VOX_OFFSET]
            if not header.raw.startswith(start):
                raise DamagedFile("it changed meanwhile")
        voxels = piece[
            max(0, header.voxels_offset - position) : max(0, header.file_size - position)
        ]
        position += len(piece)
        if voxels:
            yield voxels
    if position < header.file_size:
        raise DamagedFile(
            f"it ends after {position} of the {header.file_size} bytes that its header promises"
        )


class _CancellableReader(io.BufferedReader):
    """A file that is read until it is no longer wanted."""

    def __init__(self, source: Path, cancel_event: Event) -> None:
        super().__init__(io.FileIO(source))
        self._cancel_event = cancel_event

    def read(self, size: int | None = -1, /) -> bytes:
        if self._cancel_event.is_set():
            raise ExportCancelled
        return super().read(size)


@contextmanager
def _open_image(source: Path, cancel_event: Event) -> Iterator[BinaryIO]:
    """An image's file.

    Raises:
        ImageUnreadable: it cannot be read, or is damaged.
    """
    try:
        with _CancellableReader(source, cancel_event) as file:
            yield file
    except (DamagedFile, OSError) as cause:
        if isinstance(cause, DssError):  # of what is written meanwhile
            raise
        raise ImageUnreadable(f"{source} cannot be read whole: {cause}. Get it anew.") from cause
