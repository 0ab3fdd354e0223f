"""Text in pictures, in the font of Pillow."""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

UNKNOWN = "?"
_NO_CHARACTER = (
    "\U0010fffe"  # never assigned: the font draws it as it draws every missing character
)


@cache
def load_font(size: int) -> Font:
    """Load the font at a size in pixels."""
    return ImageFont.load_default(size)


def replace_undrawable(text: str) -> str:
    """Return a string on one line, with only characters that the font has.

    Accents are removed if needed. Other missing characters become question marks.
    """
    return "".join(_replace_character(character) for character in " ".join(text.split()))


@cache
def _replace_character(character: str) -> str:
    for form in (character, unicodedata.normalize("NFKD", character), character.casefold()):
        letters = "".join(letter for letter in form if not unicodedata.combining(letter))
        if all(_is_drawable(letter) for letter in letters):
            return letters
    return UNKNOWN


@cache
def _is_drawable(letter: str) -> bool:
    if letter == " " or not letter.isprintable():
        return letter == " "
    return _render(letter) != _render(_NO_CHARACTER)


def _render(letter: str) -> bytes:
    picture = Image.new("L", (24, 24))
    ImageDraw.Draw(picture).text((4, 4), letter, 255, load_font(12))
    return picture.tobytes()


def shorten(text: str, size: int, width: float) -> str:
    """Cut a string to a width in pixels. A string that is cut ends in dots."""
    if load_font(size).getlength(text) <= width:
        return text
    while text and load_font(size).getlength(text + "...") > width:
        text = text[:-1]
    return text.rstrip() + "..."
