"""Images as arrays, in the terms of NIfTI: x, y, z to the right, to the front and up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import SimpleITK as sitk


@frozen(eq=False)
class Voxels:
    """The voxels of an image, and where they are.

    Attributes:
        array: indexed by x, y, z, then by time if there are times, then by component if a voxel
            has several; as nibabel gives it, but for a single component. A flat image has one z.
        spacing: how far two voxels are apart along x, y and z, in mm, then in time, in s where the
            file says its unit.
        affine: 4 by 4; takes x, y, z, 1 to mm to the right, to the front and up (RAS), as
            nibabel's does.
    """

    array: npt.NDArray[np.generic]
    spacing: tuple[float, ...]
    affine: npt.NDArray[np.float64]


def voxels(image: sitk.Image) -> Voxels:
    """The voxels of an image that was read."""
    import numpy as np  # noqa: PLC0415

    from dss_client.workspace import images  # noqa: PLC0415

    array = images.reader().GetArrayFromImage(image)
    axes = image.GetDimension()
    array = array.transpose(*reversed(range(axes)), *range(axes, array.ndim))
    spacing = tuple(image.GetSpacing())
    if axes == 2:
        array, spacing = np.expand_dims(array, 2), (*spacing, 1.0)
    return Voxels(
        array, spacing, affine(image.GetDirection(), image.GetSpacing(), image.GetOrigin())
    )


def affine(
    direction: Sequence[float], spacing: Sequence[float], origin: Sequence[float]
) -> npt.NDArray[np.float64]:
    """What takes indices to mm, RAS, 4 by 4; from what ITK says of an image, which is LPS."""
    import numpy as np  # noqa: PLC0415

    axes = len(origin)
    space = min(axes, 3)  # a fourth axis is time
    to_lps = np.eye(4)
    to_lps[:space, :space] = np.reshape(direction, (axes, axes))[:space, :space] * spacing[:space]
    to_lps[:space, 3] = origin[:space]
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ to_lps
