"""Voxels of a volume: their order, grid and number."""

from __future__ import annotations

import tracemalloc
from itertools import permutations, product

import numpy as np
import pytest
import SimpleITK as sitk

from dss_client.snapshots.labels import LabelSurvey, survey_labels
from dss_client.snapshots.slices import Plane, cut_segmentation, cut_slice
from dss_client.snapshots.volumes import make_upright, make_volume

from .pictures import make_image

SIDES = ("RL", "AP", "SI")
CODES = ["".join(code) for axes in permutations(SIDES) for code in product(*axes)]
"""All 48 orders of the voxels of an image."""


def test_volume_is_turned_upright_from_every_voxel_order() -> None:
    voxels = np.random.default_rng(1).integers(0, 1000, (3, 4, 5))
    straight = make_image(voxels, (1.0, 2.0, 3.0))
    straight.SetOrigin((7.0, -8.0, 9.0))
    expected = make_upright(make_volume(straight))

    assert len(set(CODES)) == 48
    for code in CODES:
        found = make_upright(make_volume(sitk.DICOMOrient(straight, code)))
        assert np.array_equal(found.voxels, expected.voxels), code
        assert np.allclose(found.to_mm, expected.to_mm), code
    towards = expected.to_mm[:3, :3] / expected.spacing
    assert np.array_equal(towards, -np.eye(3))  # to the left, to the back, down


@pytest.mark.parametrize(
    ("shift", "stretch", "same"),
    [
        (0.0, 1.0, True),
        (0.004, 1.0, True),
        (-0.02, 1.0, False),
        (1.0, 1.0, False),
        (9.0, 1.0, False),
        (0.0, 1.0001, True),
        (0.0, 1.0005, False),  # the last voxel is 0.02 voxels away
    ],
)
def test_grids_are_equal_within_a_hundredth_of_a_voxel(
    shift: float, stretch: float, same: bool
) -> None:
    one, other = (sitk.Image(40, 40, 40, sitk.sitkUInt8) for _ in range(2))
    one.SetSpacing([2.0] * 3)
    other.SetSpacing([2.0 * stretch] * 3)
    other.SetOrigin((0.0, 2.0 * shift, 0.0))

    assert make_volume(one).has_same_grid(make_volume(other)) is same


def test_all_voxels_are_counted_block_by_block() -> None:
    voxels = np.zeros((2, 1700, 1900), np.uint16)
    voxels[:, 100:1500, 200:1800] = 7
    voxels[1, 1600:, :10] = 9
    mask = make_volume(make_image(voxels))
    tracemalloc.start()
    try:
        found = survey_labels(mask, mask, hidden=[9])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert found.voxels == {7: 2 * 1400 * 1600, 9: 100 * 10}
    assert found.centre == (1000, 800, 0)
    assert most < 12e6  # a whole slab at once would take more


def test_very_large_slice_is_thinned_out() -> None:
    wide = make_volume(
        make_image(np.broadcast_to(np.arange(2401, dtype=np.uint16), (2400, 2401)).copy())
    )

    flat = cut_slice(wide, Plane.AXIAL, (0, 0, 0))

    assert flat.shape == (2400, 1200)
    assert flat[7].tolist() == list(range(1, 2401, 2))
    assert np.array_equal(cut_segmentation(wide, wide, Plane.AXIAL, (0, 0, 0)), flat)


@pytest.mark.parametrize(
    ("shift", "inside"),
    [
        (0.0, 4),
        (-1.0, 3),
        (-1.6, 3),
        (-3.2, 1),
        (-3.98, 1),
        (-3.995, 0),
        (-4.0, 0),
        (9.0, 1),
        (9.9, 1),
        (10.0, 0),
    ],
)
def test_voxels_that_reach_into_the_image_count_as_inside(shift: float, inside: int) -> None:
    mask = make_image(np.ones((1, 1, 4), np.uint8))
    mask.SetOrigin((shift, 0.0, 0.0))
    image = make_image(np.ones((1, 1, 10), np.uint8))

    found = survey_labels(make_volume(mask), make_volume(image))

    assert (found.inside, found.outside) == (inside, 4 - inside)
    assert (found.centre is None) is (inside == 0)
    assert found.voxels == {1: 4}


def test_coarse_voxels_count_as_inside_a_small_image() -> None:
    mask = make_image(np.ones((1, 1, 1), np.uint8), (1.0, 1.0, 5.0))
    mask.SetOrigin((0.0, 0.0, 2.0))

    assert survey_labels(
        make_volume(mask), make_volume(make_image(np.ones((1, 1, 1), np.uint8)))
    ) == LabelSurvey(voxels={1: 1}, centre=(0, 0, 0), inside=1, outside=0)
