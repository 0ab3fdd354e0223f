"""Labels drawn over a slice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dss_client.snapshots.colours import LabelStyle, LabelStyles

FILL_OPACITY = 0.35
"""The share of a label's opacity that is used within its outline."""
OVERSAMPLING = 2
"""The slice is drawn this many times finer than the picture, so that edges are smooth."""
OUTLINE_WIDTH = 3
"""The width of an outline, in these finer pixels."""


def draw_panel(
    bright: NDArray[np.float32],
    labels: NDArray[np.integer] | None,
    styles: LabelStyles,
    size: tuple[int, int],
) -> Image.Image:
    """Draw a slice and its labels.

    Args:
        bright: the brightness, of shape (rows, columns, 3), in [0, 1].
        labels: the labels of the same slice, of shape (rows, columns).
        styles: the styles of the labels. A label without a style is not drawn.
        size: the width and height of the picture, in pixels.
    """
    width, height = size[0] * OVERSAMPLING, size[1] * OVERSAMPLING
    picture = np.stack(
        [_enlarge_shade(bright[..., colour], width, height) for colour in range(3)], axis=-1
    )
    if labels is not None:
        seen, places = np.unique(labels, return_inverse=True)
        table = [styles.get(int(label)) for label in seen]
        numbers = np.where([style is not None for style in table], np.arange(1, len(table) + 1), 0)
        enlarged = enlarge_labels(numbers[places.reshape(labels.shape)], width, height)
        picture = _paint_labels(picture, enlarged, [None, *table])
    oversampled = Image.fromarray(np.rint(picture * 255).astype(np.uint8))
    return oversampled.reduce(OVERSAMPLING)


def enlarge_labels(labels: NDArray[np.int64], width: int, height: int) -> NDArray[np.int64]:
    """Enlarge a map of labels, with straight edges instead of steps.

    Each pixel gets the label with the largest weight in linear interpolation between four voxels.
    """
    top, bottom, lower = _find_neighbours(labels.shape[0], height)
    left, right, further = _find_neighbours(labels.shape[1], width)
    corners = np.stack(
        [labels[np.ix_(rows, columns)] for rows in (top, bottom) for columns in (left, right)]
    )
    enlarged: NDArray[np.int64] = corners[0].copy()
    down, across = np.nonzero(
        (corners != enlarged).any(axis=0)
    )  # elsewhere all four voxels have one label
    mixed, lower, further = corners[:, down, across], lower[down], further[across]
    weights = np.stack([v * h for v in (1 - lower, lower) for h in (1 - further, further)])
    totals = [np.where(mixed == label, weights, 0.0).sum(axis=0) for label in mixed]
    most = np.argmax(totals, axis=0)
    enlarged[down, across] = mixed[most, np.arange(most.size)]
    return enlarged


def _find_neighbours(
    length: int, pixels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the voxels on both sides of each pixel of an axis, and the weight of the second."""
    places = np.clip((np.arange(pixels) + 0.5) * length / pixels - 0.5, 0, length - 1)
    first = np.floor(places).astype(np.int64)
    return first, np.minimum(first + 1, length - 1), places - first


def _enlarge_shade(shade: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    image = Image.fromarray(np.ascontiguousarray(shade))
    resized = image.resize((width, height), Image.Resampling.BICUBIC)
    clipped: NDArray[np.float32] = np.clip(np.asarray(resized), 0.0, 1.0)
    return clipped


def _paint_labels(
    picture: NDArray[np.float32], numbers: NDArray[np.int64], table: list[LabelStyle | None]
) -> NDArray[np.float32]:
    colours = np.array([style.colour if style else (0, 0, 0) for style in table], np.float32) / 255
    opacities = np.array([style.opacity if style else 0.0 for style in table], np.float32)
    opacity = np.where(
        _find_outline(numbers), opacities[numbers], opacities[numbers] * FILL_OPACITY
    )
    mixed = picture + (colours[numbers] - picture) * opacity[..., np.newaxis]
    return mixed.astype(np.float32)


def _find_outline(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the pixels of the outlines. The edge of the picture is not an outline."""
    rows, columns = numbers.shape
    padded = np.pad(numbers, OUTLINE_WIDTH, mode="edge")
    outline = np.zeros(numbers.shape, bool)
    diagonal = round(OUTLINE_WIDTH * np.sqrt(0.5))
    for reach in (
        (0, OUTLINE_WIDTH),
        (diagonal, diagonal),
        (OUTLINE_WIDTH, 0),
        (diagonal, -diagonal),
    ):
        for down, across in (reach, (-reach[0], -reach[1])):
            other = padded[
                OUTLINE_WIDTH + down : OUTLINE_WIDTH + down + rows,
                OUTLINE_WIDTH + across : OUTLINE_WIDTH + across + columns,
            ]
            outline |= other != numbers
    return outline
