"""The mock middleware as a WSGI application."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import parse_cookie

from dss_api import (
    OPERATIONS,
    SESSION_COOKIE,
    FileNotServable,
    MiddlewareFault,
    NotAnAdministrator,
    NotLoggedIn,
    Operation,
    OperationNotSupported,
    OperationRequest,
)
from dss_api.errors import Failure
from dss_api.forms import Empty, File
from dss_api.wire import Unreadable

from . import pages
from .body import Body
from .call import Call, FileAnswer
from .handlers import HANDLERS, Handler
from .refusal import Refused, find_fault, find_row, status_line
from .state import Session, State, User

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TESTER = "test@example.com"
"""Who everybody is when there are no logins."""

AnyOperation = Operation[OperationRequest, object]

_LOG = logging.getLogger(__name__)
_CHUNK = 1 << 18
_LONG_AGO = 10**9
"""How many seconds ago a cookie that is taken back has expired."""


@attrs.frozen
class _Reply:
    status: str
    headers: list[tuple[str, str]]
    body: Iterable[bytes]
    # The server beneath the middleware sends some answers itself, which know no session.
    has_session: bool = True


class MockApplication:
    """Answers as the middleware does.

    Args:
        state: what it knows.
        noauth: whether everybody is signed in as an administrator.
        handlers: what does the work, by the names of the operations.

    Raises:
        ValueError: an operation has no handler, or a handler no operation.
    """

    def __init__(
        self, state: State, *, noauth: bool = False, handlers: Mapping[str, Handler] = HANDLERS
    ) -> None:
        _check(handlers)
        self.state = state
        self.noauth = noauth
        self._handlers = handlers
        self.prepare()

    def prepare(self) -> None:
        """Make the user who everybody is without logins; first of all, so that its id is 1."""
        if self.noauth:
            self._tester()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        cookie = parse_cookie(environ).get(SESSION_COOKIE)
        session = self.state.accounts.session(cookie)
        reply = self._reply(environ, session)
        headers = list(reply.headers)
        if reply.has_session and (cookie or not session.ended):
            headers.append(("Set-Cookie", _session_cookie(session)))
        start_response(reply.status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return reply.body

    def _reply(self, environ: WSGIEnvironment, session: Session) -> _Reply:
        asked = environ["REQUEST_METHOD"]
        method = "GET" if asked == "HEAD" else asked
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        found = _find_routes(path)
        if method in found:
            return self._answer(found[method], path, environ, session)
        if found:
            return _method_not_allowed(sorted(found))
        if path in pages.PAGES:
            if method != "GET":
                return _method_not_allowed(["GET"])
            status, text = pages.PAGES[path](self._actor(session))
            return _text(f"{status} {HTTPStatus(status).phrase}", pages.MEDIA_TYPE, text)
        return _not_found()

    def _answer(
        self, operation: AnyOperation, path: str, environ: WSGIEnvironment, session: Session
    ) -> _Reply:
        match = operation.pattern.fullmatch(path)
        values = match.groupdict() if match else {}
        try:
            return self._handle(operation, values, environ, session)
        except (Unreadable, ClientDisconnected):
            return _failure(*find_fault(operation))
        except Exception:  # noqa: BLE001  # logged, and a middleware does not die of a request
            # To the client it is what it would be with the middleware; here it is a fault.
            _LOG.exception("The mock failed at %s %s", operation.method, path)
            return _failure(*find_fault(operation))

    def _handle(
        self,
        operation: AnyOperation,
        values: Mapping[str, str],
        environ: WSGIEnvironment,
        session: Session,
    ) -> _Reply:
        try:
            actor = self._admitted(operation, session)
            with Body.read(environ, self.state.folder) as body:
                call = Call(self.state, operation, session, actor, _server(environ), values, body)
                return _success(call, self._handlers[operation.name](call))
        except Refused as refused:
            return _failure(*find_row(operation, refused, values))

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

    def _actor(self, session: Session) -> User | None:
        return self._tester() if self.noauth else session.user

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


def _find_routes(path: str) -> dict[str, AnyOperation]:
    """The operations that a path has, by their methods."""
    return {
        operation.method: operation for operation in OPERATIONS if operation.pattern.fullmatch(path)
    }


def _server(environ: WSGIEnvironment) -> str:
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"


def _session_cookie(session: Session) -> str:
    parts = [f"{SESSION_COOKIE}={session.id}", "HttpOnly", "Path=/"]
    if session.ended:
        parts.insert(1, f"expires={formatdate(time.time() - _LONG_AGO, usegmt=True)}")
    return "; ".join(parts)


def _success(call: Call, answer: object) -> _Reply:
    operation = call.operation
    status = operation.answer.status or HTTPStatus.OK
    status_text = f"{int(status)} {HTTPStatus(status).phrase}"
    if isinstance(answer, FileAnswer):
        return _file(status_text, operation, answer)
    name = operation.format_parameter
    as_json = bool(name) and call.parameters.get(name) == "json"
    media_type, body = operation.answer.encode(answer, as_json=as_json)
    headers = [("Content-Type", media_type)] if media_type else []
    if isinstance(operation.answer, Empty):
        headers.append(("Location", f"{call.server}/"))
    return _Reply(status_text, headers, [body])


def _file(status: str, operation: AnyOperation, answer: FileAnswer) -> _Reply:
    try:
        size = answer.path.stat().st_size
    except FileNotFoundError as error:
        # It was deleted just now.
        raise Refused(MiddlewareFault) from error
    media_type = answer.media_type
    if media_type is None:
        assert isinstance(operation.answer, File)
        media_type = operation.answer.media_type
    headers = [("Content-Type", media_type)]
    if answer.filename is not None:
        headers.insert(0, ("Content-Disposition", f'attachment; filename="{answer.filename}"'))
        if answer.sized:
            headers.append(("Content-Length", str(size)))
        headers.append(("Content-transfer-encoding", "binary"))
    return _Reply(status, headers, _chunks(answer.path))


def _chunks(path: Path) -> Iterator[bytes]:
    # The file is open only while somebody takes from it: a client that goes away leaves none open.
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _failure(row: Failure, text: str) -> _Reply:
    if row.error is FileNotServable:
        headers = [("Content-Length", str(len(text))), ("Content-Type", row.media_type)]
        return _Reply(status_line(row), headers, [text.encode()], has_session=False)
    return _text(status_line(row), row.media_type, text)


def _not_found() -> _Reply:
    rows = (row for operation in OPERATIONS for row in operation.failures)
    row = next(row for row in rows if row.error is OperationNotSupported)
    return _failure(row, row.text)


def _method_not_allowed(methods: list[str]) -> _Reply:
    phrase = HTTPStatus.METHOD_NOT_ALLOWED.phrase
    reply = _text(f"{HTTPStatus.METHOD_NOT_ALLOWED:d} {phrase}", "text/html", phrase.lower())
    reply.headers.append(("Allow", ", ".join(methods)))
    return reply


def _text(status: str, media_type: str, text: str) -> _Reply:
    headers = [("Content-Type", media_type)] if media_type else []
    return _Reply(status, headers, [text.encode()])
