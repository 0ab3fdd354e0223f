"""A middleware to test, whichever it is."""

from __future__ import annotations

from typing import Protocol

from dss_mock import DssServer

from .raw import Address
from .zygote import USERS


class Middleware(Protocol):
    """What the tests need of a middleware, beside HTTP.

    Attributes:
        address: where it listens.
    """

    address: Address

    @property
    def ahead(self) -> float:
        """By how many seconds its clock is ahead of this machine's."""
        ...

    def token(self, user: str) -> str:
        """The token that the next sign-in of a user takes."""
        ...

    def pass_time(self, seconds: int) -> None:
        """Let everything that happened have happened earlier."""
        ...

    def settle(self) -> None:
        """Wait until a file written now is newer than any that was written before."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class MockMiddleware:
    """The mock, in this process."""

    def __init__(self) -> None:
        self.server = DssServer()
        for name, token, sysadmin, tier in USERS:
            self.server.state.accounts.add(
                f"{name}@example.com", token=token, name=name, sysadmin=sysadmin, tier=tier
            )
        self.server.start()
        self.address: Address = (self.server.host, self.server.port)

    @property
    def ahead(self) -> float:
        return self.server.state.clock.setting.ahead

    def token(self, user: str) -> str:
        found = self.server.state.accounts.find(f"{user}@example.com")
        assert found is not None
        return found.token

    def pass_time(self, seconds: int) -> None:
        self.server.state.clock.advance(seconds=seconds)

    def settle(self) -> None:
        """It keeps files in the order in which they came."""

    def close(self) -> None:
        self.server.close()
