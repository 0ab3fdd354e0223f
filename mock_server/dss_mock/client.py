"""A client that is signed in."""

from __future__ import annotations

from typing import Self

from dss_api import DssApi, Request, Response, Urllib3Transport

READ_TIMEOUT = 30.0
"""Seconds after which a test that waits for an answer fails."""


class Client(DssApi):
    """The operations of the contract, asked for in the name of a user; to be closed.

    Args:
        read_timeout: seconds to wait for an answer, and for each further byte of it.

    Attributes:
        session_id: the value of the session cookie.
    """

    def __init__(self, server: str, session_id: str, *, read_timeout: float = READ_TIMEOUT) -> None:
        self._http = Urllib3Transport(server, read_timeout=read_timeout)
        super().__init__(_SignedIn(self._http, session_id))
        self.session_id = session_id

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _SignedIn:
    def __init__(self, transport: Urllib3Transport, session_id: str) -> None:
        self._transport = transport
        self._session_id = session_id

    def send(self, request: Request) -> Response:
        return self._transport.send(request.with_session(self._session_id))
