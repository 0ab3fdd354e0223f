"""The legend of a picture: colour, name and volume of each label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import frozen
from PIL import Image, ImageDraw

from dss_client.snapshots.colours import (
    BACKGROUND,
    FAINT_TEXT,
    TEXT,
    Colour,
    LabelStyle,
    LabelStyles,
)
from dss_client.snapshots.fonts import UNKNOWN, load_font, replace_undrawable, shorten
from dss_client.workspace.label import get_default_name

MIN_COLUMN_WIDTH = 240
"""The smallest width of a column, in pixels."""
MAX_ROWS = 6
"""The largest number of rows."""
TEXT_SIZE = 15
LINE_HEIGHT = 24
SWATCH_SIZE = 13
NAME_INDENT = 22
"""The distance from the left of a swatch to its name, in pixels."""
COLUMN_GAP = 56
"""The gap between two columns, in pixels."""


@frozen
class Entry:
    """A line of a legend.

    Attributes:
        name: the name of the label, in characters that the font has.
        colour: the colour of the label.
        amount: the volume or area, with its unit.
    """

    name: str
    colour: Colour
    amount: str


def make_entries(
    voxels: Mapping[int, int], styles: LabelStyles, voxel_mm: Sequence[float]
) -> list[Entry]:
    """Make the lines of the legend, the largest label first.

    Args:
        voxels: the number of voxels of each label.
        styles: the styles of the labels. A label without a style is left out.
        voxel_mm: the size of a voxel along each axis, in millimetres. Two axes give an area.
    """
    order = sorted((label for label in voxels if label in styles), key=lambda n: (-voxels[n], n))
    return [
        Entry(
            _choose_name(label, styles[label]),
            styles[label].colour,
            format_amount(voxels[label], voxel_mm),
        )
        for label in order
    ]


def format_amount(voxels: int, voxel_mm: Sequence[float]) -> str:
    """Format a volume in millilitres, or an area in square centimetres, with three digits."""
    millimetres = voxels * math.prod(voxel_mm)
    size, unit = (millimetres / 1000, "ml") if len(voxel_mm) == 3 else (millimetres / 100, "sq. cm")
    if size >= 99.95:
        return f"{size:.0f} {unit}"
    digits = 2 - math.floor(math.log10(size))
    return f"{size:.{digits}f} {unit}" if digits <= 5 else f"{size:.2g} {unit}"


def fit_entries(entries: Sequence[Entry], columns: int) -> tuple[Sequence[Entry], int]:
    """Return the entries that fit, and the number of entries that do not."""
    room = columns * MAX_ROWS
    return (entries, 0) if len(entries) <= room else (entries[: room - 1], len(entries) - room + 1)


def draw_legend(entries: Sequence[Entry], width: int) -> Image.Image:
    """Draw a legend, column by column.

    Args:
        entries: the entries. The last line counts the entries that do not fit.
        width: the width of the picture, in pixels.
    """
    columns = min(max(1, (width + COLUMN_GAP) // (MIN_COLUMN_WIDTH + COLUMN_GAP)), len(entries))
    shown, more = fit_entries(entries, columns)
    rows = math.ceil((len(shown) + bool(more)) / columns)
    widest = max(_measure_text(entry.name) + _measure_text(entry.amount) for entry in shown)
    column = min(
        max(MIN_COLUMN_WIDTH, math.ceil(widest) + NAME_INDENT + COLUMN_GAP),
        (width + COLUMN_GAP) // columns - COLUMN_GAP,
    )
    picture = Image.new("RGB", (width, rows * LINE_HEIGHT), BACKGROUND)
    pen = ImageDraw.Draw(picture)
    for number, entry in enumerate(shown):
        corner = (number // rows) * (column + COLUMN_GAP), (number % rows) * LINE_HEIGHT
        _draw_entry(pen, entry, corner, column)
    if more:
        corner = (len(shown) // rows) * (column + COLUMN_GAP), (len(shown) % rows) * LINE_HEIGHT
        pen.text(
            _find_text_anchor(corner),
            f"and {more} more",
            FAINT_TEXT,
            load_font(TEXT_SIZE),
            anchor="lm",
        )
    return picture


def _draw_entry(
    pen: ImageDraw.ImageDraw, entry: Entry, corner: tuple[int, int], column: int
) -> None:
    left, top = corner
    swatch = top + (LINE_HEIGHT - SWATCH_SIZE) // 2
    pen.rounded_rectangle((left, swatch, left + SWATCH_SIZE, swatch + SWATCH_SIZE), 3, entry.colour)
    x, y = _find_text_anchor((left + NAME_INDENT, top))
    right = left + column
    pen.text((right, y), entry.amount, FAINT_TEXT, load_font(TEXT_SIZE), anchor="rm")
    room = right - _measure_text(entry.amount) - 12 - x
    pen.text((x, y), shorten(entry.name, TEXT_SIZE, room), TEXT, load_font(TEXT_SIZE), anchor="lm")


def _measure_text(text: str) -> float:
    return load_font(TEXT_SIZE).getlength(text)


def _find_text_anchor(corner: tuple[int, int]) -> tuple[int, int]:
    return corner[0], corner[1] + LINE_HEIGHT // 2


def _choose_name(label: int, style: LabelStyle) -> str:
    name = replace_undrawable(style.name) or get_default_name(label)
    # If the font cannot show the name, the number identifies the label.
    return name if UNKNOWN not in name or UNKNOWN in style.name else f"{label}: {name}"
