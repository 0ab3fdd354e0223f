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
from dss_client.atomic_write import whole_file, writing
from dss_client.errors import ImageUnreadable
from dss_client.export.voxel_hash import voxel_hash
from dss_client.images import gzip_stream, read
from dss_client.images.gzip_stream import Damaged, Inflated
from dss_client.images.nifti_header import START, NiftiHeader

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


class Stopped(Exception):
    """The file is no longer wanted."""


def export_image(
    source: Path, hints: Registry | None, folder: Path, stop: Event, *, position: int
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
    with _as_nifti(source, hints, folder, stop) as (nifti, header, removed):
        copied = _copied(nifti, header, made, stop)
        md5 = copied or _compressed(nifti, header, made, stop)
    path = folder / f"layer_{position:03d}_{md5}.nii.gz"
    with writing(f"{path} cannot be written"):
        made.replace(path)
    return ImageFile(path, md5, copied is not None, removed, header.grid)


@contextmanager
def _as_nifti(
    source: Path, hints: Registry | None, folder: Path, stop: Event
) -> Iterator[tuple[Path, NiftiHeader, tuple[str, ...]]]:
    """An image as a NIfTI file, with its header and what in it must not leave."""
    header = _header(source, stop)
    if header is not None and header.is_plain:
        yield source, header, header.texts
        return
    sitk = read.reader()
    image = read.read(source, hints)  # looks whether the file is whole
    removed = image.GetMetaDataKeys()
    for key in removed:
        image.EraseMetaData(key)
    with tempfile.TemporaryDirectory(dir=folder) as within:
        made = Path(within) / "image.nii"
        try:
            sitk.WriteImage(image, made)
        except RuntimeError as cause:
            raise ImageUnreadable(f"{source} cannot become NIfTI: {read.said(cause)}") from cause
        del image  # it is as large as the file
        header = _header(made, stop)
        if header is None or not header.is_plain:
            raise ImageUnreadable(f"{source} has voxels of a kind that a workspace cannot have.")
        with writing(f"{source} cannot be converted in {folder}"):
            if made.stat().st_size < header.size:  # SimpleITK does not say it
                raise OSError(ENOSPC, os.strerror(ENOSPC))
        yield made, header, tuple(key for key in removed if not key.startswith("ITK_"))


def _header(source: Path, stop: Event) -> NiftiHeader | None:
    """The header of a NIfTI file; `None` if it is none, or one of a rare kind."""
    if source.is_dir():  # of a DICOM series
        return None
    start = b""
    with _opened(source, stop) as file:
        for piece in _pieces(file):
            start += piece
            if len(start) >= START:
                break
    return NiftiHeader.parse(start)


def _copied(source: Path, header: NiftiHeader, target: Path, stop: Event) -> str | None:
    """Copy a compressed file as it is; the hash of its voxels.

    `None` if it is not compressed, or if there is more in it than the voxels and their header.
    """
    with _opened(source, stop) as file, whole_file(target) as write:
        ahead = gzip_stream.header_length(file)
        if not ahead or header.texts:
            return None
        write(gzip_stream.NEUTRAL_HEADER)

        def take(block: bytes) -> None:
            nonlocal ahead
            write(block[ahead:])
            ahead = max(0, ahead - len(block))

        inflated = Inflated(file, take)
        with voxel_hash(header, target.parent) as found:
            for voxels in _voxels(inflated, header):
                found.update(voxels)
            is_all = inflated.size == header.size
            return found.hexdigest() if inflated.single and is_all else None


def _compressed(source: Path, header: NiftiHeader, target: Path, stop: Event) -> str:
    """Write an image's voxels behind a header without text; the hash of the voxels."""
    with (
        _opened(source, stop) as file,
        whole_file(target) as write,
        voxel_hash(header, target.parent) as found,
    ):

        def content() -> Iterator[bytes]:
            yield header.cleaned()
            for voxels in _voxels(_pieces(file), header):
                found.update(voxels)
                yield voxels

        for block in gzip_stream.deflated(content()):
            write(block)
        return found.hexdigest()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """What is in a file, inflated if it is compressed."""
    if gzip_stream.header_length(file):
        yield from Inflated(file)
    else:
        while piece := file.read(gzip_stream.PIECE):
            yield piece


def _voxels(pieces: Iterable[bytes], header: NiftiHeader) -> Iterator[bytes]:
    """The voxels among what is in a file.

    Raises:
        Damaged: there are fewer than the header says, or the file has another header by now.
    """
    start, position = b"", 0
    for piece in pieces:
        if len(start) < START:
            start = (start + piece)[:START]
            if not header.raw.startswith(start):
                raise Damaged("it changed meanwhile")
        voxels = piece[max(0, header.voxels_at - position) : max(0, header.size - position)]
        position += len(piece)
        if voxels:
            yield voxels
    if position < header.size:
        raise Damaged(
            f"it ends after {position} of the {header.size} bytes that its header promises"
        )


class _Reader(io.BufferedReader):
    """A file that is read until it is no longer wanted."""

    def __init__(self, source: Path, stop: Event) -> None:
        super().__init__(io.FileIO(source))
        self._stop = stop

    def read(self, size: int | None = -1, /) -> bytes:
        if self._stop.is_set():
            raise Stopped
        return super().read(size)


@contextmanager
def _opened(source: Path, stop: Event) -> Iterator[BinaryIO]:
    """An image's file.

    Raises:
        ImageUnreadable: it cannot be read, or is damaged.
    """
    try:
        with _Reader(source, stop) as file:
            yield file
    except (Damaged, OSError) as cause:
        if isinstance(cause, DssError):  # of what is written meanwhile
            raise
        raise ImageUnreadable(f"{source} cannot be read whole: {cause}. Get it anew.") from cause
