"""An image made into a file that may leave: `.nii.gz`, called by its voxels, without any text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from dss_api import DssError
from dss_client.export import gzip_files
from dss_client.export.gzip_files import Damaged, Inflated
from dss_client.export.nifti import START, NiftiHeader
from dss_client.export.voxel_hash import voxel_hash
from dss_client.whole_files import whole_file, writing
from dss_client.workspace import images
from dss_client.workspace.errors import ImageUnreadable

if TYPE_CHECKING:
    from dss_client.workspace import Registry


@frozen
class ImageFile:
    """A file that was made of an image; see `ExportedFile`."""

    path: Path
    md5: str
    copied: bool
    removed: tuple[str, ...]


def export_image(source: Path, hints: Registry | None, folder: Path, position: int) -> ImageFile:
    """Make the file of a layer's image, under the name that `itksnap-wt` gives it.

    A compressed NIfTI file is hashed and copied in one pass, as it is compressed, if nothing is in
    it that must not leave. Of other NIfTI files the header is cleaned and the voxels are compressed
    anew, as a stream. All else is read with SimpleITK, whole.

    Args:
        source: the image.
        hints: what the workspace says of how to read it.
        folder: where the file is put.
        position: of the layer.

    Raises:
        ImageUnreadable: the image cannot be read, is damaged, or is shorter than its header says.
        ImagesNotInstalled: it takes SimpleITK to read it.
        FileNotWritten: the file cannot be written.
    """
    made = folder / f"{position:03d}.nii.gz"
    with _as_nifti(source, hints, folder) as (nifti, header, removed):
        copied = _copied(nifti, header, made)
        md5 = copied or _compressed(nifti, header, made)
    path = folder / f"layer_{position:03d}_{md5}.nii.gz"
    with writing(f"{path} cannot be written"):
        made.replace(path)
    return ImageFile(path, md5, copied is not None, removed)


@contextmanager
def _as_nifti(
    source: Path, hints: Registry | None, folder: Path
) -> Iterator[tuple[Path, NiftiHeader, tuple[str, ...]]]:
    """An image as a NIfTI file, with its header and what in it must not leave."""
    header = _header(source)
    if header is not None and header.is_plain:
        yield source, header, header.texts
        return
    if header is not None:
        _check_whole(source, header)
    sitk = images.reader()
    image = images.read(source, hints)
    removed = image.GetMetaDataKeys()
    for key in removed:
        image.EraseMetaData(key)
    with tempfile.TemporaryDirectory(dir=folder) as within:
        made = Path(within) / "image.nii"
        with writing(f"{source} cannot be converted"):
            try:
                sitk.WriteImage(image, made)
            except RuntimeError as cause:
                raise OSError(str(cause).strip().splitlines()[-1]) from cause
        del image  # it is as large as the file
        header = _header(made)
        if header is None or not header.is_plain:
            raise ImageUnreadable(f"{source} has voxels of a kind that a workspace cannot have.")
        yield made, header, removed


def _check_whole(source: Path, header: NiftiHeader) -> None:
    """Read a file to its end, for SimpleITK makes up what is missing there.

    Raises:
        ImageUnreadable: it is damaged, or has fewer voxels than its header says.
    """
    with _opened(source) as file:
        for _ in _voxels(_pieces(file), header):
            pass


def _header(source: Path) -> NiftiHeader | None:
    """The header of a NIfTI file; `None` if it is none, or one of a rare kind."""
    if source.is_dir():  # of a DICOM series
        return None
    start = b""
    with _opened(source) as file:
        for piece in _pieces(file):
            start += piece
            if len(start) >= START:
                break
    return NiftiHeader.parse(start)


def _copied(source: Path, header: NiftiHeader, target: Path) -> str | None:
    """Copy a compressed file as it is; the hash of its voxels.

    `None` if it is not compressed, or if there is more in it than the voxels and their header.
    """
    with _opened(source) as file, whole_file(target) as write:
        ahead = gzip_files.header_length(file)
        if not ahead or header.texts:
            return None
        write(gzip_files.NEUTRAL_HEADER)

        def take(block: bytes) -> None:
            nonlocal ahead
            write(block[ahead:])
            ahead = max(0, ahead - len(block))

        inflated = Inflated(file, take)
        with voxel_hash(header, target.parent) as found:
            for voxels in _voxels(inflated, header):
                found.update(voxels)
            is_all = inflated.size == header.voxels_at + header.voxels_size
            return found.hexdigest() if inflated.single and is_all else None


def _compressed(source: Path, header: NiftiHeader, target: Path) -> str:
    """Write an image's voxels behind a header without text; the hash of the voxels."""
    with (
        _opened(source) as file,
        whole_file(target) as write,
        voxel_hash(header, target.parent) as found,
    ):

        def content() -> Iterator[bytes]:
            yield header.cleaned()
            for voxels in _voxels(_pieces(file), header):
                found.update(voxels)
                yield voxels

        for block in gzip_files.deflated(content()):
            write(block)
        return found.hexdigest()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """What is in a file, inflated if it is compressed."""
    if gzip_files.header_length(file):
        yield from Inflated(file)
    else:
        while piece := file.read(gzip_files.PIECE):
            yield piece


def _voxels(pieces: Iterable[bytes], header: NiftiHeader) -> Iterator[bytes]:
    """The voxels among what is in a file.

    Raises:
        Damaged: there are fewer than the header says.
    """
    position, end = 0, header.voxels_at + header.voxels_size
    for piece in pieces:
        voxels = piece[max(0, header.voxels_at - position) : max(0, end - position)]
        position += len(piece)
        if voxels:
            yield voxels
    if position < end:
        raise Damaged(f"it ends after {position} of the {end} bytes that its header promises")


@contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    """An image's file.

    Raises:
        ImageUnreadable: it cannot be read, or is damaged.
    """
    try:
        with source.open("rb") as file:
            yield file
    except (Damaged, OSError) as cause:
        if isinstance(cause, DssError):  # of what is written meanwhile
            raise
        raise ImageUnreadable(f"{source} cannot be read whole: {cause}.") from cause
