"""The interface that tests use on both middlewares, and the mock behind it."""

from __future__ import annotations

from typing import Protocol

from dss_mock import DssServer

from .fork_server import USERS
from .http_connection import Address


class Middleware(Protocol):
    """A middleware with the controls that tests need in addition to HTTP.

    Attributes:
        address: the host and port where it listens.
    """

    address: Address

    @property
    def clock_offset(self) -> float:
        """Seconds between the clock of this machine and the later clock of the middleware."""
        ...

    def get_token(self, user: str) -> str:
        """Return the token for the next sign-in of a user."""
        ...

    def advance_time(self, seconds: int) -> None:
        """Make all past events this many seconds older."""
        ...

    def wait_for_new_mtime(self) -> None:
        """Wait until a new file gets a later modification time than all existing files."""
        ...

    def close(self) -> None:
        """Stop the middleware."""
        ...


class MockMiddleware:
    """The mock middleware in this process."""

    def __init__(self) -> None:
        self.server = DssServer()
        for name, token, sysadmin, tier in USERS:
            self.server.state.accounts.add(
                f"{name}@example.com", token=token, name=name, sysadmin=sysadmin, tier=tier
            )
        self.server.start()
        self.address: Address = (self.server.host, self.server.port)

    @property
    def clock_offset(self) -> float:
        return self.server.state.clock.setting.ahead

    def get_token(self, user: str) -> str:
        account = self.server.state.accounts.find(f"{user}@example.com")
        assert account is not None
        return account.token

    def advance_time(self, seconds: int) -> None:
        self.server.state.clock.advance(seconds=seconds)

    def wait_for_new_mtime(self) -> None:
        """Do nothing, because the mock stores files in upload order."""

    def close(self) -> None:
        self.server.close()
