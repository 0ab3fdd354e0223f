"""Which labels a segmentation has, how large they are, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dss_client.snapshots.slices import Point
from dss_client.snapshots.volumes import Volume

LARGEST = 2**31 - 1


@frozen
class Survey:
    """What is in a segmentation.

    Attributes:
        voxels: how many there are of each label; the background, 0, is none.
        centre: the voxel through which to cut it, `None` if there is nothing to see.
    """

    voxels: Mapping[int, int]
    centre: Point | None


def label_ids(values: NDArray[np.generic]) -> NDArray[np.integer]:
    """The labels that voxels stand for; what cannot be one is background."""
    if values.dtype.kind == "f":
        values = np.rint(np.where(np.abs(values) <= LARGEST, values, 0)).astype(np.int64)
    ids: NDArray[np.integer] = np.maximum(values, 0)
    return ids


def survey(segmentation: Volume, hidden: Container[int] = ()) -> Survey:
    """Look at every voxel of a segmentation, slice by slice.

    Args:
        segmentation: its voxels are labels; 0 is background.
        hidden: labels that are counted, but say nothing about the centre.
    """
    counts = Counter[int]()
    along = [np.zeros(length, np.int64) for length in segmentation.size]
    for z in range(segmentation.voxels.shape[2]):
        slab = segmentation.voxels[:, :, z]
        if not slab.any():
            continue
        ids = label_ids(slab)
        found, numbers = np.unique(ids[ids > 0], return_counts=True)
        counts.update(dict(zip(found.tolist(), numbers.tolist(), strict=True)))
        unseen = [label for label in found.tolist() if label in hidden]
        seen = (ids > 0) & ~np.isin(ids, unseen)
        along[0] += seen.sum(axis=1)
        along[1] += seen.sum(axis=0)
        along[2][z] = seen.sum()
    return Survey(dict(counts), _centre(segmentation, along, hidden))


def _centre(
    segmentation: Volume, along: list[NDArray[np.int64]], hidden: Container[int]
) -> Point | None:
    """The centre of mass, from how much there is in the slices along each axis."""
    if not along[2].any():
        return None
    x, y, z = (round(float(np.average(np.arange(len(sums)), weights=sums))) for sums in along)
    label = int(label_ids(segmentation.voxels[x, y, z]))
    if label == 0 or label in hidden:
        x, y, z = (int(sums.argmax()) for sums in along)
    return x, y, z
