"""Every failure is a typed error that says what failed, on which request, and what to do."""

from __future__ import annotations

import builtins
import copy
import logging
import pickle
import re
import traceback
from typing import cast

import pytest

import dss_api
from dss_api import (
    OPERATIONS,
    AnswerCutShort,
    AnswerError,
    AnswerTimeout,
    DssError,
    InvalidToken,
    MiddlewareFault,
    MiddlewareUnavailable,
    NotLoggedIn,
    OutcomeUnknown,
    ProxyPage,
    Redirected,
    Request,
    Response,
    SessionExpired,
    TicketNotFound,
    TransportError,
    UnexpectedAnswer,
    UploadChanged,
    UploadTooLarge,
    Urllib3Transport,
)
from dss_api.requests import GetTokenRequest, LoginRequest
from dss_api.routes import GET_LOGIN, GET_TOKEN, LIST_PROVIDERS, LOGIN, LOGOUT
from dss_wire.codec import call, decode_answer, encode_request
from spec.codegen.read import read
from tests.codegen.support import CONTRACT
from tests.dss_api.support import (
    BY_NAME,
    AnyOperation,
    answer_to,
    raw_server,
    request_of,
    says,
)

TOKEN = "feedfacefeedface0123456789abcdef0123456789abcdef"
SESSION = "5e55104e5e55104e5e55104e5e55104e"
DEFINED = dict(read(CONTRACT).root["components"]["x-errors"].entries())
PAGE = b"<!DOCTYPE html>\n<html><body><h1>Sign in to the network</h1></body></html>"


def error_of(
    operation: AnyOperation,
    status: int,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    session: str = "",
) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        decode_answer(operation, answer_to(request_of(operation, session), status, body, headers))
    return caught.value


@pytest.mark.parametrize("name", list(DEFINED))
def test_a_known_error_derives_from_the_builtin_of_the_contract(name: str) -> None:
    error = getattr(dss_api, name)
    definition = DEFINED[name]
    base = definition["builtin"].text or DEFINED[definition["extends"].text]["builtin"].text
    assert issubclass(error, AnswerError)
    assert issubclass(error, getattr(builtins, base))
    assert error.description == definition["description"].text
    assert error.advice == definition["advice"].text


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (TransportError, ConnectionError),
        (AnswerTimeout, TimeoutError),
        (AnswerTimeout, TransportError),
        (AnswerCutShort, TransportError),
        (UploadChanged, OSError),
        (UnexpectedAnswer, ValueError),
        (ProxyPage, ConnectionError),
        (Redirected, ConnectionError),
        (MiddlewareUnavailable, ConnectionError),
        (SessionExpired, NotLoggedIn),
    ],
)
def test_a_failure_of_any_server_derives_from_a_fitting_builtin(
    kind: type[DssError], base: type[Exception]
) -> None:
    assert issubclass(kind, DssError)
    assert issubclass(kind, base)


KNOWN = [
    pytest.param(operation, index, id=f"{operation.name}-{index}-{failure.error.__name__}")
    for operation in OPERATIONS
    for index, failure in enumerate(operation.failures)
]


@pytest.mark.parametrize(("operation", "index"), KNOWN)
def test_a_known_failure_says_all_that_is_known(operation: AnyOperation, index: int) -> None:
    failure = operation.failures[index]
    said = failure.text.replace("{", "").replace("}", "")
    session = SESSION if failure.session else ""
    error = error_of(operation, failure.status, said.encode(), session=session)
    assert type(error) is failure.error
    assert (error.method, error.path) == (operation.method, operation.path)
    assert (error.status, error.text) == (failure.status, said)
    shown = f'the answer was "{said.strip()}"' if said else "the answer was empty"
    unknown = ""
    if type(error) is MiddlewareFault and operation.when_unknown:
        unknown = f"It is not known whether the request took effect. {operation.when_unknown} "
    assert str(error) == (
        f"{error.description} {operation.method} {operation.path} gave {failure.status} Reason; "
        f"{shown}. {unknown}{error.advice}"
    )


def test_not_being_signed_in_and_a_session_that_ended_are_told_apart() -> None:
    said = b"You are not logged in!"
    assert type(error_of(LIST_PROVIDERS, 401, said)) is NotLoggedIn
    assert type(error_of(LIST_PROVIDERS, 401, said, session=SESSION)) is SessionExpired


def test_what_varies_in_a_known_text_may_be_anything() -> None:
    operation = BY_NAME["get_ticket_status"]
    assert type(error_of(operation, 400, b"Ticket 12 not found for user 3")) is TicketNotFound
    assert type(error_of(operation, 400, b"Ticket 12 not found for user 3\n")) is TicketNotFound
    assert type(error_of(operation, 400, b"Ticket 12 not found")) is UnexpectedAnswer
    assert type(error_of(operation, 400, b"No: Ticket 1 not found for user 3")) is UnexpectedAnswer


@pytest.mark.parametrize("status", [200, 401, 404, 500, 511])
@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        b"\r\n  <html lang=en>",
        b"\xef\xbb\xbf<!doctype html>",
        b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC ''>",
        b"<!-- a proxy -->\n<html>",
        b"<HEAD><TITLE>502",
    ],
)
def test_a_web_page_is_something_in_between_whatever_its_status(status: int, page: bytes) -> None:
    error = error_of(LIST_PROVIDERS, status, page, {"Content-Type": "text/html"})
    assert type(error) is ProxyPage
    assert str(error).startswith("A web page arrived instead of the middleware's response. GET ")
    assert "such as a proxy or a sign-in page of the network" in str(error)


@pytest.mark.parametrize("name", ["download_ticket_file", "login", "create_ticket", "list_tickets"])
def test_a_web_page_is_seen_whatever_was_asked_for(name: str) -> None:
    assert type(error_of(BY_NAME[name], 200, PAGE, {"Content-Type": "text/html"})) is ProxyPage


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_without_the_middleware_is_told(status: int) -> None:
    error = error_of(LIST_PROVIDERS, status, b"no healthy upstream", {"Content-Type": "text/plain"})
    assert type(error) is MiddlewareUnavailable
    assert f"gave {status} Reason" in str(error)
    assert "no healthy upstream" in str(error)
    assert "Try again later" in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("body", [b"", b"<html><head><title>301 Moved</title></head></html>"])
def test_a_redirect_says_where_it_points(status: int, body: bytes) -> None:
    headers = {"Location": "https://new.example/api?key=secret", "Content-Type": "text/html"}
    error = error_of(LIST_PROVIDERS, status, body, headers)
    assert type(error) is Redirected
    assert "It points to https://new.example/api. " in str(error)
    assert "key=secret" not in str(error)


def test_a_redirect_to_nowhere_is_unexpected() -> None:
    assert type(error_of(LIST_PROVIDERS, 302)) is UnexpectedAnswer


def test_a_sign_out_is_no_redirect() -> None:
    response = answer_to(request_of(LOGOUT), 303, b"", {"Location": "http://h/"})
    assert decode_answer(cast(AnyOperation, LOGOUT), response) is None


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", "the answer was empty"),
        (b"\x00\xff\xfe", 'the answer was "\ufffd\ufffd\ufffd"'),
        (b"\x1b[2Jowned\x07", 'the answer was "\ufffd[2Jowned\ufffd"'),
        (b"a\n\n  b\tc", 'the answer was "a b c"'),
        (b"x" * 100_000, f'the answer was "{"x" * 300} [...]"'),
    ],
)
@pytest.mark.parametrize("status", [200, 204, 418, 500])
def test_an_answer_that_nobody_knows_is_shown_as_far_as_it_goes(
    body: bytes, shown: str, status: int
) -> None:
    error = error_of(LIST_PROVIDERS, status, body)
    assert type(error) is UnexpectedAnswer
    assert shown in str(error)
    assert f"GET /api/admin/providers gave {status}" in str(error)
    assert "Check that the server's address belongs to a DSS middleware" in str(error)
    assert len(error.text) <= 1 << 16
    assert len(str(error)) < 1000


def test_an_empty_answer_in_place_of_a_number_is_unexpected() -> None:
    error = error_of(BY_NAME["get_queue_position"], 200, b"")
    assert type(error) is UnexpectedAnswer
    assert "'' is not an integer. Check" in str(error)


def test_an_answer_that_cannot_be_read_leaves_open_whether_the_request_took_effect() -> None:
    operation = BY_NAME["create_ticket"]
    said = (
        "cannot be read: '' is not an integer. If the server's address belongs to a DSS "
        f"middleware: {operation.when_unknown}"
    )
    with pytest.raises(OutcomeUnknown, match=re.escape(said)) as caught:
        decode_answer(operation, answer_to(request_of(operation), 200, b""))
    assert type(caught.value.__cause__) is UnexpectedAnswer


def test_a_file_that_is_too_large_is_told() -> None:
    error = error_of(BY_NAME["upload_ticket_file"], 413, b"<html>nginx")
    assert type(error) is UploadTooLarge
    assert "raise the limit" in str(error)


def test_an_operation_that_never_succeeds_takes_no_success() -> None:
    operation = BY_NAME["list_service_claims"]
    assert type(error_of(operation, 200, b"[]")) is UnexpectedAnswer
    assert type(error_of(operation, 500, b"internal server error")) is MiddlewareFault


def all_errors() -> list[DssError]:
    found: list[DssError] = [
        error_of(operation, failure.status, failure.text.encode(), session=SESSION)
        for operation in OPERATIONS
        for failure in operation.failures
    ]
    found += [
        error_of(LIST_PROVIDERS, 200, PAGE),
        error_of(LIST_PROVIDERS, 200, b"?"),
        error_of(LIST_PROVIDERS, 502, b"?"),
        error_of(LIST_PROVIDERS, 301, b"", {"Location": "http://h"}),
    ]
    plain = (DssError, TransportError, AnswerTimeout, AnswerCutShort, UploadChanged)
    return found + [kind("What failed.", method="GET", path="/api") for kind in plain]


def test_errors_survive_pickling_and_copying_with_all_they_hold() -> None:
    for error in all_errors():
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert vars(again) == vars(error)
            assert again.args == error.args
        assert error.path.startswith("/")


def everything_said(error: BaseException) -> str:
    """All that printing, logging or inspecting an error could show of it."""
    shown = "".join(traceback.format_exception(error))
    return f"{error}\n{error!r}\n{vars(error)}\n{shown}"


ECHO = f"logged with token={TOKEN} and webpy_session_id={SESSION}"


@pytest.mark.parametrize("status", [200, 302, 400, 401, 500, 502])
@pytest.mark.parametrize("body", [ECHO, f"<html>{ECHO}", f'{{"result": "{ECHO}"}}', ECHO * 2000])
@pytest.mark.parametrize("name", ["login", "get_login"])
def test_an_answer_that_repeats_the_secrets_does_not_bring_them_into_an_error(
    name: str, body: str, status: int
) -> None:
    operation = BY_NAME[name]
    asked = LoginRequest(token=TOKEN) if name == "login" else GET_LOGIN.request()
    request = encode_request(operation, asked).with_session(SESSION)
    body = body if name == "login" else body.replace(TOKEN, "")
    headers = {"Location": f"http://h/{SESSION}", "Content-Type": f"text/x-{SESSION}"}
    reason = f"Reason {SESSION}"
    with pytest.raises(DssError) as caught:
        decode_answer(operation, answer_to(request, status, body.encode(), headers, reason))
    said = everything_said(caught.value)
    assert TOKEN not in said
    assert SESSION not in said
    assert "***" in said


def test_a_token_that_cannot_be_read_is_not_shown() -> None:
    class Echo:
        def send(self, request: Request) -> Response:
            return answer_to(request, 200, b"\xff" + TOKEN.encode())

    with pytest.raises(UnexpectedAnswer) as caught:
        call(Echo(), GET_TOKEN, GetTokenRequest())
    assert TOKEN not in everything_said(caught.value)


def test_requests_and_transports_show_no_secret() -> None:
    request = encode_request(LOGIN, LoginRequest(token=TOKEN)).with_session(SESSION)
    shown = f"{request!r} {request} {LoginRequest(token=TOKEN)!r} {request.body!r}"
    assert TOKEN in shown.rpartition(" b'")[2], "the body itself does hold it"
    with Urllib3Transport("http://127.0.0.1:1") as transport:
        visible = f"{request!r} {request} {LoginRequest(token=TOKEN)!r} {transport!r}"
    assert TOKEN not in visible
    assert SESSION not in visible
    assert "login" in visible


@pytest.mark.parametrize("session", ["", "a b", "a;b", "a\r\nX-Evil: 1", "é", "a\n"])
def test_a_session_that_is_no_cookie_is_refused_without_repeating_it(session: str) -> None:
    with pytest.raises(
        ValueError, match=r"^A session consists of visible ASCII characters, as a cookie does\.$"
    ):
        request_of(LIST_PROVIDERS).with_session(session)


def test_no_secret_is_logged_while_it_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    content = f"HTTP/1.1 401 {SESSION}\r\nContent-Length: {len(ECHO)}\r\n\r\n{ECHO}".encode()
    with raw_server(says(content)) as server, Urllib3Transport(server) as transport:
        request = encode_request(LOGIN, LoginRequest(token=TOKEN)).with_session(SESSION)
        with pytest.raises(AnswerError) as caught:
            decode_answer(cast(AnyOperation, LOGIN), transport.send(request))
    assert type(caught.value) is not InvalidToken
    for said in (caplog.text, everything_said(caught.value)):
        assert TOKEN not in said
        assert SESSION not in said
    assert "/api/login" in caplog.text


def test_a_status_line_that_repeats_the_session_does_not_bring_it_into_an_error() -> None:
    content = f"garbage {SESSION}\r\n\r\n".encode()
    with raw_server(says(content)) as server, Urllib3Transport(server) as transport:
        request = encode_request(LIST_PROVIDERS, LIST_PROVIDERS.request()).with_session(SESSION)
        with pytest.raises(TransportError) as caught:
            transport.send(request)
    assert SESSION not in everything_said(caught.value)
