"""Images as arrays, in NIfTI's terms: x, y and z to the right, to the front and up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from dss_client.errors import FileNotWritten

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import SimpleITK as sitk

    from dss_client.workspace.images import Grid


@frozen(eq=False)
class Voxels:
    """The voxels of an image, and where they are.

    Attributes:
        array: indexed by x, y, z, then by time if there are times, then by component if a voxel
            has several, as nibabel does. An image that is flat has one z.
        spacing: how far voxels are apart along x, y and z, in mm, then in time, in s if the file
            says its unit.
        affine: 4 by 4; takes x, y, z, 1 to mm to the right, to the front and up (RAS), as nibabel's
            does.
    """

    array: npt.NDArray[np.number]
    spacing: tuple[float, ...]
    affine: npt.NDArray[np.float64]


def voxels(image: sitk.Image) -> Voxels:
    """The voxels of an image that was read."""
    import numpy as np  # noqa: PLC0415

    from dss_client.workspace import images  # noqa: PLC0415

    grid = images.grid_of(image)
    array = images.reader().GetArrayFromImage(image)
    array = array.transpose(_turned(len(grid.size), array.ndim))
    if len(grid.size) == 2:
        return Voxels(np.expand_dims(array, 2), (*grid.spacing, 1.0), affine(grid))
    return Voxels(array, grid.spacing, affine(grid))


def affine(grid: Grid) -> npt.NDArray[np.float64]:
    """What takes indices to mm, RAS, 4 by 4."""
    import numpy as np  # noqa: PLC0415

    axes = len(grid.size)
    space = min(axes, 3)
    direction = np.reshape(grid.direction, (axes, axes))[:space, :space]
    to_lps = np.eye(4)
    to_lps[:space, :space] = direction * grid.spacing[:space]
    to_lps[:space, 3] = grid.origin[:space]
    to_ras: npt.NDArray[np.float64] = np.diag([-1.0, -1.0, 1.0, 1.0]) @ to_lps
    return to_ras


def write_on(grid: Grid, path: Path, voxels: npt.ArrayLike) -> None:
    """Write an array into an image file.

    Raises:
        ValueError: the array does not fit on the grid, or no file can hold its numbers.
        FileNotWritten: the file could not be written.
        ImagesNotInstalled: SimpleITK is not installed.
    """
    import numpy as np  # noqa: PLC0415

    from dss_client.workspace import images  # noqa: PLC0415

    sitk = images.reader()
    array = np.asarray(voxels)
    axes = len(grid.size)
    shape = grid.size if axes != 2 else (*grid.size, 1)
    if array.shape[: len(shape)] != shape or array.ndim > len(shape) + 1:
        raise ValueError(
            f"{path} was not written: the image has {_by(shape)} voxels, the array has "
            f"{_by(array.shape)}."
        )
    has_components = array.ndim > len(shape)
    if axes == 2:
        array = array[:, :, 0]
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    turned = np.ascontiguousarray(array.transpose(_turned(axes, array.ndim)))
    try:
        image = sitk.GetImageFromArray(turned, isVector=has_components)
    except (TypeError, KeyError) as cause:
        raise ValueError(f"{path} was not written: no image can hold {array.dtype}.") from cause
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    try:
        sitk.WriteImage(image, str(path), useCompression=True)
    except RuntimeError as cause:
        raise FileNotWritten(f"{path} cannot be written: {images.said(cause)}") from cause


def _turned(axes: int, dimensions: int) -> tuple[int, ...]:
    """Between ITK's order of axes and this one: those of the grid are turned around."""
    return *reversed(range(axes)), *range(axes, dimensions)


def _by(shape: tuple[int, ...]) -> str:
    return " by ".join(map(str, shape))
