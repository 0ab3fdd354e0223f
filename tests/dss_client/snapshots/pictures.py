"""Images to draw, and functions that look at a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dss_client.snapshots.colours import WARNING
from dss_client.workspace import Label, Labels

Pixels = NDArray[np.uint8]
Box = tuple[slice, slice]

GREY = 64
"""The grey of an image without any contrast."""
ORANGE = (255, 128, 0)
AS_ORANGE = Labels([Label(id=1, name="orange", red=255, green=128, blue=0)])


def make_image(
    voxels: NDArray[np.generic],
    spacing: Sequence[float] | None = None,
    *,
    components: bool = False,
) -> sitk.Image:
    """Make an image of an array with the axes z, y, x."""
    image = sitk.GetImageFromArray(voxels, isVector=components)
    if spacing:
        image.SetSpacing(spacing)
    return image


def make_flat_image(size: tuple[int, int, int] = (40, 50, 60)) -> sitk.Image:
    """Make an image without contrast, with x, y and z voxels of 1 mm."""
    return make_image(np.full(size[::-1], 7, np.int16))


def make_block(
    size: tuple[int, int, int] = (40, 50, 60),
    first: tuple[int, int, int] = (4, 5, 45),
    last: tuple[int, int, int] = (12, 15, 55),
    label: int = 1,
) -> sitk.Image:
    """Make a segmentation with one block, by default at the patient's right, front and top."""
    voxels = np.zeros(size, np.uint8)
    voxels[tuple(slice(a, b) for a, b in zip(first, last, strict=True))] = label
    return make_image(voxels.T)


def read_pixels(png: bytes) -> Pixels:
    """Return the pixels, of shape (rows, columns, 3)."""
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB"))


def find_panels(picture: Pixels) -> list[Box]:
    """Find the slices of an image without contrast, from the left."""
    grey = (picture == GREY).all(axis=2)
    across = np.flatnonzero(np.diff(np.pad(grey.any(axis=0), 1).astype(int)))
    found = []
    for start, end in across.reshape(-1, 2).tolist():
        rows = np.flatnonzero(grey[:, start:end].any(axis=1))
        found.append((slice(int(rows[0]), int(rows[-1]) + 1), slice(start, end)))
    return found


def read_colour(picture: Pixels, panel: Box, down: float, across: float) -> tuple[int, ...]:
    """Return the colour at a place in a slice, in shares of its height and width."""
    inside = picture[panel]
    return tuple(
        inside[int(down * inside.shape[0]), int(across * inside.shape[1])].astype(int).tolist()
    )


def mix_colours(colour: Sequence[int], opacity: float, ground: int = GREY) -> tuple[int, ...]:
    """Mix a colour with the grey of an image without contrast."""
    return tuple(round(ground + (part - ground) * opacity) for part in colour)


def is_near(one: Sequence[int], other: Sequence[int], within: int = 2) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def read_letter(picture: Pixels, place: Box) -> str:
    """Read the single letter in a part of the picture; empty if there is none."""
    part = picture[place].max(axis=2)
    if part.max() < 100:
        return ""
    shapes = {name: _cut_out_letter(_draw_letter(name)) for name in "RLAPSI"}
    return min(shapes, key=lambda name: float(np.abs(shapes[name] - _cut_out_letter(part)).mean()))


def _draw_letter(name: str) -> Pixels:
    image = Image.new("L", (40, 40))
    ImageDraw.Draw(image).text((10, 10), name, 228, ImageFont.load_default(17))
    return np.asarray(image)


def _cut_out_letter(part: Pixels) -> NDArray[np.float64]:
    """Cut out the bright part, with room at its right and bottom."""
    rows, columns = (np.flatnonzero((part > 100).any(axis=axis)) for axis in (1, 0))
    cut = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(cut.astype(float), [(0, 20 - length) for length in cut.shape])


def has_warning(picture: Pixels) -> bool:
    """Check whether the picture contains the colour of warnings."""
    return bool((np.abs(picture.astype(int) - WARNING).max(axis=2) <= 3).any())


def is_coloured(picture: Pixels) -> bool:
    """Check whether any pixel of the picture is coloured."""
    return bool((np.ptp(picture.astype(int), axis=2) > 20).any())
