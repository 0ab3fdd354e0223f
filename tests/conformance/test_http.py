"""HTTP connections, body lengths and malformed requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from .http_client import FORM, MULTIPART, Part, compose_request, encode_multipart
from .http_connection import Connection, Response, send_request
from .responses import (
    BAD_TOKEN,
    NOT_FOUND,
    NOT_SIGNED_IN,
    SERVER_ERROR,
    UPLOAD_REFUSED,
    ResponseSummary,
    csv_response,
    text_response,
)
from .sites import Lab, Site

MALFORMED_REQUEST: ResponseSummary = ("400 Bad Request", "text/plain", b"Malformed Request-Line")


@pytest.fixture
def connection(site: Site) -> Iterator[Connection]:
    """Open a connection without a session."""
    with Connection(site.address) as connection:
        yield connection


def header_names(response: Response) -> list[str]:
    return [name for name, _ in response.headers]


def test_response_headers_have_a_fixed_order(lab: Lab) -> None:
    response = lab.user.get("/api/services")
    assert response.version == "HTTP/1.1"
    assert header_names(response) == [
        "Content-Type",
        "Set-Cookie",
        "Transfer-Encoding",
        "Date",
        "Server",
    ]
    assert response.header("Server") == "localhost"
    refused = lab.anonymous.request("DELETE", "/api/services")
    expected = ["Content-Type", "Allow", "Set-Cookie", "Transfer-Encoding", "Date", "Server"]
    assert header_names(refused) == expected
    text = lab.user.get("/api/tickets/9/status")
    assert header_names(text) == ["Set-Cookie", "Transfer-Encoding", "Date", "Server"]


def test_connection_stays_open_after_a_response(connection: Connection) -> None:
    for path in ("/api/login", "/nosuch", "/api/login"):
        connection.send(compose_request("GET", path))
        response = connection.receive()
        assert response.header("Connection") is None
        assert response.summary == (NOT_FOUND if path == "/nosuch" else NOT_SIGNED_IN)


def test_connection_stays_open_after_an_unread_body(connection: Connection) -> None:
    for target in ("/nosuch", "/api/tickets", "/api/services", "/api/tickets/1/files/input"):
        for body in (b"", b"x" * 100_000):
            connection.send(compose_request("POST", target, [("Content-Type", FORM)], body))
            assert connection.receive().status in (401, 404, 405)
    connection.send(compose_request("GET", "/api/login"))
    assert connection.receive().summary == NOT_SIGNED_IN


def test_pipelined_requests_are_answered_in_order(connection: Connection) -> None:
    form = compose_request("POST", "/api/login", [("Content-Type", FORM)], b"token=zz")
    connection.send(compose_request("GET", "/api/login") + form + compose_request("GET", "/nosuch"))
    assert [connection.receive().status for _ in range(3)] == [401, 401, 404]


def test_connection_closes_when_the_request_asks_for_it(connection: Connection) -> None:
    connection.send(compose_request("GET", "/api/login", [("Connection", "close")]))
    response = connection.receive()
    assert response.header("Connection") == "close"
    assert response.header("Transfer-Encoding") == "chunked"
    assert connection.is_at_end()


@pytest.mark.parametrize("headers", [[], [("Connection", "keep-alive")]])
def test_http_1_0_request_is_answered_and_the_connection_closed(
    site: Site, headers: list[tuple[str, str]]
) -> None:
    request = compose_request("GET", "/api/login", headers, version="HTTP/1.0")
    response = send_request(site.address, request)
    assert (response.version, response.summary) == ("HTTP/1.1", NOT_SIGNED_IN)
    assert header_names(response) == ["Set-Cookie", "Date", "Server"]
    assert response.closed


def test_host_header_is_optional(site: Site) -> None:
    for version in ("HTTP/1.0", "HTTP/1.1"):
        request = compose_request("GET", "/api/login", host=None, version=version)
        assert send_request(site.address, request).summary == NOT_SIGNED_IN


def encode_chunks(body: bytes, size: int = 7) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def test_chunked_form_is_accepted(lab: Lab) -> None:
    headers = [*lab.user.cookies, ("Content-Type", FORM), ("Transfer-Encoding", "chunked")]
    body = encode_chunks(f"githash={lab.service}".encode())
    request = compose_request("POST", "/api/tickets", headers) + body
    assert send_request(lab.address, request).summary == text_response("1")


def test_chunked_upload_is_accepted(lab: Lab) -> None:
    path = f"/api/tickets/{lab.create_ticket()}/files/input"
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART), ("Transfer-Encoding", "chunked")]
    body = encode_chunks(encode_multipart([Part.file("a.txt", b"0123456789")]))
    assert send_request(
        lab.address, compose_request("POST", path, headers) + body
    ).summary == text_response("success")
    assert lab.user.get(f"{path}/0").body == b"0123456789"


def test_connection_stays_usable_after_a_chunked_form(connection: Connection) -> None:
    headers = [("Content-Type", FORM), ("Transfer-Encoding", "chunked")]
    connection.send(compose_request("POST", "/api/login", headers) + encode_chunks(b"token=zz"))
    assert connection.receive().summary == BAD_TOKEN
    connection.send(compose_request("GET", "/api/login"))
    assert connection.receive().summary == NOT_SIGNED_IN


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [("POST", "/nosuch", NOT_FOUND), ("GET", "/api/services", NOT_SIGNED_IN)],
)
def test_unread_chunks_are_parsed_as_the_next_request(
    connection: Connection, method: str, path: str, expected: ResponseSummary
) -> None:
    request = compose_request(method, path, [("Transfer-Encoding", "chunked")])
    connection.send(request + encode_chunks(b"token=x") + compose_request("GET", "/api/login"))
    assert connection.receive().summary == expected
    assert connection.receive().summary == MALFORMED_REQUEST
    assert connection.is_at_end()


@pytest.mark.parametrize("body", [b"zz\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"])
@pytest.mark.parametrize("media_type", [FORM, MULTIPART])
def test_malformed_chunks_fail(lab: Lab, body: bytes, media_type: str) -> None:
    headers = [*lab.user.cookies, ("Content-Type", media_type), ("Transfer-Encoding", "chunked")]
    response = send_request(lab.address, compose_request("POST", "/api/tickets", headers) + body)
    assert response.summary == SERVER_ERROR
    assert response.header("Set-Cookie")


@pytest.mark.parametrize("length", ["-1", "-5"])
def test_negative_length_is_ignored_if_the_body_is_not_read(lab: Lab, length: str) -> None:
    with Connection(lab.address) as connection:
        for path, expected in (("/nosuch", NOT_FOUND), ("/api/tickets", NOT_SIGNED_IN)):
            connection.send(compose_request("POST", path, [("Content-Length", length)]))
            assert connection.receive().summary == expected


def test_form_with_negative_length_is_read_to_the_end_or_fails(lab: Lab) -> None:
    # Length -1 means that the body is read to the end of the connection.
    for length, expected in (("-1", text_response("1")), ("-5", SERVER_ERROR)):
        headers = [*lab.user.cookies, ("Content-Type", FORM), ("Content-Length", length)]
        with Connection(lab.address) as connection:
            form = f"githash={lab.service}".encode()
            connection.send(compose_request("POST", "/api/tickets", headers) + form)
            connection.close_sending()
            assert connection.receive().summary == expected


@pytest.mark.parametrize("length", ["-1", "-5"])
def test_upload_with_negative_length_fails(lab: Lab, length: str) -> None:
    path = f"/api/tickets/{lab.create_ticket()}/files/input"
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART), ("Content-Length", length)]
    with Connection(lab.address) as connection:
        connection.send(
            compose_request("POST", path, headers) + encode_multipart([Part.file("a.txt", b"x")])
        )
        connection.close_sending()
        assert connection.receive().summary == SERVER_ERROR
    assert lab.user.get(path).summary == csv_response()


def test_incomplete_body_fails_or_closes_the_connection(lab: Lab) -> None:
    # The middleware waits for each body until a timeout, so all requests wait at the same time.
    upload = f"/api/tickets/{lab.create_ticket()}/files/input"
    part = encode_multipart([Part.file("a.txt", b"x")], end=False)
    sized, in_chunks = ("Content-Length", "5000"), ("Transfer-Encoding", "chunked")
    end, form = ("Connection", "close"), ("Content-Type", FORM)
    sender = [*lab.user.cookies, ("Content-Type", MULTIPART)]
    requests = [
        (compose_request("POST", "/nosuch", [sized]), None),
        (compose_request("POST", "/nosuch", [sized, end]), NOT_FOUND),
        (compose_request("POST", "/api/login", [form, sized]) + b"token", None),
        (compose_request("POST", "/api/login", [form, sized, end]) + b"token", SERVER_ERROR),
        (
            compose_request("POST", "/api/login", [form, in_chunks]) + b"5\r\ntoken\r\n",
            SERVER_ERROR,
        ),
        (compose_request("POST", upload, [*sender, sized]) + part, None),
        (compose_request("POST", upload, [*sender, sized, end]) + part, SERVER_ERROR),
        (compose_request("POST", upload, [*sender, in_chunks]) + b"5\r\n----", SERVER_ERROR),
    ]
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(lab.address)) for _ in requests]
        for connection, (request, _) in zip(connections, requests, strict=True):
            connection.send(request)
        for connection, (_, expected) in zip(connections, requests, strict=True):
            if expected:
                assert connection.receive().summary == expected
            else:
                assert connection.is_at_end()
    assert lab.user.get(upload).summary == csv_response()


def test_body_without_length_counts_as_empty(lab: Lab) -> None:
    path = f"/api/tickets/{lab.create_ticket()}/files/input"
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART)]
    assert (
        send_request(lab.address, compose_request("POST", path, headers)).summary == UPLOAD_REFUSED
    )
    form = [*lab.user.cookies, ("Content-Type", FORM)]
    expected = "Unable to find service: neither name nor githash specified"
    assert send_request(lab.address, compose_request("POST", "/api/tickets", form)).text == expected
    assert send_request(lab.address, compose_request("POST", "/api/login")).summary == SERVER_ERROR


def test_expect_header_gets_100_continue(lab: Lab) -> None:
    path = f"/api/tickets/{lab.create_ticket()}/files/input"
    body = encode_multipart([Part.file("a.txt", b"x")])
    headers = [
        *lab.user.cookies,
        ("Content-Type", MULTIPART),
        ("Content-Length", f"{len(body)}"),
        ("Expect", "100-continue"),
    ]
    with Connection(lab.address) as connection:
        connection.send(compose_request("POST", path, headers))
        first = connection.receive()
        assert (first.status_line, first.headers) == ("100 Continue", ())
        connection.send(body)
        assert connection.receive().summary == text_response("success")
    assert lab.user.get(path).summary == csv_response("0,a.txt")


@pytest.mark.parametrize(
    ("request_", "status", "text"),
    [
        (b"GET /api/\xc3\xa9 HTTP/1.1\r\n\r\n", "400 Bad Request", b"Malformed Request-URI"),
        (
            b"GET /api/a b HTTP/1.1\r\n\r\n",
            "400 Bad Request",
            b"Malformed Request-Line: bad protocol",
        ),
        (b"nonsense\r\n\r\n", "400 Bad Request", b"Malformed Request-Line"),
        (b"GET /\r\n\r\n", "400 Bad Request", b"Malformed Request-Line"),
        (
            b"GET //api/login HTTP/1.1\r\n\r\n",
            "400 Bad Request",
            b"Absolute URI not allowed if server is not a proxy.",
        ),
        (
            b"GET http://x/api/login HTTP/1.1\r\n\r\n",
            "400 Bad Request",
            b"Absolute URI not allowed if server is not a proxy.",
        ),
        (
            b"GET api/login HTTP/1.1\r\n\r\n",
            "400 Bad Request",
            b"Invalid path in Request-URI: request-target must contain "
            b'origin-form which starts with absolute-path (URI starting with a slash "/").',
        ),
        (
            b"get /api/login HTTP/1.1\r\n\r\n",
            "400 Bad Request",
            b"Malformed method name: According to RFC 2616 (section 5.1.1) and its "
            b"successors RFC 7230 (section 3.1.1) and RFC 7231 (section 4.1) method names "
            b"are case-sensitive and uppercase.",
        ),
        (
            b"GET /api/login#x HTTP/1.1\r\n\r\n",
            "400 Bad Request",
            b"Illegal #fragment in Request-URI.",
        ),
        (
            b"GET /api/login HTTP/2.0\r\n\r\n",
            "505 HTTP Version Not Supported",
            b"Cannot fulfill request",
        ),
        (b"GET /api/login HTTP/1.1\r\nx\r\n\r\n", "400 Bad Request", b"Illegal header line."),
        (
            b"POST /api/login HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            "400 Bad Request",
            b"Malformed Content-Length Header.",
        ),
    ],
    ids=[
        "uri_not_ascii",
        "space_in_uri",
        "no_uri",
        "no_version",
        "double_slash",
        "absolute_uri",
        "relative_uri",
        "lower_case_method",
        "fragment",
        "http_2",
        "header_without_colon",
        "length_not_a_number",
    ],
)
def test_malformed_request_gets_plain_text_error(
    site: Site, request_: bytes, status: str, text: bytes
) -> None:
    response = send_request(site.address, request_)
    assert response.summary == (status, "text/plain", text)
    assert header_names(response) == ["Content-Length", "Content-Type"]


def test_empty_line_before_a_request_is_skipped(site: Site) -> None:
    with Connection(site.address) as connection:
        connection.send(b"\r\n")
        connection.send(compose_request("GET", "/api/login"))
        assert connection.receive().summary == NOT_SIGNED_IN


def test_interrupted_upload_stores_no_file(lab: Lab) -> None:
    path = f"/api/tickets/{lab.create_ticket()}/files/input"
    body = encode_multipart([Part.file("a.txt", b"x" * 1000)])
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART), ("Content-Length", "5000")]
    with Connection(lab.address) as connection:
        connection.send(compose_request("POST", path, headers) + body[:500])
    assert lab.user.get(path).summary == csv_response()


def test_redirect_uses_the_host_header(lab: Lab) -> None:
    for headers, expected in (
        ([("Host", "a.example:81")], "http://a.example:81/"),
        ([("X-Forwarded-Host", "x"), ("X-Forwarded-Proto", "https")], "http://[unknown]/"),
        ([("Host", "")], "http:///"),
    ):
        request = compose_request("GET", "/logout", headers, host=None)
        assert send_request(lab.address, request).header("Location") == expected
