"""Brightness of pixels, computed from the intensities of an image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DARK, BRIGHT = 1.0, 99.0
"""The percentiles of the values above the minimum that become black and white."""
HEADROOM = 0.15
"""The share of the range that is added above, so that the brightest tissue is not plain white."""
FLAT_BRIGHTNESS = 0.25
"""The brightness of an image without any contrast."""
COLOUR_COMPONENTS = (3, 4)
"""The possible numbers of components of a colour image. The fourth is the opacity."""


def compute_brightness(slices: Sequence[NDArray[np.generic]]) -> list[NDArray[np.float32]]:
    """Compute the brightness of each pixel, with one contrast for all slices of an image.

    Three or four integer components are a colour. The contrast of 8-bit colours is not changed.
    Three components of another type are a vector, and its length is shown. For any other number of
    components, the first component is shown.

    Args:
        slices: arrays of shape (rows, columns) or (rows, columns, components).

    Returns:
        Arrays of shape (rows, columns, 3), in [0, 1]. The three values are equal unless the image
        is in colour.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # values can be of any size
        shades = [_compute_shades(pixels) for pixels in slices]
        low, high = _compute_window(
            shades, eight_bit=slices[0].ndim == 3 and slices[0].dtype == np.uint8
        )
        return [_scale(shade, low, high) for shade in shades]


def _compute_shades(pixels: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the value to show for each pixel: one number, or three for a colour."""
    if pixels.dtype.kind == "c":
        pixels = np.abs(pixels)
    values = pixels.astype(np.float64)
    if pixels.ndim == 2:
        return values[..., np.newaxis]
    if pixels.dtype.kind in "iu" and pixels.shape[2] in COLOUR_COMPONENTS:
        return values[..., :3]
    if pixels.shape[2] == 3:
        length: NDArray[np.float64] = np.linalg.norm(values, axis=2, keepdims=True)
        return length
    return values[..., :1]


def _compute_window(
    shades: Sequence[NDArray[np.float64]], *, eight_bit: bool
) -> tuple[float, float]:
    """Return the values that become black and white."""
    if eight_bit and shades[0].shape[2] == 3:
        return 0.0, 255.0
    values = np.concatenate([shade[np.isfinite(shade)] for shade in shades])
    if values.size == 0 or values.min() == values.max():
        constant = float(values[0]) if values.size else 0.0
        return constant - FLAT_BRIGHTNESS, constant - FLAT_BRIGHTNESS + 1.0
    # Air, masked voxels and padding all have the lowest value, and would dominate the percentiles.
    low, high = np.percentile(values[values > values.min()], [DARK, BRIGHT]).tolist()
    if low == high:
        low = float(values.min())
    return low, high + HEADROOM * (high - low)


def _scale(shade: NDArray[np.float64], low: float, high: float) -> NDArray[np.float32]:
    scaled = np.clip((shade - low) / (high - low), 0.0, 1.0)
    finite = np.nan_to_num(scaled, nan=0.0).astype(np.float32)
    return np.broadcast_to(finite, (*shade.shape[:2], 3))
