"""The lookup of operations by path, method and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dss_api import FORMER_PATHS, OPERATIONS, Dialect, FormerPath, Operation, OperationRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOCK_PREFIX = "/_mock/"
"""The path prefix of the mock's own interface. The middleware does not use it."""

AnyOperation = Operation[OperationRequest, object]


def get_method(environ: WSGIEnvironment) -> str:
    """Return the method of a request. `HEAD` counts as `GET`."""
    method: str = environ["REQUEST_METHOD"]
    return "GET" if method == "HEAD" else method


def find_operations(path: str, dialect: Dialect) -> dict[str, AnyOperation]:
    """Return the operations at a path in a version, by method."""
    return {
        operation.method: operation
        for operation in OPERATIONS
        if dialect in operation.versions and operation.pattern.fullmatch(path)
    }


def find_former_paths(path: str, dialect: Dialect) -> dict[str, FormerPath]:
    """Return the error-only routes at a path in a version, by method."""
    return {
        former.method: former
        for former in FORMER_PATHS
        if dialect in former.versions and former.pattern.fullmatch(path)
    }


def find_operation(name: str) -> AnyOperation:
    """Return the operation with a name.

    Raises:
        ValueError: the operation does not exist.
    """
    for operation in OPERATIONS:
        if operation.name == name:
            return operation
    names = ", ".join(sorted(operation.name for operation in OPERATIONS))
    raise ValueError(f"{name!r} is not an operation. The operations are {names}.")
