"""From a path to the operations of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dss_api import FORMER_PATHS, OPERATIONS, Dialect, FormerPath, Operation, OperationRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOCK_PREFIX = "/_mock/"
"""Below this is what the mock has for itself; the middleware has nothing there."""

AnyOperation = Operation[OperationRequest, object]


def get_method(environ: WSGIEnvironment) -> str:
    """What is asked for; a `HEAD` is answered as a `GET` is."""
    method: str = environ["REQUEST_METHOD"]
    return "GET" if method == "HEAD" else method


def find_operations(path: str, dialect: Dialect) -> dict[str, AnyOperation]:
    """The operations that a path has in a version, by their methods."""
    return {
        operation.method: operation
        for operation in OPERATIONS
        if dialect in operation.versions and operation.pattern.fullmatch(path)
    }


def find_former_paths(path: str, dialect: Dialect) -> dict[str, FormerPath]:
    """What else a path is in a version, by methods."""
    return {
        former.method: former
        for former in FORMER_PATHS
        if dialect in former.versions and former.pattern.fullmatch(path)
    }


def find_operation(name: str) -> AnyOperation:
    """The operation with a name.

    Raises:
        ValueError: there is none.
    """
    for operation in OPERATIONS:
        if operation.name == name:
            return operation
    raise ValueError(
        f"{name!r} is no operation; there are {', '.join(sorted(o.name for o in OPERATIONS))}"
    )
