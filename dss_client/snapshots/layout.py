"""The sheet of a picture: slices, legend, notes and scale bar."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from attrs import frozen
from numpy import float32, integer
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from dss_client.snapshots import legend
from dss_client.snapshots.colours import BACKGROUND, FAINT_TEXT, TEXT, WARNING, LabelStyles
from dss_client.snapshots.fonts import load_font, shorten
from dss_client.snapshots.notes import Note
from dss_client.snapshots.overlay import draw_panel
from dss_client.snapshots.png import Png

MAX_WIDTH = 1200
"""The largest width of a picture, in pixels."""
MIN_WIDTH = 600
"""The smallest width of a picture, in pixels. The legend needs this room."""
MAX_SLICE_HEIGHT = 560
"""The largest height of a slice, in pixels."""
MARGIN = 18
LETTER_SIZE = 17
"""The font size of the letters at the sides of a slice, in pixels."""
BORDER = 24
"""The space around a slice for these letters, in pixels."""
FOOTER_HEIGHT = 26
"""The height of the line with the scale bar, in pixels."""
NOTE_SIZE = 13
"""The font size of the notes, in pixels."""
LINE_HEIGHT = 18
"""The height of each further line of notes, in pixels."""


@frozen(eq=False)
class Slice:
    """A slice of the picture.

    Attributes:
        bright: the brightness, of shape (rows, columns, 3), in [0, 1].
        labels: the labels, of shape (rows, columns); `None` without a segmentation.
        width, height: in millimetres.
        sides: the letters at the left, right, top and bottom; `None` for no letters.
    """

    bright: NDArray[float32]
    labels: NDArray[integer] | None
    width: float
    height: float
    sides: tuple[str, str, str, str] | None


def draw_sheet(
    slices: Sequence[Slice],
    styles: LabelStyles,
    entries: Sequence[legend.Entry],
    notes: Sequence[Note],
) -> Png:
    """Draw slices side by side at one scale, above a legend.

    Args:
        slices: the slices, from left to right.
        styles: the styles of the labels.
        entries: the lines of the legend.
        notes: the notes, one per line.
    """
    scale = compute_scale(slices)
    cells = [_draw_cell(part, styles, scale) for part in slices]
    across = sum(cell.width for cell in cells)
    width = max(MIN_WIDTH, across + 2 * MARGIN)
    key = legend.draw_legend(entries, width - 2 * MARGIN) if entries else None
    tallest = max(cell.height for cell in cells)
    below = key.height + MARGIN if key else 0
    foot = FOOTER_HEIGHT + LINE_HEIGHT * max(0, len(notes) - 1)
    sheet = Image.new("RGB", (width, 2 * MARGIN + tallest + below + foot), BACKGROUND)
    left = (width - across) // 2
    for cell in cells:
        sheet.paste(cell, (left, MARGIN + (tallest - cell.height) // 2))
        left += cell.width
    if key:
        sheet.paste(key, (MARGIN, MARGIN + tallest + MARGIN // 2))
    _draw_foot(sheet, scale, notes)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return Png(file.getvalue())


def compute_scale(slices: Sequence[Slice]) -> float:
    """Return the largest scale that lets the slices fit side by side, in pixels per mm."""
    room = MAX_WIDTH - 2 * MARGIN - 2 * BORDER * len(slices)
    return min(
        room / sum(part.width for part in slices),
        MAX_SLICE_HEIGHT / max(part.height for part in slices),
    )


def choose_bar_length(width: float) -> float:
    """Return a round length of at most a fifth of a width, in the same unit."""
    power = 10.0 ** math.floor(math.log10(width / 5))
    return next(power * step for step in (5, 2, 1) if power * step <= width / 5)


def _draw_cell(part: Slice, styles: LabelStyles, scale: float) -> Image.Image:
    """Draw a slice with the letters around it."""
    size = max(1, round(part.width * scale)), max(1, round(part.height * scale))
    cell = Image.new("RGB", (size[0] + 2 * BORDER, size[1] + 2 * BORDER), BACKGROUND)
    cell.paste(draw_panel(part.bright, part.labels, styles, size), (BORDER, BORDER))
    if part.sides:
        x, y = cell.width / 2, cell.height / 2
        near, right, bottom = BORDER / 2, cell.width - BORDER / 2, cell.height - BORDER / 2
        pen = ImageDraw.Draw(cell)
        places = ((near, y), (right, y), (x, near), (x, bottom))
        for place, letter in zip(places, part.sides, strict=True):
            pen.text(place, letter, TEXT, load_font(LETTER_SIZE), anchor="mm")
    return cell


def _draw_foot(sheet: Image.Image, scale: float, notes: Sequence[Note]) -> None:
    """Write the notes, and draw the scale bar beside the last one."""
    pen = ImageDraw.Draw(sheet)
    y = sheet.height - FOOTER_HEIGHT / 2 - MARGIN / 2
    millimetres = choose_bar_length(sheet.width / scale)
    end = sheet.width - MARGIN
    start = end - millimetres * scale
    text = f"{millimetres:g} mm"
    pen.line((start, y, end, y), TEXT, 2)
    for tick in (start, end):
        pen.line((tick, y - 4, tick, y + 4), TEXT, 2)
    pen.text((start - 10, y), text, TEXT, load_font(NOTE_SIZE), anchor="rm")
    room = start - 10 - load_font(NOTE_SIZE).getlength(text) - 2 * MARGIN
    for above, note in enumerate(reversed(notes)):
        line = shorten(note.text, NOTE_SIZE, room)
        colour = WARNING if note.warning else FAINT_TEXT
        pen.text((MARGIN, y - LINE_HEIGHT * above), line, colour, load_font(NOTE_SIZE), anchor="lm")
