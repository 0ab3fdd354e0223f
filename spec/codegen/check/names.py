"""Names that a contract can use."""

from __future__ import annotations

import builtins
import keyword
import re

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
_PATH = re.compile(r"(/([\w.~-]|\{\w+\})*)+\Z", re.ASCII)
_PASCAL = re.compile(r"([A-Z][a-z0-9]*)+\Z")
# Names that the templates use.
_TAKEN_CLASSES = {
    "AnswerCutShort", "AnswerError", "AnswerTimeout", "AnswerUnusable", "Body", "ClientClosed",
    "Dialect", "Download", "DssApi", "DssError", "EncryptionFailed", "FormerPath",
    "LastingFailure", "MiddlewareUnavailable", "Operation", "OperationRequest", "OutcomeUnknown",
    "ProxyPage", "ProxyRefused", "Record", "Redirected", "Request", "Response", "Sequence",
    "ServerNotTrusted", "StrEnum", "Transport", "TransportError", "UnexpectedAnswer", "Upload",
    "UploadChanged", "UploadTooLarge", "Urllib3Transport", "WireDialect",
}  # fmt: skip
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
