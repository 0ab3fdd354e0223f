"""The labels of a segmentation: their sizes and their centre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dss_client.snapshots.slices import Point
from dss_client.snapshots.volumes import Volume

MAX_LABEL = 2**31 - 1
TOUCH_TOLERANCE = 0.01
"""The share of a voxel that can reach into the image without counting as inside."""
BLOCK_VOXELS = 2**20
"""The number of voxels per block. Each needs about ten bytes of temporary memory."""


@frozen
class LabelSurvey:
    """The labels of a segmentation.

    Attributes:
        voxels: the number of voxels of each label, without the background, 0.
        centre: the voxel for the slices; `None` if no visible label is in the image.
        inside: the number of visible voxels that are in the image, at least in part.
        outside: the number of the other visible voxels.
    """

    voxels: Mapping[int, int]
    centre: Point | None
    inside: int
    outside: int


def read_label_ids(values: NDArray[np.generic]) -> NDArray[np.integer]:
    """Read voxel values as labels. A value that cannot be a label becomes background."""
    if values.dtype.kind == "f":
        values = np.rint(np.where(np.abs(values) <= MAX_LABEL, values, 0)).astype(np.int64)
    ids: NDArray[np.integer] = np.maximum(values, 0)
    return ids


def survey_labels(segmentation: Volume, image: Volume, hidden: Container[int] = ()) -> LabelSurvey:
    """Count the labels of a segmentation and find their centre, block by block.

    Args:
        segmentation: a label for each voxel; 0 is background.
        image: the image under the segmentation. Voxels outside the image do not count for the
            centre.
        hidden: labels that count for the volumes but not for the centre.
    """
    everywhere = segmentation.has_same_grid(image)
    counts = Counter[int]()
    along = [np.zeros(length, np.int64) for length in segmentation.size]
    seen_voxels = 0
    for where in _iterate_blocks(segmentation):
        ids = read_label_ids(segmentation.voxels[where])
        if not ids.any():
            continue
        found, numbers = np.unique(ids[ids > 0], return_counts=True)
        counts.update(dict(zip(found.tolist(), numbers.tolist(), strict=True)))
        seen = (ids > 0) & ~np.isin(ids, [label for label in found.tolist() if label in hidden])
        seen_voxels += int(seen.sum())
        if not everywhere:
            seen &= _find_within(image, segmentation, where)
        for axis, others in enumerate([(1, 2), (0, 2), (0, 1)]):
            along[axis][where[axis]] += seen.sum(axis=others)
    inside = int(along[2].sum())
    centre = _compute_centre(segmentation, along, hidden)
    return LabelSurvey(dict(counts), centre, inside, seen_voxels - inside)


def _iterate_blocks(volume: Volume) -> Iterator[tuple[slice, slice, slice]]:
    """Yield a volume in blocks. The voxels of a block are close together in memory."""
    columns, rows, slabs = volume.size.tolist()
    high = max(1, BLOCK_VOXELS // columns)
    for z in range(slabs):
        for y in range(0, rows, high):
            yield slice(None), slice(y, y + high), slice(z, z + 1)


def _find_within(
    image: Volume, segmentation: Volume, where: tuple[slice, slice, slice]
) -> NDArray[np.bool_]:
    """Return which voxels of a block of a segmentation reach into the image."""
    places = [
        np.arange(length)[part] for part, length in zip(where, segmentation.size, strict=True)
    ]
    x, y, z = np.ix_(*places)
    within = np.ones(np.broadcast_shapes(x.shape, y.shape, z.shape), bool)
    nearest = np.linalg.inv(image.to_mm) @ segmentation.to_mm
    for row, length in zip(nearest[:3], image.size, strict=True):
        reach = (1 + np.abs(row[:3]).sum()) / 2 - TOUCH_TOLERANCE  # half a voxel of each
        place = row[0] * x + row[1] * y + row[2] * z + row[3]
        within &= (place > -reach) & (place < length - 1 + reach)
    return within


def _compute_centre(
    segmentation: Volume, along: list[NDArray[np.int64]], hidden: Container[int]
) -> Point | None:
    """Return the centre of mass, from the number of voxels in each slice along each axis."""
    if not along[2].any():
        return None
    x, y, z = (round(float(np.average(np.arange(len(sums)), weights=sums))) for sums in along)
    label = int(read_label_ids(segmentation.voxels[x, y, z]))
    if label == 0 or label in hidden:
        x, y, z = (int(sums.argmax()) for sums in along)
    return x, y, z
