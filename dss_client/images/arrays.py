"""Images as arrays, in NIfTI's terms: x, y and z to the right, to the front and up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import SimpleITK as sitk

    from dss_client.images.read import Grid


class Voxels(NamedTuple):
    """The voxels of an image, and where they are: `array, spacing, affine = layer.array()`.

    They lie where ITK-SNAP has them. nibabel has them there too, but for NIfTI files that say two
    different places (here it is that of the qform, there that of the sform) or none, and but for
    images that are flat, of which neither z nor tilt are known here.

    Attributes:
        array: indexed by x, y, z, then by time if there are times, then by component if a voxel
            has several; nibabel has one time more between places and components, `(x, y, z, 1, 3)`
            for vectors. An image that is flat has one z.
        spacing: how far voxels are apart along x, y and z, in mm, then in time, in s if the file
            says its unit.
        affine: 4 by 4; takes x, y, z, 1 to mm to the right, to the front and up (RAS).
    """

    array: npt.NDArray[np.number]
    spacing: tuple[float, ...]
    affine: npt.NDArray[np.float64]


def extract_voxels(image: sitk.Image) -> Voxels:
    """The voxels of an image that was read."""
    import numpy as np  # noqa: PLC0415

    from dss_client.images import read  # noqa: PLC0415

    grid = read.get_grid(image)
    array = read.import_simpleitk().GetArrayFromImage(image)
    array = array.transpose(get_axis_order(len(grid.size), array.ndim))
    if len(grid.size) == 2:
        return Voxels(np.expand_dims(array, 2), (*grid.spacing, 1.0), compute_affine(grid))
    return Voxels(array, grid.spacing, compute_affine(grid))


def compute_affine(grid: Grid) -> npt.NDArray[np.float64]:
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


def get_axis_order(grid_axes: int, array_axes: int) -> tuple[int, ...]:
    """Between ITK's order of axes and this one: those of the grid are turned around.

    Args:
        axes: how many the grid has.
        dimensions: how many the array has; those behind the grid's are of components.
    """
    return *reversed(range(grid_axes)), *range(grid_axes, array_axes)
