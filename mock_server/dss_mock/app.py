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
"""The user of every request if `noauth` is set."""

Expectation = Callable[["WSGIEnvironment"], MockResponse | None]
"""A function that answers a request instead of the mock, or returns `None`."""

REQUESTS = logging.getLogger("dss_mock.requests")
"""The logger of answered requests. Each request is one line."""

_LOG = logging.getLogger(__name__)


class MockApplication:
    """A WSGI application that answers as the middleware does.

    Args:
        state: users, services and tickets of the mock.
        noauth: whether every request is signed in as a system administrator.
        dialect: the version of the middleware to imitate.
        expectation: a function that is asked first for each response.
        handlers: the handlers by the names of their operations.

    Attributes:
        request_log: the last requests and their responses.
        faults: the faults that tests have added.
        dashboard: the page that shows all this.

    Raises:
        ValueError: an operation lacks a handler, or a handler belongs to no operation.
    """

    def __init__(
        self,
        state: State,
        *,
        noauth: bool = False,
        dialect: Dialect = NEWEST,
        expectation: Expectation | None = None,
        handlers: Mapping[str, Handler] = HANDLERS,
    ) -> None:
        _check_handlers(handlers)
        self.state = state
        self.state.dialect = dialect
        self.noauth = noauth
        self.dialect = Dialect(dialect)
        self.request_log = RequestLog(state.clock.now)
        self.faults = Faults()
        self.dashboard = Dashboard(state, self.faults.list_active, noauth=noauth)
        self._expectation = expectation
        self._handlers = handlers
        self.ensure_test_user()

    def ensure_test_user(self) -> None:
        """With `noauth`, add the user as whom all requests run. It is added first and has id 1."""
        if self.noauth:
            self._get_test_user()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ResponseUnsendable: the HTTP server must answer the request itself.
            ConnectionResetError: the request must not be answered.
        """
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        watched = path == HOME and get_method(environ) == "GET"
        expected = self._find_expected_response(environ) if watched else None
        if watched and expected is None:
            # Watching the middleware is not a request to it: no fault strikes, and no log entry is
            # made.
            response = self.dashboard.respond(path, known=environ.get("HTTP_IF_NONE_MATCH", ""))
            start_response(response.status, list(response.headers))
            return response.body
        found = find_operations(path, self.dialect)
        operation = found.get(get_method(environ))
        cookie = find_session_id(environ.get("HTTP_COOKIE", ""))
        request = self.request_log.add(environ["REQUEST_METHOD"], path)
        request.operation = operation.name if operation else None
        request.received = _get_body_length(environ)
        actor = self._get_actor(self.state.accounts.find_session(cookie))
        request.actor = actor.email if actor else None
        answer = partial(self._respond, environ, path, found, cookie, expected)
        proceed = partial(_note_outcome, request, operation, answer)
        try:
            response = self._apply_faults(environ, path, cookie, request, proceed)
            request.status = response.code
        finally:
            REQUESTS.info("%s", request)
        if response.sent_by_server:
            raise ResponseUnsendable
        start_response(response.status, list(response.headers))
        return _count_bytes(response, request, environ.get(CONNECTION))

    def _apply_faults(
        self,
        environ: WSGIEnvironment,
        path: str,
        cookie: str | None,
        request: LoggedRequest,
        proceed: Callable[[], MockResponse],
    ) -> MockResponse:
        """Return the response after all faults that strike the request.

        Raises:
            ConnectionResetError: a fault has broken the connection.
        """
        striking = self.faults.choose(request.operation, path)
        request.faults = tuple(added.fault.description for added in striking)
        if not striking:
            return proceed()
        connection: Connection = environ[CONNECTION]
        expire = partial(self.state.accounts.forget_session, cookie)
        return disturb(striking, proceed, connection, expire)

    def _respond(
        self,
        environ: WSGIEnvironment,
        path: str,
        found: Mapping[str, AnyOperation],
        cookie: str | None,
        expected: MockResponse | None,
    ) -> MockResponse:
        expected = expected or self._find_expected_response(environ)
        if expected is not None:
            return expected
        session = self.state.accounts.get_session(cookie)
        response = self._route(environ, path, found, session)
        if response.has_session and (cookie or not session.is_ended):
            response = response.with_header(
                "Set-Cookie", make_session_cookie(session, self.state.clock.now())
            )
        return response

    def _find_expected_response(self, environ: WSGIEnvironment) -> MockResponse | None:
        return self._expectation(environ) if self._expectation else None

    def _route(
        self,
        environ: WSGIEnvironment,
        path: str,
        found: Mapping[str, AnyOperation],
        session: Session,
    ) -> MockResponse:
        method = get_method(environ)
        if method in found:
            return self._run_operation(found[method], path, environ, session)
        former = find_former_paths(path, self.dialect)
        if method in former:
            return self._refuse_former_path(former[method], path, session)
        if found or former:
            return make_method_not_allowed({*found, *former})
        return self._serve_page(path, environ, session)

    def _serve_page(self, path: str, environ: WSGIEnvironment, session: Session) -> MockResponse:
        if path != HOME and path not in html_pages.PAGES:
            return make_not_found()
        if get_method(environ) != "GET":
            return make_method_not_allowed(["GET"])
        html = html_pages.PAGES[path](
            self.state, self._get_actor(session), _get_server_url(environ)
        )
        response = make_page(html.status, "", html.text)
        for name, value in html.headers:
            response = response.with_header(name, value)
        return response

    def _run_operation(
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
                *find_internal_failure(operation, self.dialect, started=error.media_type)
            )
        except Exception:  # noqa: BLE001  # logged; a middleware survives a failing request
            # The client gets the middleware's 500. The log shows that the mock failed.
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
                actor = self._get_actor(session)
                check_rights(operation, actor)
                request = MockRequest(
                    self.state, operation, session, actor, _get_server_url(environ), values, body
                )
                answer = self._handlers[operation.name](request)
                return make_success(request, answer, self.dialect)
        except RequestRefused as refused:
            return make_failure(*find_failure(operation, refused, values, self.dialect))

    def _refuse_former_path(self, former: FormerPath, path: str, session: Session) -> MockResponse:
        match = former.pattern.fullmatch(path)
        error = former.failures[0].error if self._get_actor(session) else NotLoggedIn
        values = match.groupdict() if match else {}
        return make_failure(*find_failure(former, RequestRefused(error), values, self.dialect))

    def _get_actor(self, session: Session | None) -> User | None:
        if self.noauth:
            return self._get_test_user()
        return session.user if session else None

    def _get_test_user(self) -> User:
        return self.state.accounts.ensure(TEST_USER, sysadmin=True, accepted_terms=True)


def _check_handlers(handlers: Mapping[str, Handler]) -> None:
    operations = {operation.name for operation in OPERATIONS}
    mistakes = [
        f"no handler for the operation {name}" for name in sorted(operations - set(handlers))
    ]
    mistakes += [
        f"no operation for the handler {name}" for name in sorted(set(handlers) - operations)
    ]
    if mistakes:
        raise ValueError("; ".join(mistakes))


def _get_body_length(environ: WSGIEnvironment) -> int | None:
    if environ.get("wsgi.input_terminated"):
        return None
    return max(0, int(environ.get("CONTENT_LENGTH") or 0))


def _get_server_url(environ: WSGIEnvironment) -> str:
    # Without a Host header, the middleware also answers with an address that does not work.
    return f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '[unknown]')}"


def _note_outcome(
    request: LoggedRequest, operation: AnyOperation | None, answer: Callable[[], MockResponse]
) -> MockResponse:
    """Return the response, and note in the log whether the operation was carried out."""
    response = answer()
    request.acted = operation is not None and response.code == operation.answer.status
    return response


def _count_bytes(
    response: MockResponse, request: LoggedRequest, connection: Connection | None
) -> Iterator[bytes]:
    for chunk in response.body:
        request.sent += len(chunk)
        yield chunk
    if connection is not None and request.sent < response.promised_size:
        # Otherwise the client waits for the rest until the idle timeout of the connection.
        connection.close_after_response()
