"""Values of registry entries. The file stores all of them as text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from numbers import Integral
from typing import TypeVar

T = TypeVar("T")

XML_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML cannot hold."""

_BOOLS = {"0": False, "1": True, "false": False, "true": True}
_MAX_SHOWN = 80
"""The largest number of characters of a string in a message."""


def format_value(value: str | float | Iterable[float], key: str) -> str:
    """Return the string that the file stores for a value.

    Args:
        value: a string, a number or a list of numbers.
        key: the key of the value, for messages.

    Raises:
        ValueError: XML cannot hold the string, or a number is not finite.
        TypeError: the value has a different type.
    """
    if isinstance(value, str):
        if (found := XML_FORBIDDEN.search(value)) is not None:
            raise ValueError(
                f"{key} cannot be {quote_shortened(value)}: XML cannot hold {found.group()!r}."
            )
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
        return " ".join(_format_number(each, key) for each in value)
    return _format_number(value, key)


def parse_int(text: str) -> int:
    """Parse a whole number. Raises `ValueError` for any other string."""
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", text):
        raise ValueError(text)
    return int(text)


def parse_float(text: str) -> float:
    """Parse a finite number. Raises `ValueError` for any other string."""
    read = float(text)
    if "_" in text or not text.isascii() or not math.isfinite(read):
        raise ValueError(text)
    return read


def parse_bool(text: str) -> bool:
    """Parse a truth value. Raises `LookupError` for any other string."""
    return _BOOLS[text.strip().lower()]


def parse_list(text: str, length: int | None, read: Callable[[str], T]) -> tuple[T, ...]:
    """Parse values separated by blanks. Raises `ValueError` if their number is not `length`."""
    values = tuple(read(part) for part in text.split())
    if length is not None and len(values) != length:
        raise ValueError(text)
    return values


def quote_shortened(text: str) -> str:
    """Return a string in quotes for a message; a long string is truncated."""
    return repr(text) if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]!r}[...]"


def _format_number(value: float | bytes | bytearray, key: str) -> str:
    """Return a number as a string from which the same number is read back."""
    if isinstance(value, Integral):
        return str(int(value))
    try:
        finite = math.isfinite(value)  # type: ignore[arg-type]  # callers can pass any type
    except TypeError as cause:
        raise TypeError(
            f"{key} cannot be {value!r:.{_MAX_SHOWN}}; it must be a string, a number or a list of "
            "numbers."
        ) from cause
    if not finite:
        raise ValueError(f"{key} cannot be {value!r}; it must be finite.")
    return repr(float(value)).removesuffix(".0")
