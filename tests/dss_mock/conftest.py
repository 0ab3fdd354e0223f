"""Clients of the mock, over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from dss_api import DssApi, Request, Response, Urllib3Transport
from dss_mock import DssServer
from dss_mock.state import User

Connect = Callable[[User | None], DssApi]


class SessionTransport:
    """A transport that adds the session of the last login to requests that need one."""

    def __init__(self, transport: Urllib3Transport) -> None:
        self._transport = transport
        self.session: str | None = None

    def send(self, request: Request) -> Response:
        if self.session and request.operation.needs_session:
            request = request.with_session(self.session)
        response = self._transport.send(request)
        if request.operation.name == "login" and response.status == 200:
            self.session = response.session
        return response


@pytest.fixture
def connect(dss_server: DssServer) -> Iterator[Connect]:
    """Return a function that makes a client, signed in as a user if one is given."""
    with ExitStack() as stack:

        def make_api(user: User | None) -> DssApi:
            transport = stack.enter_context(Urllib3Transport(dss_server.url, read_timeout=30))
            api = DssApi(SessionTransport(transport))
            if user is not None:
                api.session.login(token=user.token)
            return api

        yield make_api
