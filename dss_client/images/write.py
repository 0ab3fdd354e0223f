"""Writing arrays into image files, which appear under their names only when they are right."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.atomic_write import writing
from dss_client.errors import FileNotWritten, ImageUnreadable
from dss_client.images import read
from dss_client.images.arrays import Voxels, affine, turned

if TYPE_CHECKING:
    import numpy.typing as npt
    import SimpleITK as sitk

    from dss_client.images.read import Grid

_ENDINGS = (".nii.gz", ".nii", ".mha", ".nrrd")
"""Those of single files that hold where an image lies. Others lose it, or are two files."""
_PROBE = 1024 * 1024
"""How much is written to learn what a disk has against it, in bytes."""


def write_on(grid: Grid, path: Path, voxels: npt.ArrayLike | Voxels) -> None:
    """Write an array into an image file, which is read again before it gets its name.

    Args:
        grid: where the voxels are.
        path: the file.
        voxels: the array, indexed as `Voxels.array` is, or as nibabel has images of vectors.

    Raises:
        ValueError: the array does not fit on the grid, or such a file cannot hold it, or its place.
        FileNotWritten: the file could not be written.
        ImagesNotInstalled: SimpleITK is not installed.
    """
    simple_itk = read.reader()
    ending = _ending(path)
    image = _image(grid, path, voxels)
    kind = _kind(image)
    what = f"{path} cannot be written"
    with writing(what):  # beside the file, so that the last step is a rename
        temporary = tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-")
    with temporary as folder:
        made = Path(folder) / f"image{ending}"
        try:
            simple_itk.WriteImage(image, str(made), useCompression=True)
            del image  # it is as large as what is read now
            written = read.read(made)
        except (RuntimeError, ImageUnreadable) as cause:
            with writing(what):
                _ask_disk(made)  # SimpleITK knows no reasons, or does not even say that it failed
            said = read.said(cause) if isinstance(cause, RuntimeError) else "it is not whole"
            raise FileNotWritten(f"{what}: {said}") from cause
        if _kind(written) != kind or not _lies_on(written, grid):
            others = _listed(each for each in _ENDINGS if each != ending)
            raise ValueError(
                f"{path} was not written: no file ending in {ending} holds such voxels there. Use "
                f"{others}."
            )
        with writing(what):
            _flush(made)
            made.replace(path)


def _ending(path: Path) -> str:
    """What a file's name ends in, which says its format."""
    for ending in _ENDINGS:
        if path.name.lower().endswith(ending):
            break
    else:
        raise ValueError(
            f"{path} was not written: let its name end in {_listed(_ENDINGS)}. Other formats do "
            "not hold where an image lies, or not in one file."
        )
    if not read.is_utf_8(path):
        raise ValueError(f"{path} was not written: its path is not UTF-8.")
    return ending


def _image(grid: Grid, path: Path, voxels: npt.ArrayLike | Voxels) -> sitk.Image:
    """An array as an image."""
    import numpy as np  # noqa: PLC0415

    simple_itk = read.reader()
    array = np.asarray(voxels.array if isinstance(voxels, Voxels) else voxels)
    axes = len(grid.size)
    shape = grid.size if axes != 2 else (*grid.size, 1)
    given = array.shape
    if len(shape) == 3 and array.ndim == 5 and array.shape[3] == 1:
        array = array[:, :, :, 0]  # as nibabel has images of vectors
    if array.shape[: len(shape)] != shape or array.ndim > len(shape) + 1:
        raise ValueError(
            f"{path} was not written: the image has {_by(shape)} voxels, the array has "
            f"{_by(given) or 'no axes'}."
        )
    if array.shape[len(shape) :] == (1,):
        array = array[..., 0]
    has_components = array.ndim > len(shape)
    if axes == 2:
        array = array[:, :, 0]
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    itk = np.ascontiguousarray(array.transpose(turned(axes, array.ndim)))
    try:
        image: sitk.Image = simple_itk.GetImageFromArray(itk, isVector=has_components)
    except (TypeError, KeyError) as cause:
        raise ValueError(
            f"{path} was not written: no image can hold {array.dtype}. Convert it, for instance "
            "with .astype(np.float32)."
        ) from cause
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    return image


def _kind(image: sitk.Image) -> tuple[str, int, tuple[int, ...]]:
    """What its voxels are, and how many; without times if there is just one."""
    size = tuple(image.GetSize())
    size = size[:3] if set(size[3:]) <= {1} else size
    return image.GetPixelIDTypeAsString(), image.GetNumberOfComponentsPerPixel(), size


def _lies_on(image: sitk.Image, grid: Grid) -> bool:
    """Whether voxels are where they should be, but for the few digits that NIfTI keeps."""
    import numpy as np  # noqa: PLC0415

    there = read.grid_of(image)
    axes = min(len(there.size), len(grid.size))
    close = 1e-3 * min(grid.spacing[:3])
    return np.allclose(
        there.spacing[:axes], grid.spacing[:axes], rtol=1e-5, atol=0
    ) and np.allclose(affine(there), affine(grid), rtol=1e-6, atol=close)


def _ask_disk(path: Path) -> None:
    """Write to a file that could not be written whole, for the system says why.

    Raises:
        OSError: the reason.
    """
    with path.open("ab") as file:
        file.write(bytes(_PROBE))
        file.flush()
        os.fsync(file.fileno())


def _flush(path: Path) -> None:
    """Wait for the disk to have a file; whoever wrote it did not ask whether it has.

    Raises:
        OSError: it has not.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _by(shape: tuple[int, ...]) -> str:
    return " by ".join(map(str, shape))


def _listed(endings: Iterable[str]) -> str:
    *others, last = endings
    return f"{', '.join(others)} or {last}"
