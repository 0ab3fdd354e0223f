{% include "header" %}
"""Single values, between what stands on the wire and what Python has for it.

Reading takes every form that any version of the middleware writes; writing chooses by `Dialect`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, TypeVar, get_args

import attrs

from .enums import Dialect
from .transport import Upload

if TYPE_CHECKING:
    # It takes its time to import, and is not needed before the first answer.
    from cattrs import Converter

TIME = "time"
"""Metadata of a field that holds a time: which kind, and whether it is a whole number."""
PLACE = "place"
"""Metadata of a parameter: where it travels."""
WIRE_NAME = "wire_name"
"""Metadata of a parameter whose name on the wire is another one."""

T = TypeVar("T")

_TRUE = (True, 1, "1", "True", "true")
_FALSE = (False, 0, "0", "False", "false")
_UNITS = {"seconds": timedelta(seconds=1), "minutes": timedelta(minutes=1)}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_WHOLE = re.compile(r"[+-]?[0-9]+\Z")
_DURATION = re.compile(r"(?:(-?\d+) days?, )?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """What stands on the wire is not what the contract says; the text says what is wrong."""


def read(value: object, target: type[T], whole: str = "the answer") -> T:
    """A value of the wire (a text, or what JSON gives) as `target`.

    Args:
        whole: what the value is; stands in front of the place of a fault.

    Raises:
        Unreadable: it is no such value.
    """
    return read_all([value], target, whole)[0]


def read_all(values: Sequence[object], target: type[T], whole: str = "the answer") -> list[T]:
    """Each of many values as `read` reads it.

    Raises:
        Unreadable: one is no such value.
    """
    read_one = _reader(detailed=False).get_structure_hook(target)
    try:
        return [read_one(value, target) for value in values]
    except (ValueError, TypeError, OverflowError, LookupError):
        # To note which field is being read takes longer than to read it.
        return [_read_in_detail(value, target, whole) for value in values]


def _read_in_detail(value: object, target: type[T], whole: str) -> T:
    from cattrs import transform_error  # noqa: PLC0415

    try:
        return _reader(detailed=True).structure(value, target)
    except (ValueError, TypeError, OverflowError) as error:
        raise Unreadable(str(error)) from error
    except ExceptionGroup as errors:
        told = transform_error(errors, path=whole, format_exception=_in_words)
        raise Unreadable("; ".join(told)) from errors


def write(value: object, dialect: Dialect, *, in_csv: bool = False) -> object:
    """A value as JSON has it, or CSV, in the forms of one version of the middleware."""
    return _writer(dialect, in_csv).unstructure(value)


def write_parameter(value: object) -> str:
    """A parameter as text."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        if any("," in item or not item for item in value):
            raise ValueError(f"{value!r} cannot be sent: an item is empty or holds a comma.")
        return ",".join(value)
    return str(value)


def _in_words(error: BaseException, kind: type | None) -> str:
    from cattrs.v import format_exception  # noqa: PLC0415

    return str(error) if isinstance(error, ValueError) else format_exception(error, kind)


@cache
def _reader(detailed: bool) -> Converter:
    """What reads values; in detail, every fault that there is with its place."""
    from cattrs import Converter  # noqa: PLC0415
    from cattrs.gen import make_dict_structure_fn, override  # noqa: PLC0415

    converter = Converter(detailed_validation=detailed)
    plain: dict[type, Callable[[object], object]] = {bool: _read_bool, int: _read_int, str: _read_str}
    for kind, hook in plain.items():
        converter.register_structure_hook(kind, _unless_already(kind, hook))
    other: dict[type, Callable[[object], object]] = {
        float: _read_float,
        datetime: _read_instant,
        Upload: _read_upload,
    }
    for kind, hook in other.items():
        converter.register_structure_hook(kind, _without_type(hook))
    # An enumeration is a text too, but not any text.
    converter.register_structure_hook(StrEnum, lambda value, kind: kind(value))
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[str, ...], _without_type(_read_texts)
    )
    converter.register_structure_hook_factory(
        attrs.has,
        lambda cls: make_dict_structure_fn(
            cls,
            converter,
            # No field of the contract is named like a parameter of cattrs itself.
            **{  # type: ignore[arg-type]
                field.name: override(struct_hook=_duration_reader(field))
                for field in _resolved_fields(cls)
                if _unit(field)
            },
        ),
    )
    return converter


@cache
def _writer(dialect: Dialect, in_csv: bool) -> Converter:
    from cattrs import Converter  # noqa: PLC0415
    from cattrs.gen import make_dict_unstructure_fn, override  # noqa: PLC0415

    converter = Converter()
    numbers = dialect is not Dialect.V2020
    converter.register_unstructure_hook(
        datetime, _instant_as_number if numbers else _instant_as_text
    )

    def writer(cls: type) -> Callable[[object], dict[str, object]]:
        plain: Callable[[object], dict[str, object]] = make_dict_unstructure_fn(
            cls,
            converter,
            # No field of the contract is named like a parameter of cattrs itself.
            **{  # type: ignore[arg-type]
                field.name: override(
                    # A nullable field that must be given is written as null, the others left out.
                    omit_if_default=True,
                    unstruct_hook=_field_writer(field, numbers, in_csv),
                )
                for field in _resolved_fields(cls)
            },
        )
        # By itself it would put the fields that can be left out behind all others.
        order = key_order(cls, dialect) or tuple(field.name for field in _resolved_fields(cls))
        return lambda value: in_order(plain(value), order)

    converter.register_unstructure_hook_factory(attrs.has, writer)
    return converter


def key_order(cls: type, dialect: Dialect) -> tuple[str, ...]:
    """The keys of a class of the contract as a version orders them; empty if not by itself."""
    orders: Mapping[Dialect, tuple[str, ...]] = getattr(cls, "ORDERS", {})
    return orders.get(dialect, ())


def in_order(plain: Mapping[str, object], order: Iterable[str]) -> dict[str, object]:
    """An object with its keys in an order, in which there may be others too."""
    return {key: plain[key] for key in order if key in plain}


def _without_type(hook: Callable[[object], T]) -> Callable[[object, type], T]:
    """A hook as cattrs calls it, with the type that is wanted behind the value."""
    return lambda value, _: hook(value)


def _unless_already(
    kind: type, hook: Callable[[object], object]
) -> Callable[[object, type], object]:
    """The same for what is not of a type already, as most of what JSON gives is."""
    return lambda value, _: value if type(value) is kind else hook(value)


def _resolved_fields(cls: type) -> tuple[attrs.Attribute[object], ...]:
    attrs.resolve_types(cls)
    return tuple(attrs.fields(cls))


def _unit(field: attrs.Attribute[object]) -> timedelta | None:
    kind, _ = field.metadata.get(TIME, ("", False))
    return _UNITS.get(kind)


def _read_bool(value: object) -> bool:
    # The types are compared too, for 1.0 == True.
    for truth, forms in ((True, _TRUE), (False, _FALSE)):
        if any(value == form and type(value) is type(form) for form in forms):
            return truth
    raise Unreadable(f"{value!r} is neither true nor false")


def _read_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Unreadable(f"{value!r} is no whole number")
    if isinstance(value, str) and not _WHOLE.match(value):
        # Python would also take 1_000, blanks around it, and the digits of every script.
        raise Unreadable(f"{value!r} is no whole number")
    return int(value)


def _read_float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(f"{value!r} is no number")
    if isinstance(value, str) and not _NUMBER.match(value):
        raise Unreadable(f"{value!r} is no number")
    number = float(value)
    if not math.isfinite(number):
        raise Unreadable(f"{value!r} is no number")
    return number


def _read_str(value: object) -> str:
    # Hand-written JSON, such as a service's descriptor, may have a number for a text.
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(f"{value!r} is no text")
    return str(value)


def _read_texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split(",")) if value else ()
    if isinstance(value, list | tuple):
        return tuple(_read_str(item) for item in value)
    raise Unreadable(f"{value!r} is no list of texts")


def _read_upload(value: object) -> Upload:
    if not isinstance(value, Upload):
        raise Unreadable(f"{value!r} is no file")
    return value


def _read_instant(value: object) -> datetime:
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        instant = datetime.fromisoformat(value)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    # As the newest version writes it, for each of thousands of messages.
    seconds = value if type(value) is int else _read_float(value)
    return _EPOCH + timedelta(seconds=seconds)


def _instant_as_number(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(seconds=1)


def _instant_as_text(instant: datetime) -> str:
    return str(instant.astimezone(UTC).replace(tzinfo=None))


def _duration_reader(
    field: attrs.Attribute[object],
) -> Callable[[object, object], timedelta | None]:
    unit = _unit(field)
    assert unit is not None
    nullable = NoneType in get_args(field.type)

    def duration(value: object, _: object) -> timedelta | None:
        if nullable and value in (None, ""):
            return None
        match = _DURATION.match(value) if isinstance(value, str) else None
        if match is None:
            return _read_float(value) * unit
        days, hours, minutes, seconds, fraction = match.groups(default="0")
        return timedelta(
            days=int(days),
            hours=int(hours),
            minutes=int(minutes),
            seconds=int(seconds),
            microseconds=int(fraction.ljust(6, "0")),
        )

    return duration


def _field_writer(
    field: attrs.Attribute[object], numbers: bool, in_csv: bool
) -> Callable[[timedelta | None], object] | type[int] | None:
    """How a field is written, where its type does not say it already."""
    if _unit(field):
        return _duration_writer(field, numbers, in_csv)
    # Of the contract's classes only; JSON that is passed on has its own true and false.
    return int if numbers and field.type is bool else None


def _duration_writer(
    field: attrs.Attribute[object], numbers: bool, in_csv: bool
) -> Callable[[timedelta | None], object]:
    unit = _unit(field)
    assert unit is not None
    kind, whole = field.metadata[TIME]

    def written(duration: timedelta | None) -> object:
        if duration is None:
            return None
        if not numbers and kind == "seconds":
            return str(duration)
        if not numbers and not in_csv:
            return None
        return duration // unit if whole or not numbers else duration / unit

    return written
