"""Values of a registry, which are all texts in its file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from numbers import Integral
from typing import TypeVar

T = TypeVar("T")

XML_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""

_BOOLS = {"0": False, "1": True, "false": False, "true": True}
_MAX_SHOWN = 80
"""How many characters of a text a message shows."""


def format_value(value: str | float | Iterable[float], key: str) -> str:
    """What a value is in a file.

    Args:
        key: whose value it is, for messages.

    Raises:
        ValueError: XML cannot hold it, or a number is not finite.
        TypeError: it is no such value.
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
    """A whole number; raises `ValueError` if it is none."""
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", text):
        raise ValueError(text)
    return int(text)


def parse_float(text: str) -> float:
    """A finite number; raises `ValueError` if it is none."""
    read = float(text)
    if "_" in text or not text.isascii() or not math.isfinite(read):
        raise ValueError(text)
    return read


def parse_bool(text: str) -> bool:
    """A truth value; raises `LookupError` if it is none."""
    return _BOOLS[text.strip().lower()]


def parse_list(text: str, length: int | None, read: Callable[[str], T]) -> tuple[T, ...]:
    """Values with blanks between; raises `ValueError` if there are not as many as there must be."""
    values = tuple(read(part) for part in text.split())
    if length is not None and len(values) != length:
        raise ValueError(text)
    return values


def quote_shortened(text: str) -> str:
    """A text in quotes for a message, cut off where it gets long."""
    return repr(text) if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]!r}[...]"


def _format_number(value: float | bytes | bytearray, key: str) -> str:
    """A number, so that it can be read back exactly."""
    if isinstance(value, Integral):
        return str(int(value))
    try:
        finite = math.isfinite(value)  # type: ignore[arg-type]  # whatever is given
    except TypeError as cause:
        raise TypeError(
            f"{key} cannot be {value!r:.{_MAX_SHOWN}}; it is a text, a number, or a row of numbers."
        ) from cause
    if not finite:
        raise ValueError(f"{key} cannot be {value!r}; it has to be finite.")
    return repr(float(value)).removesuffix(".0")
