"""Sending requests in the name of the signed-in user."""

from __future__ import annotations

import threading

from dss_api import Request, Response, Transport
from dss_api.routes import LOGIN, LOGOUT
from dss_client import credentials


class SessionTransport:
    """A transport that adds the session of its server to every request that needs one.

    The session is that of the last login, or else the one that an earlier process kept. A login
    request carries none, for the middleware ends the session that comes with a failed login. May
    be shared by threads.
    """

    def __init__(self, inner: Transport, server: str) -> None:
        self._inner = inner
        self._server = server
        self._lock = threading.Lock()
        self._session: str | None = None
        self._known = False

    def __repr__(self) -> str:
        return f"SessionTransport({self._inner!r})"

    def send(self, request: Request) -> Response:
        """Send a request; see `dss_api.Transport`."""
        if request.operation.needs_session and (session := self._current()):
            request = request.with_session(session)
        response = self._inner.send(request)
        succeeded = response.status == request.operation.answer.status
        if request.operation is LOGIN and succeeded and response.session:
            self._become(response.session)
        elif request.operation is LOGOUT and succeeded:
            self._become(None)
            credentials.forget(self._server)
        return response

    def keep(self) -> bool:
        """Keep the session for the next process; false if there is none."""
        session = self._session
        if session is None:
            return False
        credentials.save(self._server, session)
        return True

    def _become(self, session: str | None) -> None:
        with self._lock:
            self._session, self._known = session, True

    def _current(self) -> str | None:
        if not self._known:
            kept = credentials.load(self._server)
            with self._lock:
                # Somebody may have signed in meanwhile.
                if not self._known:
                    self._session, self._known = kept, True
        return self._session
