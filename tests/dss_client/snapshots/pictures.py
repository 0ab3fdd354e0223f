"""Images to be drawn, and what is to be seen in a picture."""

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
"""What an image without any contrast looks like."""
ORANGE = (255, 128, 0)
AS_ORANGE = Labels([Label(id=1, name="orange", red=255, green=128, blue=0)])


def made(
    voxels: NDArray[np.generic],
    spacing: Sequence[float] | None = None,
    *,
    components: bool = False,
) -> sitk.Image:
    """An image of an array that is indexed z, y, x."""
    image = sitk.GetImageFromArray(voxels, isVector=components)
    if spacing:
        image.SetSpacing(spacing)
    return image


def flat_image(size: tuple[int, int, int] = (40, 50, 60)) -> sitk.Image:
    """An image without contrast, of x, y and z voxels of 1 mm."""
    return made(np.full(size[::-1], 7, np.int16))


def block(
    size: tuple[int, int, int] = (40, 50, 60),
    first: tuple[int, int, int] = (4, 5, 45),
    last: tuple[int, int, int] = (12, 15, 55),
    label: int = 1,
) -> sitk.Image:
    """A segmentation with one block; in the patient's right, front and top unless told."""
    voxels = np.zeros(size, np.uint8)
    voxels[tuple(slice(a, b) for a, b in zip(first, last, strict=True))] = label
    return made(voxels.T)


def pixels(png: bytes) -> Pixels:
    """Rows, columns and the three colours."""
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB"))


def panels(picture: Pixels) -> list[Box]:
    """Where the slices of an image without contrast are, from the left."""
    grey = (picture == GREY).all(axis=2)
    across = np.flatnonzero(np.diff(np.pad(grey.any(axis=0), 1).astype(int)))
    found = []
    for start, end in across.reshape(-1, 2).tolist():
        rows = np.flatnonzero(grey[:, start:end].any(axis=1))
        found.append((slice(int(rows[0]), int(rows[-1]) + 1), slice(start, end)))
    return found


def at(picture: Pixels, panel: Box, down: float, across: float) -> tuple[int, ...]:
    """The colour at a place within a slice, in shares of its height and width."""
    inside = picture[panel]
    return tuple(
        inside[int(down * inside.shape[0]), int(across * inside.shape[1])].astype(int).tolist()
    )


def mixed(colour: Sequence[int], opacity: float, ground: int = GREY) -> tuple[int, ...]:
    """A colour over the grey of an image without contrast."""
    return tuple(round(ground + (part - ground) * opacity) for part in colour)


def near(one: Sequence[int], other: Sequence[int], within: int = 2) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def letter(picture: Pixels, place: Box) -> str:
    """The letter that stands alone in a part of the picture; nothing if there is none."""
    part = picture[place].max(axis=2)
    if part.max() < 100:
        return ""
    shapes = {name: _shape(_drawn(name)) for name in "RLAPSI"}
    return min(shapes, key=lambda name: float(np.abs(shapes[name] - _shape(part)).mean()))


def _drawn(name: str) -> Pixels:
    image = Image.new("L", (40, 40))
    ImageDraw.Draw(image).text((10, 10), name, 228, ImageFont.load_default(17))
    return np.asarray(image)


def _shape(part: Pixels) -> NDArray[np.float64]:
    """What is bright, wherever it stands, with room to its right and bottom."""
    rows, columns = (np.flatnonzero((part > 100).any(axis=axis)) for axis in (1, 0))
    cut = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(cut.astype(float), [(0, 20 - length) for length in cut.shape])


def warned(picture: Pixels) -> bool:
    """Whether the picture says something in the colour of warnings."""
    return bool((np.abs(picture.astype(int) - WARNING).max(axis=2) <= 3).any())


def coloured(picture: Pixels) -> bool:
    """Whether anything in the picture is neither grey nor nearly so."""
    return bool((np.ptp(picture.astype(int), axis=2) > 20).any())
