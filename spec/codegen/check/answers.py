"""Faults of answers: their statuses, errors and forms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec.codegen.check.schemas import check_schema
from spec.codegen.faults import Fault
from spec.codegen.layout import (
    BYTES,
    CSV,
    JSON,
    STATUS,
    TEMPLATE_FIELD,
    TEXT,
    succeeds,
    types_of,
    unwrapped,
)
from spec.codegen.read import Node


def check_responses(operation: Node, errors: set[str]) -> Iterator[Fault]:
    """Faults of an operation's answers, good and bad.

    Args:
        operation: whose answers they are.
        errors: the names of the error classes.
    """
    for status, reference in operation["responses"].entries():
        response = reference.resolved()
        if not STATUS.match(status):
            yield reference.fault(f"{status!r} is no HTTP status of three digits.")
        for row in response["x-errors"].items():
            if row["error"].text not in errors:
                yield row.fault(f"{row['error'].text!r} is none of the errors in components.")
            for key, child in row.entries():
                if key not in ("text", "error", "type", "session"):
                    yield child.fault(f"x-errors has no {key!r}; a text with a comma needs quotes.")
            if not isinstance(row["text"].value, str):
                yield row.fault("a row of x-errors needs a `text`.")
            yield from check_template(row["text"], Node(row.document, row.path, None))
        if succeeds(status):
            for media, content in response["content"].entries():
                yield from _form(media, content)
        elif not list(response["x-errors"].items()):
            yield reference.fault(f"the status {status} has no x-errors.")
    if len([status for status, _ in operation["responses"].entries() if succeeds(status)]) > 1:
        yield operation["responses"].fault("an operation has at most one status for success.")


def check_template(text: Node, fields: Node) -> Iterator[Fault]:
    """Faults of a sentence with `{field}`.

    Args:
        fields: the properties that it may name; empty when it stands for one value.
    """
    names = TEMPLATE_FIELD.findall(text.text)
    if re.search(r"[{}]", TEMPLATE_FIELD.sub("", text.text)):
        yield text.fault("a brace in this text belongs to no {field}.")
    for name in names:
        if names.count(name) > 1 or (name and not name.isidentifier()):
            yield text.fault(f"the field {name!r} in this text is no name, or stands twice.")
        if name and fields and name not in fields:
            yield text.fault(f"{name!r} in x-text is no field of the schema.")


def _form(media: str, content: Node) -> Iterator[Fault]:
    schema = content["schema"]
    if media == CSV:
        yield from _columns(content)
    elif media == JSON:
        yield from check_schema(unwrapped(schema))
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
    yield from check_schema(schema)
    if types_of(resolved) == ["array"]:
        yield schema.fault("this schema is not supported: a text holds no list.")
    yield from check_template(content["x-text"], resolved["properties"])
    names = TEMPLATE_FIELD.findall(content["x-text"].text)
    if resolved["type"].text == "object":
        wanted = resolved["required"].texts
        if "" in names or not set(wanted) <= set(names):
            yield content.fault("x-text must name every field that the schema requires.")
    elif "x-text" in content and names != [""]:
        yield content["x-text"].fault("x-text must hold `{}` once, for the value.")


def _columns(content: Node) -> Iterator[Fault]:
    if "items" in content["schema"]:
        yield from check_schema(content["schema"])
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
        if types_of(row["properties"][name].resolved()) in (["array"], ["object"]):
            yield content["x-columns"].fault(f"the CSV column {name!r} is no single value.")
    for name in row["required"].texts:
        if name not in columns:
            yield content["x-columns"].fault(f"the required field {name!r} has no CSV column.")
    if len(set(columns)) != len(columns):
        yield content["x-columns"].fault("a CSV column stands twice.")
