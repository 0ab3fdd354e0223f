"""Mistakes in schemas: named schemas, fields and single values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from spec.codegen.check.names import SNAKE, is_class_name, is_parameter_name, is_taken
from spec.codegen.layout import list_types
from spec.codegen.mistakes import Mistake
from spec.codegen.read import Node

_SCHEMA_KEYS = {
    "$ref", "type", "enum", "format", "pattern", "minimum", "maximum", "minItems",
    "maxItems", "items", "properties", "required", "default", "description",
    "contentMediaType", "x-time", "x-name", "x-order",
}  # fmt: skip
_TIMES = ("instant", "seconds", "minutes")
_SCALARS: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool,
}  # fmt: skip


def check_schemas(definitions: Node, errors: Node) -> Iterator[Mistake]:
    """Yield the mistakes in the named schemas. A schema must not have the name of an error."""
    for name, schema in definitions.entries():
        if not is_class_name(name):
            yield schema.mistake(f"the schema {name!r} is not named LikeThis.")
        if is_taken(name) or name in errors:
            yield schema.mistake(f"the name {name} is taken; give the schema a different name.")
        if not schema["description"].text:
            yield schema.mistake(f"the schema {name} needs a description.")
        if schema["type"].text == "object":
            yield from _check_keys(schema)
            yield from check_fields(schema)
            yield from check_order(schema, [name for name, _ in schema["properties"].entries()])
            for _, field in schema["properties"].entries():
                for key in ("x-name", "contentMediaType"):
                    if key in field:
                        yield field[key].mistake(f"{key} is for the fields of a form.")
        elif "enum" in schema:
            yield from _check_enumeration(schema)
        else:
            yield from check_schema(schema)


def check_fields(schema: Node) -> Iterator[Mistake]:
    """Yield the mistakes in the properties of an object or a form."""
    fields = dict(schema["properties"].entries())
    if not fields:
        yield schema.mistake("an object needs properties.")
    for name in schema["required"].texts:
        if name not in fields:
            yield schema["required"].mistake(f"the required {name!r} is not one of the properties.")
    for name, field in fields.items():
        python = field["x-name"].text or name
        if not is_parameter_name(python):
            yield field.mistake(f"{python!r} cannot be a name in Python; give one as x-name.")
        if not (field["description"].text or field.resolve()["description"].text):
            yield field.mistake(f"the field {name!r} needs a description.")
        yield from check_schema(field)


def check_order(node: Node, names: Collection[str]) -> Iterator[Mistake]:
    """Yield the mistakes in `x-order`: the order of the same names in older versions."""
    orders = node["x-order"]
    older = node.document.root["x-versions"].texts[:-1]
    if "x-order" in node and not list(orders.entries()):
        yield orders.mistake("x-order must be a mapping from versions to lists of names.")
    for version, order in orders.entries():
        if version not in older:
            yield order.mistake(
                f"x-order is for older versions ({', '.join(older)}), not {version}."
            )
        if sorted(order.texts) != sorted(names):
            yield order.mistake(f"x-order must contain each of {', '.join(names)} once.")


def _check_enumeration(schema: Node) -> Iterator[Mistake]:
    yield from _check_keys(schema)
    names = [value.lower() for value in schema["enum"].texts]
    if schema["type"].text != "string" or not names or len(set(names)) != len(names):
        yield schema.mistake(
            "this schema is not supported: the strings of an enum must be different."
        )
    for value, name in zip(schema["enum"].items(), names, strict=True):
        if not SNAKE.match(name) or name == "mro":
            yield value.mistake(f"{value.value!r} cannot be the name of an enum's member.")


def _check_keys(schema: Node) -> Iterator[Mistake]:
    for key, child in schema.entries():
        if key not in _SCHEMA_KEYS:
            yield child.mistake(f"this schema is not supported: the compiler does not use {key!r}.")


def check_schema(schema: Node) -> Iterator[Mistake]:
    """Yield the mistakes in the schema of one value, such as a field or a parameter."""
    yield from _check_keys(schema)
    if "$ref" in schema:
        target = schema.resolve()
        if target and (len(target.path) != 3 or target.path[:2] != ("components", "schemas")):
            yield schema["$ref"].mistake("a $ref must point to components/schemas.")
        return
    yield from _check_limits(schema)
    if "default" in schema:
        yield from _check_default(schema)
    if "pattern" in schema:
        yield from _check_pattern(schema["pattern"])
    if "x-time" in schema and schema["x-time"].text not in _TIMES:
        yield schema["x-time"].mistake(f"x-time must be one of {', '.join(_TIMES)}.")
    kinds = list_types(schema)
    if kinds == ["array"]:
        yield from check_schema(schema["items"])
        if list_types(schema["items"].resolve()) == ["array"]:
            yield schema.mistake("this schema is not supported: an array of arrays.")
    elif kinds == ["object"]:
        yield schema.mistake("this schema is not supported: an object needs a name of its own.")
    elif kinds == ["string"] and "enum" in schema:
        yield schema.mistake("this schema is not supported: an enum needs a name of its own.")
    elif len(kinds) != 1 or kinds[0] not in _SCALARS:
        shown = " or ".join(kinds) or "nothing"
        yield schema.mistake(f"this schema is not supported: its type is {shown}.")
    elif "x-time" in schema and kinds[0] not in ("integer", "number"):
        yield schema.mistake("this schema is not supported: a time is an integer or a number.")
    elif schema["x-time"].text == "minutes" and "null" not in schema["type"].texts:
        yield schema.mistake("minutes are null in JSON in some versions, so their type needs null.")


def _check_limits(schema: Node) -> Iterator[Mistake]:
    if "format" in schema and schema["format"].text != "password":
        yield schema["format"].mistake("this schema is not supported: the only format is password.")
    for key in ("minimum", "maximum"):
        if key in schema and not isinstance(schema[key].value, int | float):
            yield schema[key].mistake(f"{key} is a number.")


def _check_default(schema: Node) -> Iterator[Mistake]:
    value, kinds = schema["default"].value, list_types(schema)
    fitting = isinstance(value, _SCALARS.get(kinds[0] if kinds else "", ()))
    if not fitting or "x-time" in schema or isinstance(value, bool) != (kinds == ["boolean"]):
        yield schema["default"].mistake(f"the default {value!r} is not a value of this schema.")


def _check_pattern(pattern: Node) -> Iterator[Mistake]:
    try:
        # In the path it is one group among others.
        compiled = re.compile(f"(?P<x>{pattern.text})")
    except re.error as error:
        yield pattern.mistake(f"this is not a regular expression: {error}.")
    else:
        if re.search(r"[{}]", re.sub(r"\{[\d,]+\}", "", pattern.text)):
            yield pattern.mistake("braces in a pattern are counts, such as {8} or {1,3}.")
        if not pattern.text or len(compiled.groupindex) > 1:
            yield pattern.mistake("a pattern is a regular expression without named groups.")


def check_sent(name: str, schema: Node) -> Iterator[Mistake]:
    """Yield the reasons why a value cannot be sent as a parameter."""
    resolved = schema.resolve()
    kinds = list_types(resolved)
    if "x-time" in resolved or kinds == ["object"]:
        yield schema.mistake(
            f"this schema is not supported: the parameter {name!r} is not a scalar."
        )
    if kinds == ["array"] and list_types(resolved["items"].resolve()) != ["string"]:
        yield schema.mistake(f"this schema is not supported: {name!r} is not a list of strings.")
    elif kinds == ["array"] and "enum" in resolved["items"].resolve():
        yield schema.mistake(f"this schema is not supported: {name!r} is a list of an enum.")
