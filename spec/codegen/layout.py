"""Layout of a contract: its media types, and how to find its operations, versions and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec.codegen.read import Node

METHODS = ("get", "post")
CSV = "text/csv"
JSON = "application/json"
TEXT = "text/plain"
BYTES = ("application/octet-stream", "*/*")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

STATUS = re.compile(r"[1-5]\d\d\Z")
TEMPLATE_FIELD = re.compile(r"\{(\w*)\}")


def iterate_operations(root: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield path, method and node of every operation."""
    for path, item in root["paths"].entries():
        for method, operation in item.entries():
            yield path, method, operation


def iterate_former_paths(root: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield path, method and node of every former path."""
    for path, item in root["x-former-paths"].entries():
        for method, former in item.entries():
            yield path, method, former


def list_versions(root: Node, *, since: str = "", until: str = "") -> tuple[str, ...]:
    """Return the versions from one to another, both included; empty means the first or last."""
    versions = root["x-versions"].texts
    first = versions.index(since) if since else 0
    last = versions.index(until) if until else len(versions) - 1
    return versions[first : last + 1]


def find_success(operation: Node) -> tuple[str, Node]:
    """Return status and response of a success; an empty node if the operation never succeeds."""
    for status, response in operation["responses"].entries():
        if is_success(status):
            return status, response.resolve()
    return "", Node(operation.document, operation.path, None)


def is_success(status: str) -> bool:
    """Check whether a status means success."""
    return STATUS.match(status) is not None and status[0] in "23"


def unwrap_result(schema: Node) -> Node:
    """Return the schema of a JSON answer, without the `result` envelope."""
    properties = dict(schema["properties"].entries())
    return properties["result"] if set(properties) == {"result"} else schema


def list_types(schema: Node) -> list[str]:
    """Return the types of a schema without `null`."""
    types = schema["type"].texts or (schema["type"].text,)
    return [kind for kind in types if kind not in ("null", "")]
