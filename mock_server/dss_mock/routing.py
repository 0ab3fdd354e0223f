"""From a path to the operations of the contract."""

from __future__ import annotations

from dss_api import OPERATIONS, Operation, OperationRequest

AnyOperation = Operation[OperationRequest, object]


def find_operations(path: str) -> dict[str, AnyOperation]:
    """The operations that a path has, by their methods."""
    return {
        operation.method: operation for operation in OPERATIONS if operation.pattern.fullmatch(path)
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
