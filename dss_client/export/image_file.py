"""An image made into a file that may leave: `.nii.gz`, called by its voxels, without any text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from attrs import evolve, frozen

from dss_client.export.gzip_files import (
    BLOCK,
    NEUTRAL_HEADER,
    Damaged,
    Inflated,
    deflated,
    header_length,
)
from dss_client.export.nifti import START, NiftiHeader
from dss_client.export.voxel_hash import VoxelHash, voxel_hash
from dss_client.whole_files import writing
from dss_client.workspace import ImageUnreadable

if TYPE_CHECKING:
    from dss_client.workspace import Registry


@frozen
class ImageFile:
    """A file that was made of an image; see `ExportedFile`."""

    path: Path
    md5: str
    copied: bool
    removed: tuple[str, ...]


def export_image(source: Path, hints: Registry, folder: Path, position: int) -> ImageFile:
    """Make the file of a layer's image, under the name that `itksnap-wt` gives it.

    A compressed NIfTI file is hashed and copied in one pass, as it is compressed, if nothing is in
    it that must not leave. Of others that are NIfTI the header is cleaned and the voxels are
    compressed anew, as a stream. All else is read with SimpleITK, whole.

    Args:
        source: the image.
        hints: what the workspace says of how to read it.
        folder: where the file is put.
        position: of the layer.

    Raises:
        ImageUnreadable: the image cannot be read, is damaged or is shorter than its header says.
        ImagesNotInstalled: it takes SimpleITK to read it.
        FileNotWritten: the file cannot be written.
    """
    temporary = folder / f"{position:03d}.part"
    with _opened(source) as file:
        header, gzipped = _header(file)
        if header is None:
            made = _converted(source, hints, temporary)
        elif header.texts or not gzipped:
            made = _compressed(file, header, temporary)
        else:
            made = _copied(file, header, temporary) or _compressed(file, header, temporary)
    path = folder / f"layer_{position:03d}_{made.md5}.nii.gz"
    with writing(f"{path} cannot be written"):
        temporary.replace(path)
    return evolve(made, path=path)


@contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    """An image's file.

    Raises:
        ImageUnreadable: it cannot be read, or is damaged.
    """
    try:
        with source.open("rb") as file:
            yield file
    except (Damaged, OSError) as error:
        ...
