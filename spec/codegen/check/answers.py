"""Mistakes in answers: their statuses, errors and forms."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from spec.codegen.check.schemas import check_order, check_schema
from spec.codegen.layout import (
    BYTES,
    CSV,
    JSON,
    STATUS,
    TEMPLATE_FIELD,
    TEXT,
    is_success,
    list_types,
    unwrap_result,
)
from spec.codegen.mistakes import Mistake
from spec.codegen.read import Node


def check_responses(operation: Node, errors: set[str]) -> Iterator[Mistake]:
    """Yield the mistakes in an operation's successes and errors.

    Args:
        operation: the operation that has the answers.
        errors: the names of the error classes.
    """
    for status, reference in operation["responses"].entries():
        response = reference.resolve()
        if not STATUS.match(status):
            yield reference.mistake(f"{status!r} is not an HTTP status of three digits.")
        yield from check_rows(response, errors)
        if is_success(status):
            for media, content in response["content"].entries():
                yield from _check_form(media, content)
                yield from _check_ascii(content, operation["responses"]["500"].resolve())
        elif not list(response["x-errors"].items()):
            yield reference.mistake(f"the status {status} needs x-errors.")
    if len([status for status, _ in operation["responses"].entries() if is_success(status)]) > 1:
        yield operation["responses"].mistake("an operation has at most one status for success.")


def check_rows(response: Node, errors: set[str]) -> Iterator[Mistake]:
    """Yield the mistakes in the `x-errors` of a status."""
    versions = response.document.root["x-versions"].texts
    for row in response["x-errors"].items():
        if row["error"].text not in errors:
            yield row.mistake(f"{row['error'].text!r} is not one of the errors in components.")
        for key, child in row.entries():
            if key not in _ROW_KEYS:
                yield child.mistake(
                    f"x-errors does not have the key {key!r}; a string with a comma needs quotes."
                )
        if not isinstance(row["text"].value, str):
            yield row.mistake("a row of x-errors needs a `text`.")
        yield from check_template(row["text"], Node(row.document, row.path, None))
        limits = [row[key] for key in ("since", "until") if key in row]
        for limit in limits:
            if limit.text not in versions:
                yield limit.mistake(
                    f"{limit.name} must be one of x-versions ({', '.join(versions)})."
                )
        found = [versions.index(limit.text) for limit in limits if limit.text in versions]
        if found != sorted(found):
            yield row.mistake("a row of x-errors cannot end before the version it is known since.")


def check_template(text: Node, fields: Node) -> Iterator[Mistake]:
    """Yield the mistakes in a sentence with `{field}`.

    Args:
        fields: the properties that the sentence can name; empty if the sentence has one value.
    """
    names = TEMPLATE_FIELD.findall(text.text)
    if re.search(r"[{}]", TEMPLATE_FIELD.sub("", text.text)):
        yield text.mistake("a brace in this text is not part of a {field}.")
    for name in names:
        if names.count(name) > 1 or (name and not name.isidentifier()):
            yield text.mistake(f"the field {name!r} in this text is not a name, or is used twice.")
        if name and fields and name not in fields:
            yield text.mistake(f"{name!r} in x-text is not a field of the schema.")


_ROW_KEYS = ("text", "error", "type", "session", "since", "until")


def _check_form(media: str, content: Node) -> Iterator[Mistake]:
    schema = content["schema"]
    if media == CSV:
        yield from _check_columns(content)
    elif media == JSON:
        yield from check_schema(unwrap_result(schema))
    elif media == TEXT:
        yield from _check_text(content)
    elif media not in BYTES:
        yield content.mistake(f"this answer is not supported: its media type is {media}.")


def _check_text(content: Node) -> Iterator[Mistake]:
    schema = content["schema"]
    resolved = schema.resolve()
    if "x-nothing" in content and not content["x-nothing"].text:
        yield content["x-nothing"].mistake("x-nothing must be a string.")
    if not schema:
        if "x-nothing" not in content:
            yield content.mistake("text/plain needs either x-nothing or a schema.")
        return
    if "const" in schema:
        if not schema["const"].text:
            yield schema["const"].mistake("const must be a string.")
        return
    yield from check_schema(schema)
    if list_types(resolved) == ["array"]:
        yield schema.mistake("this schema is not supported: text/plain cannot be a list.")
    yield from check_template(content["x-text"], resolved["properties"])
    names = TEMPLATE_FIELD.findall(content["x-text"].text)
    if resolved["type"].text == "object":
        wanted = resolved["required"].texts
        if "" in names or not set(wanted) <= set(names):
            yield content.mistake("x-text must name every field that the schema requires.")
    elif "x-text" in content and names != [""]:
        yield content["x-text"].mistake("x-text must contain `{}` once, for the value.")


def _check_ascii(content: Node, mistake: Node) -> Iterator[Mistake]:
    """Yield the mistakes in a form that can only be ASCII, and in the error of this form."""
    if "x-ascii-until" not in content:
        return
    versions = content.document.root["x-versions"].texts
    limit = content["x-ascii-until"]
    if limit.text not in versions:
        yield limit.mistake(f"x-ascii-until must be one of x-versions ({', '.join(versions)}).")
    if not any(row["type"].text.startswith(CSV) for row in mistake["x-errors"].items()):
        yield limit.mistake(f"x-ascii-until needs a row of x-errors for 500 of a type like {CSV}.")


def _check_columns(content: Node) -> Iterator[Mistake]:
    if "items" in content["schema"]:
        yield from check_schema(content["schema"])
    row = content["schema"]["items"].resolve()
    fields = [name for name, _ in row["properties"].entries()]
    columns = content["x-columns"].texts
    if not fields or not columns:
        yield content.mistake("a CSV answer needs an array of a named object, and x-columns.")
        return
    for column in content["x-columns"].items():
        if column.text not in fields:
            yield column.mistake(f"the CSV column {column.text!r} is not a field of the row.")
    optional = [name for name in columns if name in fields and name not in row["required"].texts]
    if len(optional) > 1:
        yield content["x-columns"].mistake(
            f"only one CSV column can be absent, not {' and '.join(optional)}."
        )
    for name in columns:
        if list_types(row["properties"][name].resolve()) in (["array"], ["object"]):
            yield content["x-columns"].mistake(f"the CSV column {name!r} is not a single value.")
    for name in row["required"].texts:
        if name not in columns:
            yield content["x-columns"].mistake(
                f"the required field {name!r} does not have a CSV column."
            )
    if len(set(columns)) != len(columns):
        yield content["x-columns"].mistake("a CSV column is listed twice.")
    yield from check_order(content, columns)
    for _, order in content["x-order"].entries():
        properties, older = row["properties"], order.texts
        if not (
            _is_distinguishable(properties, older, columns)
            and _is_distinguishable(properties, older, columns, optional)
        ):
            yield order.mistake("a row in this order looks like a row in the order of x-columns.")


def _is_distinguishable(
    fields: Node, older: Iterable[str], newest: Iterable[str], absent: Collection[str] = ()
) -> bool:
    """Check whether a row in the older order cannot be read in the newest order."""
    old = (fields[name].resolve() for name in older if name not in absent)
    new = (fields[name].resolve() for name in newest if name not in absent)
    return any(
        written["x-time"].text in ("instant", "seconds")
        and list_types(expected) != ["string"]
        and "x-time" not in expected
        for written, expected in zip(old, new, strict=False)
    )
