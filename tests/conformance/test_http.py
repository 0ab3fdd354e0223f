"""HTTP itself: connections, lengths, and what is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from .asking import FORM, MULTIPART, Part, compose, multipart
from .expected import (
    BAD_TOKEN,
    FAULT,
    NOT_FOUND,
    NOT_SIGNED_IN,
    UPLOAD_REFUSED,
    Said,
    csv,
    plain,
)
from .raw import Answer, Connection, exchange
from .site import Lab, Site

NO_REQUEST: Said = ("400 Bad Request", "text/plain", b"Malformed Request-Line")


@pytest.fixture
def connection(site: Site) -> Iterator[Connection]:
    """A connection of nobody."""
    with Connection(site.address) as connection:
        yield connection


def names(answer: Answer) -> list[str]:
    return [name for name, _ in answer.headers]


def test_the_headers_of_an_answer(lab: Lab) -> None:
    answer = lab.user.get("/api/services")
    assert answer.version == "HTTP/1.1"
    assert names(answer) == ["Content-Type", "Set-Cookie", "Transfer-Encoding", "Date", "Server"]
    assert answer.header("Server") == "localhost"
    refused = lab.nobody.ask("DELETE", "/api/services")
    expected = ["Content-Type", "Allow", "Set-Cookie", "Transfer-Encoding", "Date", "Server"]
    assert names(refused) == expected
    text = lab.user.get("/api/tickets/9/status")
    assert names(text) == ["Set-Cookie", "Transfer-Encoding", "Date", "Server"]


def test_a_connection_is_kept(connection: Connection) -> None:
    for path in ("/api/login", "/nosuch", "/api/login"):
        connection.send(compose("GET", path))
        answer = connection.receive()
        assert answer.header("Connection") is None
        assert answer.said == (NOT_FOUND if path == "/nosuch" else NOT_SIGNED_IN)


def test_a_connection_is_kept_though_a_body_was_not_wanted(connection: Connection) -> None:
    for target in ("/nosuch", "/api/tickets", "/api/services", "/api/tickets/1/files/input"):
        for body in (b"", b"x" * 100_000):
            connection.send(compose("POST", target, [("Content-Type", FORM)], body))
            assert connection.receive().status in (401, 404, 405)
    connection.send(compose("GET", "/api/login"))
    assert connection.receive().said == NOT_SIGNED_IN


def test_requests_may_be_sent_ahead(connection: Connection) -> None:
    form = compose("POST", "/api/login", [("Content-Type", FORM)], b"token=zz")
    connection.send(compose("GET", "/api/login") + form + compose("GET", "/nosuch"))
    assert [connection.receive().status for _ in range(3)] == [401, 401, 404]


def test_a_connection_is_closed_if_that_is_wanted(connection: Connection) -> None:
    connection.send(compose("GET", "/api/login", [("Connection", "close")]))
    answer = connection.receive()
    assert answer.header("Connection") == "close"
    assert answer.header("Transfer-Encoding") == "chunked"
    assert connection.is_at_end()


@pytest.mark.parametrize("headers", [[], [("Connection", "keep-alive")]])
def test_http_1_0(site: Site, headers: list[tuple[str, str]]) -> None:
    request = compose("GET", "/api/login", headers, version="HTTP/1.0")
    answer = exchange(site.address, request)
    assert (answer.version, answer.said) == ("HTTP/1.1", NOT_SIGNED_IN)
    assert names(answer) == ["Set-Cookie", "Date", "Server"]
    assert answer.closed


def test_no_host(site: Site) -> None:
    for version in ("HTTP/1.0", "HTTP/1.1"):
        request = compose("GET", "/api/login", host=None, version=version)
        assert exchange(site.address, request).said == NOT_SIGNED_IN


def chunked(body: bytes, size: int = 7) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def test_a_form_in_chunks(lab: Lab) -> None:
    headers = [*lab.user.cookies, ("Content-Type", FORM), ("Transfer-Encoding", "chunked")]
    body = chunked(f"githash={lab.service}".encode())
    request = compose("POST", "/api/tickets", headers) + body
    assert exchange(lab.address, request).said == plain("1")


def test_an_upload_in_chunks(lab: Lab) -> None:
    path = f"/api/tickets/{lab.new_ticket()}/files/input"
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART), ("Transfer-Encoding", "chunked")]
    body = chunked(multipart([Part.file("a.txt", b"0123456789")]))
    assert exchange(lab.address, compose("POST", path, headers) + body).said == plain("success")
    assert lab.user.get(f"{path}/0").body == b"0123456789"


def test_chunks_that_are_wanted_leave_the_connection(connection: Connection) -> None:
    headers = [("Content-Type", FORM), ("Transfer-Encoding", "chunked")]
    connection.send(compose("POST", "/api/login", headers) + chunked(b"token=zz"))
    assert connection.receive().said == BAD_TOKEN
    connection.send(compose("GET", "/api/login"))
    assert connection.receive().said == NOT_SIGNED_IN


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [("POST", "/nosuch", NOT_FOUND), ("GET", "/api/services", NOT_SIGNED_IN)],
)
def test_chunks_that_nobody_wants_are_taken_for_a_request(
    connection: Connection, method: str, path: str, expected: Said
) -> None:
    request = compose(method, path, [("Transfer-Encoding", "chunked")])
    connection.send(request + chunked(b"token=x") + compose("GET", "/api/login"))
    assert connection.receive().said == expected
    assert connection.receive().said == NO_REQUEST
    assert connection.is_at_end()


@pytest.mark.parametrize("body", [b"zz\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"])
@pytest.mark.parametrize("media_type", [FORM, MULTIPART])
def test_chunks_that_are_none(lab: Lab, body: bytes, media_type: str) -> None:
    headers = [*lab.user.cookies, ("Content-Type", media_type), ("Transfer-Encoding", "chunked")]
    answer = exchange(lab.address, compose("POST", "/api/tickets", headers) + body)
    assert answer.said == FAULT
    assert answer.header("Set-Cookie")


@pytest.mark.parametrize("length", ["-1", "-5"])
def test_a_negative_length(lab: Lab, length: str) -> None:
    with Connection(lab.address) as connection:
        for path, expected in (("/nosuch", NOT_FOUND), ("/api/tickets", NOT_SIGNED_IN)):
            connection.send(compose("POST", path, [("Content-Length", length)]))
            assert connection.receive().said == expected


def test_a_form_of_a_negative_length(lab: Lab) -> None:
    # It is read to the end of the connection, or not at all.
    for length, expected in (("-1", plain("1")), ("-5", FAULT)):
        headers = [*lab.user.cookies, ("Content-Type", FORM), ("Content-Length", length)]
        with Connection(lab.address) as connection:
            form = f"githash={lab.service}".encode()
            connection.send(compose("POST", "/api/tickets", headers) + form)
            connection.send_end()
            assert connection.receive().said == expected


@pytest.mark.parametrize("length", ["-1", "-5"])
def test_an_upload_of_a_negative_length(lab: Lab, length: str) -> None:
    path = f"/api/tickets/{lab.new_ticket()}/files/input"
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART), ("Content-Length", length)]
    with Connection(lab.address) as connection:
        connection.send(compose("POST", path, headers) + multipart([Part.file("a.txt", b"x")]))
        connection.send_end()
        assert connection.receive().said == FAULT
    assert lab.user.get(path).said == csv()


def test_a_body_that_does_not_come(lab: Lab) -> None:
    # What is to be kept must first be read; all are waited for at once, since that takes long.
    upload = f"/api/tickets/{lab.new_ticket()}/files/input"
    part = multipart([Part.file("a.txt", b"x")], end=False)
    sized, in_chunks = ("Content-Length", "5000"), ("Transfer-Encoding", "chunked")
    end, form = ("Connection", "close"), ("Content-Type", FORM)
    sender = [*lab.user.cookies, ("Content-Type", MULTIPART)]
    requests = [
        (compose("POST", "/nosuch", [sized]), None),
        (compose("POST", "/nosuch", [sized, end]), NOT_FOUND),
        (compose("POST", "/api/login", [form, sized]) + b"token", None),
        (compose("POST", "/api/login", [form, sized, end]) + b"token", FAULT),
        (compose("POST", "/api/login", [form, in_chunks]) + b"5\r\ntoken\r\n", FAULT),
        (compose("POST", upload, [*sender, sized]) + part, None),
        (compose("POST", upload, [*sender, sized, end]) + part, FAULT),
        (compose("POST", upload, [*sender, in_chunks]) + b"5\r\n----", FAULT),
    ]
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(lab.address)) for _ in requests]
        for connection, (request, _) in zip(connections, requests, strict=True):
            connection.send(request)
        for connection, (_, expected) in zip(connections, requests, strict=True):
            if expected:
                assert connection.receive().said == expected
            else:
                assert connection.is_at_end()
    assert lab.user.get(upload).said == csv()


def test_a_body_without_a_length_is_none(lab: Lab) -> None:
    path = f"/api/tickets/{lab.new_ticket()}/files/input"
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART)]
    assert exchange(lab.address, compose("POST", path, headers)).said == UPLOAD_REFUSED
    form = [*lab.user.cookies, ("Content-Type", FORM)]
    expected = "Unable to find service: neither name nor githash specified"
    assert exchange(lab.address, compose("POST", "/api/tickets", form)).text == expected
    assert exchange(lab.address, compose("POST", "/api/login")).said == FAULT


def test_to_continue(lab: Lab) -> None:
    path = f"/api/tickets/{lab.new_ticket()}/files/input"
    body = multipart([Part.file("a.txt", b"x")])
    headers = [
        *lab.user.cookies,
        ("Content-Type", MULTIPART),
        ("Content-Length", f"{len(body)}"),
        ("Expect", "100-continue"),
    ]
    with Connection(lab.address) as connection:
        connection.send(compose("POST", path, headers))
        first = connection.receive()
        assert (first.line, first.headers) == ("100 Continue", ())
        connection.send(body)
        assert connection.receive().said == plain("success")
    assert lab.user.get(path).said == csv("0,a.txt")


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
)
def test_what_is_no_request(site: Site, request_: bytes, status: str, text: bytes) -> None:
    answer = exchange(site.address, request_)
    assert answer.said == (status, "text/plain", text)
    assert names(answer) == ["Content-Length", "Content-Type"]


def test_a_connection_without_a_request(site: Site) -> None:
    with Connection(site.address) as connection:
        connection.send(b"\r\n")
        connection.send(compose("GET", "/api/login"))
        assert connection.receive().said == NOT_SIGNED_IN


def test_a_broken_off_upload_leaves_nothing(lab: Lab) -> None:
    path = f"/api/tickets/{lab.new_ticket()}/files/input"
    body = multipart([Part.file("a.txt", b"x" * 1000)])
    headers = [*lab.user.cookies, ("Content-Type", MULTIPART), ("Content-Length", "5000")]
    with Connection(lab.address) as connection:
        connection.send(compose("POST", path, headers) + body[:500])
    assert lab.user.get(path).said == csv()


def test_addresses_follow_the_host(lab: Lab) -> None:
    for headers, expected in (
        ([("Host", "a.example:81")], "http://a.example:81/"),
        ([("X-Forwarded-Host", "x"), ("X-Forwarded-Proto", "https")], "http://[unknown]/"),
        ([("Host", "")], "http:///"),
    ):
        request = compose("GET", "/logout", headers, host=None)
        assert exchange(lab.address, request).header("Location") == expected
