"""Validators of the parameters of faults. Each error message is one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

MAX_SECONDS = 86_400.0
"""The longest time in seconds: one day."""

WholeNumberValidator = Callable[[object, "attrs.Attribute[int]", int], None]


def whole_number(lowest: int, highest: int | None = None) -> WholeNumberValidator:
    """Return a validator of whole numbers in a range, both ends included."""

    def validate(_: object, field: attrs.Attribute[int], value: int) -> None:
        if type(value) is not int or value < lowest or (highest is not None and value > highest):
            end = "up" if highest is None else f"to {highest}"
            raise ValueError(
                f"{field.name} must be a whole number from {lowest} {end}, not {value!r}"
            )

    return validate


def seconds(_: object, field: attrs.Attribute[float], value: float) -> None:
    """Validate a time in seconds, up to one day."""
    if type(value) not in (int, float) or not 0 < value <= MAX_SECONDS:
        raise ValueError(
            f"{field.name} must be above 0 and at most {MAX_SECONDS:.0f} seconds, not {value!r}"
        )


def text(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Validate a string."""
    if not isinstance(value, str):
        raise TypeError(f"{field.name} must be a string, not {value!r}")


def header(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Validate the value of a header: printable Latin-1."""
    _check_header(field.name, value)


def headers(_: object, field: attrs.Attribute[Mapping[str, str]], value: object) -> None:
    """Validate headers by name."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{field.name} must be a mapping of names to strings, not {value!r}")
    for name, content in value.items():
        _check_header(f"the name of a header in {field.name}", name)
        _check_header(f"the header {name}", content)


def _check_header(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {value!r}")
    if not value.isprintable() or any(ord(character) > 255 for character in value):
        raise ValueError(f"{name} must be one line of Latin-1 letters, not {value!r}")
