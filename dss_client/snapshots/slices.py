"""Slices of a volume for a picture."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from dss_client.snapshots.volumes import Volume

MAX_PIXELS = 2400
"""The largest number of pixels of a slice along an axis. A picture has half as many."""
Point = tuple[int, int, int]
"""The index of a voxel along each axis."""


class Plane(Enum):
    """A plane of an upright volume, given by the axes that run right and down in a picture."""

    AXIAL = (0, 1)
    CORONAL = (0, 2)
    SAGITTAL = (1, 2)

    @property
    def right(self) -> int:
        """The axis that runs right."""
        return self.value[0]

    @property
    def down(self) -> int:
        """The axis that runs down."""
        return self.value[1]

    @property
    def through(self) -> int:
        """The axis perpendicular to the slice."""
        return 3 - self.right - self.down

    @property
    def sides(self) -> tuple[str, str, str, str]:
        """The sides of the patient at the left, right, top and bottom of a picture."""
        return (*SIDES[self.right], *SIDES[self.down])


SIDES = (("R", "L"), ("A", "P"), ("S", "I"))
"""The sides of the patient where the axes of an upright volume begin and end."""


def choose_planes(volume: Volume) -> list[Plane]:
    """Return the planes to show. They are more than one voxel wide in both directions."""
    wide = volume.size > 1
    return [plane for plane in Plane if wide[plane.right] and wide[plane.down]] or [Plane.AXIAL]


def choose_pixels(volume: Volume, plane: Plane) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pixels of a slice to use, across and down: every n-th of a very large slice."""
    across, down = (
        np.arange(step // 2, length, step)
        for length in volume.size[[plane.right, plane.down]].tolist()
        for step in [-(-length // MAX_PIXELS)]
    )
    return across, down


def cut_slice(volume: Volume, plane: Plane, point: Point) -> NDArray[np.generic]:
    """Cut the slice through a voxel.

    Returns:
        An array of shape (rows, columns), with a third axis if there are components.
    """
    across, down = choose_pixels(volume, plane)
    where: list[int | slice] = [slice(None)] * 3
    where[plane.through] = point[plane.through]
    pixels = volume.voxels[tuple(where)].swapaxes(0, 1)  # np.take would copy the complete volume
    return pixels[np.ix_(down, across)]


def cut_segmentation(
    segmentation: Volume, volume: Volume, plane: Plane, point: Point
) -> NDArray[np.generic]:
    """Sample a segmentation at the pixels of a slice of a volume, whatever its own grid is.

    Returns:
        The value of the nearest voxel for each pixel; 0 outside the segmentation.
    """
    across, down = choose_pixels(volume, plane)
    nearest = np.linalg.inv(segmentation.to_mm) @ volume.to_mm
    along = nearest[:3, plane.through] * point[plane.through] + nearest[:3, 3]
    places = np.rint(
        nearest[:3, plane.right, np.newaxis, np.newaxis] * across
        + nearest[:3, plane.down, np.newaxis, np.newaxis] * down[:, np.newaxis]
        + along[:, np.newaxis, np.newaxis]
    )
    limits = segmentation.size[:, np.newaxis, np.newaxis]
    inside = np.all((places >= 0) & (places < limits), axis=0)
    x, y, z = np.where(inside, places, 0).astype(
        np.int64
    )  # far outside, an index does not fit into an integer
    found: NDArray[np.generic] = np.where(inside, segmentation.voxels[x, y, z], 0)
    return found
