"""The first sentences of error messages, read from the code and the contract."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from docs.hooks.operations import CONTRACT

PACKAGES = ("dss_wire", "dss_client")
SENTENCE = re.compile(r".*?[.:](?=\s|$)", re.DOTALL)
MIN_WORDS = 3
"""The words that a beginning needs, so that a search for it finds one class and not all."""


def find_beginnings() -> dict[str, list[str]]:
    """Return the first sentence of each message in the code, by the name of its error class.

    A part that differs between messages is shown as `…`.
    """
    found: dict[str, dict[str, None]] = {}
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                text = _first_sentence(_read_text(node.args[0]))
                if len(re.findall(r"[^\W\d_]{2,}", text)) >= MIN_WORDS:
                    found.setdefault(node.func.id, {})[text] = None
    return {error: list(texts) for error, texts in found.items()}


def find_middleware_texts() -> dict[str, list[str]]:
    """Return the texts of the middleware, by the name of the error class that the client raises."""
    found: dict[str, dict[str, None]] = {}
    for row in _find_rows(yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))):
        if row.get("text") and row.get("type") != "text/html":  # all failures have that page
            found.setdefault(row["error"], {})[re.sub(r"\{\w+\}", "…", row["text"])] = None
    return {error: list(texts) for error, texts in found.items()}


def _modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((CONTRACT.parents[1] / package).rglob("*.py"))


def _read_text(node: ast.expr) -> str:
    """Return a text of the code; empty if it is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return ""


def _first_sentence(text: str) -> str:
    sentence = SENTENCE.match(text)
    return re.sub("…[…\\s]*…", "…", " ".join((sentence[0] if sentence else text).split()))


def _find_rows(part: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of all `x-errors` that say how an operation fails."""
    if isinstance(part, dict):
        rows = part.get("x-errors")
        if isinstance(rows, list):
            yield from rows
        for value in part.values():
            yield from _find_rows(value)
    elif isinstance(part, list):
        for value in part:
            yield from _find_rows(value)
