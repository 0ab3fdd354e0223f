"""Brightness of a picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from dss_client.snapshots.contrast import FLAT_BRIGHTNESS, compute_brightness

RAMP = np.tile(np.arange(100, 200, dtype=np.float32), (100, 1))


def brighten(*slices: NDArray[np.generic]) -> list[NDArray[np.float32]]:
    return [bright[..., 0] for bright in compute_brightness(slices)]


def test_brightness_spans_the_darkest_to_the_brightest_value() -> None:
    (bright,) = brighten(RAMP)

    assert bright[0, 0] == 0
    assert 0.8 < bright[0, -1] < 1
    assert (np.diff(bright[0]) >= 0).all()


def test_all_slices_of_an_image_share_one_contrast() -> None:
    dark, bright = brighten(RAMP, RAMP + 100)

    assert dark[0, -1] < bright[0, 1] + 0.02
    assert dark.max() < 0.5


def test_few_extreme_voxels_do_not_change_the_contrast() -> None:
    metal = RAMP.copy()
    metal[0, 0] = 1e6

    assert np.abs(brighten(metal)[0][1:] - brighten(RAMP)[0][1:]).max() < 0.02


def test_a_large_background_does_not_change_the_contrast() -> None:
    masked = np.zeros((1000, 100), np.float32)
    masked[:100] = RAMP

    assert np.abs(brighten(masked)[0][:100] - brighten(RAMP)[0]).max() < 0.02


def test_negative_values_and_integers_get_contrast() -> None:
    hounsfield = (RAMP - 1200).astype(np.int16)

    assert np.abs(brighten(hounsfield)[0] - brighten(RAMP)[0]).max() < 1e-5


def test_constant_image_gets_a_flat_brightness() -> None:
    (bright,) = brighten(np.full((5, 5), -1000, np.int16))

    assert (bright == np.float32(FLAT_BRIGHTNESS)).all()


def test_two_values_get_different_brightness() -> None:
    (bright,) = brighten(np.eye(5, dtype=np.uint8))

    assert bright[0, 1] == 0
    assert bright[0, 0] > 0.8


def test_nan_and_infinite_values_are_accepted() -> None:
    odd = RAMP.copy()
    odd[0, :3] = math.nan, math.inf, -math.inf

    (bright,) = brighten(odd)

    assert bright[0, :3].tolist() == [0, 1, 0]
    assert np.abs(bright[1:] - brighten(RAMP)[0][1:]).max() < 0.02


@pytest.mark.parametrize(
    "values", [np.full((3, 3), math.nan), np.array([[-1.5e308, 1.5e308, 0.0]])]
)
def test_extreme_values_give_finite_brightness(values: NDArray[np.float64]) -> None:
    (bright,) = brighten(values)

    assert ((bright >= 0) & (bright <= 1)).all()


def test_deep_colours_share_one_contrast() -> None:
    colours = np.stack([RAMP, RAMP * 2, RAMP * 0], axis=2).astype(np.uint16)

    (bright,) = compute_brightness([colours])

    assert bright[50, 50, 1] > bright[50, 50, 0] > bright[50, 50, 2] == 0
