"""The API as plain classes. They are built from a checked spec, and the templates read them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Enumeration:
    """An enumeration of strings."""

    name: str
    description: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Type:
    """The Python type of a value.

    Attributes:
        name: the type itself, `int` or `tuple[ServiceTag, ...]`.
        record: whether the type is or contains a class of the contract.
        time: the value of x-time; `""` if the value is not a time.
        is_integer: whether a time is an integer on the wire.
    """

    name: str
    record: bool = False
    time: str = ""
    is_integer: bool = False

    @property
    def qualified(self) -> str:
        """The name of the type; a class of the contract has its module before its name."""
        return f"models.{self.name}" if self.record else self.name


@dataclass(frozen=True)
class Field:
    """A field of a class, or a parameter of an operation.

    Attributes:
        place: the part of the request that carries a parameter: `path`, `query`, `form` or `file`.
        default: the Python source of the default; `None` for a required field.
        range: a sentence on the possible values; empty if the type already says it.
        pattern: for a parameter in the path, the regular expression of its text.
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
    def assignment(self) -> str:
        """The default in the class, ` = None` or similar; empty for a required field."""
        if not self.secret:
            return f" = {self.default}" if self.default is not None else ""
        default = f"default={self.default}, " if self.default is not None else ""
        return f" = attrs.field({default}repr=False)"

    @property
    def argument(self) -> str:
        """The type as a method accepts it."""
        return self.annotation.replace("tuple[str, ...]", "Sequence[str]")


Orders = tuple[tuple[str, tuple[str, ...]], ...]
"""By version, the order of names in versions that differ from the newest."""


@dataclass(frozen=True)
class Record:
    """A class to generate, with its fields in the order of the contract."""

    name: str
    description: str
    fields: tuple[Field, ...]
    orders: Orders = ()

    @property
    def durations(self) -> tuple[Field, ...]:
        """The fields that are durations."""
        return tuple(field for field in self.fields if field.type.name == "timedelta")


@dataclass(frozen=True)
class Form:
    """One form of an answer; `kind` is the class that reads and writes it.

    Attributes:
        ascii_in: the versions that can only write ASCII.
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
    """A known error, with its status and text.

    Attributes:
        versions: the versions that have this error; empty for all.
    """

    status: int
    text: str
    error: str
    media_type: str
    session: bool
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class SharedFailures:
    """The failures of a response that operations share, under the name of a constant."""

    constant: str
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class FormerPath:
    """A path that older versions routed, and answered with errors only."""

    route: str
    versions: tuple[str, ...]
    failure_sources: tuple[str | Failure, ...]


@dataclass(frozen=True)
class Constant:
    """A fixed number, or fixed members of `enumeration`."""

    name: str
    description: str
    number: int | None
    enumeration: str = ""
    members: tuple[str, ...] = ()

    @property
    def annotation(self) -> str:
        """The type of the constant."""
        return f"tuple[{self.enumeration}, ...]" if self.enumeration else "int"

    @property
    def python(self) -> str:
        """The Python source of the value."""
        members = "".join(f"{self.enumeration}.{member.upper()}, " for member in self.members)
        return f"({members})" if self.enumeration else repr(self.number)


@dataclass(frozen=True)
class Operation:
    """A request of the API and its answers."""

    name: str
    group: str
    route: str
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
    failure_sources: tuple[str | Failure, ...]

    @property
    def request(self) -> str:
        """The name of the class that holds the parameters."""
        return "".join(part.title() for part in self.name.split("_")) + "Request"

    @property
    def constant(self) -> str:
        """The name of the constant in the table of routes."""
        return self.name.upper()

    @property
    def known_errors(self) -> set[str]:
        """The names of the known errors of this operation."""
        return {failure.error for failure in self.failures}

    def special_errors(self, api: Api) -> list[ErrorClass]:
        """Return the known errors that are not common to most operations."""
        names = self.known_errors - {error.name for error in api.common_errors}
        return [error for error in api.errors if error.name in names]

    def parameters_in(self, place: str) -> tuple[str, ...]:
        """Return the names of the parameters in one part of the request."""
        return tuple(p.name for p in self.parameters if p.place == place)

    @property
    def wire_names(self) -> dict[str, str]:
        """The names on the wire of the parameters whose name in Python is different."""
        return {p.name: p.wire for p in self.parameters if p.wire != p.name}

    @property
    def secret(self) -> bool:
        """Whether the answer is a secret."""
        return any(form.secret for form in self.forms)

    @property
    def table(self) -> str:
        """The function that makes an answer in CSV and JSON; empty for answers in other forms."""
        kinds = [form.kind for form in self.forms]
        if kinds not in (["JsonTable", "CsvTable"], ["JsonRow", "CsvRow"]):
            return ""
        json, csv = self.forms
        usual = json.type == csv.type and json.columns == csv.columns and not json.untyped
        if not (usual and json.envelope):
            return ""
        return "make_table" if kinds[0] == "JsonTable" else "make_row"

    @property
    def answer(self) -> str:
        """The type of the answer."""
        return self.qualified_answer.replace("models.", "")

    @property
    def qualified_answer(self) -> str:
        """The type of the answer; a class of the contract has its module before its name."""
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
        """The name of the class of this group."""
        return f"{self.name.title()}Operations"


@dataclass(frozen=True)
class ErrorClass:
    """A typed error."""

    name: str
    bases: str
    description: str
    advice: str
    leaves_outcome_unknown: bool


@dataclass(frozen=True)
class Api:
    """The whole contract."""

    title: str
    versions: tuple[str, ...]
    tiers: dict[str, int]
    constants: tuple[Constant, ...]
    elsewhere: tuple[Failure, ...]
    former_paths: tuple[FormerPath, ...]
    text_scalars_in: tuple[str, ...]
    shared_failures: tuple[SharedFailures, ...]
    cookie: str
    token_page: str
    enumerations: tuple[Enumeration, ...]
    records: tuple[Record, ...]
    errors: tuple[ErrorClass, ...]
    groups: tuple[Group, ...]

    @property
    def common_errors(self) -> list[ErrorClass]:
        """The errors that most operations can raise."""
        operations = self.operations
        return [
            error
            for error in self.errors
            if 2 * sum(error.name in o.known_errors for o in operations) > len(operations)
        ]

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of all groups."""
        return tuple(operation for group in self.groups for operation in group.operations)
