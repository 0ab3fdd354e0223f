"""Conversion between JSON and the objects that it describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

import attrs
from cattrs import transform_error
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.preconf.json import make_converter

from ..faults import KINDS, ActiveFault, Fault
from .request import ControlError, join_sorted

T = TypeVar("T")

_TYPE_NAMES = {int: "a whole number", float: "a number", str: "a string", bool: "true or false"}


@attrs.frozen
class ResetForm:
    """The body of `POST /_mock/reset`."""

    random_seed: int | None = None


@attrs.frozen
class FaultScope:
    """The requests that a fault affects."""

    operation: str | None = None
    path: str | None = None
    times: int | None = None
    probability: float = 1.0


@attrs.frozen
class ClockForm:
    """The body of `POST /_mock/clock`.

    Attributes:
        advance: in seconds.
        at: freezes the clock at this time.
    """

    advance: float = 0.0
    frozen: bool | None = None
    at: datetime | None = None


def read_form(kind: type[T], values: Mapping[str, object]) -> T:
    """Build an object of a class from the values of its attributes.

    Raises:
        ControlError: a name is unknown, or a value is invalid.
    """
    try:
        return _CONVERTER.structure(values, kind)
    except ExceptionGroup as errors:
        texts = (text.partition(" @ ") for text in transform_error(errors, "", _describe_error))
        parts = (f"{place.lstrip('.')}: {text}" if place else text for text, _, place in texts)
        raise ControlError("; ".join(parts)) from errors


def read_fault(values: Mapping[str, object]) -> tuple[Fault, FaultScope]:
    """Build a fault, and the scope: which requests the fault affects.

    Raises:
        ControlError: the fault is unknown, or a value is invalid.
    """
    rest = dict(values)
    kind = rest.pop("fault", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ControlError(f"fault must be one of {join_sorted(KINDS)}, not {kind!r}")
    scope = {name: rest.pop(name) for name in attrs.fields_dict(FaultScope) if name in rest}
    return read_form(KINDS[kind], rest), read_form(FaultScope, scope)


def write_fault(fault: ActiveFault) -> dict[str, object]:
    """Return an active fault as JSON."""
    kind = next(name for name, kind in KINDS.items() if kind is type(fault.fault))
    return {
        "id": fault.id,
        "fault": kind,
        **attrs.asdict(fault.fault),
        "operation": fault.operation,
        "path": fault.path,
        "probability": fault.probability,
        "times": fault.remaining,
        "hits": fault.hits,
        "description": fault.description,
    }


def write_json(value: object) -> object:
    """Return an object that is not a fault as JSON, with times as strings."""
    return _CONVERTER.unstructure(value)


def _check_type(value: object, kind: type) -> object:
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise TypeError(f"{json.dumps(value)} is not {_TYPE_NAMES[kind]}")
    return value


def _format_time(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parse_time(value: object, _: object) -> datetime:
    time = datetime.fromisoformat(str(value))
    return time if time.tzinfo else time.replace(tzinfo=UTC)


_CONVERTER = make_converter(forbid_extra_keys=True)
for _kind in (int, float, str, bool):
    _CONVERTER.register_structure_hook(_kind, _check_type)
_CONVERTER.register_structure_hook(datetime, _parse_time)
_CONVERTER.register_unstructure_hook(datetime, _format_time)


def _describe_error(error: BaseException, _: type | None) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        return f"{join_sorted(error.extra_fields)} is not a known name"
    return str(error.args[0])
