"""Mistakes in operations: their names, parameters and bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec.codegen.check.answers import check_responses
from spec.codegen.check.names import is_operation_name, is_parameter_name, is_path
from spec.codegen.check.schemas import check_fields, check_schema, check_sent
from spec.codegen.layout import (
    CSV,
    FORM,
    JSON,
    METHODS,
    MULTIPART,
    TEXT,
    find_success,
    iterate_operations,
)
from spec.codegen.mistakes import Mistake
from spec.codegen.read import Node


def check_operations(root: Node) -> Iterator[Mistake]:
    """Yield the mistakes in all operations."""
    versions = root["x-versions"].texts
    tags = {tag["name"].text for tag in root["tags"].items()}
    errors = {name for name, _ in root["components"]["x-errors"].entries()}
    seen: dict[str, Node] = {}
    for path, method, operation in iterate_operations(root):
        if method not in METHODS:
            yield operation.mistake(
                f"{path}: only GET and POST are supported, not {method.upper()}."
            )
            continue
        yield from _check_identity(operation, seen)
        yield from _check_security(operation, root["components"]["securitySchemes"])
        if operation["x-since"].text not in versions:
            yield operation.mistake(f"x-since must be one of x-versions ({', '.join(versions)}).")
        if [tag for tag in operation["tags"].texts if tag in tags] == []:
            yield operation.mistake(
                "an operation has one tag, and the tag is one of `tags` at the top."
            )
        elif len(operation["tags"].texts) != 1:
            yield operation["tags"].mistake("an operation must have exactly one tag.")
        repeat = operation["x-repeat"]
        if not isinstance(repeat["safe"].value, bool) or not repeat["effect"].text:
            yield operation.mistake(
                "x-repeat needs `safe` (true or false) and `effect` (a string)."
            )
        elif repeat["safe"].flag == bool(repeat["unknown"].text):
            yield operation.mistake(
                "x-repeat needs `unknown` (a string) if `safe` is false, and only then."
            )
        for key, child in repeat.entries():
            if key not in ("safe", "effect", "unknown"):
                yield child.mistake(
                    f"x-repeat does not have the key {key!r}; a string with a comma needs quotes."
                )
        yield from _check_parameters(path, operation)
        if "requestBody" in operation:
            if method == "get":
                yield operation["requestBody"].mistake("a GET request does not have a body.")
            yield from _check_body(operation["requestBody"].resolve())
        yield from _check_names(operation)
        yield from check_responses(operation, errors)


def _check_security(operation: Node, schemes: Node) -> Iterator[Mistake]:
    for requirement in operation["security"].items():
        for name, scheme in requirement.entries():
            if name not in schemes:
                yield scheme.mistake(f"{name!r} is not one of the security schemes.")


def _check_identity(operation: Node, seen: dict[str, Node]) -> Iterator[Mistake]:
    name = operation["operationId"].text
    if not is_operation_name(name):
        yield operation.mistake(f"the operationId {name!r} is not a snake_case name.")
    elif name in seen:
        first = operation.document.lines[seen[name].path]
        yield operation["operationId"].mistake(
            f"the operationId {name!r} is used twice; the first is on line {first}."
        )
    else:
        seen[name] = operation["operationId"]
    if not operation["summary"].text:
        yield operation.mistake(f"the operation {name} needs a summary.")


def _check_parameters(path: str, operation: Node) -> Iterator[Mistake]:
    in_template = re.findall(r"\{(\w+)\}", path)
    if not is_path(path):
        yield operation.mistake(f"the path {path!r} is not made of plain text and {{parameters}}.")
    declared = [parameter.resolve() for parameter in operation["parameters"].items()]
    in_path = {p["name"].text for p in declared if p["in"].text == "path"}
    for name in in_template:
        if name not in in_path:
            yield operation.mistake(f"the path parameter {name!r} of {path} is not declared.")
    for parameter in declared:
        name, place = parameter["name"].text, parameter["in"].text
        if place not in ("path", "query"):
            yield parameter.mistake(f"the parameter {name!r} is neither in the path nor the query.")
        if place == "path" and name not in in_template:
            yield parameter.mistake(f"the path parameter {name!r} is not in {path}.")
        if not is_parameter_name(name):
            yield parameter.mistake(f"the parameter {name!r} cannot be a name in Python.")
        if not parameter["description"].text:
            yield parameter.mistake(f"the parameter {name!r} needs a description.")
        if not parameter["x-chooses-form"].flag:
            yield from check_schema(parameter["schema"])
            yield from check_sent(name, parameter["schema"])
    content = find_success(operation)[1]["content"]
    chooses = any(parameter["x-chooses-form"].flag for parameter in declared)
    if chooses and not (CSV in content or (TEXT in content and JSON in content)):
        yield operation.mistake("x-chooses-form is declared, but there is one form to choose from.")
    if CSV in content and JSON in content and not chooses:
        yield operation.mistake("an answer in CSV and JSON needs a parameter with x-chooses-form.")


def _check_body(body: Node) -> Iterator[Mistake]:
    contents = list(body["content"].entries())
    if len(contents) != 1 or contents[0][0] not in (FORM, MULTIPART):
        yield body.mistake(f"a request body is either {FORM} or {MULTIPART}.")
        return
    media, content = contents[0]
    schema = content["schema"]
    if schema["type"].text != "object":
        yield content.mistake("this schema is not supported: a form is an object.")
        return
    yield from check_fields(schema)
    for name, field in schema["properties"].entries():
        yield from check_sent(name, field)
    files = [name for name, field in schema["properties"].entries() if "contentMediaType" in field]
    if (media == MULTIPART) != (len(files) == 1):
        yield content.mistake(
            "a multipart body has exactly one file, and a form does not have a file."
        )
    for name, field in schema["properties"].entries():
        if field.resolve()["type"].text == "array" and (
            content["encoding"][name]["explode"].value is not False
        ):
            yield field.mistake(f"the list {name!r} needs an encoding with `explode: false`.")


def _check_names(operation: Node) -> Iterator[Mistake]:
    """Yield the names that two parameters share, in the path, query or form."""
    declared = [parameter.resolve() for parameter in operation["parameters"].items()]
    names = [parameter["name"].text for parameter in declared]
    for _, content in operation["requestBody"].resolve()["content"].entries():
        for name, field in content["schema"]["properties"].entries():
            names.append(field["x-name"].text or name)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield operation.mistake(f"two parameters of this operation are named {name!r}.")
