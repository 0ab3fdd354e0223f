"""Between JSON and what it stands for."""

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
from .ask import ControlError, listed

T = TypeVar("T")

_IN_WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false"}


@attrs.frozen
class Reset:
    """How to begin anew."""

    random_seed: int | None = None


@attrs.frozen
class Terms:
    """When a fault strikes."""

    operation: str | None = None
    path: str | None = None
    times: int | None = None
    probability: float = 1.0


@attrs.frozen
class Setting:
    """What is to become of the clock; `advance` in seconds, `at` a time at which it stands."""

    advance: float = 0.0
    frozen: bool | None = None
    at: datetime | None = None


def read_form(kind: type[T], given: Mapping[str, object]) -> T:
    """An object of a class with these attributes.

    Raises:
        ControlError: one is unknown, or has no value that it can have.
    """
    try:
        return _CONVERTER.structure(given, kind)
    except ExceptionGroup as errors:
        told = (text.partition(" @ ") for text in transform_error(errors, "", _in_words))
        parts = (f"{place.lstrip('.')}: {what}" if place else what for what, _, place in told)
        raise ControlError("; ".join(parts)) from errors


def read_fault(given: Mapping[str, object]) -> tuple[Fault, Terms]:
    """A fault, and when it strikes.

    Raises:
        ControlError: there is no such fault.
    """
    rest = dict(given)
    kind = rest.pop("fault", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ControlError(f"fault must be one of {listed(KINDS)}, not {kind!r}")
    terms = {name: rest.pop(name) for name in attrs.fields_dict(Terms) if name in rest}
    return read_form(KINDS[kind], rest), read_form(Terms, terms)


def write_fault(added: ActiveFault) -> dict[str, object]:
    """A fault that is in force."""
    kind = next(name for name, kind in KINDS.items() if kind is type(added.fault))
    return {
        "id": added.id,
        "fault": kind,
        **attrs.asdict(added.fault),
        "operation": added.operation,
        "path": added.path,
        "probability": added.probability,
        "times": added.remaining,
        "hits": added.hits,
        "description": added.description,
    }


def write(value: object) -> object:
    """Anything else, with times as text."""
    return _CONVERTER.unstructure(value)


def _exactly(value: object, kind: type) -> object:
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise TypeError(f"{json.dumps(value)} is no {_IN_WORDS[kind]}")
    return value


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(value: object, _: object) -> datetime:
    instant = datetime.fromisoformat(str(value))
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


_CONVERTER = make_converter(forbid_extra_keys=True)
for _kind in (int, float, str, bool):
    _CONVERTER.register_structure_hook(_kind, _exactly)
_CONVERTER.register_structure_hook(datetime, _instant)
_CONVERTER.register_unstructure_hook(datetime, _written)


def _in_words(error: BaseException, _: type | None) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        return f"{listed(error.extra_fields)} is not known here"
    return str(error.args[0])
