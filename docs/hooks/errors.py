"""The errors as a tree and as a list, read from the classes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module

from docs.hooks import messages
from dss_api import AnswerError, DssError

HOMES = (
    "dss_client",
    "dss_client.errors",
    "dss_client.export",
    "dss_client.snapshots",
    "dss_client.workspace",
    "dss_api",
)
"""The modules to import errors from; the pages name the first that has the class."""


def public() -> dict[type[DssError], str]:
    """Return each public error with the module to import it from."""
    homes: dict[type[DssError], str] = {}
    for home in HOMES:
        module = import_module(home)
        for name in getattr(module, "__all__", vars(module)):
            found = getattr(module, name)
            if inspect.isclass(found) and issubclass(found, DssError):
                homes.setdefault(found, home)
    return homes


def tree() -> str:
    """Return all errors as a drawn tree, each with the built-in exception that it also is."""
    return "\n".join(["```text", "DssError", *_branches(DssError, public(), ""), "```"])


def sections() -> str:
    """Return a list of errors for each module, with the meaning and the advice."""
    homes = public()
    beginnings, replies = messages.find_beginnings(), messages.find_middleware_texts()
    parts: list[str] = []
    for home in HOMES:
        found = sorted((one for one, where in homes.items() if where == home), key=_name)
        if found:
            parts.append(f"## From `{home}`")
            parts += (
                _section(error, beginnings.get(_name(error), []), replies.get(_name(error), []))
                for error in found
            )
    return "\n\n".join(parts)


def _branches(parent: type[DssError], known: dict[type[DssError], str], stem: str) -> Iterator[str]:
    children = sorted((one for one in known if _parent(one) is parent), key=_name)
    for child in children:
        last = child is children[-1]
        builtin = _builtin(child)
        yield f"{stem}{'└── ' if last else '├── '}{child.__name__}" + (
            f" ({builtin})" if builtin else ""
        )
        yield from _branches(child, known, stem + ("    " if last else "│   "))


def _name(error: type[DssError]) -> str:
    return error.__name__


def _parent(error: type[DssError]) -> type | None:
    return next((base for base in error.__bases__ if issubclass(base, DssError)), None)


def _builtin(error: type[DssError]) -> str:
    names = (base.__name__ for base in error.__bases__ if not issubclass(base, DssError))
    return "" if error is DssError else next(names, "")


def _section(error: type[DssError], beginnings: list[str], replies: list[str]) -> str:
    """Return the entry of one error.

    Args:
        beginnings: the first sentences of its messages.
        replies: the answers of the middleware that make the client raise this error.
    """
    summary, _, rest = (inspect.getdoc(error) or "").partition("\n\n")
    lines = [f"### `{error.__name__}` {{ #{error.__name__} }}", " ".join(summary.split())]
    if issubclass(error, AnswerError) and error.advice:
        lines.append(error.advice)
    _, _, attributes = rest.partition("Attributes:\n")
    lines.append("\n".join(f"* {line}" for line in _attributes(attributes)))
    if issubclass(error, AnswerError) and error.description != lines[1]:
        beginnings = [error.description, *beginnings]
    lines += _examples("First sentences of its messages:", beginnings)
    lines += _examples("Answers of the middleware that lead to it:", replies)
    return "\n\n".join(filter(None, lines))


def _examples(heading: str, texts: list[str]) -> list[str]:
    return [heading, "```text\n{}\n```".format("\n".join(texts))] if texts else []


def _attributes(text: str) -> Iterator[str]:
    """Yield the entries of an `Attributes:` section, each in one line."""
    entry: list[str] = []
    for line in text.splitlines():
        if line.startswith("    ") and not line.startswith("     "):
            if entry:
                yield _entry(entry)
            entry = []
        entry.append(line.strip())
    if entry:
        yield _entry(entry)


def _entry(lines: list[str]) -> str:
    name, _, meaning = " ".join(filter(None, lines)).partition(": ")
    return f"`{name}`: {meaning}"
