"""Checking a spec: every fault at once, each a sentence at its line."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator

from openapi_spec_validator import OpenAPIV31SpecValidator

from spec.codegen.faults import Fault
from spec.codegen.read import Document, Node

METHODS = ("get", "post")
CSV = "text/csv"
JSON = "application/json"
TEXT = "text/plain"
BYTES = ("application/octet-stream", "*/*")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_EXTENSIONS = {
    "x-versions", "x-tiers", "x-since", "x-repeat", "x-broken", "x-logs", "x-errors", "x-columns",
    "x-text", "x-nothing", "x-untyped", "x-chooses-form", "x-time", "x-name",
}  # fmt: skip
_SCHEMA_KEYS = {
    "$ref", "type", "enum", "format", "pattern", "minimum", "maximum", "minItems",
    "maxItems", "items", "properties", "required", "default", "description",
    "contentMediaType", "x-time", "x-name",
}  # fmt: skip
_TIMES = ("instant", "seconds", "minutes")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
_PASCAL = re.compile(r"([A-Z][a-z0-9]*)+\Z")
_VERSION = re.compile(r"\d+(\.\d+)*\Z")
_STATUS = re.compile(r"[1-5]\d\d\Z")
_PATH = re.compile(r"(/([\w.~-]|\{\w+\})*)+\Z", re.ASCII)
_TEMPLATE_FIELD = re.compile(r"\{(\w*)\}")
_SCALARS: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool,
}  # fmt: skip
# What the templates call things themselves.
_TAKEN_CLASSES = {
    "AnswerCutShort", "AnswerError", "AnswerTimeout", "Body", "Dialect", "Download", "DssApi",
    "DssError", "Failure", "MiddlewareUnavailable", "Operation", "OperationRequest", "ProxyPage",
    "Redirected", "Request", "Response", "Sequence", "StrEnum", "Transport", "TransportError",
    "UnexpectedAnswer", "Upload", "UploadChanged", "Urllib3Transport",
}  # fmt: skip
_TAKEN_NAMES = {
    "attrs", "call", "cl", "converter", "datetime", "requests", "routes", "self", "timedelta",
    "tuple",
}  # fmt: skip


def check(document: Document) -> list[Fault]:
    """Everything that keeps this spec from being compiled; empty when nothing does."""
    root = document.root
    return [
        *_references(root),
        *_openapi(document),
        *_extensions(root),
        *_top(root),
        *_errors(root["components"]["x-errors"]),
        *_schemas(root["components"]["schemas"], root["components"]["x-errors"]),
        *_operations(root),
    ]


def operations(root: Node) -> Iterator[tuple[str, str, Node]]:
    """Path, method and node of every operation."""
    for path, item in root["paths"].entries():
        for method, operation in item.entries():
            yield path, method, operation


def success(operation: Node) -> tuple[str, Node]:
    """Status and response of an operation that went well; an empty node if it never does."""
    for status, response in operation["responses"].entries():
        if succeeds(status):
            return status, response.resolved()
    return "", Node(operation.document, operation.path, None)


def succeeds(status: str) -> bool:
    """Whether a status says that all went well."""
    return _STATUS.match(status) is not None and status[0] in "23"


def unwrapped(schema: Node) -> Node:
    """The schema of a JSON answer, out of its `result` envelope if it has one."""
    properties = dict(schema["properties"].entries())
    return properties["result"] if set(properties) == {"result"} else schema


def _references(root: Node) -> Iterator[Fault]:
    for node in root.walk():
        if "$ref" in node and not node.resolved():
            target = node["$ref"].text
            yield node["$ref"].fault(f"the reference {target!r} points at nothing in this file.")


def _openapi(document: Document) -> Iterator[Fault]:
    assert isinstance(document.data, dict)
    for error in OpenAPIV31SpecValidator.schema_validator.iter_errors(document.data):
        deepest = error
        while deepest.context:
            deepest = max(deepest.context, key=lambda inner: len(inner.absolute_path))
        place = tuple(deepest.absolute_path)
        yield document.fault(place, f"this is not OpenAPI 3.1: {deepest.message}.")


def _extensions(root: Node) -> Iterator[Fault]:
    for node in root.walk():
        if node.path and node.path[-1] == "properties":
            continue
        for key, child in node.entries():
            if key.startswith("x-") and key not in _EXTENSIONS and "headers" not in node.path:
                yield child.fault(f"{key!r} is none of the keys that this compiler knows.")


def _top(root: Node) -> Iterator[Fault]:
    versions = root["x-versions"].texts
    if not versions:
        yield root.fault("x-versions is missing: the versions of the middleware, oldest first.")
    elif not all(map(_VERSION.match, versions)) or len(set(versions)) != len(versions):
        yield root["x-versions"].fault("x-versions are different texts of digits and dots.")
    for tier, quota in root["x-tiers"].entries():
        if not isinstance(quota.value, int):
            yield quota.fault(f"the tier {tier!r} needs a number of tickets.")
    schemes = [scheme for _, scheme in root["components"]["securitySchemes"].entries()]
    if len(schemes) != 1 or not schemes[0]["name"].text:
        yield root["components"]["securitySchemes"].fault("there is one security scheme, a cookie.")
    names = [tag["name"].text for tag in root["tags"].items()]
    for tag, name in zip(root["tags"].items(), names, strict=True):
        if not _python_name(name) or names.count(name) > 1:
            yield tag.fault(f"the tag {name!r} is no snake_case name of its own.")
        if not tag["description"].text:
            yield tag.fault(f"the tag {name!r} has no description.")


def _python_name(name: str) -> bool:
    return bool(_SNAKE.match(name)) and not keyword.iskeyword(name) and name not in _TAKEN_NAMES


def _class_name(name: str) -> bool:
    return bool(_PASCAL.match(name)) and not keyword.iskeyword(name)


def _errors(definitions: Node) -> Iterator[Fault]:
    known = [name for name, _ in definitions.entries()]
    for index, (name, error) in enumerate(definitions.entries()):
        if not _class_name(name):
            yield error.fault(f"the error {name!r} is not named LikeThis.")
        if name in _TAKEN_CLASSES or hasattr(builtins, name):
            yield error.fault(f"the name {name} is taken; give the error another one.")
        for key in ("description", "advice"):
            if not error[key].text:
                yield error.fault(f"the error {name} has no {key}.")
        if "extends" in error:
            if error["extends"].text not in known[:index]:
                yield error.fault(f"the error {name} must extend an error that stands above it.")
        else:
            builtin = getattr(builtins, error["builtin"].text, None)
            if not (isinstance(builtin, type) and issubclass(builtin, Exception)):
                yield error.fault(f"the error {name} derives from no built-in exception.")


def _schemas(definitions: Node, errors: Node) -> Iterator[Fault]:
    for name, schema in definitions.entries():
        if not _class_name(name):
            yield schema.fault(f"the schema {name!r} is not named LikeThis.")
        if name in _TAKEN_CLASSES or name in errors or hasattr(builtins, name):
            yield schema.fault(f"the name {name} is taken; give the schema another one.")
        if not schema["description"].text:
            yield schema.fault(f"the schema {name} has no description.")
        if schema["type"].text == "object":
            yield from _keys(schema)
            yield from _fields(schema)
            for _, field in schema["properties"].entries():
                for key in ("x-name", "contentMediaType"):
                    if key in field:
                        yield field[key].fault(f"{key} is for the fields of a form.")
        elif "enum" in schema:
            yield from _enumeration(schema)
        else:
            yield from _schema(schema)


def _fields(schema: Node) -> Iterator[Fault]:
    """Faults of the properties of an object or a form."""
    fields = dict(schema["properties"].entries())
    if not fields:
        yield schema.fault("an object needs properties.")
    for name in schema["required"].texts:
        if name not in fields:
            yield schema["required"].fault(f"the required {name!r} is none of the properties.")
    for name, field in fields.items():
        python = field["x-name"].text or name
        if not _python_name(python):
            yield field.fault(f"{python!r} cannot be a name in Python; give one as x-name.")
        if not (field["description"].text or field.resolved()["description"].text):
            yield field.fault(f"the field {name!r} has no description.")
        yield from _schema(field)


def _enumeration(schema: Node) -> Iterator[Fault]:
    yield from _keys(schema)
    names = [value.lower() for value in schema["enum"].texts]
    if schema["type"].text != "string" or not names or len(set(names)) != len(names):
        yield schema.fault("this schema is not supported: an enum holds different texts.")
    for value, name in zip(schema["enum"].items(), names, strict=True):
        if not _SNAKE.match(name) or name == "mro":
            yield value.fault(f"{value.value!r} cannot be the name of an enum's member.")


def _keys(schema: Node) -> Iterator[Fault]:
    for key, child in schema.entries():
        if key not in _SCHEMA_KEYS:
            yield child.fault(f"this schema is not supported: the compiler has no use for {key!r}.")


def _kinds(schema: Node) -> list[str]:
    """What `type` says, `null` left out."""
    types = schema["type"].texts or (schema["type"].text,)
    return [kind for kind in types if kind not in ("null", "")]


def _schema(schema: Node) -> Iterator[Fault]:
    """Faults of the schema of a single value."""
    yield from _keys(schema)
    if "$ref" in schema:
        target = schema.resolved()
        if target and (len(target.path) != 3 or target.path[:2] != ("components", "schemas")):
            yield schema["$ref"].fault("a schema refers to one in components/schemas.")
        return
    if "default" in schema:
        yield from _default(schema)
    if "pattern" in schema:
        yield from _pattern(schema["pattern"])
    if "x-time" in schema and schema["x-time"].text not in _TIMES:
        yield schema["x-time"].fault(f"x-time is one of {', '.join(_TIMES)}.")
    kinds = _kinds(schema)
    if kinds == ["array"]:
        yield from _schema(schema["items"])
        if _kinds(schema["items"].resolved()) == ["array"]:
            yield schema.fault("this schema is not supported: an array of arrays.")
    elif kinds == ["object"]:
        yield schema.fault("this schema is not supported: an object needs a name of its own.")
    elif kinds == ["string"] and "enum" in schema:
        yield schema.fault("this schema is not supported: an enum needs a name of its own.")
    elif len(kinds) != 1 or kinds[0] not in _SCALARS:
        shown = " or ".join(kinds) or "nothing"
        yield schema.fault(f"this schema is not supported: its type is {shown}.")
    elif "x-time" in schema and kinds[0] not in ("integer", "number"):
        yield schema.fault("this schema is not supported: a time is an integer or a number.")


def _default(schema: Node) -> Iterator[Fault]:
    value, kinds = schema["default"].value, _kinds(schema)
    fitting = isinstance(value, _SCALARS.get(kinds[0] if kinds else "", ()))
    if not fitting or "x-time" in schema or isinstance(value, bool) != (kinds == ["boolean"]):
        yield schema["default"].fault(f"the default {value!r} is no value of this schema.")


def _pattern(pattern: Node) -> Iterator[Fault]:
    try:
        # In the path it stands as a group among others.
        compiled = re.compile(f"(?P<x>{pattern.text})")
    except re.error as error:
        yield pattern.fault(f"this is no regular expression: {error}.")
    else:
        if not pattern.text or len(compiled.groupindex) > 1:
            yield pattern.fault("a pattern is a regular expression without named groups.")


def _sent(name: str, schema: Node) -> Iterator[Fault]:
    """Faults of a value that can be answered but not sent as a parameter."""
    resolved = schema.resolved()
    kinds = _kinds(resolved)
    if "x-time" in resolved or kinds == ["object"]:
        yield schema.fault(f"this schema is not supported: the parameter {name!r} is no scalar.")
    if kinds == ["array"] and _kinds(resolved["items"].resolved()) != ["string"]:
        yield schema.fault(f"this schema is not supported: {name!r} is no list of texts.")
    elif kinds == ["array"] and "enum" in resolved["items"].resolved():
        yield schema.fault(f"this schema is not supported: {name!r} is a list of an enum.")


def _template(text: Node, fields: Node) -> Iterator[Fault]:
    """Faults of a sentence with `{field}`.

    Args:
        fields: the properties that it may name; empty when it stands for one value.
    """
    names = _TEMPLATE_FIELD.findall(text.text)
    if re.search(r"[{}]", _TEMPLATE_FIELD.sub("", text.text)):
        yield text.fault("a brace in this text belongs to no {field}.")
    for name in names:
        if names.count(name) > 1 or (name and not name.isidentifier()):
            yield text.fault(f"the field {name!r} in this text is no name, or stands twice.")
        if name and fields and name not in fields:
            yield text.fault(f"{name!r} in x-text is no field of the schema.")


def _operations(root: Node) -> Iterator[Fault]:
    versions = root["x-versions"].texts
    tags = {tag["name"].text for tag in root["tags"].items()}
    errors = {name for name, _ in root["components"]["x-errors"].entries()}
    seen: dict[str, Node] = {}
    for path, method, operation in operations(root):
        if method not in METHODS:
            yield operation.fault(f"{path}: there are only GET and POST, no {method.upper()}.")
            continue
        yield from _identity(operation, seen)
        if operation["x-since"].text not in versions:
            yield operation.fault(f"x-since is one of x-versions ({', '.join(versions)}).")
        if [tag for tag in operation["tags"].texts if tag in tags] == []:
            yield operation.fault("an operation has one tag, and it stands in `tags` above.")
        elif len(operation["tags"].texts) != 1:
            yield operation["tags"].fault("an operation has just one tag.")
        repeat = operation["x-repeat"]
        if not isinstance(repeat["safe"].value, bool) or not repeat["effect"].text:
            yield operation.fault("x-repeat needs `safe` (true or false) and `effect` (a text).")
        for key, child in repeat.entries():
            if key not in ("safe", "effect"):
                yield child.fault(
                    f"x-repeat has no {key!r}; a text with a comma needs quotes here."
                )
        yield from _parameters(path, operation)
        if "requestBody" in operation:
            if method == "get":
                yield operation["requestBody"].fault("a GET request has no body.")
            yield from _body(operation["requestBody"].resolved())
        yield from _names(operation)
        yield from _responses(operation, errors)


def _identity(operation: Node, seen: dict[str, Node]) -> Iterator[Fault]:
    name = operation["operationId"].text
    if not _SNAKE.match(name) or keyword.iskeyword(name):
        yield operation.fault(f"the operationId {name!r} is not a snake_case name.")
    elif name in seen:
        first = operation.document.lines[seen[name].path]
        yield operation["operationId"].fault(
            f"the operationId {name!r} stands twice; the first is on line {first}."
        )
    else:
        seen[name] = operation["operationId"]
    if not operation["summary"].text:
        yield operation.fault(f"the operation {name} has no summary.")


def _parameters(path: str, operation: Node) -> Iterator[Fault]:
    in_template = re.findall(r"\{(\w+)\}", path)
    if not _PATH.match(path) or len(set(in_template)) != len(in_template):
        yield operation.fault(f"the path {path!r} is not made of plain text and {{parameters}}.")
    declared = [parameter.resolved() for parameter in operation["parameters"].items()]
    in_path = {p["name"].text for p in declared if p["in"].text == "path"}
    for name in in_template:
        if name not in in_path:
            yield operation.fault(f"the path parameter {name!r} of {path} is not declared.")
    for parameter in declared:
        name, place = parameter["name"].text, parameter["in"].text
        if place not in ("path", "query"):
            yield parameter.fault(f"the parameter {name!r} is neither in the path nor the query.")
        if place == "path" and name not in in_template:
            yield parameter.fault(f"the path parameter {name!r} does not stand in {path}.")
        if not _python_name(name):
            yield parameter.fault(f"the parameter {name!r} cannot be a name in Python.")
        if not parameter["description"].text:
            yield parameter.fault(f"the parameter {name!r} has no description.")
        if not parameter["x-chooses-form"].flag:
            yield from _schema(parameter["schema"])
            yield from _sent(name, parameter["schema"])
    content = success(operation)[1]["content"]
    chooses = any(parameter["x-chooses-form"].flag for parameter in declared)
    if chooses and not (CSV in content or (TEXT in content and JSON in content)):
        yield operation.fault("x-chooses-form is declared, but there is one form to choose from.")
    if CSV in content and JSON in content and not chooses:
        yield operation.fault("there is CSV and JSON, but no parameter with x-chooses-form.")


def _body(body: Node) -> Iterator[Fault]:
    contents = list(body["content"].entries())
    if len(contents) != 1 or contents[0][0] not in (FORM, MULTIPART):
        yield body.fault(f"a request body is either {FORM} or {MULTIPART}.")
        return
    media, content = contents[0]
    schema = content["schema"]
    if schema["type"].text != "object":
        yield content.fault("this schema is not supported: a form is an object.")
        return
    yield from _fields(schema)
    for name, field in schema["properties"].entries():
        yield from _sent(name, field)
    files = [name for name, field in schema["properties"].entries() if "contentMediaType" in field]
    if (media == MULTIPART) != (len(files) == 1):
        yield content.fault("a multipart body has exactly one file, and a form has none.")
    for name, field in schema["properties"].entries():
        if field.resolved()["type"].text == "array" and (
            content["encoding"][name]["explode"].value is not False
        ):
            yield field.fault(f"the list {name!r} needs an encoding with `explode: false`.")


def _names(operation: Node) -> Iterator[Fault]:
    """Faults of the parameters and the fields of the form together."""
    declared = [parameter.resolved() for parameter in operation["parameters"].items()]
    names = [parameter["name"].text for parameter in declared]
    for _, content in operation["requestBody"].resolved()["content"].entries():
        for name, field in content["schema"]["properties"].entries():
            names.append(field["x-name"].text or name)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield operation.fault(f"two parameters of this operation are named {name!r}.")


def _responses(operation: Node, errors: set[str]) -> Iterator[Fault]:
    for status, reference in operation["responses"].entries():
        response = reference.resolved()
        if not _STATUS.match(status):
            yield reference.fault(f"{status!r} is no HTTP status of three digits.")
        for row in response["x-errors"].items():
            if row["error"].text not in errors:
                yield row.fault(f"{row['error'].text!r} is none of the errors in components.")
            for key, child in row.entries():
                if key not in ("text", "error", "type", "session"):
                    yield child.fault(f"x-errors has no {key!r}; a text with a comma needs quotes.")
            if not isinstance(row["text"].value, str):
                yield row.fault("a row of x-errors needs a `text`.")
            yield from _template(row["text"], Node(row.document, row.path, None))
        if succeeds(status):
            for media, content in response["content"].entries():
                yield from _form(media, content)
        elif not list(response["x-errors"].items()):
            yield reference.fault(f"the status {status} has no x-errors.")
    if len([status for status, _ in operation["responses"].entries() if succeeds(status)]) > 1:
        yield operation["responses"].fault("an operation has at most one status for success.")


def _form(media: str, content: Node) -> Iterator[Fault]:
    schema = content["schema"]
    if media == CSV:
        yield from _columns(content)
    elif media == JSON:
        yield from _schema(unwrapped(schema))
    elif media == TEXT:
        yield from _text(content)
    elif media not in BYTES:
        yield content.fault(f"this answer is not supported: its media type is {media}.")


def _text(content: Node) -> Iterator[Fault]:
    schema = content["schema"]
    resolved = schema.resolved()
    if "x-nothing" in content and not content["x-nothing"].text:
        yield content["x-nothing"].fault("x-nothing is a text.")
    if not schema:
        if "x-nothing" not in content:
            yield content.fault("a text is either x-nothing or has a schema.")
        return
    if "const" in schema:
        if not schema["const"].text:
            yield schema["const"].fault("const is a text.")
        return
    yield from _schema(schema)
    if _kinds(resolved) == ["array"]:
        yield schema.fault("this schema is not supported: a text holds no list.")
    yield from _template(content["x-text"], resolved["properties"])
    names = _TEMPLATE_FIELD.findall(content["x-text"].text)
    if resolved["type"].text == "object":
        wanted = resolved["required"].texts
        if "" in names or not set(wanted) <= set(names):
            yield content.fault("x-text must name every field that the schema requires.")
    elif "x-text" in content and names != [""]:
        yield content["x-text"].fault("x-text must hold `{}` once, for the value.")


def _columns(content: Node) -> Iterator[Fault]:
    if "items" in content["schema"]:
        yield from _schema(content["schema"])
    row = content["schema"]["items"].resolved()
    fields = [name for name, _ in row["properties"].entries()]
    columns = content["x-columns"].texts
    if not fields or not columns:
        yield content.fault("a CSV answer needs an array of a named object, and x-columns.")
        return
    for column in content["x-columns"].items():
        if column.text not in fields:
            yield column.fault(f"the CSV column {column.text!r} is no field of the row.")
    optional = [name for name in columns if name in fields and name not in row["required"].texts]
    if len(optional) > 1:
        yield content["x-columns"].fault(
            f"only one CSV column can be absent, not {' and '.join(optional)}."
        )
    for name in columns:
        if _kinds(row["properties"][name].resolved()) in (["array"], ["object"]):
            yield content["x-columns"].fault(f"the CSV column {name!r} is no single value.")
    for name in row["required"].texts:
        if name not in columns:
            yield content["x-columns"].fault(f"the required field {name!r} has no CSV column.")
    if len(set(columns)) != len(columns):
        yield content["x-columns"].fault("a CSV column stands twice.")
