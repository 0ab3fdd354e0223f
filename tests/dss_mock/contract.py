"""A check that responses are among those of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

import attrs

from dss_api import OPERATIONS, TOKEN_PAGE, Operation, OperationRequest
from dss_api.contract import CONTRACT
from dss_api.enums import NEWEST
from dss_mock import DssServer
from dss_wire.forms import Constant, Empty, File, Form, JsonForm, JsonObject, OneOf
from dss_wire.operation import Failure
from dss_wire.scalars import DecodingError
from dss_wire.text_templates import compile_template

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AnyOperation = Operation[OperationRequest, object]

# Paths outside the API.
_FOREIGN = ("/_mock/", "/static/")
_PAGES = ("/", TOKEN_PAGE, "/services", "/about", "/admin", "/_mock")


@attrs.frozen
class ObservedResponse:
    """A response of the server.

    Attributes:
        line: the status code and reason phrase.
        body: the body, or `None` if it was not read.
    """

    line: str
    headers: Sequence[tuple[str, str]]
    body: bytes | None

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(found) if found else None


def find_mistake(method: str, path: str, response: ObservedResponse) -> str:
    """Return the mistake in a response; empty if the contract has such a response."""
    found = {o.method: o for o in OPERATIONS if o.pattern.fullmatch(path)}
    operation = found.get("GET" if method == "HEAD" else method)
    if operation is not None:
        wrong = _find_answer_mistake(operation, response)
    elif found:
        allowed = ("Allow", ", ".join(sorted(found)))
        wrong = "" if allowed in response.headers else f"it lacks {allowed}"
        wrong = wrong or _compare_error(response, HTTPStatus.METHOD_NOT_ALLOWED, "text/html")
    elif path in _PAGES or path.startswith(_FOREIGN):
        wrong = ""
    else:
        wrong = _compare_error(response, HTTPStatus.NOT_FOUND, "text/html; charset=utf-8")
    return wrong and f"{method} {path} was answered with {response}: {wrong}"


def _compare_error(response: ObservedResponse, status: HTTPStatus, media_type: str) -> str:
    expected = (f"{status:d} {status.phrase}", media_type, status.phrase.lower().encode())
    actual = (response.line, response.header("Content-Type"), response.body or expected[2])
    return "" if actual == expected else f"{expected} was to be expected"


def _find_answer_mistake(operation: AnyOperation, response: ObservedResponse) -> str:
    answer = operation.answer
    status = int(response.line[:3])
    if status != answer.status:
        known = any(_is_failure(row, response) for row in operation.failures)
        return "" if known else f"{operation.name} is not known to fail like this"
    if response.line != f"{status} {HTTPStatus(status).phrase}":
        return "this is not its reason"
    media_type = response.header("Content-Type")
    match answer:
        case Empty():
            whole = media_type == "text/html" and not response.body and response.header("Location")
            return "" if whole else "it is not a redirect without a body"
        case File():
            fits = answer.media_type in ("*/*", media_type)
            return "" if fits else f"the type of the file is not {answer.media_type}"
        case OneOf():
            return _find_text_mistake(answer, media_type, response.body)
        case _:
            return "it never succeeds"


def _is_failure(row: Failure, response: ObservedResponse) -> bool:
    phrase = HTTPStatus(row.status).phrase
    actual = (response.line, response.header("Content-Type") or "")
    return actual == (
        # The middleware's own failures have no content type, and a reason in lower case.
        f"{row.status} {phrase if row.media_type else phrase.lower()}",
        row.media_type,
    ) and (
        response.body is None
        or compile_template(row.text).fullmatch(response.body.decode("utf-8", "replace"))
        is not None
    )


def _find_text_mistake(answer: OneOf[object], media_type: str | None, body: bytes | None) -> str:
    if body is None:
        known = {form.media_type or None for form in answer.forms}
        return "" if media_type in known else f"its type is not one of {known}"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"it is not UTF-8: {error}"
    mistakes: list[str] = []
    for form in answer.forms:
        if (form.media_type or None) == media_type and form.can_read(media_type or "", text):
            wrong = _find_form_mistake(answer, form, text)
            if not wrong:
                return ""
            mistakes.append(wrong)
    return "; ".join(mistakes) or "it does not have a form of the answer"


def _find_form_mistake(answer: OneOf[object], form: Form[object], text: str) -> str:
    try:
        value = form.decode(text, CONTRACT.records)
    except DecodingError as error:
        return f"as {type(form).__name__}: {error}"
    if isinstance(form, JsonObject) and not form.envelope:
        # The JSON of a provider, whose keys the contract knows only in part.
        again = json.dumps(json.loads(text))
    elif isinstance(form, Constant):
        again = form.text
    else:
        as_json = isinstance(form, JsonForm)
        _, encoded = answer.encode(value, NEWEST, CONTRACT.records, as_json=as_json)
        again = encoded.decode()
    return "" if again == text else f"read and written again it is {again!r}"


class CheckedApplication:
    """An application that checks every response of a server's mock, and collects the mistakes.

    Responses to expectations, with faults or of older versions are not checked.

    Attributes:
        mistakes_found: one sentence for each response that the contract does not have.
    """

    def __init__(self, server: DssServer) -> None:
        self._server = server
        self._application = server.mock
        self.mistakes_found: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._application, name)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        server = self._server
        disturbed = [*server.handlers, *server.oneshot_handlers, *server.ordered_handlers]
        if disturbed or server.faults.list_active() or self._application.dialect is not NEWEST:
            return self._application(environ, start_response)
        starts: list[tuple[str, list[tuple[str, str]]]] = []

        def record_start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
            starts.append((status, headers))
            return start_response(status, headers, *rest)  # type: ignore[arg-type]  # passed on

        application: WSGIApplication = self._application
        body = application(environ, record_start)  # type: ignore[arg-type]  # as above
        return self._check_body(environ, starts, body)

    def _check_body(
        self,
        environ: WSGIEnvironment,
        starts: Sequence[tuple[str, list[tuple[str, str]]]],
        body: Iterable[bytes],
    ) -> Iterator[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        method = environ["REQUEST_METHOD"]
        pieces: list[bytes] = []
        size = 0
        for piece in body:
            size += len(piece)
            # Files may be large, and their bytes are not checked.
            if size < 1 << 20:
                pieces.append(piece)
            yield piece
        line, headers = starts[0]
        whole = b"".join(pieces) if size < 1 << 20 else None
        wrong = find_mistake(method, path, ObservedResponse(line, headers, whole))
        if wrong:
            self.mistakes_found.append(wrong)
