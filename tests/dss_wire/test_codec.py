"""Tests of decoding responses into answers and errors."""

from __future__ import annotations

import re
from typing import cast

import pytest

from dss_api import (
    DssError,
    MiddlewareFault,
    MiddlewareUnavailable,
    OutcomeUnknown,
    ProxyPage,
    Redirected,
    Request,
    Response,
    UnexpectedAnswer,
    UploadTooLarge,
)
from dss_api.requests import GetTokenRequest, LoginRequest
from dss_api.routes import GET_LOGIN, GET_TOKEN, LIST_PROVIDERS, LOGOUT
from dss_wire.codec import call, decode_answer, encode_request
from tests.dss_wire.exchanges import (
    OPERATIONS_BY_NAME,
    WEB_PAGE,
    AnyOperation,
    catch_error,
    make_request,
    make_response,
)
from tests.dss_wire.secret_texts import ECHO, SESSION, TOKEN, render_error


@pytest.mark.parametrize("status", [200, 401, 404, 500, 511])
@pytest.mark.parametrize(
    "page",
    [
        WEB_PAGE,
        b"\r\n  <html lang=en>",
        b"\xef\xbb\xbf<!doctype html>",
        b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC ''>",
        b"<!-- a proxy -->\n<html>",
        b"<HEAD><TITLE>502",
    ],
    ids=["sign-in page", "indented", "byte order mark", "XHTML", "comment first", "head only"],
)
def test_web_page_raises_proxy_page_with_any_status(status: int, page: bytes) -> None:
    error = catch_error(LIST_PROVIDERS, status, page, {"Content-Type": "text/html"})
    assert type(error) is ProxyPage
    assert str(error).startswith("A web page arrived instead of the middleware's response. GET ")
    assert "such as a proxy or a sign-in page of the network" in str(error)


@pytest.mark.parametrize("name", ["download_ticket_file", "login", "create_ticket", "list_tickets"])
def test_web_page_raises_proxy_page_for_any_kind_of_answer(name: str) -> None:
    operation = OPERATIONS_BY_NAME[name]
    error = catch_error(operation, 200, WEB_PAGE, {"Content-Type": "text/html"})
    assert type(error) is ProxyPage


@pytest.mark.parametrize("status", [502, 503, 504])
def test_gateway_status_raises_middleware_unavailable(status: int) -> None:
    error = catch_error(
        LIST_PROVIDERS, status, b"no healthy upstream", {"Content-Type": "text/plain"}
    )
    assert type(error) is MiddlewareUnavailable
    assert f"gave {status} Reason" in str(error)
    assert "no healthy upstream" in str(error)
    assert "Try again later" in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("body", [b"", b"<html><head><title>301 Moved</title></head></html>"])
def test_redirect_error_shows_the_new_address_without_its_query(status: int, body: bytes) -> None:
    headers = {"Location": "https://new.example/api?key=secret", "Content-Type": "text/html"}
    error = catch_error(LIST_PROVIDERS, status, body, headers)
    assert type(error) is Redirected
    assert "It points to https://new.example/api. " in str(error)
    assert "key=secret" not in str(error)


def test_redirect_without_a_location_raises_unexpected_answer() -> None:
    assert type(catch_error(LIST_PROVIDERS, 302)) is UnexpectedAnswer


def test_redirect_of_logout_is_decoded_as_its_answer() -> None:
    response = make_response(make_request(LOGOUT), 303, b"", {"Location": "http://h/"})
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
def test_unknown_answer_error_shows_the_beginning_of_the_body(
    body: bytes, shown: str, status: int
) -> None:
    error = catch_error(LIST_PROVIDERS, status, body)
    assert type(error) is UnexpectedAnswer
    assert shown in str(error)
    assert f"GET /api/admin/providers gave {status}" in str(error)
    assert "Check that the server's address belongs to a DSS middleware" in str(error)
    assert len(error.text) <= 1 << 16
    assert len(str(error)) < 1000


def test_empty_answer_instead_of_a_number_raises_unexpected_answer() -> None:
    error = catch_error(OPERATIONS_BY_NAME["get_queue_position"], 200, b"")
    assert type(error) is UnexpectedAnswer
    assert "'' is not an integer. Check" in str(error)


def test_unreadable_answer_to_a_request_unsafe_to_repeat_raises_outcome_unknown() -> None:
    operation = OPERATIONS_BY_NAME["create_ticket"]
    message = (
        "cannot be read: '' is not an integer. If the server's address belongs to a DSS "
        f"middleware: {operation.when_unknown}"
    )
    with pytest.raises(OutcomeUnknown, match=re.escape(message)) as caught:
        decode_answer(operation, make_response(make_request(operation), 200, b""))
    assert type(caught.value.__cause__) is UnexpectedAnswer


def test_status_413_raises_upload_too_large() -> None:
    error = catch_error(OPERATIONS_BY_NAME["upload_ticket_file"], 413, b"<html>nginx")
    assert type(error) is UploadTooLarge
    assert "raise the limit" in str(error)


def test_success_of_an_operation_that_never_succeeds_raises_unexpected_answer() -> None:
    operation = OPERATIONS_BY_NAME["list_service_claims"]
    assert type(catch_error(operation, 200, b"[]")) is UnexpectedAnswer
    assert type(catch_error(operation, 500, b"internal server error")) is MiddlewareFault


@pytest.mark.parametrize("status", [200, 302, 400, 401, 500, 502])
@pytest.mark.parametrize("body", [ECHO, f"<html>{ECHO}", f'{{"result": "{ECHO}"}}', ECHO * 2000])
@pytest.mark.parametrize("name", ["login", "get_login"])
def test_error_redacts_secrets_that_the_answer_repeats(name: str, body: str, status: int) -> None:
    operation = OPERATIONS_BY_NAME[name]
    parameters = LoginRequest(token=TOKEN) if name == "login" else GET_LOGIN.request()
    request = encode_request(operation, parameters).with_session(SESSION)
    body = body if name == "login" else body.replace(TOKEN, "")
    headers = {"Location": f"http://h/{SESSION}", "Content-Type": f"text/x-{SESSION}"}
    reason = f"Reason {SESSION}"
    with pytest.raises(DssError) as caught:
        decode_answer(operation, make_response(request, status, body.encode(), headers, reason))
    output = render_error(caught.value)
    assert TOKEN not in output
    assert SESSION not in output
    assert "***" in output


def test_error_hides_a_token_that_cannot_be_read() -> None:
    class Echo:
        def send(self, request: Request) -> Response:
            return make_response(request, 200, b"\xff" + TOKEN.encode())

    with pytest.raises(UnexpectedAnswer) as caught:
        call(Echo(), GET_TOKEN, GetTokenRequest())
    assert TOKEN not in render_error(caught.value)
