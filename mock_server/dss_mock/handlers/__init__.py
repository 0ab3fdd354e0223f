"""One function for each operation of the contract, with the name of the operation.

A handler does not store anything itself. It changes or reads the state once, and returns the value
that the contract's answer encodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isfunction
from types import ModuleType

from ..request import MockRequest
from . import admin, provider, session, user

Handler = Callable[[MockRequest], object]


def _find_public_functions(module: ModuleType) -> dict[str, Handler]:
    return {
        name: function
        for name, function in vars(module).items()
        if isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }


HANDLERS: Mapping[str, Handler] = {
    name: function
    for module in (session, user, provider, admin)
    for name, function in _find_public_functions(module).items()
}
"""Every handler by the name of its operation."""

__all__ = ["HANDLERS", "Handler"]
