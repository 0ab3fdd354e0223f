"""Numbers as the middleware's database stores them. It stores any other string unchanged."""

from __future__ import annotations

import re

StoredNumber = float | str
"""A number, or a string that the database could not read. Strings sort after all numbers."""

_BLANK = " \t\n\v\f\r"
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WHOLE = re.compile(rf"[{_BLANK}]*({_NUMBER})[{_BLANK}]*")
_BEGINNING = re.compile(rf"[{_BLANK}]*({_NUMBER})")


def parse_number(text: str) -> StoredNumber:
    """Convert a string to a number as the database does."""
    match = _WHOLE.fullmatch(text)
    # The database does not know a negative zero.
    return float(match[1]) + 0.0 if match else text


def format_number(number: StoredNumber) -> str:
    """Return a string that the database converts back to the number."""
    # The database does not read `inf`, but reads this number as infinity.
    return number if isinstance(number, str) else repr(number).replace("inf", "1e999")


def to_float(number: StoredNumber) -> float:
    """Return the value in a sum. A string counts as the number at its start."""
    if not isinstance(number, str):
        return number
    match = _BEGINNING.match(number)
    return float(match[1]) if match else 0.0


def make_sort_key(number: StoredNumber) -> tuple[bool, StoredNumber]:
    """Return the sort key of a value."""
    return isinstance(number, str), number
