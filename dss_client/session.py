"""Sending requests in the name of the signed-in user."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import attrs

from dss_api import Request, Response, SessionExpired, Transport
from dss_api.codec import call, decode_answer, encode_request
from dss_api.multipart import Multipart
from dss_api.requests import LoginRequest, LogoutRequest
from dss_api.routes import LOGIN, LOGOUT
from dss_api.transport import is_session
from dss_client import credentials
from dss_client.errors import SessionMissing, SignInTimeout
from dss_client.turn import Turn

LONGEST_WAIT = 300.0
"""Seconds that a thread waits for another one that is signing in."""

LONGEST_REFUSAL = 1 << 16
"""How many bytes of a refusal are looked at."""


class SessionTransport:
    """A transport that adds the session of its server to every request that needs one.

    The session is that of the last login, or else the first that is found: see `credentials`. A
    login request carries none, for the middleware ends the session that comes with a failed login.
    May be shared by threads, of which one looks for the session or renews it, and the others wait.

    A request that is refused because its session has expired has done nothing. If there is another
    session by then, it is sent once more with that one.

    Args:
        session: to begin with; nothing is looked for then.
        renew: called when the session has expired, to sign in again. What it sends itself is not
            renewed; what it raises reaches whoever sent the request.

    Raises:
        ValueError: this can be no session; it is not repeated.
    """

    def __init__(
        self,
        inner: Transport,
        server: str,
        *,
        session: str | None = None,
        renew: Callable[[], object] | None = None,
    ) -> None:
        if session is not None and not is_session(session):
            raise ValueError("The session must be one: visible ASCII without blanks.")
        self._inner = inner
        self._server = server
        self._renew = renew
        self._lock = threading.Lock()
        self._session = session
        self._known = session is not None
        self._finding = Turn()
        self._renewing = Turn()

    def __repr__(self) -> str:
        return f"SessionTransport({self._inner!r})"

    def send(self, request: Request) -> Response:
        """Send a request; see `dss_api.Transport`.

        Raises:
            TransportError: no answer came.
            TokenSpent: the environment's token is spent, and no session was found.
            SignInTimeout: another thread did not finish signing in.
            SessionFileExposed: others can read the file that keeps the session.
            ValueError: what the environment holds can be no session.
        """
        if request.operation is LOGIN:
            return self._log_in(request)
        if request.operation is LOGOUT:
            return self._log_out(request)
        session = self._current() if request.operation.needs_session else None
        if session is None:
            return self._inner.send(request)
        response, has_expired = _looked_at(self._inner.send(request.with_session(session)))
        renewed = self._instead_of(session) if has_expired else None
        if renewed is None:
            return response
        if isinstance(request.body, Multipart):
            request.body.rewind()
        return self._inner.send(request.with_session(renewed))

    def sign_in(self, token: str) -> str:
        """Sign in, and keep the session for the next process; gives the session.

        Raises:
            InvalidToken: the middleware does not know the token.
            SessionMissing: the token was accepted, but no session came with the answer.
            DssError: there was no answer, or none that the contract knows.
        """
        response = self._inner.send(encode_request(LOGIN, LoginRequest(token=token)))
        session = response.session
        decode_answer(LOGIN, response)
        if session is None or not is_session(session):
            raise SessionMissing(
                f"{self._server} accepted the token, but no session cookie came with its answer. "
                "Something in between, such as a proxy, must let cookies pass."
            )
        self._become(session)
        credentials.save(self._server, session)
        return session

    def sign_out(self) -> None:
        """End the session, there and here; without one, nothing is sent.

        Raises:
            DssError: it may live on at the middleware; here it is forgotten.
            SessionFileExposed: others can read the file that keeps it, so it is not used for this
                either, and stays.
        """
        if self._without_token() is not None:
            call(self, LOGOUT, LogoutRequest())

    def _log_in(self, request: Request) -> Response:
        response = self._inner.send(request)
        if response.status == LOGIN.answer.status and response.session:
            self._become(response.session)
        return response

    def _log_out(self, request: Request) -> Response:
        session = self._without_token()
        try:
            return self._inner.send(request.with_session(session) if session else request)
        finally:
            self._become(None)
            if session:
                credentials.forget(self._server, session)

    def _become(self, session: str | None) -> None:
        with self._lock:
            self._session, self._known = session, True

    # ----------------------------------------------------------------- finding and renewing

    def _current(self) -> str | None:
        while not self._known:
            if not self._finding.take(self._find, LONGEST_WAIT):
                raise SignInTimeout(
                    f"Another thread has been looking for the session at {self._server} for "
                    f"{LONGEST_WAIT:.0f} s. Perhaps the system's keyring waits to be unlocked."
                )
        return self._session

    def _find(self) -> None:
        # Another thread may have done so since this one asked.
        if not self._known:
            self._take_over(credentials.find(self._server, self.sign_in))

    def _without_token(self) -> str | None:
        """The session, but none for which the environment's token would have to be spent."""
        if not self._known and (found := credentials.find(self._server)):
            self._take_over(found)
        return self._session

    def _take_over(self, found: str | None) -> None:
        with self._lock:
            # Somebody may have signed in meanwhile.
            if not self._known:
                self._session, self._known = found, True

    def _instead_of(self, expired: str) -> str | None:
        """Another session than the one that has expired; `None` if there is none."""
        renew = self._renew

        def unless_renewed() -> None:
            # Another thread may have done so since this one asked.
            if renew is not None and self._session == expired:
                renew()

        if renew is not None:
            self._renewing.take(unless_renewed, LONGEST_WAIT)
        session = self._session
        return None if session == expired else session


def _looked_at(response: Response) -> tuple[Response, bool]:
    """An answer that can still be read, and whether it says that the session has expired."""
    known = response.request.operation.failures
    if not any(row.error is SessionExpired and row.status == response.status for row in known):
        return response, False
    with response:
        content = response.body.read(LONGEST_REFUSAL)
    text = content.decode("utf-8", "replace")
    meant = next((row.error for row in known if row.means(response.status, text, True)), None)
    return attrs.evolve(response, body=io.BytesIO(content)), meant is SessionExpired
