"""What the colours in a picture mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import frozen
from PIL import Image, ImageDraw

from dss_client.snapshots.colours import FAINT, GROUND, TEXT, Colour, Ink, Inks
from dss_client.snapshots.fonts import UNKNOWN, drawable, font, shortened
from dss_client.workspace.label import get_default_name

COLUMN = 240
"""How wide a column is at least, in pixels."""
ROWS = 6
"""How many rows there are at most."""
SIZE = 15
LINE = 24
SWATCH = 13
INDENT = 22
"""How far the names are from the left of the swatches."""
GAP = 56
"""How far it is from one column to the next."""


@frozen
class Entry:
    """A line of a legend.

    Attributes:
        name: the label's, in characters that can be drawn.
        colour: the label's, as it is drawn.
        amount: how much of it there is, with the unit.
    """

    name: str
    colour: Colour
    amount: str


def entries(voxels: Mapping[int, int], inks: Inks, voxel_mm: Sequence[float]) -> list[Entry]:
    """The labels that are drawn, those of which there is most first.

    Args:
        voxels: how many there are of each label.
        inks: how the labels are drawn; those that are not in it are not.
        voxel_mm: how long a voxel is along each axis, in millimetres; two make an area.
    """
    order = sorted((label for label in voxels if label in inks), key=lambda n: (-voxels[n], n))
    return [
        Entry(_name(label, inks[label]), inks[label].colour, amount(voxels[label], voxel_mm))
        for label in order
    ]


def amount(voxels: int, voxel_mm: Sequence[float]) -> str:
    """A volume in millilitres, or an area in square centimetres, to three digits."""
    millimetres = voxels * math.prod(voxel_mm)
    size, unit = (millimetres / 1000, "ml") if len(voxel_mm) == 3 else (millimetres / 100, "sq. cm")
    if size >= 99.95:
        return f"{size:.0f} {unit}"
    digits = 2 - math.floor(math.log10(size))
    return f"{size:.{digits}f} {unit}" if digits <= 5 else f"{size:.2g} {unit}"


def fitting(listed: Sequence[Entry], columns: int) -> tuple[Sequence[Entry], int]:
    """As many as there is room for, and how many more there are."""
    room = columns * ROWS
    return (listed, 0) if len(listed) <= room else (listed[: room - 1], len(listed) - room + 1)


def draw(listed: Sequence[Entry], width: int) -> Image.Image:
    """Draw a legend, column by column.

    Args:
        listed: its lines; those that there is no room for are counted in the last.
        width: of the picture, in pixels.
    """
    columns = min(max(1, (width + GAP) // (COLUMN + GAP)), len(listed))
    shown, more = fitting(listed, columns)
    rows = math.ceil((len(shown) + bool(more)) / columns)
    widest = max(_length(entry.name) + _length(entry.amount) for entry in shown)
    column = min(max(COLUMN, math.ceil(widest) + INDENT + GAP), (width + GAP) // columns - GAP)
    picture = Image.new("RGB", (width, rows * LINE), GROUND)
    pen = ImageDraw.Draw(picture)
    for number, entry in enumerate(shown):
        corner = (number // rows) * (column + GAP), (number % rows) * LINE
        _draw_entry(pen, entry, corner, column)
    if more:
        corner = (len(shown) // rows) * (column + GAP), (len(shown) % rows) * LINE
        pen.text(_middle(corner), f"and {more} more", FAINT, font(SIZE), anchor="lm")
    return picture


def _draw_entry(
    pen: ImageDraw.ImageDraw, entry: Entry, corner: tuple[int, int], column: int
) -> None:
    left, top = corner
    swatch = top + (LINE - SWATCH) // 2
    pen.rounded_rectangle((left, swatch, left + SWATCH, swatch + SWATCH), 3, entry.colour)
    x, y = _middle((left + INDENT, top))
    right = left + column
    pen.text((right, y), entry.amount, FAINT, font(SIZE), anchor="rm")
    room = right - _length(entry.amount) - 12 - x
    pen.text((x, y), shortened(entry.name, SIZE, room), TEXT, font(SIZE), anchor="lm")


def _length(text: str) -> float:
    return font(SIZE).getlength(text)


def _middle(corner: tuple[int, int]) -> tuple[int, int]:
    return corner[0], corner[1] + LINE // 2


def _name(label: int, ink: Ink) -> str:
    name = drawable(ink.name) or get_default_name(label)
    # Whoever cannot read the name knows the label by its number.
    return name if UNKNOWN not in name or UNKNOWN in ink.name else f"{label}: {name}"
