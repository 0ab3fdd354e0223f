"""Text in pictures, in the font that Pillow brings."""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

UNKNOWN = "?"
_NO_CHARACTER = "\U0010fffe"  # never will be one, so this is how the font draws what it lacks


@cache
def font(size: int) -> Font:
    """The font at a size in pixels."""
    return ImageFont.load_default(size)


def drawable(text: str) -> str:
    """A text in the characters that the font has: without accents, on one line.

    Those that the font lacks all the same become question marks.
    """
    return "".join(_drawable(character) for character in " ".join(text.split()))


@cache
def _drawable(character: str) -> str:
    for form in (character, unicodedata.normalize("NFKD", character), character.casefold()):
        letters = "".join(letter for letter in form if not unicodedata.combining(letter))
        if all(_known(letter) for letter in letters):
            return letters
    return UNKNOWN


@cache
def _known(letter: str) -> bool:
    if letter == " " or not letter.isprintable():
        return letter == " "
    return _looks(letter) != _looks(_NO_CHARACTER)


def _looks(letter: str) -> bytes:
    picture = Image.new("L", (24, 24))
    ImageDraw.Draw(picture).text((4, 4), letter, 255, font(12))
    return picture.tobytes()


def shortened(text: str, size: int, width: float) -> str:
    """A text that is at most so many pixels wide, with dots where its end was cut off."""
    if font(size).getlength(text) <= width:
        return text
    while text and font(size).getlength(text + "...") > width:
        text = text[:-1]
    return text.rstrip() + "..."
