"""The mock middleware as a WSGI application."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING

from dss_api import (
    OPERATIONS,
    SESSION_COOKIE,
    Dialect,
    FormerPath,
    NotAnAdministrator,
    NotLoggedIn,
)
from dss_api.constants import COOKIE_AGE
from dss_api.enums import NEWEST
from dss_wire.forms import EncodingError
from dss_wire.scalars import DecodingError

from . import pages
from .body import Body
from .call import Call
from .cookies import find_session_id
from .dashboard import HOME, Dashboard
from .faults import Faults, disturb
from .handlers import FIRST, HANDLERS, Handler
from .host import CONNECTION, AnswerUnsendable, Connection
from .journal import Exchange, Journal
from .refusal import Refused, find_fault, find_row
from .reply import Reply, failure, method_not_allowed, not_found, page, success
from .routing import AnyOperation, find_former_paths, find_operations, method_of
from .state import Session, State, User

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TESTER = "test@example.com"
"""Who everybody is when there are no logins."""

Expectation = Callable[["WSGIEnvironment"], Reply | None]
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
        journal: what was asked and answered.
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
        self.journal = Journal(state.clock.now)
        self.faults = Faults()
        self.dashboard = Dashboard(state, self.faults.in_force, noauth=noauth)
        self._expected = expected
        self._handlers = handlers
        self.prepare()

    def prepare(self) -> None:
        """Make the user who everybody is without logins; first of all, so that its id is 1."""
        if self.noauth:
            self._tester()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            AnswerUnsendable: the carrier is to answer it.
            ConnectionResetError: it is not to be answered.
        """
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        watched = path == HOME and method_of(environ) == "GET"
        expected = self._expect(environ) if watched else None
        if watched and expected is None:
            # Who watches the middleware asks nothing of it, so that nothing comes of that.
            reply = self.dashboard.respond(path, known=environ.get("HTTP_IF_NONE_MATCH", ""))
            start_response(reply.status, list(reply.headers))
            return reply.body
        found = find_operations(path, self.dialect)
        operation = found.get(method_of(environ))
        cookie = find_session_id(environ.get("HTTP_COOKIE", ""))
        exchange = self.journal.begin(environ["REQUEST_METHOD"], path)
        exchange.operation = operation.name if operation else None
        exchange.received = _length(environ)
        actor = self._actor(self.state.accounts.known_session(cookie))
        exchange.actor = actor.email if actor else None
        answer = partial(self._reply, environ, path, found, cookie, expected)
        proceed = partial(_noted, exchange, operation, answer)
        try:
            reply = self._disturbed(environ, path, cookie, exchange, proceed)
            exchange.status = reply.code
        finally:
            REQUESTS.info("%s", exchange)
        if reply.by_carrier:
            raise AnswerUnsendable
        start_response(reply.status, list(reply.headers))
        return _counted(reply, exchange, environ.get(CONNECTION))

    def _disturbed(
        self,
        environ: WSGIEnvironment,
        path: str,
        cookie: str | None,
        exchange: Exchange,
        proceed: Callable[[], Reply],
    ) -> Reply:
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
        expected: Reply | None,
    ) -> Reply:
        expected = expected or self._expect(environ)
        if expected is not None:
            return expected
        session = self.state.accounts.session(cookie)
        reply = self._routed(environ, path, found, session)
        if reply.has_session and (cookie or not session.ended):
            reply = reply.with_header(
                "Set-Cookie", _session_cookie(session, self.state.clock.now())
            )
        return reply

    def _expect(self, environ: WSGIEnvironment) -> Reply | None:
        return self._expected(environ) if self._expected else None

    def _routed(
        self,
        environ: WSGIEnvironment,
        path: str,
        found: Mapping[str, AnyOperation],
        session: Session,
    ) -> Reply:
        method = method_of(environ)
        if method in found:
            return self._answer(found[method], path, environ, session)
        former = find_former_paths(path, self.dialect)
        if method in former:
            return self._refuse(former[method], path, session)
        if found or former:
            return method_not_allowed({*found, *former})
        return self._page(path, environ, session)

    def _page(self, path: str, environ: WSGIEnvironment, session: Session) -> Reply:
        if path != HOME and path not in pages.PAGES:
            return not_found()
        if method_of(environ) != "GET":
            return method_not_allowed(["GET"])
        html = pages.PAGES[path](self.state, self._actor(session), _server(environ))
        reply = page(html.status, "", html.text)
        for name, value in html.headers:
            reply = reply.with_header(name, value)
        return reply

    def _answer(
        self, operation: AnyOperation, path: str, environ: WSGIEnvironment, session: Session
    ) -> Reply:
        match = operation.pattern.fullmatch(path)
        values = match.groupdict() if match else {}
        try:
            return self._handle(operation, values, environ, session)
        except DecodingError:
            return failure(*find_fault(operation, self.dialect))
        except EncodingError as error:
            return failure(*find_fault(operation, self.dialect, begun=error.media_type))
        except Exception:  # noqa: BLE001  # logged, and a middleware does not die of a request
            # To the client it is what it would be with the middleware; here it is a fault.
            _LOG.exception("The mock failed at %s %s", operation.method, path)
            return failure(*find_fault(operation, self.dialect))

    def _handle(
        self,
        operation: AnyOperation,
        values: Mapping[str, str],
        environ: WSGIEnvironment,
        session: Session,
    ) -> Reply:
        try:
            with Body(environ, self.state.folder) as body:
                if operation.name in FIRST:
                    FIRST[operation.name](body)
                actor = self._admitted(operation, session)
                call = Call(self.state, operation, session, actor, _server(environ), values, body)
                answer = self._handlers[operation.name](call)
                return success(call, answer, self.dialect)
        except Refused as refused:
            return failure(*find_row(operation, refused, values, self.dialect))

    def _refuse(self, former: FormerPath, path: str, session: Session) -> Reply:
        match = former.pattern.fullmatch(path)
        error = former.failures[0].error if self._actor(session) else NotLoggedIn
        values = match.groupdict() if match else {}
        return failure(*find_row(former, Refused(error), values, self.dialect))

    def _admitted(self, operation: AnyOperation, session: Session) -> User | None:
        """Who is signed in, if that is enough for the operation."""
        actor = self._actor(session)
        known = {row.error for row in operation.failures}
        # An operation that asks for more than a session says so itself.
        if actor is None and NotLoggedIn in known:
            raise Refused(NotLoggedIn)
        if NotAnAdministrator in known and not (actor and actor.sysadmin):
            raise Refused(NotAnAdministrator)
        return actor

    def _actor(self, session: Session | None) -> User | None:
        if self.noauth:
            return self._tester()
        return session.user if session else None

    def _tester(self) -> User:
        return self.state.accounts.ensure(TESTER, sysadmin=True, accepted_terms=True)


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


def _session_cookie(session: Session, now: float) -> str:
    parts = [f"{SESSION_COOKIE}={session.id}", "HttpOnly", "Path=/"]
    if session.ended:
        parts.insert(1, f"expires={formatdate(now - COOKIE_AGE, usegmt=True)}")
    return "; ".join(parts)


def _noted(
    exchange: Exchange, operation: AnyOperation | None, answer: Callable[[], Reply]
) -> Reply:
    """The answer, after taking note of whether the middleware did what it was asked."""
    reply = answer()
    exchange.acted = operation is not None and reply.code == operation.answer.status
    return reply


def _counted(reply: Reply, exchange: Exchange, connection: Connection | None) -> Iterator[bytes]:
    for chunk in reply.body:
        exchange.sent += len(chunk)
        yield chunk
    if connection is not None and exchange.sent < reply.promised:
        # A client that waits for the rest shall not wait until the connection counts as idle.
        connection.close_afterwards()
