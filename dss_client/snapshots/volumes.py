"""Volumes: the voxels of an image and their position, without a copy."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import SimpleITK as sitk
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from dss_client.errors import NotDrawable
from dss_client.images import read
from dss_client.images.arrays import compute_affine

MAX_DISTANCE = 1e9
"""The largest distance of a voxel from the origin, in mm; its inverse bounds the voxel size."""
UPRIGHT = np.array([-1.0, -1.0, -1.0])
"""The direction of each axis of a picture in RAS: towards left, back and feet."""


@frozen(eq=False)
class Volume:
    """One time point of an image. The voxels are not copied.

    Attributes:
        voxels: of shape (x, y, z), with a fourth axis if there are components.
        to_mm: matrix of shape (4, 4), from voxels to millimetres in RAS (right, front, head).
        oriented: whether the position in the body is known. An image with two dimensions does not
            say which plane it shows.
    """

    voxels: NDArray[np.generic]
    to_mm: NDArray[np.float64]
    oriented: bool
    _image: sitk.Image = field(repr=False)  # owns the memory of the voxels

    @property
    def size(self) -> NDArray[np.int64]:
        """The number of voxels along each of the three axes."""
        return np.array(self.voxels.shape[:3])

    @property
    def spacing(self) -> NDArray[np.float64]:
        """The distance between voxels along each axis, in millimetres."""
        spacing: NDArray[np.float64] = np.linalg.norm(self.to_mm[:3, :3], axis=0)
        return spacing

    def has_same_grid(self, other: Volume) -> bool:
        """Check whether two volumes have their voxels at the same positions, within 0.01 voxels."""
        if not np.array_equal(self.size, other.size):
            return False
        apart = np.linalg.inv(self.to_mm) @ other.to_mm - np.eye(4)
        return bool(np.abs(apart @ [*self.size, 1.0]).max() < 0.01)


def count_time_points(image: sitk.Image) -> int:
    """Return the number of time points of an image: 1 unless it has four dimensions."""
    return image.GetSize()[3] if image.GetDimension() == 4 else 1


def make_volume(image: sitk.Image, time_point: int = 1) -> Volume:
    """Make a volume of one time point of an image.

    Args:
        image: two to four dimensions.
        time_point: from 1.

    Raises:
        NotDrawable: the image has more dimensions, no voxels, not this time point, or no usable
            position.
    """
    dimension = image.GetDimension()
    if dimension > 4 or 0 in image.GetSize():
        raise NotDrawable(
            f"An image with {dimension} dimensions and size {image.GetSize()} cannot be drawn. "
            "Give an image with two to four dimensions and at least one voxel along each axis."
        )
    if not 1 <= time_point <= count_time_points(image):
        raise NotDrawable(
            f"The image does not have time point {time_point}. Choose one from 1 to "
            f"{count_time_points(image)}."
        )
    voxels = sitk.GetArrayViewFromImage(image)
    if dimension == 4:
        voxels = voxels[time_point - 1]
    if dimension == 2:
        voxels = voxels[np.newaxis]
    voxels = voxels.transpose(2, 1, 0, *range(3, voxels.ndim))
    with np.errstate(invalid="ignore"):  # the next lines report it
        to_mm = compute_affine(read.get_grid(image))
    if not _has_usable_position(to_mm):
        raise NotDrawable(
            f"The image has no usable position: spacing {image.GetSpacing()}, origin "
            f"{image.GetOrigin()}, directions {image.GetDirection()}. Correct its header."
        )
    return Volume(voxels, to_mm, dimension > 2, image)


def _has_usable_position(to_mm: NDArray[np.float64]) -> bool:
    """Check whether a matrix from voxels to millimetres is finite and invertible."""
    if not (np.abs(to_mm) < MAX_DISTANCE).all():  # false for NaN as well
        return False
    return bool(abs(np.linalg.det(to_mm)) >= MAX_DISTANCE**-3)


def make_upright(volume: Volume) -> Volume:
    """Reorder and flip the axes of a volume as a picture needs them.

    The axes then point towards the patient's left, back and feet, as nearly as the grid allows.
    """
    direction = volume.to_mm[:3, :3] / volume.spacing
    order = max(
        permutations(range(3)), key=lambda axes: np.abs(direction[range(3), axes]).sum().item()
    )
    turned = direction[range(3), order] * UPRIGHT < 0
    voxels = volume.voxels.transpose(*order, *range(3, volume.voxels.ndim))
    voxels = voxels[tuple(slice(None, None, -1 if back else 1) for back in turned)]
    before = np.zeros((4, 4))  # maps the new voxels to the old ones
    for axis, (was, back) in enumerate(zip(order, turned, strict=True)):
        before[was, axis] = -1 if back else 1
        before[was, 3] = volume.size[was] - 1 if back else 0
    before[3, 3] = 1
    return evolve(volume, voxels=voxels, to_mm=volume.to_mm @ before)
