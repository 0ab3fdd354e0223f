"""Images as numpy arrays, with the axes of NIfTI: x, y and z point right, anterior and superior."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import SimpleITK as sitk

    from dss_client.images.read import Grid


class Voxels(NamedTuple):
    """The voxels of an image and their position: `array, spacing, affine = layer.array()`.

    The position is the one that ITK-SNAP uses. nibabel uses the same position, with two exceptions:

    * The qform and the sform of a NIfTI file differ, or both are missing. ITK-SNAP prefers the
      qform, nibabel the sform.
    * The image has two dimensions. The z coordinate and the tilt of such an image are not known
      here.

    Attributes:
        array: indexed by x, y, z, then by time if the image has times, then by component if a
            voxel has several. nibabel adds an axis before the components: `(x, y, z, 1, 3)` for
            vectors. A 2-D image has one z.
        spacing: the distance between voxels along x, y and z in mm, then in time. The time is in s
            if the file states its unit.
        affine: 4 by 4, from voxel indices (x, y, z, 1) to RAS coordinates in mm.
    """

    array: npt.NDArray[np.number]
    spacing: tuple[float, ...]
    affine: npt.NDArray[np.float64]


def extract_voxels(image: sitk.Image) -> Voxels:
    """Return the voxels of an image in memory."""
    import numpy as np  # noqa: PLC0415

    from dss_client.images import read  # noqa: PLC0415

    grid = read.get_grid(image)
    array = read.import_simpleitk().GetArrayFromImage(image)
    array = array.transpose(get_axis_order(len(grid.size), array.ndim))
    if len(grid.size) == 2:
        return Voxels(np.expand_dims(array, 2), (*grid.spacing, 1.0), compute_affine(grid))
    return Voxels(array, grid.spacing, compute_affine(grid))


def compute_affine(grid: Grid) -> npt.NDArray[np.float64]:
    """Return the 4 by 4 matrix from voxel indices to RAS coordinates in mm."""
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
    """Return the order of axes that converts between ITK's arrays and `Voxels.array`.

    ITK's arrays have the axes of the grid in reverse order.

    Args:
        grid_axes: the number of axes of the grid.
        array_axes: the number of axes of the array. Axes after the grid's hold components.
    """
    return *reversed(range(grid_axes)), *range(grid_axes, array_axes)
