"""A mock of the DSS middleware: the same answers offline, on this machine, in milliseconds.

* `DssServer`: the mock behind a real socket, for tests.
* `MockApplication`: the WSGI application that the server serves.
* `State`: users, services, tickets and everything else that the application stores.

If this package is installed, pytest has the fixture `dss_server`.
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
    # pytest imports this package in every run because of the plugin, so the import must stay cheap.
    from importlib import import_module  # noqa: PLC0415  # see above

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    return value
