"""How a contract is laid out: its media types, and where in it things stand."""

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


def operations(root: Node) -> Iterator[tuple[str, str, Node]]:
    """Path, method and node of every operation."""
    for path, item in root["paths"].entries():
        for method, operation in item.entries():
            yield path, method, operation


def former_paths(root: Node) -> Iterator[tuple[str, str, Node]]:
    """Path, method and node of everything that was routed only formerly."""
    for path, item in root["x-former-paths"].entries():
        for method, former in item.entries():
            yield path, method, former


def versions_between(root: Node, *, since: str = "", until: str = "") -> tuple[str, ...]:
    """The versions from one to another, both included; from the first or to the last if empty."""
    versions = root["x-versions"].texts
    first = versions.index(since) if since else 0
    last = versions.index(until) if until else len(versions) - 1
    return versions[first : last + 1]


def success(operation: Node) -> tuple[str, Node]:
    """Status and response of an operation that went well; an empty node if it never does."""
    for status, response in operation["responses"].entries():
        if succeeds(status):
            return status, response.resolved()
    return "", Node(operation.document, operation.path, None)


def succeeds(status: str) -> bool:
    """Whether a status says that all went well."""
    return STATUS.match(status) is not None and status[0] in "23"


def unwrapped(schema: Node) -> Node:
    """The schema of a JSON answer, out of its `result` envelope if it has one."""
    properties = dict(schema["properties"].entries())
    return properties["result"] if set(properties) == {"result"} else schema


def types_of(schema: Node) -> list[str]:
    """What `type` says, `null` left out."""
    types = schema["type"].texts or (schema["type"].text,)
    return [kind for kind in types if kind not in ("null", "")]
