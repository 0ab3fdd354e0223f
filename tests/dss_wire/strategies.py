"""Hypothesis strategies for the values of a contract."""

from __future__ import annotations

import typing
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType

import attrs
import hypothesis.strategies as st
from hypothesis import settings

from dss_api.contract import CONTRACT

few_examples = settings(max_examples=40, deadline=None, derandomize=True, print_blob=True)

# Texts with and without characters that CSV, JSON and forms must quote.
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.lists(
        st.sampled_from(
            [",", '"', "'", "\r", "\n", "\r\n", " ", "\t", ";", "\\", "é", "漢", "😀", "\x01",
             "\x1c", "\u2028", "\x85", "a", "1", "None", "-1", "+", "&", "=", "%2C", "{", "}"]
        ),
        max_size=6,
    ).map("".join),
    st.sampled_from(["", " ", ",", '"', "\r", "\n", "\r\n", "\t", " a ", '""', '","', "#", "[]"]),
)  # fmt: skip

words = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)

instants = st.datetimes(
    datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)
)  # fmt: skip

durations = st.timedeltas(timedelta(days=-40_000), timedelta(days=40_000))

numbers = st.floats(allow_nan=False, allow_infinity=False)


def get_field_types(cls: type) -> dict[str, object]:
    """Return the types of the fields of a class, by name."""
    return typing.get_type_hints(cls)


def values(kind: object, unit: timedelta | None = None) -> st.SearchStrategy[object]:
    """Return a strategy for values of a type of the contract.

    Args:
        unit: durations are multiples of it, and times have whole seconds; `None` for any.
    """
    parts = typing.get_args(kind)
    if typing.get_origin(kind) in (typing.Union, UnionType):
        return st.one_of([values(part, unit) for part in parts])
    if typing.get_origin(kind) is tuple:
        return st.lists(values(parts[0], unit), max_size=3).map(tuple)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if isinstance(kind, type) and attrs.has(kind):
        return records(kind, unit is not None)
    seconds = st.integers(-(10**9), 10**10)
    multiples = st.integers(-(10**6), 10**6)
    simple: dict[object, st.SearchStrategy[object]] = {
        NoneType: st.none(),
        datetime: seconds.map(lambda n: datetime.fromtimestamp(n, UTC)) if unit else instants,
        timedelta: multiples.map(unit.__mul__) if unit else durations,
        str: texts,
        int: st.integers(-(10**12), 10**12),
        float: numbers,
        bool: st.booleans(),
    }
    return simple[kind]


def records(cls: type, numeric: bool, *, in_csv: bool = False) -> st.SearchStrategy[object]:
    """Return a strategy for records of a class.

    Args:
        numeric: whether times are numbers on the wire; some of these are integers.
        in_csv: whether the records are written in CSV, which always has minutes.
    """
    kinds = get_field_types(cls)
    fields: dict[str, st.SearchStrategy[object]] = {}
    for field in attrs.fields(cls):
        form = CONTRACT.records.durations.get(cls, {}).get(field.name)
        unit = None
        if numeric:
            unit = timedelta(seconds=1) if form is None else form.unit if form.is_integer else None
        fields[field.name] = values(kinds[field.name], unit)
        if form and not form.has_text and not numeric:
            minutes = values(kinds[field.name], form.unit)
            fields[field.name] = minutes if in_csv else st.none()
        if numeric and unit is None and form:
            # A float cannot hold microseconds of a long duration.
            fields[field.name] = values(kinds[field.name], timedelta(milliseconds=1))
    return st.builds(cls, **fields)
