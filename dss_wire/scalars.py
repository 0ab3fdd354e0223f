"""Codec of scalars, such as numbers and times: from the wire to Python, and back.

Reading accepts the forms of all versions of the middleware.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from enum import Enum

import attrs

from .files import Upload

_TRUE = (True, 1, "1", "True", "true")
_FALSE = (False, 0, "0", "False", "false")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DURATION = re.compile(r"(?:(-?\d+) days?, )?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DecodingError(ValueError):
    """A value on the wire does not match the contract; the text says why."""


@attrs.frozen
class DurationFormat:
    """The form of a duration on the wire.

    Attributes:
        unit: the unit of the number.
        is_integer: whether the number is an integer.
        has_text: whether versions with text scalars write the duration as text, such as
            `1 day, 2:00:00`. Otherwise they write an integer in CSV, and null in JSON.
    """

    unit: timedelta
    is_integer: bool = False
    has_text: bool = True


SECONDS = DurationFormat(timedelta(seconds=1))
INTEGER_SECONDS = DurationFormat(timedelta(seconds=1), is_integer=True)
MINUTES = DurationFormat(timedelta(minutes=1), has_text=False)
INTEGER_MINUTES = DurationFormat(timedelta(minutes=1), is_integer=True, has_text=False)


def read_bool(value: object) -> bool:
    """Read a boolean."""
    # The types are compared too because 1.0 == True.
    for truth, forms in ((True, _TRUE), (False, _FALSE)):
        if any(value == form and type(value) is type(form) for form in forms):
            return truth
    raise DecodingError(f"{value!r} is neither true nor false")


def read_int(value: object) -> int:
    """Read an integer."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise DecodingError(f"{value!r} is not an integer")
    if isinstance(value, str) and not _INTEGER.match(value):
        # Python also accepts 1_000, surrounding blanks, and digits that are not ASCII.
        raise DecodingError(f"{value!r} is not an integer")
    return int(value)


def read_float(value: object) -> float:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise DecodingError(f"{value!r} is not a number")
    if isinstance(value, str) and not _NUMBER.match(value):
        raise DecodingError(f"{value!r} is not a number")
    number = float(value)
    if not math.isfinite(number):
        raise DecodingError(f"{value!r} is not a number")
    return number


def read_str(value: object) -> str:
    """Read a string."""
    # Hand-written JSON, such as a service's descriptor, can contain a number instead of a string.
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise DecodingError(f"{value!r} is not a string")
    return str(value)


def read_texts(value: object) -> tuple[str, ...]:
    """Read a list of strings, or one string with commas between the items."""
    if isinstance(value, str):
        return tuple(value.split(",")) if value else ()
    if isinstance(value, list | tuple):
        return tuple(read_str(item) for item in value)
    raise DecodingError(f"{value!r} is not a list of strings")


def read_upload(value: object) -> Upload:
    """Read a file of a request."""
    if not isinstance(value, Upload):
        raise DecodingError(f"{value!r} is not a file")
    return value


def read_instant(value: object) -> datetime:
    """Read a time from Unix seconds or from a string. A string without a time zone is in UTC."""
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        instant = datetime.fromisoformat(value)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    # A shortcut for the newest version, which writes thousands of messages with integers.
    seconds = value if type(value) is int else read_float(value)
    return _EPOCH + timedelta(seconds=seconds)


def read_duration(value: object, unit: timedelta) -> timedelta:
    """Read a duration from a number, or from a string such as `1 day, 2:00:00`."""
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        return read_float(value) * unit
    days, hours, minutes, seconds, fraction = match.groups(default="0")
    return timedelta(
        days=int(days),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(6, "0")),
    )


def write_instant_as_number(instant: datetime) -> int:
    """Return a time as Unix seconds."""
    return (instant - _EPOCH) // timedelta(seconds=1)


def write_instant_as_text(instant: datetime) -> str:
    """Return a time in UTC as a string without the time zone."""
    return str(instant.astimezone(UTC).replace(tzinfo=None))


def write_duration(
    duration: timedelta | None, form: DurationFormat, *, as_text: bool, in_csv: bool
) -> object:
    """Return a duration as a number or a string, or `None` if the middleware writes null."""
    if duration is None:
        return None
    if as_text and form.has_text:
        return str(duration)
    if as_text and not in_csv:
        return None
    return duration // form.unit if form.is_integer or as_text else duration / form.unit


def write_parameter(value: object) -> str:
    """Return a parameter of a request as a string.

    Raises:
        ValueError: an item of a list is empty or contains a comma.
    """
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        if any("," in item or not item for item in value):
            raise ValueError(f"{value!r} cannot be sent: an item is empty or contains a comma.")
        return ",".join(value)
    return str(value)
