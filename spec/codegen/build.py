"""Builder of the model of an API from a checked spec."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from spec.codegen.check.names import is_class_name, make_constant_name
from spec.codegen.layout import (
    BYTES,
    CSV,
    JSON,
    TEXT,
    find_success,
    is_success,
    iterate_former_paths,
    iterate_operations,
    list_versions,
    unwrap_result,
)
from spec.codegen.model import (
    Api,
    Constant,
    Enumeration,
    ErrorClass,
    Failure,
    Field,
    Form,
    FormerPath,
    Group,
    Operation,
    Orders,
    Record,
    SharedFailures,
    Type,
)
from spec.codegen.read import Document, Node

# The order of trying the forms of an answer: the least ambiguous first.
_RECOGNISED = (
    "JsonTable", "JsonRow", "JsonObject", "CsvTable", "CsvRow", "Nothing", "Constant", "Text",
)  # fmt: skip


def build(document: Document) -> Api:
    """Return the model of a spec that has no mistakes."""
    root = document.root
    schemas = list(root["components"]["schemas"].entries())
    all_operations = [_build_operation(*entry, root) for entry in iterate_operations(root)]
    text_limit = root["x-text-scalars-until"].text
    scheme = next(node for _, node in root["components"]["securitySchemes"].entries())
    return Api(
        title=root["info"]["title"].text,
        versions=root["x-versions"].texts,
        tiers={
            tier: quota.value
            for tier, quota in root["x-tiers"].entries()
            if isinstance(quota.value, int)
        },
        constants=tuple(_build_constant(*entry) for entry in root["x-constants"].entries()),
        elsewhere=_build_failures(root["x-elsewhere"]),
        former_paths=tuple(_build_former_path(*entry) for entry in iterate_former_paths(root)),
        text_scalars_in=list_versions(root, until=text_limit) if text_limit else (),
        shared_failures=_build_shared_failures(root),
        cookie=scheme["name"].text,
        token_page=scheme["x-token-page"].text,
        enumerations=tuple(
            Enumeration(name, schema["description"].text, schema["enum"].texts)
            for name, schema in schemas
            if "enum" in schema
        ),
        records=tuple(
            Record(name, schema["description"].text, _build_fields(schema), _build_orders(schema))
            for name, schema in schemas
            if schema["type"].text == "object"
        ),
        errors=tuple(
            ErrorClass(
                name,
                error["extends"].text or f"AnswerError, {error['builtin'].text}",
                error["description"].text,
                error["advice"].text,
                leaves_outcome_unknown=error["outcome"].text == "unknown",
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


def _build_type(schema: Node) -> Type:
    resolved = schema.resolve()
    time = resolved["x-time"].text
    kind = next((t for t in resolved["type"].texts if t != "null"), resolved["type"].text)
    if "enum" in resolved:
        return Type(resolved.name)
    if kind == "object":
        return Type(resolved.name, record=True)
    if "contentMediaType" in resolved:
        return Type("Upload")
    if kind == "array":
        item = _build_type(resolved["items"])
        return Type(f"tuple[{item.name}, ...]", record=item.record)
    if time:
        name = "datetime" if time == "instant" else "timedelta"
        return Type(name, time=time, is_integer=kind == "integer")
    return Type({"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[kind])


def _find_pattern(schema: Node) -> str:
    resolved = schema.resolve()
    for node in (schema, resolved):
        if "pattern" in node:
            return node["pattern"].text
    if "enum" in resolved:
        return "|".join(re.escape(value) for value in resolved["enum"].texts)
    return r"\d+" if resolved["type"].text == "integer" else "[^/]+"


def _describe_range(schema: Node) -> str:
    """Return the range of the values as a sentence; empty if the type already says it."""
    low, high = schema["minimum"].value, schema["maximum"].value
    if low is not None and high is not None:
        return f"Between {low} and {high}."
    if low is not None:
        return f"At least {low}."
    return f"At most {high}." if high is not None else ""


def _build_fields(schema: Node, place: str = "") -> tuple[Field, ...]:
    return tuple(
        _build_field(name, field, required=name in schema["required"].texts, place=place)
        for name, field in schema["properties"].entries()
    )


def _build_field(name: str, schema: Node, *, required: bool, place: str) -> Field:
    resolved = schema.resolve()
    kind = _build_type(schema)
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
        range=_describe_range(resolved),
        secret=resolved["format"].text == "password",
        place="file" if kind.name == "Upload" else place,
    )


def _build_parameter(parameter: Node) -> Field:
    place = parameter["in"].text
    schema = parameter["schema"]
    return Field(
        name=parameter["name"].text,
        wire=parameter["name"].text,
        type=_build_type(schema),
        nullable=not parameter["required"].flag,
        default=None if parameter["required"].flag else "None",
        description=parameter["description"].text,
        range=_describe_range(schema.resolve()),
        place=place,
        pattern=_find_pattern(schema) if place == "path" else "",
    )


def _build_operation(path: str, method: str, operation: Node, root: Node) -> Operation:
    declared = [parameter.resolve() for parameter in operation["parameters"].items()]
    chooses = [p["name"].text for p in declared if p["x-chooses-form"].flag]
    parameters = [_build_parameter(p) for p in declared if not p["x-chooses-form"].flag]
    body = dict(operation["requestBody"].resolve()["content"].entries())
    for content in body.values():
        parameters += _build_fields(content["schema"], place="form")
    patterns = {p.name: p.pattern for p in parameters if p.place == "path"}
    status, response = find_success(operation)
    security = operation["security"] if "security" in operation else root["security"]
    return Operation(
        name=operation["operationId"].text,
        group=operation["tags"].texts[0],
        route=_build_route(method, path, patterns),
        summary=operation["summary"].text,
        description=operation["description"].text,
        since=operation["x-since"].text,
        versions=list_versions(root, since=operation["x-since"].text),
        repeatable=operation["x-repeat"]["safe"].flag,
        repeat_effect=operation["x-repeat"]["effect"].text,
        when_unknown=operation["x-repeat"]["unknown"].text,
        broken=operation["x-broken"].text,
        logs=operation["x-logs"].text,
        needs_session=any(True for _ in security.items()),
        format_parameter=chooses[0] if chooses else "",
        parameters=tuple(sorted(parameters, key=lambda field: field.default is not None)),
        gives=response["description"].text,
        status=int(status) if status else None,
        file=next((media for media, _ in response["content"].entries() if media in BYTES), ""),
        forms=_build_all_forms(response["content"]),
        failures=_build_failures(operation["responses"]),
        failure_sources=_list_failure_sources(operation["responses"]),
    )


def _build_route(method: str, path: str, patterns: Mapping[str, str]) -> str:
    """Return method and path, with the regular expression of each parameter."""
    filled = re.sub(
        r"\{(\w+)\}",
        lambda match: f"{{{match[1]}:{patterns.get(match[1], '[^/]+')}}}",
        path,
    )
    return f"{method.upper()} {filled}"


def _find_shared_statuses(root: Node) -> dict[str, str]:
    """Return the named responses with failures, each with the first status that it is used for."""
    statuses: dict[str, str] = {}
    nodes = (
        node for finder in (iterate_operations, iterate_former_paths) for *_, node in finder(root)
    )
    for responses in (root["x-elsewhere"], *(node["responses"] for node in nodes)):
        for code, reference in responses.entries():
            target = reference.find_target()
            named = target.path[:2] == ("components", "responses") and len(target.path) == 3
            if named and is_class_name(target.name) and "x-errors" in target:
                statuses.setdefault(target.name, code)
    return statuses


def _build_shared_failures(root: Node) -> tuple[SharedFailures, ...]:
    """Return the failures of the named responses, in the order of the contract."""
    statuses = _find_shared_statuses(root)
    return tuple(
        SharedFailures(make_constant_name(name), _build_response_failures(statuses[name], response))
        for name, response in root["components"]["responses"].entries()
        if name in statuses
    )


def _list_failure_sources(responses: Node) -> tuple[str | Failure, ...]:
    """Return the Python source of each failure: the constant of its response, or the failure."""
    shared = _find_shared_statuses(responses.document.root)
    sources: list[str | Failure] = []
    for code, reference in responses.entries():
        if is_success(code):
            continue
        name = reference.find_target().name if "$ref" in reference else ""
        if shared.get(name) == code:
            sources.append(make_constant_name(name))
        else:
            sources += _build_response_failures(code, reference)
    return tuple(sources)


def _build_failures(responses: Node) -> tuple[Failure, ...]:
    return tuple(
        failure
        for code, reference in responses.entries()
        if not is_success(code)
        for failure in _build_response_failures(code, reference)
    )


def _build_response_failures(code: str, reference: Node) -> tuple[Failure, ...]:
    return tuple(
        Failure(
            int(code),
            row["text"].text,
            row["error"].text,
            row["type"].text,
            row["session"].flag,
            _list_limited_versions(row),
        )
        for row in reference.resolve()["x-errors"].items()
    )


def _list_limited_versions(row: Node) -> tuple[str, ...]:
    """Return the versions that have a row; empty for all."""
    if "since" not in row and "until" not in row:
        return ()
    return list_versions(row.document.root, since=row["since"].text, until=row["until"].text)


def _build_constant(name: str, constant: Node) -> Constant:
    value = constant["value"]
    return Constant(
        name,
        constant["description"].text,
        value.value if isinstance(value.value, int) else None,
        constant["of"].text,
        value.texts,
    )


def _build_former_path(path: str, method: str, former: Node) -> FormerPath:
    return FormerPath(
        route=_build_route(method, path, {}),
        versions=list_versions(former.document.root, until=former["until"].text),
        failure_sources=_list_failure_sources(former["responses"]),
    )


def _build_orders(node: Node) -> Orders:
    return tuple((version, names.texts) for version, names in node["x-order"].entries())


def _build_all_forms(contents: Node) -> tuple[Form, ...]:
    """Return every form of an answer; the keys of JSON rows have the order of the CSV columns."""
    forms = [form for media, content in contents.entries() for form in _build_forms(media, content)]
    columns = next((form.columns for form in forms if form.kind.startswith("Csv")), ())
    return tuple(
        replace(form, columns=columns) if form.kind in ("JsonTable", "JsonRow") else form
        for form in sorted(forms, key=lambda form: _RECOGNISED.index(form.kind))
    )


def _build_forms(media: str, content: Node) -> list[Form]:
    schema = content["schema"]
    if media in BYTES:
        return []
    if media == CSV:
        kind = "CsvRow" if schema["maxItems"].value == 1 else "CsvTable"
        limit = content["x-ascii-until"].text
        return [
            Form(
                kind,
                _build_type(schema["items"]),
                columns=content["x-columns"].texts,
                orders=_build_orders(content),
                ascii_in=list_versions(content.document.root, until=limit) if limit else (),
            )
        ]
    if media == JSON:
        return [_build_json_form(schema, content["x-untyped"].flag)]
    assert media == TEXT
    forms = []
    if "x-nothing" in content:
        forms.append(Form("Nothing", text=content["x-nothing"].text))
    if "const" in schema:
        forms.append(Form("Constant", text=schema["const"].text))
    elif schema:
        resolved = schema.resolve()
        forms.append(
            Form(
                "Text",
                _build_type(schema),
                text=content["x-text"].text,
                pattern=resolved["pattern"].text,
                secret=resolved["format"].text == "password",
            )
        )
    return forms


def _build_json_form(schema: Node, untyped: bool) -> Form:
    inner = unwrap_result(schema)
    envelope = inner is not schema
    if inner.resolve()["type"].text != "array":
        return Form("JsonObject", _build_type(inner), envelope=envelope, untyped=untyped)
    kind = "JsonRow" if inner["maxItems"].value == 1 else "JsonTable"
    return Form(kind, _build_type(inner["items"]), envelope=envelope, untyped=untyped)
