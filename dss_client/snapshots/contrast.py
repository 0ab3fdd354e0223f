"""From what was measured to what is bright and dark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DARK, BRIGHT = 1.0, 99.0
"""Which percentiles of what is not background become black and white."""
HEADROOM = 0.15
"""How much is left above that, as a share of it, so that the brightest tissue is not flat white."""
FLAT_BRIGHTNESS = 0.25
"""How bright it is where there is no contrast at all."""
COLOUR_COMPONENTS = (3, 4)
"""How many components an image in colour has; the fourth is how opaque it is."""


def compute_brightness(slices: Sequence[NDArray[np.generic]]) -> list[NDArray[np.float32]]:
    """How bright each pixel of several slices of one image is, with one contrast for all.

    Integers in threes or fours are colours, and only the contrast of 8-bit ones is left as it is.
    Other numbers in threes are vectors, of which the length is shown, and of any others the first.

    Args:
        slices: rows, columns, and components where there are several.

    Returns:
        Rows, columns and the three colours, in [0, 1]; the three are the same unless the image is
        in colour.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # numbers may be as large as they like
        shades = [_compute_shades(flat) for flat in slices]
        low, high = _compute_window(
            shades, eight_bit=slices[0].ndim == 3 and slices[0].dtype == np.uint8
        )
        return [_scale(shade, low, high) for shade in shades]


def _compute_shades(flat: NDArray[np.generic]) -> NDArray[np.float64]:
    """What is to be shown of each pixel: a number, or three in an axis of their own."""
    if flat.dtype.kind == "c":
        flat = np.abs(flat)
    values = flat.astype(np.float64)
    if flat.ndim == 2:
        return values[..., np.newaxis]
    if flat.dtype.kind in "iu" and flat.shape[2] in COLOUR_COMPONENTS:
        return values[..., :3]
    if flat.shape[2] == 3:
        length: NDArray[np.float64] = np.linalg.norm(values, axis=2, keepdims=True)
        return length
    return values[..., :1]


def _compute_window(
    shades: Sequence[NDArray[np.float64]], *, eight_bit: bool
) -> tuple[float, float]:
    """What becomes black and white."""
    if eight_bit and shades[0].shape[2] == 3:
        return 0.0, 255.0
    values = np.concatenate([shade[np.isfinite(shade)] for shade in shades])
    if values.size == 0 or values.min() == values.max():
        constant = float(values[0]) if values.size else 0.0
        return constant - FLAT_BRIGHTNESS, constant - FLAT_BRIGHTNESS + 1.0
    # Air, what was masked, and what a scanner fills up with are the darkest, and all the same.
    low, high = np.percentile(values[values > values.min()], [DARK, BRIGHT]).tolist()
    if low == high:
        low = float(values.min())
    return low, high + HEADROOM * (high - low)


def _scale(shade: NDArray[np.float64], low: float, high: float) -> NDArray[np.float32]:
    scaled = np.clip((shade - low) / (high - low), 0.0, 1.0)
    whole = np.nan_to_num(scaled, nan=0.0).astype(np.float32)
    return np.broadcast_to(whole, (*shade.shape[:2], 3))
