"""Writing of arrays to image files, which get their names only after a check."""

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
"""Formats that store the image and its position in a single file."""
_PROBE_SIZE = 1024 * 1024
"""The number of bytes to write in order to get the reason of a disk error."""


def write_image(grid: Grid, path: Path, voxels: npt.ArrayLike | Voxels) -> None:
    """Write an array to an image file.

    The file is written under a temporary name, read again and checked, and then renamed.

    Args:
        grid: the position of the voxels.
        path: the image file.
        voxels: an array with the axes of `Voxels.array`, or of nibabel's vector images.

    Raises:
        ValueError: the shape of the array differs from the grid, or the format cannot store the
            array or its position.
        FileNotWritten: the file could not be written.
        ImagesNotInstalled: SimpleITK is not installed.
    """
    simple_itk = read.import_simpleitk()
    extension = _get_extension(path)
    image = _create_image(grid, path, voxels)
    voxel_format = _get_voxel_format(image)
    failure = f"{path} cannot be written"
    with translate_os_errors(failure):  # in the same folder, so that the last step is a rename
        temporary = tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-")
    with temporary as folder:
        new_file = Path(folder) / f"image{extension}"
        try:
            simple_itk.WriteImage(image, str(new_file), useCompression=True)
            del image  # to free memory: the file is read again now
            saved = read.read_image(new_file)
        except (RuntimeError, ImageUnreadable) as cause:
            with translate_os_errors(failure):
                _probe_disk(new_file)  # SimpleITK does not state the reason, or even the failure
            if isinstance(cause, RuntimeError):
                reason = read.extract_message(cause)
            else:
                reason = "the file is not complete"
            raise FileNotWritten(f"{failure}: {reason}") from cause
        if _get_voxel_format(saved) != voxel_format or not _is_on_grid(saved, grid):
            others = _format_alternatives(each for each in _EXTENSIONS if each != extension)
            raise ValueError(
                f"{path} was not written: a {extension} file cannot store these voxels at this "
                f"position. Use {others}."
            )
        with translate_os_errors(failure):
            _flush_file(new_file)
            new_file.replace(path)


def _get_extension(path: Path) -> str:
    """Return the extension of a file, which defines its format."""
    for extension in _EXTENSIONS:
        if path.name.lower().endswith(extension):
            break
    else:
        raise ValueError(
            f"{path} was not written: its name must end in {_format_alternatives(_EXTENSIONS)}. "
            "Other formats lose the position of the image or need a second file."
        )
    if not read.is_utf_8(path):
        raise ValueError(f"{path} was not written: its path is not UTF-8.")
    return extension


def _create_image(grid: Grid, path: Path, voxels: npt.ArrayLike | Voxels) -> sitk.Image:
    """Create an image from an array."""
    import numpy as np  # noqa: PLC0415

    simple_itk = read.import_simpleitk()
    array = np.asarray(voxels.array if isinstance(voxels, Voxels) else voxels)
    axes = len(grid.size)
    shape = grid.size if axes != 2 else (*grid.size, 1)
    given = array.shape
    if len(shape) == 3 and array.ndim == 5 and array.shape[3] == 1:
        array = array[:, :, :, 0]  # the axes of vector images in nibabel
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
            f"{path} was not written: an image cannot hold {array.dtype}. Convert the array, for "
            "example with .astype(np.float32)."
        ) from cause
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    return image


def _get_voxel_format(image: sitk.Image) -> tuple[str, int, tuple[int, ...]]:
    """Return the type, the components and the number of voxels, without a single time."""
    size = tuple(image.GetSize())
    size = size[:3] if set(size[3:]) <= {1} else size
    return image.GetPixelIDTypeAsString(), image.GetNumberOfComponentsPerPixel(), size


def _is_on_grid(image: sitk.Image, grid: Grid) -> bool:
    """Tell whether an image has the same spacing and affine matrix as a grid.

    The comparison has the precision of NIfTI's 32-bit numbers.
    """
    import numpy as np  # noqa: PLC0415

    actual = read.get_grid(image)
    axes = min(len(actual.size), len(grid.size))
    tolerance = 1e-3 * min(grid.spacing[:3])
    return np.allclose(
        actual.spacing[:axes], grid.spacing[:axes], rtol=1e-5, atol=0
    ) and np.allclose(compute_affine(actual), compute_affine(grid), rtol=1e-6, atol=tolerance)


def _probe_disk(path: Path) -> None:
    """Write to a file after a failure, so that the system states the reason.

    Raises:
        OSError: the disk refused.
    """
    with path.open("ab") as file:
        file.write(bytes(_PROBE_SIZE))
        file.flush()
        os.fsync(file.fileno())


def _flush_file(path: Path) -> None:
    """Wait until a file is on the disk, because SimpleITK does not.

    Raises:
        OSError: the disk refused.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _format_shape(shape: tuple[int, ...]) -> str:
    return " by ".join(map(str, shape))


def _format_alternatives(extensions: Iterable[str]) -> str:
    *others, last = extensions
    return f"{', '.join(others)} or {last}"
