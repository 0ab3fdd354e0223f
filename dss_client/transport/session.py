"""HTTP requests that carry the session of the signed-in user."""

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
"""Seconds to wait for another thread that is signing in."""

LOGIN_PLACE = "the last sign-in"
ARGUMENT_PLACE = "the argument session="
ARGUMENT_ADVICE = "It takes precedence over all other sessions. Pass another session or none."


class SessionTransport:
    """A transport that adds the session of its server to every request that needs one.

    It uses the session of the last login. Before a login, it uses the first session that
    `dss_client.auth` finds. A login request carries no session, because the middleware ends the
    session of a failed login. Several threads can share a transport: one thread looks for the
    session or renews it, and the others wait.

    A request that is refused because its session has expired has no effect. If a new session is
    then available, the request is sent once more with it.

    Args:
        session: the first session; if it is given, no other session is looked for.
        renew: a function that signs in again, called when the session has expired. If a request of
            this function is refused, the function is not called again. Its errors are raised where
            the refused request was sent.

    Raises:
        TypeError: the session is not a string.
        ValueError: the string cannot be a session. The message does not show the string.
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
        self._session = (
            None if session is None else Session(session, ARGUMENT_PLACE, ARGUMENT_ADVICE)
        )
        self._is_known = session is not None
        self._expired: Session | None = None
        self._lookup = SingleFlight()
        self._renewal = SingleFlight()

    def __repr__(self) -> str:
        return f"SessionTransport({self._inner!r})"

    def send(self, request: Request) -> Response:
        """Send a request; see `dss_api.Transport`.

        Raises:
            TransportError: no response arrived.
            NotLoggedIn: the request needs a session, and none was found; `SessionExpired` if the
                session has expired.
            TokenSpent: the environment's token was used before, and no saved session was found.
            SignInTimeout: another thread did not finish signing in.
            SessionFileExposed: other users can read the session file.
            ValueError: a variable in the environment holds an invalid value.
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
        """Explain why the user must sign in; empty if there is nothing to explain."""
        session = self._session
        if session and session == self._expired:
            return f"The session is no longer valid. {session.source}"
        return "" if session else auth.explain_unused_environment(self._server)

    def sign_in(self, token: str) -> Session:
        """Sign in, save the session for the next process, and return it.

        Raises:
            InvalidToken: the middleware does not know the token.
            SessionMissing: the token was accepted, but the response contains no session.
            DssError: no response arrived, or it is not in the contract.
        """
        response = self._inner.send(encode_request(LOGIN, LoginRequest(token=token)))
        cookie = response.session
        decode_answer(LOGIN, response)
        if cookie is None or not is_session(cookie):
            raise SessionMissing(
                f"{self._server} accepted the token, but its answer contains no session cookie. "
                "Every proxy or gateway on the way must let cookies pass."
            )
        session = Session(cookie, LOGIN_PLACE)
        self._set_session(session)
        auth.save(self._server, session.value)
        return session

    def sign_out(self) -> None:
        """End the session at the middleware, and forget the session here.

        If there is no session, nothing is sent.

        Raises:
            DssError: the session may still be valid at the middleware. This client has forgotten
                the session.
            SessionFileExposed: other users can read the session file. The session in this file does
                not end, because the client does not use it, and the file stays.
        """
        if self._get_session_without_token() is None:
            return
        try:
            call(self, LOGOUT, LogoutRequest())
        except DssError as error:
            error.add_note(
                f"This client has forgotten the session at {self._server}, but the middleware may "
                "accept it until it expires."
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
                # Another thread may have signed in since the request was sent.
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
        """Send a request with a session.

        Returns:
            The response, or the error if the middleware does not accept the session.
        """
        response = self._inner.send(_add_session(session, request))
        rows = request.operation.failures
        if not any(
            issubclass(row.error, NotLoggedIn) and row.status == response.status for row in rows
        ):
            return response
        detail = session.source if session else auth.explain_unused_environment(self._server)
        with response:
            content = response.body.read(MAX_ERROR_BODY)
        error = decode_error(response.with_body(io.BytesIO(content)), detail)
        if isinstance(error, NotLoggedIn):
            self._expired = session
            return error
        return response.with_body(io.BytesIO(content))

    def _get_session(self) -> Session | None:
        while not self._is_known:
            if not self._lookup.run(self._look_up_session, MAX_WAIT):
                raise SignInTimeout(
                    f"Another thread has been looking for the session at {self._server} for "
                    f"{MAX_WAIT:.0f} s. Perhaps that thread is waiting for the middleware. Call "
                    "again later."
                )
        return self._session

    def _look_up_session(self) -> None:
        # Another thread may have found it since this one checked.
        if not self._is_known:
            self._set_session_if_unknown(auth.find_session(self._server, self.sign_in))

    def _get_session_without_token(self) -> Session | None:
        """Return the session, without spending the environment's token for it."""
        if not self._is_known and (found := auth.find_session(self._server)):
            self._set_session_if_unknown(found)
        return self._session

    def _set_session_if_unknown(self, session: Session | None) -> None:
        with self._lock:
            # Another thread may have signed in since the lookup.
            if not self._is_known:
                self._session, self._is_known = session, True

    def _replace_session(self, expired: Session) -> Session | None:
        """Renew the session and return it; `None` if it could not be renewed."""
        renew = self._renew

        def renew_if_expired() -> None:
            # Another thread may have renewed it since this one checked.
            if renew is not None and self._session == expired:
                renew()

        if renew is not None:
            self._renewal.run(renew_if_expired, MAX_WAIT)
        session = self._session
        return None if session == expired else session


def _add_session(session: Session | None, request: Request) -> Request:
    return request.with_session(session.value) if session else request


def _check_session(session: object) -> None:
    """Check that a string can be a session.

    Raises:
        TypeError: the session is not a string.
        ValueError: the string has characters that a session cannot have. The message does not show
            them.
    """
    if not isinstance(session, str):
        raise TypeError(f"session must be a string, not {type(session).__name__}.")
    if not is_session(session):
        raise ValueError("session must consist of visible ASCII characters without blanks.")
