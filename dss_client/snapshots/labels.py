"""Which labels a segmentation has, how large they are, and where."""

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
"""Of what share of a voxel it does not matter whether it is in the image."""


BLOCK_VOXELS = 2**20
"""How many voxels are looked at together; what is made for each of them takes some ten bytes."""


@frozen
class LabelSurvey:
    """What is in a segmentation.

    Attributes:
        voxels: how many there are of each label; the background, 0, is none.
        centre: the voxel through which to cut it, `None` if there is nothing to see in the image.
        inside: how many voxels that are to be seen lie in the image, at least in part.
        outside: how many do not.
    """

    voxels: Mapping[int, int]
    centre: Point | None
    inside: int
    outside: int


def read_label_ids(values: NDArray[np.generic]) -> NDArray[np.integer]:
    """The labels that voxels stand for; what cannot be one is background."""
    if values.dtype.kind == "f":
        values = np.rint(np.where(np.abs(values) <= MAX_LABEL, values, 0)).astype(np.int64)
    ids: NDArray[np.integer] = np.maximum(values, 0)
    return ids


def survey_labels(segmentation: Volume, image: Volume, hidden: Container[int] = ()) -> LabelSurvey:
    """Look at every voxel of a segmentation, block by block.

    Args:
        segmentation: its voxels are labels; 0 is background.
        image: over which they are drawn; those outside of it say nothing about the centre.
        hidden: labels that are counted, but say nothing about the centre.
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
        unseen = [label for label in found.tolist() if label in hidden]
        seen = (ids > 0) & ~np.isin(ids, unseen)
        seen_voxels += int(seen.sum())
        if not everywhere:
            seen &= _find_within(image, segmentation, where)
        for axis, others in enumerate([(1, 2), (0, 2), (0, 1)]):
            along[axis][where[axis]] += seen.sum(axis=others)
    inside = int(along[2].sum())
    centre = _compute_centre(segmentation, along, hidden)
    return LabelSurvey(dict(counts), centre, inside, seen_voxels - inside)


def _iterate_blocks(volume: Volume) -> Iterator[tuple[slice, slice, slice]]:
    """All of a volume in parts of which each is near together in memory."""
    columns, rows, slabs = volume.size.tolist()
    high = max(1, BLOCK_VOXELS // columns)
    for z in range(slabs):
        for y in range(0, rows, high):
            yield slice(None), slice(y, y + high), slice(z, z + 1)


def _find_within(
    image: Volume, segmentation: Volume, where: tuple[slice, slice, slice]
) -> NDArray[np.bool_]:
    """Which voxels of a part of a segmentation reach into the image."""
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
    """The centre of mass, from how much there is in the slices along each axis."""
    if not along[2].any():
        return None
    x, y, z = (round(float(np.average(np.arange(len(sums)), weights=sums))) for sums in along)
    label = int(read_label_ids(segmentation.voxels[x, y, z]))
    if label == 0 or label in hidden:
        x, y, z = (int(sums.argmax()) for sums in along)
    return x, y, z
