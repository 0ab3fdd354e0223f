"""What is bright and dark in a picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from dss_client.snapshots.contrast import FLAT_BRIGHTNESS, compute_brightness

RAMP = np.tile(np.arange(100, 200, dtype=np.float32), (100, 1))


def shown(*slices: NDArray[np.generic]) -> list[NDArray[np.float32]]:
    return [bright[..., 0] for bright in compute_brightness(slices)]


def test_goes_from_the_darkest_to_the_brightest() -> None:
    (bright,) = shown(RAMP)

    assert bright[0, 0] == 0
    assert 0.8 < bright[0, -1] < 1
    assert (np.diff(bright[0]) >= 0).all()


def test_is_one_for_all_slices() -> None:
    dark, bright = shown(RAMP, RAMP + 100)

    assert dark[0, -1] < bright[0, 1] + 0.02
    assert dark.max() < 0.5


def test_is_not_spoilt_by_few_voxels() -> None:
    metal = RAMP.copy()
    metal[0, 0] = 1e6

    assert np.abs(shown(metal)[0][1:] - shown(RAMP)[0][1:]).max() < 0.02


def test_is_not_spoilt_by_much_background() -> None:
    masked = np.zeros((1000, 100), np.float32)
    masked[:100] = RAMP

    assert np.abs(shown(masked)[0][:100] - shown(RAMP)[0]).max() < 0.02


def test_is_there_for_negative_numbers_and_integers() -> None:
    hounsfield = (RAMP - 1200).astype(np.int16)

    assert np.abs(shown(hounsfield)[0] - shown(RAMP)[0]).max() < 1e-5


def test_leaves_a_constant_flat() -> None:
    (bright,) = shown(np.full((5, 5), -1000, np.int16))

    assert (bright == np.float32(FLAT_BRIGHTNESS)).all()


def test_tells_two_values_apart() -> None:
    (bright,) = shown(np.eye(5, dtype=np.uint8))

    assert bright[0, 1] == 0
    assert bright[0, 0] > 0.8


def test_survives_what_is_no_number() -> None:
    odd = RAMP.copy()
    odd[0, :3] = math.nan, math.inf, -math.inf

    (bright,) = shown(odd)

    assert bright[0, :3].tolist() == [0, 1, 0]
    assert np.abs(bright[1:] - shown(RAMP)[0][1:]).max() < 0.02


@pytest.mark.parametrize(
    "values", [np.full((3, 3), math.nan), np.array([[-1.5e308, 1.5e308, 0.0]])]
)
def test_survives_the_absurd(values: NDArray[np.float64]) -> None:
    (bright,) = shown(values)

    assert ((bright >= 0) & (bright <= 1)).all()


def test_of_deep_colours_is_one_for_all_three() -> None:
    colours = np.stack([RAMP, RAMP * 2, RAMP * 0], axis=2).astype(np.uint16)

    (bright,) = compute_brightness([colours])

    assert bright[50, 50, 1] > bright[50, 50, 0] > bright[50, 50, 2] == 0
