"""Sending requests in the name of the signed-in user."""

from __future__ import annotations

from dss_api import Request, Response, Transport
from dss_api.routes import LOGIN, LOGOUT
from dss_client import credentials


class SessionTransport:
    """A transport that adds the session of its server to every request that needs one.

    The session is that of the last login, or else the one that an earlier process kept. A login
    request carries none, for the middleware ends the session that comes with a failed login.
    """

    def __init__(self, inner: Transport, server: str) -> None:
        self._inner = inner
        self._server = server
        self._session: str | None = None
        self._looked = False

    def __repr__(self) -> str:
        return f"SessionTransport({self._inner!r})"

    def send(self, request: Request) -> Response:
        """Send a request; see `dss_api.Transport`."""
        if request.operation.needs_session and (session := self._current()):
            request = request.with_session(session)
        response = self._inner.send(request)
        succeeded = response.status == request.operation.answer.status
        if request.operation is LOGIN and succeeded and response.session:
            self._session, self._looked = response.session, True
            credentials.save(self._server, response.session)
        elif request.operation is LOGOUT and succeeded:
            self._session, self._looked = None, True
            credentials.forget(self._server)
        return response

    def _current(self) -> str | None:
        if not self._looked:
            self._session, self._looked = credentials.load(self._server), True
        return self._session
