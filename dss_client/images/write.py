"""Writing arrays into image files, which appear under their names only when they are right."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.atomic_write import translate_os_errors
from dss_client.errors import FileNotWritten, ImageUnreadable
from dss_client.images import read
from dss_client.images.arrays import Voxels, compute_affine, get_axis_order

if TYPE_CHECKING:
    import numpy.typing as npt
    import SimpleITK as sitk

    from dss_client.images.read import Grid

_EXTENSIONS = (".nii.gz", ".nii", ".mha", ".nrrd")
"""Those of single files that hold where an image lies. Others lose it, or are two files."""
_PROBE_SIZE = 1024 * 1024
"""How much is written to learn what a disk has against it, in bytes."""


def write_image(grid: Grid, path: Path, voxels: npt.ArrayLike | Voxels) -> None:
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
    simple_itk = read.import_simpleitk()
    ending = _get_extension(path)
    image = _create_image(grid, path, voxels)
    kind = _get_voxel_format(image)
    what = f"{path} cannot be written"
    with translate_os_errors(what):  # beside the file, so that the last step is a rename
        temporary = tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-")
    with temporary as folder:
        made = Path(folder) / f"image{ending}"
        try:
            simple_itk.WriteImage(image, str(made), useCompression=True)
            del image  # it is as large as what is read now
            written = read.read_image(made)
        except (RuntimeError, ImageUnreadable) as cause:
            with translate_os_errors(what):
                _probe_disk(made)  # SimpleITK knows no reasons, or does not even say that it failed
            said = (
                read.extract_message(cause)
                if isinstance(cause, RuntimeError)
                else "it is not whole"
            )
            raise FileNotWritten(f"{what}: {said}") from cause
        if _get_voxel_format(written) != kind or not _is_on_grid(written, grid):
            others = _format_alternatives(each for each in _EXTENSIONS if each != ending)
            raise ValueError(
                f"{path} was not written: no file ending in {ending} holds such voxels there. Use "
                f"{others}."
            )
        with translate_os_errors(what):
            _flush_file(made)
            made.replace(path)


def _get_extension(path: Path) -> str:
    """What a file's name ends in, which says its format."""
    for ending in _EXTENSIONS:
        if path.name.lower().endswith(ending):
            break
    else:
        raise ValueError(
            f"{path} was not written: let its name end in {_format_alternatives(_EXTENSIONS)}. "
            "Other formats do not hold where an image lies, or not in one file."
        )
    if not read.is_utf_8(path):
        raise ValueError(f"{path} was not written: its path is not UTF-8.")
    return ending


def _create_image(grid: Grid, path: Path, voxels: npt.ArrayLike | Voxels) -> sitk.Image:
    """An array as an image."""
    import numpy as np  # noqa: PLC0415

    simple_itk = read.import_simpleitk()
    array = np.asarray(voxels.array if isinstance(voxels, Voxels) else voxels)
    axes = len(grid.size)
    shape = grid.size if axes != 2 else (*grid.size, 1)
    given = array.shape
    if len(shape) == 3 and array.ndim == 5 and array.shape[3] == 1:
        array = array[:, :, :, 0]  # as nibabel has images of vectors
    if array.shape[: len(shape)] != shape or array.ndim > len(shape) + 1:
        raise ValueError(
            f"{path} was not written: the image has {_format_shape(shape)} voxels, the array has "
            f"{_format_shape(given) or 'no axes'}."
        )
    if array.shape[len(shape) :] == (1,):
        array = array[..., 0]
    has_components = array.ndim > len(shape)
    if axes == 2:
        array = array[:, :, 0]
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    itk = np.ascontiguousarray(array.transpose(get_axis_order(axes, array.ndim)))
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


def _get_voxel_format(image: sitk.Image) -> tuple[str, int, tuple[int, ...]]:
    """What its voxels are, and how many; without times if there is just one."""
    size = tuple(image.GetSize())
    size = size[:3] if set(size[3:]) <= {1} else size
    return image.GetPixelIDTypeAsString(), image.GetNumberOfComponentsPerPixel(), size


def _is_on_grid(image: sitk.Image, grid: Grid) -> bool:
    """Whether voxels are where they should be, but for the few digits that NIfTI keeps."""
    import numpy as np  # noqa: PLC0415

    there = read.get_grid(image)
    axes = min(len(there.size), len(grid.size))
    close = 1e-3 * min(grid.spacing[:3])
    return np.allclose(
        there.spacing[:axes], grid.spacing[:axes], rtol=1e-5, atol=0
    ) and np.allclose(compute_affine(there), compute_affine(grid), rtol=1e-6, atol=close)


def _probe_disk(path: Path) -> None:
    """Write to a file that could not be written whole, for the system says why.

    Raises:
        OSError: the reason.
    """
    with path.open("ab") as file:
        file.write(bytes(_PROBE_SIZE))
        file.flush()
        os.fsync(file.fileno())


def _flush_file(path: Path) -> None:
    """Wait for the disk to have a file; whoever wrote it did not ask whether it has.

    Raises:
        OSError: it has not.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _format_shape(shape: tuple[int, ...]) -> str:
    return " by ".join(map(str, shape))


def _format_alternatives(extensions: Iterable[str]) -> str:
    *others, last = extensions
    return f"{', '.join(others)} or {last}"
