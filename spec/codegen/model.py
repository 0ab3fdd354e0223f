"""The API as plain classes, between a checked spec and the templates that write it out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from spec.codegen.check import (
    BYTES,
    CSV,
    JSON,
    MULTIPART,
    TEXT,
    operations,
    succeeds,
    success,
    unwrapped,
)
from spec.codegen.read import Document, Node

# The forms of an answer in the order in which a body is tried: the least mistakable first.
_RECOGNISED = (
    "JsonTable", "JsonRow", "JsonObject", "CsvTable", "CsvRow", "Nothing", "Constant", "Text",
)  # fmt: skip


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
        enumeration: whether it is an enumeration of the contract.
        record: whether it is, or is made of, a class of the contract.
        time: what x-time says; `""` for all that is no time.
        whole: whether a time is a whole number on the wire.
    """

    name: str
    enumeration: bool = False
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
        pattern: for a parameter in the path, what its text looks like, as a regular expression.
    """

    name: str
    wire: str
    type: Type
    nullable: bool
    default: str | None
    description: str
    secret: bool = False
    place: str = ""
    pattern: str = ""

    @property
    def annotation(self) -> str:
        """The type as a class writes it."""
        return f"{self.type.name} | None" if self.nullable else self.type.name

    @property
    def argument(self) -> str:
        """The type as a method accepts it."""
        return self.annotation.replace("tuple[str, ...]", "Sequence[str]")


@dataclass(frozen=True)
class Record:
    """A class of fields, in the order of the contract."""

    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Form:
    """One form of an answer; `kind` is the class that reads and writes it."""

    kind: str
    type: Type | None = None
    columns: tuple[str, ...] = ()
    envelope: bool = False
    untyped: bool = False
    text: str = ""
    pattern: str = ""
    secret: bool = False


@dataclass(frozen=True)
class Failure:
    """A known error: which status and text mean it."""

    status: int
    text: str
    error: str
    media_type: str
    session: bool


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
    repeatable: bool
    repeat_effect: str
    broken: str
    logs: str
    needs_session: bool
    format_parameter: str
    parameters: tuple[Field, ...]
    multipart: bool
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
    cookie: str
    enumerations: tuple[Enumeration, ...]
    records: tuple[Record, ...]
    errors: tuple[ErrorClass, ...]
    groups: tuple[Group, ...]

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of all groups."""
        return tuple(operation for group in self.groups for operation in group.operations)


def model(document: Document) -> Api:
    """The model of a spec in which `check` found no fault."""
    root = document.root
    schemas = list(root["components"]["schemas"].entries())
    all_operations = [_operation(*entry, root) for entry in operations(root)]
    cookies = [scheme["name"].text for _, scheme in root["components"]["securitySchemes"].entries()]
    return Api(
        title=root["info"]["title"].text,
        versions=root["x-versions"].texts,
        tiers={
            tier: quota.value
            for tier, quota in root["x-tiers"].entries()
            if isinstance(quota.value, int)
        },
        cookie=cookies[0],
        enumerations=tuple(
            Enumeration(name, schema["description"].text, schema["enum"].texts)
            for name, schema in schemas
            if "enum" in schema
        ),
        records=_in_order_of_use(
            [
                Record(name, schema["description"].text, _fields(schema))
                for name, schema in schemas
                if schema["type"].text == "object"
            ]
        ),
        errors=tuple(
            ErrorClass(
                name,
                error["extends"].text or f"AnswerError, {error['builtin'].text}",
                error["description"].text,
                error["advice"].text,
            )
            for name, error in root["components"]["x-errors"].entries()
        ),
        groups=tuple(
            Group(
                tag["name"].text,
                tag["description"].text,
                tuple(o for o in all_operations if o.group == tag["name"].text),
            )
            for tag in root["tags"].items()
        ),
    )


def _in_order_of_use(records: list[Record]) -> tuple[Record, ...]:
    """The records so that each stands behind those that it is made of."""
    ordered: list[Record] = []
    waiting = list(records)
    while waiting:
        names = {record.name for record in waiting}
        ready = [record for record in waiting if not _parts(record) & (names - {record.name})]
        chosen = ready[0] if ready else waiting[0]
        waiting.remove(chosen)
        ordered.append(chosen)
    return tuple(ordered)


def _parts(record: Record) -> set[str]:
    """The names in the types of its fields."""
    return {name for field in record.fields for name in re.findall(r"\w+", field.type.name)}


def _type(schema: Node) -> Type:
    resolved = schema.resolved()
    time = resolved["x-time"].text
    kind = next((t for t in resolved["type"].texts if t != "null"), resolved["type"].text)
    if "enum" in resolved:
        return Type(resolved.name, enumeration=True)
    if kind == "object":
        return Type(resolved.name, record=True)
    if "contentMediaType" in resolved:
        return Type("Upload")
    if kind == "array":
        item = _type(resolved["items"])
        return Type(f"tuple[{item.name}, ...]", record=item.record)
    if time:
        name = "datetime" if time == "instant" else "timedelta"
        return Type(name, time=time, whole=kind == "integer")
    return Type({"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[kind])


def _pattern(schema: Node) -> str:
    resolved = schema.resolved()
    for node in (schema, resolved):
        if "pattern" in node:
            return node["pattern"].text
    if "enum" in resolved:
        return "|".join(re.escape(value) for value in resolved["enum"].texts)
    return r"\d+" if resolved["type"].text == "integer" else "[^/]+"


def _fields(schema: Node, place: str = "") -> tuple[Field, ...]:
    return tuple(
        _field(name, field, required=name in schema["required"].texts, place=place)
        for name, field in schema["properties"].entries()
    )


def _field(name: str, schema: Node, *, required: bool, place: str) -> Field:
    resolved = schema.resolved()
    kind = _type(schema)
    default = None if required else "None"
    if "default" in resolved:
        default = repr(resolved["default"].value)
    return Field(
        name=schema["x-name"].text or name,
        wire=name,
        type=kind,
        nullable="null" in resolved["type"].texts or default == "None",
        default=default,
        description=schema["description"].text or resolved["description"].text,
        secret=resolved["format"].text == "password",
        place="file" if kind.name == "Upload" else place,
    )


def _parameter(parameter: Node) -> Field:
    place = parameter["in"].text
    schema = parameter["schema"]
    return Field(
        name=parameter["name"].text,
        wire=parameter["name"].text,
        type=_type(schema),
        nullable=not parameter["required"].flag,
        default=None if parameter["required"].flag else "None",
        description=parameter["description"].text,
        place=place,
        pattern=_pattern(schema) if place == "path" else "",
    )


def _operation(path: str, method: str, operation: Node, root: Node) -> Operation:
    declared = [parameter.resolved() for parameter in operation["parameters"].items()]
    chooses = [p["name"].text for p in declared if p["x-chooses-form"].flag]
    parameters = [_parameter(p) for p in declared if not p["x-chooses-form"].flag]
    body = dict(operation["requestBody"].resolved()["content"].entries())
    for content in body.values():
        parameters += _fields(content["schema"], place="form")
    patterns = {p.name: p.pattern for p in parameters if p.place == "path"}
    status, response = success(operation)
    security = operation["security"] if "security" in operation else root["security"]
    return Operation(
        name=operation["operationId"].text,
        group=operation["tags"].texts[0],
        method=method.upper(),
        path=path,
        pattern=re.sub(
            r"\\{(\w+)\\}",
            lambda match: f"(?P<{match[1]}>{patterns[match[1]]})",
            re.escape(path).replace(r"\-", "-").replace(r"\_", "_"),
        ),
        summary=operation["summary"].text,
        description=operation["description"].text,
        since=operation["x-since"].text,
        repeatable=operation["x-repeat"]["safe"].flag,
        repeat_effect=operation["x-repeat"]["effect"].text,
        broken=operation["x-broken"].text,
        logs=operation["x-logs"].text,
        needs_session=any(True for _ in security.items()),
        format_parameter=chooses[0] if chooses else "",
        parameters=tuple(sorted(parameters, key=lambda field: field.default is not None)),
        multipart=MULTIPART in body,
        status=int(status) if status else None,
        file=next((media for media, _ in response["content"].entries() if media in BYTES), ""),
        forms=_all_forms(response["content"]),
        failures=tuple(
            Failure(
                int(code),
                row["text"].text,
                row["error"].text,
                row["type"].text,
                row["session"].flag,
            )
            for code, reference in operation["responses"].entries()
            if not succeeds(code)
            for row in reference.resolved()["x-errors"].items()
        ),
    )


def _all_forms(contents: Node) -> tuple[Form, ...]:
    """Every form of an answer; rows of JSON have their keys in the order of the CSV columns."""
    forms = [form for media, content in contents.entries() for form in _forms(media, content)]
    columns = next((form.columns for form in forms if form.kind.startswith("Csv")), ())
    return tuple(
        replace(form, columns=columns) if form.kind in ("JsonTable", "JsonRow") else form
        for form in sorted(forms, key=lambda form: _RECOGNISED.index(form.kind))
    )


def _forms(media: str, content: Node) -> list[Form]:
    schema = content["schema"]
    if media in BYTES:
        return []
    if media == CSV:
        kind = "CsvRow" if schema["maxItems"].value == 1 else "CsvTable"
        return [Form(kind, _type(schema["items"]), columns=content["x-columns"].texts)]
    if media == JSON:
        return [_json_form(schema, content["x-untyped"].flag)]
    assert media == TEXT
    forms = []
    if "x-nothing" in content:
        forms.append(Form("Nothing", text=content["x-nothing"].text))
    if "const" in schema:
        forms.append(Form("Constant", text=schema["const"].text))
    elif schema:
        resolved = schema.resolved()
        forms.append(
            Form(
                "Text",
                _type(schema),
                text=content["x-text"].text,
                pattern=resolved["pattern"].text,
                secret=resolved["format"].text == "password",
            )
        )
    return forms


def _json_form(schema: Node, untyped: bool) -> Form:
    inner = unwrapped(schema)
    envelope = inner is not schema
    if inner.resolved()["type"].text != "array":
        return Form("JsonObject", _type(inner), envelope=envelope, untyped=untyped)
    kind = "JsonRow" if inner["maxItems"].value == 1 else "JsonTable"
    return Form(kind, _type(inner["items"]), envelope=envelope, untyped=untyped)
