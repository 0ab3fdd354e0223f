"""Codec of records: from values on the wire to the classes of a contract, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING, TypeVar, get_args

import attrs

from .dialects import WireDialect
from .files import Upload
from .scalars import (
    DecodingError,
    DurationFormat,
    read_bool,
    read_duration,
    read_float,
    read_instant,
    read_int,
    read_str,
    read_texts,
    read_upload,
    write_duration,
    write_instant_as_number,
    write_instant_as_text,
)

if TYPE_CHECKING:
    # Importing it takes long, and only the first answer needs it.
    from cattrs import Converter

T = TypeVar("T")


class RecordCodec:
    """A codec that reads and writes the classes of a contract.

    Attributes:
        durations: by class and field, how a duration is written.
        orders: by class and version, the order of the keys in JSON, if it is not the order of the
            fields.
    """

    def __init__(
        self,
        *,
        durations: Mapping[type, Mapping[str, DurationFormat]] | None = None,
        orders: Mapping[type, Mapping[WireDialect, tuple[str, ...]]] | None = None,
    ) -> None:
        self.durations = durations or {}
        self.orders = orders or {}
        self._readers: dict[bool, Converter] = {}
        self._writers: dict[tuple[WireDialect, bool], Converter] = {}

    def read(self, value: object, target: type[T], subject: str = "the answer") -> T:
        """Convert a value from the wire, which is text or a JSON value, to the type `target`.

        Args:
            subject: a name for the value, for error messages.

        Raises:
            DecodingError: the value cannot be converted to the type.
        """
        return self.read_all([value], target, subject)[0]

    def read_all(
        self, values: Sequence[object], target: type[T], subject: str = "the answer"
    ) -> list[T]:
        """Read several values; see `read`.

        Raises:
            DecodingError: a value cannot be converted to the type.
        """
        read_one = self._get_reader(detailed=False).get_structure_hook(target)
        try:
            return [read_one(value, target) for value in values]
        except (ValueError, TypeError, OverflowError, LookupError):
            # Recording the name of each field takes longer than reading the field.
            return [self._read_in_detail(value, target, subject) for value in values]

    def write(self, value: object, dialect: WireDialect, *, in_csv: bool = False) -> object:
        """Return a value as one version of the middleware writes it in JSON, or in CSV."""
        return self._get_writer(dialect, in_csv).unstructure(value)

    def get_key_order(self, cls: type, dialect: WireDialect) -> tuple[str, ...]:
        """Return the order of a class's keys in a version; empty for the order of fields."""
        return self.orders.get(cls, {}).get(dialect, ())

    def _read_in_detail(self, value: object, target: type[T], subject: str) -> T:
        from cattrs import transform_error  # noqa: PLC0415

        try:
            return self._get_reader(detailed=True).structure(value, target)
        except (ValueError, TypeError, OverflowError) as error:
            raise DecodingError(str(error)) from error
        except ExceptionGroup as errors:
            messages = transform_error(errors, path=subject, format_exception=_format_error)
            raise DecodingError("; ".join(messages)) from errors

    def _get_reader(self, *, detailed: bool) -> Converter:
        """Return the converter that reads values. If `detailed`, errors name the wrong fields."""
        if detailed not in self._readers:
            self._readers[detailed] = self._make_reader(detailed)
        return self._readers[detailed]

    def _get_writer(self, dialect: WireDialect, in_csv: bool) -> Converter:
        key = (dialect, in_csv)
        if key not in self._writers:
            self._writers[key] = self._make_writer(dialect, in_csv)
        return self._writers[key]

    def _make_reader(self, detailed: bool) -> Converter:
        from cattrs import Converter  # noqa: PLC0415
        from cattrs.gen import make_dict_structure_fn, override  # noqa: PLC0415

        converter = Converter(detailed_validation=detailed)
        plain: dict[type, Callable[[object], object]] = {
            bool: read_bool,
            int: read_int,
            str: read_str,
        }
        for kind, hook in plain.items():
            converter.register_structure_hook(kind, _skip_if_typed(kind, hook))
        other: dict[type, Callable[[object], object]] = {
            float: read_float,
            datetime: read_instant,
            Upload: read_upload,
        }
        for kind, hook in other.items():
            converter.register_structure_hook(kind, _ignore_type(hook))
        # An enumeration is a text too, but not any text.
        converter.register_structure_hook(StrEnum, lambda value, kind: kind(value))
        converter.register_structure_hook_func(
            lambda kind: kind == tuple[str, ...], _ignore_type(read_texts)
        )
        converter.register_structure_hook_factory(
            attrs.has,
            lambda cls: make_dict_structure_fn(
                cls,
                converter,
                # No field of a contract has the name of a parameter of cattrs itself.
                **{  # type: ignore[arg-type]
                    field.name: override(struct_hook=_make_duration_reader(field, form))
                    for field in _resolve_fields(cls)
                    if (form := self._find_duration(cls, field))
                },
            ),
        )
        return converter

    def _make_writer(self, dialect: WireDialect, in_csv: bool) -> Converter:
        from cattrs import Converter  # noqa: PLC0415
        from cattrs.gen import make_dict_unstructure_fn, override  # noqa: PLC0415

        converter = Converter()
        as_text = dialect.has_text_scalars
        converter.register_unstructure_hook(
            datetime, write_instant_as_text if as_text else write_instant_as_number
        )

        def find_field_writer(
            cls: type, field: attrs.Attribute[object]
        ) -> Callable[..., object] | type[int] | None:
            form = self._find_duration(cls, field)
            if form:
                return lambda value: write_duration(value, form, as_text=as_text, in_csv=in_csv)
            # Only for the classes of the contract; other JSON keeps true and false.
            return int if field.type is bool and not as_text else None

        def make_writer(cls: type) -> Callable[[object], dict[str, object]]:
            fields = _resolve_fields(cls)
            plain: Callable[[object], dict[str, object]] = make_dict_unstructure_fn(
                cls,
                converter,
                # No field of a contract has the name of a parameter of cattrs itself.
                **{  # type: ignore[arg-type]
                    field.name: override(
                        # A required field is written as null, an optional one is left out.
                        omit_if_default=True,
                        unstruct_hook=find_field_writer(cls, field),
                    )
                    for field in fields
                },
            )
            # cattrs itself writes the optional fields last.
            order = self.get_key_order(cls, dialect) or tuple(field.name for field in fields)
            return lambda value: sort_keys(plain(value), order)

        converter.register_unstructure_hook_factory(attrs.has, make_writer)
        return converter

    def _find_duration(self, cls: type, field: attrs.Attribute[object]) -> DurationFormat | None:
        return self.durations.get(cls, {}).get(field.name)


def sort_keys(plain: Mapping[str, object], order: Iterable[str]) -> dict[str, object]:
    """Return an object with its keys in an order. The order can contain keys that are missing."""
    return {key: plain[key] for key in order if key in plain}


def _format_error(error: BaseException, kind: type | None) -> str:
    from cattrs.v import format_exception  # noqa: PLC0415

    return str(error) if isinstance(error, ValueError) else format_exception(error, kind)


def _ignore_type(hook: Callable[[object], T]) -> Callable[[object, type], T]:
    """Return a hook with the signature of cattrs, which passes the type after the value."""
    return lambda value, _: hook(value)


def _skip_if_typed(
    kind: type, hook: Callable[[object], object]
) -> Callable[[object, type], object]:
    """Return a hook that keeps a value that already has the type."""
    return lambda value, _: value if type(value) is kind else hook(value)


def _resolve_fields(cls: type) -> tuple[attrs.Attribute[object], ...]:
    attrs.resolve_types(cls)
    return tuple(attrs.fields(cls))


def _make_duration_reader(
    field: attrs.Attribute[object], form: DurationFormat
) -> Callable[[object, object], object]:
    nullable = NoneType in get_args(field.type)

    def read(value: object, _: object) -> object:
        if nullable and value in (None, ""):
            return None
        return read_duration(value, form.unit)

    return read
