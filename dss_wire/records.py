"""Base class of the classes of a contract."""

from __future__ import annotations

import attrs


@attrs.frozen(eq=False, repr=False)
class Record:
    """Base class of records. Two records are equal if class and fields are equal.

    attrs would write and compile these methods for each class. That takes longer than the rest of
    the import.
    """

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        fields = [field.name for field in attrs.fields(type(self)) if field.repr]
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in fields)
        return f"{type(self).__name__}({shown})"

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, field.name) for field in attrs.fields(type(self)))
