"""Mistakes outside operations: constants, former paths, and answers to unknown requests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec.codegen.check.answers import check_rows
from spec.codegen.check.names import is_path
from spec.codegen.layout import METHODS, iterate_former_paths
from spec.codegen.mistakes import Mistake
from spec.codegen.read import Node

_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")
_CONSTANT_KEYS = ("value", "of", "description")
_FORMER_KEYS = ("description", "until", "responses")
_ELSEWHERE = {"404", "405"}


def check_extra_sections(root: Node) -> Iterator[Mistake]:
    """Yield the mistakes in x-constants, x-elsewhere and x-former-paths."""
    for name, constant in root["x-constants"].entries():
        yield from _check_constant(name, constant, root["components"]["schemas"])
    errors = {name for name, _ in root["components"]["x-errors"].entries()}
    yield from _check_elsewhere(root["x-elsewhere"], errors)
    for path, method, former in iterate_former_paths(root):
        yield from _check_former_path(path, method, former, errors)


def _check_constant(name: str, constant: Node, schemas: Node) -> Iterator[Mistake]:
    if not _NAME.match(name) or name == "TIERS":
        yield constant.mistake(f"the constant {name!r} is not named LIKE_THIS, or is taken.")
    if not constant["description"].text:
        yield constant.mistake(f"the constant {name} needs a description.")
    for key, child in constant.entries():
        if key not in _CONSTANT_KEYS:
            yield child.mistake(
                f"a constant does not have {key!r}; a string with a comma needs quotes here."
            )
    value = constant["value"]
    if "of" not in constant:
        if type(value.value) is not int:
            yield constant.mistake(f"the constant {name} is not an integer; an enum's needs `of`.")
        return
    known = schemas[constant["of"].text]["enum"].texts
    if not known:
        yield constant["of"].mistake(
            f"{constant['of'].text!r} is not an enum of components/schemas."
        )
    elif not value.texts or not set(value.texts) <= set(known):
        yield constant.mistake(f"the constant {name} is not a list of {', '.join(known)}.")


def _check_elsewhere(elsewhere: Node, errors: set[str]) -> Iterator[Mistake]:
    if elsewhere and {status for status, _ in elsewhere.entries()} != _ELSEWHERE:
        yield elsewhere.mistake("x-elsewhere must contain 404 and 405 only.")
    for status, reference in elsewhere.entries():
        rows = list(reference.resolve()["x-errors"].items())
        if len(rows) != 1:
            yield reference.mistake(f"x-elsewhere needs exactly one row of x-errors for {status}.")
        yield from check_rows(reference.resolve(), errors)


def _check_former_path(path: str, method: str, former: Node, errors: set[str]) -> Iterator[Mistake]:
    older = former.document.root["x-versions"].texts[:-1]
    if not is_path(path):
        yield former.mistake(f"the path {path!r} is not made of plain text and {{parameters}}.")
    if method not in METHODS:
        yield former.mistake(f"{path}: only GET and POST are supported, not {method.upper()}.")
    if not former["description"].text:
        yield former.mistake(f"the former path {path} needs a description.")
    if former["until"].text not in older:
        shown = ", ".join(older)
        yield former.mistake(f"the `until` of a former path is an older version ({shown}).")
    for key, child in former.entries():
        if key not in _FORMER_KEYS:
            yield child.mistake(f"a former path does not have {key!r}.")
    if not list(former["responses"].entries()):
        yield former.mistake(f"the former path {path} needs responses.")
    for status, reference in former["responses"].entries():
        if not re.match(r"[45]\d\d\Z", status):
            yield reference.mistake(f"a former path answers errors only, not {status}.")
        if not list(reference.resolve()["x-errors"].items()):
            yield reference.mistake(f"the status {status} needs x-errors.")
        yield from check_rows(reference.resolve(), errors)
