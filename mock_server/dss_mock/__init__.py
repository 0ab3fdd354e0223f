"""A mock of the DSS middleware: everything that it does, offline, on loopback and in milliseconds.

* `DssServer`: the mock behind a real socket, for tests and for `dss-mock serve`.
* `MockApplication`: the WSGI application that it serves.
* `State`: all that the application knows.

With this package installed, pytest has the fixture `dss_server`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .app import MockApplication
    from .dss_server import DssServer
    from .state import State

__all__ = ["DssServer", "MockApplication", "State"]

_HOMES = {"DssServer": "dss_server", "MockApplication": "app", "State": "state"}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> object:
    # Every run of pytest loads the plugin, and with it this package, which so stays cheap.
    from importlib import import_module  # noqa: PLC0415  # as above

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    return value
