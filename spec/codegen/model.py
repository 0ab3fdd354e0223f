"""The API as plain classes, between a checked spec and the templates that write it out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Enumeration:
    """A set of texts, one of which a value is."""

    name: str
    description: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Type:
    """The Python type of a value.

    Attributes:
        name: the type itself, `int` or `tuple[ServiceTag, ...]`.
        record: whether it is, or is made of, a class of the contract.
        time: what x-time says; `""` for all that is no time.
        whole: whether a time is a whole number on the wire.
    """

    name: str
    record: bool = False
    time: str = ""
    whole: bool = False

    @property
    def qualified(self) -> str:
        """The same name, with a class of the contract by its module."""
        return f"models.{self.name}" if self.record else self.name


@dataclass(frozen=True)
class Field:
    """A field of a class, or a parameter of an operation.

    Attributes:
        place: for a parameter, where it travels: `path`, `query`, `form` or `file`.
        default: as Python; `None` for a field that must be given.
        range: a sentence on what its values can be; empty if there is nothing to say.
        pattern: for a parameter in the path, what its text looks like, as a regular expression.
    """

    name: str
    wire: str
    type: Type
    nullable: bool
    default: str | None
    description: str
    range: str = ""
    secret: bool = False
    place: str = ""
    pattern: str = ""

    @property
    def meaning(self) -> str:
        """The description, with the range of the values."""
        return f"{self.description.strip()} {self.range}".strip()

    @property
    def annotation(self) -> str:
        """The type as a class writes it."""
        return f"{self.type.name} | None" if self.nullable else self.type.name

    @property
    def argument(self) -> str:
        """The type as a method accepts it."""
        return self.annotation.replace("tuple[str, ...]", "Sequence[str]")


Orders = tuple[tuple[str, tuple[str, ...]], ...]
"""By version, the order of names where it is another one."""


@dataclass(frozen=True)
class Record:
    """A class of fields, in the order of the contract."""

    name: str
    description: str
    fields: tuple[Field, ...]
    orders: Orders = ()


@dataclass(frozen=True)
class Form:
    """One form of an answer; `kind` is the class that reads and writes it.

    Attributes:
        ascii_in: the versions in which its texts must be ASCII.
    """

    kind: str
    type: Type | None = None
    columns: tuple[str, ...] = ()
    orders: Orders = ()
    ascii_in: tuple[str, ...] = ()
    envelope: bool = False
    untyped: bool = False
    text: str = ""
    pattern: str = ""
    secret: bool = False


@dataclass(frozen=True)
class Failure:
    """A known error: which status and text mean it.

    Attributes:
        versions: that have it; empty for all.
    """

    status: int
    text: str
    error: str
    media_type: str
    session: bool
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormerPath:
    """What was routed once, and never answered well."""

    method: str
    path: str
    pattern: str
    versions: tuple[str, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Constant:
    """A fixed number, or with `enumeration` fixed members of it."""

    name: str
    description: str
    number: int | None
    enumeration: str = ""
    members: tuple[str, ...] = ()

    @property
    def annotation(self) -> str:
        """Its type."""
        return f"tuple[{self.enumeration}, ...]" if self.enumeration else "int"

    @property
    def python(self) -> str:
        """Its value."""
        members = "".join(f"{self.enumeration}.{member.upper()}, " for member in self.members)
        return f"({members})" if self.enumeration else repr(self.number)


@dataclass(frozen=True)
class Operation:
    """A request of the API and its answers."""

    name: str
    group: str
    method: str
    path: str
    pattern: str
    summary: str
    description: str
    since: str
    versions: tuple[str, ...]
    repeatable: bool
    repeat_effect: str
    when_unknown: str
    broken: str
    logs: str
    needs_session: bool
    format_parameter: str
    parameters: tuple[Field, ...]
    gives: str
    status: int | None
    file: str
    forms: tuple[Form, ...]
    failures: tuple[Failure, ...]

    @property
    def request(self) -> str:
        """The name of the class of its parameters."""
        return "".join(part.title() for part in self.name.split("_")) + "Request"

    @property
    def constant(self) -> str:
        """The name of its row in the table."""
        return self.name.upper()

    def raises(self, api: Api) -> list[tuple[str, str]]:
        """The errors it is known for, with what they mean."""
        known = dict.fromkeys(failure.error for failure in self.failures)
        return [(error.name, error.description) for error in api.errors if error.name in known]

    @property
    def secret(self) -> bool:
        """Whether what it gives is a secret."""
        return any(form.secret for form in self.forms)

    @property
    def answer(self) -> str:
        """The type of what it gives."""
        return self.qualified_answer.replace("models.", "")

    @property
    def qualified_answer(self) -> str:
        """The same, with the classes of the contract by their module."""
        if self.file:
            return "Download"
        valued = [form for form in self.forms if form.type is not None]
        if not valued:
            return "None"
        first = valued[0]
        name = first.type.qualified if first.type else ""
        name = f"list[{name}]" if first.kind.endswith("Table") else name
        nothing = any(form.kind == "Nothing" for form in self.forms)
        return f"{name} | None" if nothing else name


@dataclass(frozen=True)
class Group:
    """The operations under one tag."""

    name: str
    description: str
    operations: tuple[Operation, ...]

    @property
    def cls(self) -> str:
        """The name of its class."""
        return f"{self.name.title()}Operations"


@dataclass(frozen=True)
class ErrorClass:
    """A typed error."""

    name: str
    bases: str
    description: str
    advice: str


@dataclass(frozen=True)
class Api:
    """All of the contract."""

    title: str
    versions: tuple[str, ...]
    tiers: dict[str, int]
    constants: tuple[Constant, ...]
    elsewhere: tuple[Failure, ...]
    former_paths: tuple[FormerPath, ...]
    cookie: str
    token_page: str
    enumerations: tuple[Enumeration, ...]
    records: tuple[Record, ...]
    errors: tuple[ErrorClass, ...]
    groups: tuple[Group, ...]

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of all groups."""
        return tuple(operation for group in self.groups for operation in group.operations)
