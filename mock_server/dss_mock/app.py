"""The mock middleware as a WSGI application."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from dss_api import (
    OPERATIONS,
    Dialect,
    FormerPath,
    NotLoggedIn,
)
from dss_api.enums import NEWEST
from dss_wire.forms import EncodingError
from dss_wire.scalars import DecodingError

from . import html_pages
from .dashboard import HOME, Dashboard
from .errors import RequestRefused, ResponseUnsendable
from .failures import find_failure, find_internal_failure
from .faults import Faults, disturb
from .handlers import HANDLERS, Handler
from .http_server import CONNECTION, Connection
from .preconditions import check_parameters, check_rights
from .request import MockRequest
from .request_body import RequestBody
from .request_log import LoggedRequest, RequestLog
from .response import (
    MockResponse,
    make_failure,
    make_method_not_allowed,
    make_not_found,
    make_page,
    make_success,
)
from .routing import AnyOperation, find_former_paths, find_operations, get_method
from .session_cookie import find_session_id, make_session_cookie
from .state import Session, State, User

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEST_USER = "test@example.com"
"""Who everybody is when there are no logins."""

Expectation = Callable[["WSGIEnvironment"], MockResponse | None]
"""What somebody else answers to a request, if it answers at all."""

REQUESTS = logging.getLogger("dss_mock.requests")
"""Gets a line for each request that was answered."""

_LOG = logging.getLogger(__name__)


class MockApplication:
    """Answers as the middleware does.

    Args:
        state: what it knows.
        noauth: whether everybody is signed in as an administrator.
        dialect: the version of the middleware that it is.
        expected: is asked first.
        handlers: what does the work, by the names of the operations.

    Attributes:
        request_log: what was asked and answered.
        faults: what goes wrong.
        dashboard: shows all this.

    Raises:
        ValueError: an operation has no handler, or a handler no operation.
    """

    def __init__(
        self,
        state: State,
        *,
        noauth: bool = False,
        dialect: Dialect = NEWEST,
        expected: Expectation | None = None,
        handlers: Mapping[str, Handler] = HANDLERS,
    ) -> None:
        _check(handlers)
        self.state = state
        self.state.dialect = dialect
        self.noauth = noauth
        self.dialect = Dialect(dialect)
        self.request_log = RequestLog(state.clock.now)
        self.faults = Faults()
        self.dashboard = Dashboard(state, self.faults.list_active, noauth=noauth)
        self._expected = expected
        self._handlers = handlers
        self.ensure_test_user()

    def ensure_test_user(self) -> None:
        """Make the user who everybody is without logins; first of all, so that its id is 1."""
        if self.noauth:
            self._get_test_user()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ResponseUnsendable: the carrier is to answer it.
            ConnectionResetError: it is not to be answered.
        """
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        watched = path == HOME and get_method(environ) == "GET"
        expected = self._expect(environ) if watched else None
        if watched and expected is None:
            # Who watches the middleware asks nothing of it, so that nothing comes of that.
            reply = self.dashboard.respond(path, known=environ.get("HTTP_IF_NONE_MATCH", ""))
            start_response(reply.status, list(reply.headers))
            return reply.body
        found = find_operations(path, self.dialect)
        operation = found.get(get_method(environ))
        cookie = find_session_id(environ.get("HTTP_COOKIE", ""))
        exchange = self.request_log.add(environ["REQUEST_METHOD"], path)
        exchange.operation = operation.name if operation else None
        exchange.received = _length(environ)
        actor = self._actor(self.state.accounts.find_session(cookie))
        exchange.actor = actor.email if actor else None
        answer = partial(self._reply, environ, path, found, cookie, expected)
        proceed = partial(_noted, exchange, operation, answer)
        try:
            reply = self._disturbed(environ, path, cookie, exchange, proceed)
            exchange.status = reply.code
        finally:
            REQUESTS.info("%s", exchange)
        if reply.sent_by_server:
            raise ResponseUnsendable
        start_response(reply.status, list(reply.headers))
        return _counted(reply, exchange, environ.get(CONNECTION))

    def _disturbed(
        self,
        environ: WSGIEnvironment,
        path: str,
        cookie: str | None,
        exchange: LoggedRequest,
        proceed: Callable[[], MockResponse],
    ) -> MockResponse:
        """The answer, with whatever goes wrong on the way.

        Raises:
            ConnectionResetError: there is none, for the connection is gone.
        """
        struck = self.faults.choose(exchange.operation, path)
        exchange.faults = tuple(added.fault.description for added in struck)
        if not struck:
            return proceed()
        connection: Connection = environ[CONNECTION]
        expire = partial(self.state.accounts.forget_session, cookie)
        return disturb(struck, proceed, connection, expire)

    def _reply(
        self,
        environ: WSGIEnvironment,
        path: str,
        found: Mapping[str, AnyOperation],
        cookie: str | None,
        expected: MockResponse | None,
    ) -> MockResponse:
        expected = expected or self._expect(environ)
        if expected is not None:
            return expected
        session = self.state.accounts.get_session(cookie)
        reply = self._routed(environ, path, found, session)
        if reply.has_session and (cookie or not session.ended):
            reply = reply.with_header(
                "Set-Cookie", make_session_cookie(session, self.state.clock.now())
            )
        return reply

    def _expect(self, environ: WSGIEnvironment) -> MockResponse | None:
        return self._expected(environ) if self._expected else None

    def _routed(
        self,
        environ: WSGIEnvironment,
        path: str,
        found: Mapping[str, AnyOperation],
        session: Session,
    ) -> MockResponse:
        method = get_method(environ)
        if method in found:
            return self._answer(found[method], path, environ, session)
        former = find_former_paths(path, self.dialect)
        if method in former:
            return self._refuse(former[method], path, session)
        if found or former:
            return make_method_not_allowed({*found, *former})
        return self._page(path, environ, session)

    def _page(self, path: str, environ: WSGIEnvironment, session: Session) -> MockResponse:
        if path != HOME and path not in html_pages.PAGES:
            return make_not_found()
        if get_method(environ) != "GET":
            return make_method_not_allowed(["GET"])
        html = html_pages.PAGES[path](self.state, self._actor(session), _server(environ))
        reply = make_page(html.status, "", html.text)
        for name, value in html.headers:
            reply = reply.with_header(name, value)
        return reply

    def _answer(
        self, operation: AnyOperation, path: str, environ: WSGIEnvironment, session: Session
    ) -> MockResponse:
        match = operation.pattern.fullmatch(path)
        values = match.groupdict() if match else {}
        try:
            return self._handle(operation, values, environ, session)
        except DecodingError:
            return make_failure(*find_internal_failure(operation, self.dialect))
        except EncodingError as error:
            return make_failure(
                *find_internal_failure(operation, self.dialect, begun=error.media_type)
            )
        except Exception:  # noqa: BLE001  # logged, and a middleware does not die of a request
            # To the client it is what it would be with the middleware; here it is a fault.
            _LOG.exception("The mock failed at %s %s", operation.method, path)
            return make_failure(*find_internal_failure(operation, self.dialect))

    def _handle(
        self,
        operation: AnyOperation,
        values: Mapping[str, str],
        environ: WSGIEnvironment,
        session: Session,
    ) -> MockResponse:
        try:
            with RequestBody(environ, self.state.file_store) as body:
                check_parameters(operation, body)
                actor = self._actor(session)
                check_rights(operation, actor)
                request = MockRequest(
                    self.state, operation, session, actor, _server(environ), values, body
                )
                answer = self._handlers[operation.name](request)
                return make_success(request, answer, self.dialect)
        except RequestRefused as refused:
            return make_failure(*find_failure(operation, refused, values, self.dialect))

    def _refuse(self, former: FormerPath, path: str, session: Session) -> MockResponse:
        match = former.pattern.fullmatch(path)
        error = former.failures[0].error if self._actor(session) else NotLoggedIn
        values = match.groupdict() if match else {}
        return make_failure(*find_failure(former, RequestRefused(error), values, self.dialect))

    def _actor(self, session: Session | None) -> User | None:
        if self.noauth:
            return self._get_test_user()
        return session.user if session else None

    def _get_test_user(self) -> User:
        return self.state.accounts.ensure(TEST_USER, sysadmin=True, accepted_terms=True)


def _check(handlers: Mapping[str, Handler]) -> None:
    operations = {operation.name for operation in OPERATIONS}
    faults = [f"no handler for the operation {name}" for name in sorted(operations - set(handlers))]
    faults += [
        f"no operation for the handler {name}" for name in sorted(set(handlers) - operations)
    ]
    if faults:
        raise ValueError("; ".join(faults))


def _length(environ: WSGIEnvironment) -> int | None:
    if environ.get("wsgi.input_terminated"):
        return None
    return max(0, int(environ.get("CONTENT_LENGTH") or 0))


def _server(environ: WSGIEnvironment) -> str:
    # What a request without an address is told, nobody can follow; so it is with the middleware.
    return f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '[unknown]')}"


def _noted(
    exchange: LoggedRequest, operation: AnyOperation | None, answer: Callable[[], MockResponse]
) -> MockResponse:
    """The answer, after taking note of whether the middleware did what it was asked."""
    reply = answer()
    exchange.acted = operation is not None and reply.code == operation.answer.status
    return reply


def _counted(
    reply: MockResponse, exchange: LoggedRequest, connection: Connection | None
) -> Iterator[bytes]:
    for chunk in reply.body:
        exchange.sent += len(chunk)
        yield chunk
    if connection is not None and exchange.sent < reply.promised_size:
        # A client that waits for the rest shall not wait until the connection counts as idle.
        connection.close_after_response()
