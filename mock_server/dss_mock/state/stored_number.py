"""Numbers as the middleware's database keeps them: those that it cannot read stay text."""

from __future__ import annotations

import re

StoredNumber = float | str
"""A number, or a text that was none to the database; every text counts as more than any number."""

_BLANK = " \t\n\v\f\r"
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WHOLE = re.compile(rf"[{_BLANK}]*({_NUMBER})[{_BLANK}]*")
_BEGINNING = re.compile(rf"[{_BLANK}]*({_NUMBER})")


def parse_number(text: str) -> StoredNumber:
    """What the database makes of a text."""
    match = _WHOLE.fullmatch(text)
    # No number there is a negative zero.
    return float(match[1]) + 0.0 if match else text


def format_number(number: StoredNumber) -> str:
    """The text that the database would make it of."""
    # The name of what is beyond all numbers is none to the database, but this is.
    return number if isinstance(number, str) else repr(number).replace("inf", "1e999")


def to_float(number: StoredNumber) -> float:
    """What it counts as in a sum: a text, as the number that it begins with."""
    if not isinstance(number, str):
        return number
    match = _BEGINNING.match(number)
    return float(match[1]) if match else 0.0


def make_sort_key(number: StoredNumber) -> tuple[bool, StoredNumber]:
    """What it is sorted by."""
    return isinstance(number, str), number
