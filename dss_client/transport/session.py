"""Sending requests in the name of the signed-in user."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

from dss_api import DssError, NotLoggedIn, Request, Response, SessionExpired, Transport
from dss_api.requests import LoginRequest, LogoutRequest
from dss_api.routes import LOGIN, LOGOUT
from dss_client import auth
from dss_client.auth import Session
from dss_client.errors import SessionMissing, SignInTimeout
from dss_client.transport.single_flight import SingleFlight
from dss_wire.codec import call, decode_answer, decode_error, encode_request
from dss_wire.transport import MAX_ERROR_BODY, is_session

MAX_WAIT = 300.0
"""Seconds that a thread waits for another one that is signing in."""

ARGUMENT_PLACE = "the one given as session=, which comes before all others: give another or none"
LOGIN_PLACE = "the one of the last sign-in"


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
        TypeError: the session is no text.
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
        if session is not None:
            _check_session(session)
        self._inner = inner
        self._server = server
        self._renew = renew
        self._lock = threading.Lock()
        self._session = None if session is None else Session(session, ARGUMENT_PLACE)
        self._is_known = session is not None
        self._expired: Session | None = None
        self._lookup = SingleFlight()
        self._renewal = SingleFlight()

    def __repr__(self) -> str:
        return f"SessionTransport({self._inner!r})"

    def send(self, request: Request) -> Response:
        """Send a request; see `dss_api.Transport`.

        Raises:
            TransportError: no answer came.
            NotLoggedIn: the request needs a session; `SessionExpired` if it had one.
            TokenSpent: the environment's token is spent, and no session was found.
            SignInTimeout: another thread did not finish signing in.
            SessionFileExposed: others can read the file that keeps the session.
            ValueError: what the environment holds can be no session.
        """
        if request.operation is LOGIN:
            return self._send_login(request)
        if request.operation is LOGOUT:
            return self._send_logout(request)
        if not request.operation.needs_session:
            return self._inner.send(request)
        session = self._get_session()
        answer = self._send_with_session(request, session)
        if session and isinstance(answer, SessionExpired):
            renewed = self._replace_session(session)
            if renewed:
                answer = self._send_with_session(request, renewed)
        if isinstance(answer, NotLoggedIn):
            raise answer
        return answer

    def explain_sign_in(self) -> str:
        """What is to be said of the session to who is asked to sign in; empty if nothing is."""
        session = self._session
        if session and session == self._expired:
            return f"The session is no longer valid; it was {session.place}."
        return "" if session else auth.explain_unused(self._server)

    def sign_in(self, token: str) -> Session:
        """Sign in, and keep the session for the next process; gives the session.

        Raises:
            InvalidToken: the middleware does not know the token.
            SessionMissing: the token was accepted, but no session came with the answer.
            DssError: there was no answer, or none that the contract knows.
        """
        response = self._inner.send(encode_request(LOGIN, LoginRequest(token=token)))
        cookie = response.session
        decode_answer(LOGIN, response)
        if cookie is None or not is_session(cookie):
            raise SessionMissing(
                f"{self._server} accepted the token, but no session cookie came with its answer. "
                "Something in between, such as a proxy, must let cookies pass."
            )
        session = Session(cookie, LOGIN_PLACE)
        self._set_session(session)
        auth.save(self._server, session.value)
        return session

    def sign_out(self) -> None:
        """End the session, there and here; without one, nothing is sent.

        Raises:
            DssError: it may live on at the middleware; here it is forgotten.
            SessionFileExposed: others can read the file that keeps it, so it is not used for this
                either, and stays.
        """
        if self._get_session_without_token() is None:
            return
        try:
            call(self, LOGOUT, LogoutRequest())
        except DssError as error:
            error.add_note(
                f"The session at {self._server} is forgotten here, but may live on there until it "
                "expires."
            )
            raise

    def _send_login(self, request: Request) -> Response:
        response = self._inner.send(request)
        if response.status == LOGIN.answer.status and response.session:
            self._set_session(Session(response.session, LOGIN_PLACE))
        return response

    def _send_logout(self, request: Request) -> Response:
        session = self._get_session_without_token()
        try:
            return self._inner.send(_add_session(session, request))
        finally:
            with self._lock:
                # Another thread may have signed in meanwhile.
                if self._session == session:
                    self._session, self._is_known = None, True
            if session:
                auth.forget(self._server, session.value)

    def _set_session(self, session: Session) -> None:
        with self._lock:
            self._session, self._is_known = session, True

    def _send_with_session(
        self, request: Request, session: Session | None
    ) -> Response | NotLoggedIn:
        """The answer to a request in the name of a session, or that this session does not do."""
        response = self._inner.send(_add_session(session, request))
        rows = request.operation.failures
        if not any(
            issubclass(row.error, NotLoggedIn) and row.status == response.status for row in rows
        ):
            return response
        detail = (
            f"The session was {session.place}." if session else auth.explain_unused(self._server)
        )
        with response:
            content = response.body.read(MAX_ERROR_BODY)
        error = decode_error(response.with_body(io.BytesIO(content)), detail)
        if isinstance(error, NotLoggedIn):
            self._expired = session
            return error
        return response.with_body(io.BytesIO(content))

    # ----------------------------------------------------------------- finding and renewing

    def _get_session(self) -> Session | None:
        while not self._is_known:
            if not self._lookup.run(self._look_up_session, MAX_WAIT):
                raise SignInTimeout(
                    f"Another thread has been looking for the session at {self._server} for "
                    f"{MAX_WAIT:.0f} s. Perhaps it waits for the middleware."
                )
        return self._session

    def _look_up_session(self) -> None:
        # Another thread may have done so since this one asked.
        if not self._is_known:
            self._set_session_if_unknown(auth.find_session(self._server, self.sign_in))

    def _get_session_without_token(self) -> Session | None:
        """The session, but none for which the environment's token would have to be spent."""
        if not self._is_known and (found := auth.find_session(self._server)):
            self._set_session_if_unknown(found)
        return self._session

    def _set_session_if_unknown(self, session: Session | None) -> None:
        with self._lock:
            # Somebody may have signed in meanwhile.
            if not self._is_known:
                self._session, self._is_known = session, True

    def _replace_session(self, expired: Session) -> Session | None:
        """Another session than the one that has expired; `None` if there is none."""
        renew = self._renew

        def unless_renewed() -> None:
            # Another thread may have done so since this one asked.
            if renew is not None and self._session == expired:
                renew()

        if renew is not None:
            self._renewal.run(unless_renewed, MAX_WAIT)
        session = self._session
        return None if session == expired else session


def _add_session(session: Session | None, request: Request) -> Request:
    return request.with_session(session.value) if session else request


def _check_session(session: object) -> None:
    """Check that a session can be one.

    Raises:
        TypeError: it is no text.
        ValueError: it has other characters than a session; they are not repeated.
    """
    if not isinstance(session, str):
        raise TypeError(f"A session is a text, not {type(session).__name__}.")
    if not is_session(session):
        raise ValueError("The session must be one: visible ASCII without blanks.")
