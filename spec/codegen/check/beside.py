"""Faults of what the contract says beside its operations: constants, and answers elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec.codegen.check.answers import check_rows
from spec.codegen.check.names import is_path
from spec.codegen.faults import Fault
from spec.codegen.layout import METHODS, former_paths
from spec.codegen.read import Node

_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")
_CONSTANT_KEYS = ("value", "of", "description")
_FORMER_KEYS = ("description", "until", "responses")
_ELSEWHERE = {"404", "405"}


def check_beside(root: Node) -> Iterator[Fault]:
    """Faults of x-constants, x-elsewhere and x-former-paths."""
    for name, constant in root["x-constants"].entries():
        yield from _constant(name, constant, root["components"]["schemas"])
    errors = {name for name, _ in root["components"]["x-errors"].entries()}
    yield from _elsewhere(root["x-elsewhere"], errors)
    for path, method, former in former_paths(root):
        yield from _former_path(path, method, former, errors)


def _constant(name: str, constant: Node, schemas: Node) -> Iterator[Fault]:
    if not _NAME.match(name) or name == "TIERS":
        yield constant.fault(f"the constant {name!r} is not named LIKE_THIS, or is taken.")
    if not constant["description"].text:
        yield constant.fault(f"the constant {name} has no description.")
    for key, child in constant.entries():
        if key not in _CONSTANT_KEYS:
            yield child.fault(
                f"a constant does not have {key!r}; a text with a comma needs quotes here."
            )
    value = constant["value"]
    if "of" not in constant:
        if type(value.value) is not int:
            yield constant.fault(f"the constant {name} is not an integer; an enum's needs `of`.")
        return
    known = schemas[constant["of"].text]["enum"].texts
    if not known:
        yield constant["of"].fault(f"{constant['of'].text!r} is not an enum of components/schemas.")
    elif not value.texts or not set(value.texts) <= set(known):
        yield constant.fault(f"the constant {name} is not a list of {', '.join(known)}.")


def _elsewhere(elsewhere: Node, errors: set[str]) -> Iterator[Fault]:
    if elsewhere and {status for status, _ in elsewhere.entries()} != _ELSEWHERE:
        yield elsewhere.fault("x-elsewhere says what 404 and 405 are, and nothing else.")
    for status, reference in elsewhere.entries():
        rows = list(reference.resolved()["x-errors"].items())
        if len(rows) != 1:
            yield reference.fault(f"x-elsewhere needs just one row of x-errors for {status}.")
        yield from check_rows(reference.resolved(), errors)


def _former_path(path: str, method: str, former: Node, errors: set[str]) -> Iterator[Fault]:
    older = former.document.root["x-versions"].texts[:-1]
    if not is_path(path):
        yield former.fault(f"the path {path!r} is not made of plain text and {{parameters}}.")
    if method not in METHODS:
        yield former.fault(f"{path}: there are only GET and POST, no {method.upper()}.")
    if not former["description"].text:
        yield former.fault(f"the former path {path} has no description.")
    if former["until"].text not in older:
        shown = ", ".join(older)
        yield former.fault(f"the `until` of a former path is an older version ({shown}).")
    for key, child in former.entries():
        if key not in _FORMER_KEYS:
            yield child.fault(f"a former path does not have {key!r}.")
    if not list(former["responses"].entries()):
        yield former.fault(f"the former path {path} has no responses.")
    for status, reference in former["responses"].entries():
        if not re.match(r"[45]\d\d\Z", status):
            yield reference.fault(f"a former path answers errors only, not {status}.")
        if not list(reference.resolved()["x-errors"].items()):
            yield reference.fault(f"the status {status} has no x-errors.")
        yield from check_rows(reference.resolved(), errors)
