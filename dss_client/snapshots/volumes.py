"""Voxels and where they lie in space, looked at in the image's own memory."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import SimpleITK as sitk
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from dss_client.errors import NotDrawable
from dss_client.images import read
from dss_client.images.arrays import affine

MAX_DISTANCE = 1e9
"""How many millimetres away a voxel may be, and how many of them side by side are at least one."""
UPRIGHT = np.array([-1.0, -1.0, -1.0])
"""Towards left, back and feet in RAS, which is how pictures run to the right and down."""


@frozen(eq=False)
class Volume:
    """One time point of an image; nothing of it is copied.

    Attributes:
        voxels: by x, y and z, and by component where there are several.
        to_mm: 4 by 4, from voxels to millimetres towards right, front and head (RAS).
        oriented: whether it is known how it lies in the body; an image of two dimensions does not
            say of which plane it is.
    """

    voxels: NDArray[np.generic]
    to_mm: NDArray[np.float64]
    oriented: bool
    _image: sitk.Image = field(repr=False)  # whose memory the voxels are in

    @property
    def size(self) -> NDArray[np.int64]:
        """How many voxels there are along each of the three axes."""
        return np.array(self.voxels.shape[:3])

    @property
    def spacing(self) -> NDArray[np.float64]:
        """How far it is from voxel to voxel along each axis, in millimetres."""
        spacing: NDArray[np.float64] = np.linalg.norm(self.to_mm[:3, :3], axis=0)
        return spacing

    def has_same_grid(self, other: Volume) -> bool:
        """Whether the voxels of both are at the same places, to a hundredth of a voxel."""
        if not np.array_equal(self.size, other.size):
            return False
        apart = np.linalg.inv(self.to_mm) @ other.to_mm - np.eye(4)
        return bool(np.abs(apart @ [*self.size, 1.0]).max() < 0.01)


def count_time_points(image: sitk.Image) -> int:
    """How many time points an image has: 1 unless it has four dimensions."""
    return image.GetSize()[3] if image.GetDimension() == 4 else 1


def make_volume(image: sitk.Image, time_point: int = 1) -> Volume:
    """A time point of an image as it stands in memory.

    Args:
        image: of 2 to 4 dimensions.
        time_point: from 1.

    Raises:
        NotDrawable: it has more dimensions, no voxels, not this time point, or is nowhere.
    """
    dimension = image.GetDimension()
    if dimension > 4 or 0 in image.GetSize():
        raise NotDrawable(
            f"an image of {dimension} dimensions and size {image.GetSize()} cannot be drawn: "
            "choose two to four dimensions with voxels in each"
        )
    if not 1 <= time_point <= count_time_points(image):
        raise NotDrawable(
            f"the image has no time point {time_point}: choose from 1 to {count_time_points(image)}"
        )
    voxels = sitk.GetArrayViewFromImage(image)
    if dimension == 4:
        voxels = voxels[time_point - 1]
    if dimension == 2:
        voxels = voxels[np.newaxis]
    voxels = voxels.transpose(2, 1, 0, *range(3, voxels.ndim))
    with np.errstate(invalid="ignore"):  # of which the next lines tell
        to_mm = affine(read.grid_of(image))
    if not _has_usable_position(to_mm):
        raise NotDrawable(
            f"an image with the spacing {image.GetSpacing()}, the origin {image.GetOrigin()} and "
            f"the directions {image.GetDirection()} lies nowhere: correct its header"
        )
    return Volume(voxels, to_mm, dimension > 2, image)


def _has_usable_position(to_mm: NDArray[np.float64]) -> bool:
    """Whether one can reckon with it, from voxels to millimetres and back."""
    if not (np.abs(to_mm) < MAX_DISTANCE).all():  # neither if it is no number
        return False
    return bool(abs(np.linalg.det(to_mm)) >= MAX_DISTANCE**-3)


def make_upright(volume: Volume) -> Volume:
    """The same with its axes in the order and towards the sides that pictures run.

    The axes then go, as nearly as the grid allows, towards the patient's left, back and feet.
    """
    direction = volume.to_mm[:3, :3] / volume.spacing
    order = max(
        permutations(range(3)), key=lambda axes: np.abs(direction[range(3), axes]).sum().item()
    )
    turned = direction[range(3), order] * UPRIGHT < 0
    voxels = volume.voxels.transpose(*order, *range(3, volume.voxels.ndim))
    voxels = voxels[tuple(slice(None, None, -1 if back else 1) for back in turned)]
    before = np.zeros((4, 4))  # from voxels as they are now to what they were
    for axis, (was, back) in enumerate(zip(order, turned, strict=True)):
        before[was, axis] = -1 if back else 1
        before[was, 3] = volume.size[was] - 1 if back else 0
    before[3, 3] = 1
    return evolve(volume, voxels=voxels, to_mm=volume.to_mm @ before)
