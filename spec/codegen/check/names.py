"""Names that a contract can use."""

from __future__ import annotations

import builtins
import keyword
import re
from pathlib import Path

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
_PATH = re.compile(r"(/([\w.~-]|\{\w+\})*)+\Z", re.ASCII)
_PASCAL = re.compile(r"([A-Z][a-z0-9]*)+\Z")
_IMPORT = re.compile(r"^ *from [\w.]+ import (\([^)]*\)|.+)$", re.MULTILINE)


def _list_imported_classes() -> set[str]:
    """Return the capitalised names that the templates import. Classes must not hide them."""
    templates = Path(__file__).parents[1] / "templates"
    return {
        name
        for template in templates.glob("*.jinja")
        for names in _IMPORT.findall(template.read_text(encoding="utf-8"))
        for name in re.findall(r"\b[A-Z]\w*", names)
    }


_TAKEN_CLASSES = {"NEWEST"} | _list_imported_classes()  # NEWEST is defined beside the enums
# Names that the templates use.
_TAKEN_NAMES = {
    "attrs", "call", "cl", "converter", "datetime", "requests", "routes", "self", "timedelta",
    "tuple",
}  # fmt: skip


def is_operation_name(name: str) -> bool:
    """Check whether a method can have this name."""
    return bool(SNAKE.match(name)) and not keyword.iskeyword(name)


def is_parameter_name(name: str) -> bool:
    """Check whether a parameter or a field can have this name."""
    return is_operation_name(name) and name not in _TAKEN_NAMES


def is_class_name(name: str) -> bool:
    """Check whether a class can have this name."""
    return bool(_PASCAL.match(name)) and not keyword.iskeyword(name)


def is_path(path: str) -> bool:
    """Check whether a path is made of plain text and of different parameters."""
    parameters = re.findall(r"\{(\w+)\}", path)
    return bool(_PATH.match(path)) and len(set(parameters)) == len(parameters)


def is_taken(name: str) -> bool:
    """Check whether a class of this name already exists."""
    return name in _TAKEN_CLASSES or hasattr(builtins, name)


def make_constant_name(name: str) -> str:
    """Return the name of a private constant for a name LikeThis."""
    return "_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).upper()
