"""Tests of sending requests over sockets, and of redirects."""

from __future__ import annotations

import io
import logging
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import cast

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as IncomingRequest
from werkzeug import Response as OutgoingResponse

from dss_api import (
    AnswerCutShort,
    AnswerError,
    Download,
    DssApi,
    InvalidToken,
    ProviderUser,
    Redirected,
    Request,
    Response,
    Upload,
    Urllib3Transport,
)
from dss_api.requests import LoginRequest
from dss_api.routes import DOWNLOAD_TICKET_FILE, LIST_SERVICES, LOGIN
from dss_wire.addresses import Proxy
from dss_wire.codec import call, decode_answer, encode_request
from tests.dss_wire.exchanges import DOWNLOAD_PARAMETERS, LIST_REQUEST, AnyOperation
from tests.dss_wire.secret_texts import ECHO, SESSION, TOKEN, render_error
from tests.dss_wire.servers import FILE_HEAD, raw_server, send_bytes


def test_request_over_a_socket_returns_the_decoded_answer(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    httpserver.expect_request(
        "/api/admin/providers/lab/users", method="GET", query_string="format=json"
    ).respond_with_json({"result": [{"id": 3, "email": "é@example.com", "admin": 0}]})
    users = DssApi(transport).admin.list_provider_users(provider="lab")
    assert users == [ProviderUser(id=3, email="é@example.com", admin=False)]


def test_server_address_can_have_a_path(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/dss/one/api/token").respond_with_data("t")
    with Urllib3Transport(httpserver.url_for("/dss/one/")) as transport:
        assert DssApi(transport).session.get_token() == "t"


def test_upload_is_sent_with_its_length(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    content = os.urandom(300_000)
    arrived: list[tuple[str, str | None, bytes, str]] = []

    def store_upload(request: IncomingRequest) -> OutgoingResponse:
        file = request.files["myfile"]
        length = request.headers["Content-Length"]
        arrived.append((request.form["desc"], file.filename, file.stream.read(), length))
        file.close()
        return OutgoingResponse("12")

    httpserver.expect_request("/api/pro/tickets/7/attachments").respond_with_handler(store_upload)
    upload = Upload("ä.bin", io.BytesIO(content), len(content))
    number = DssApi(transport).provider.attach_file(ticket_id=7, desc="a, b", file=upload)
    assert number == 12
    [(desc, name, data, length)] = arrived
    assert (desc, name, data) == ("a, b", "ä.bin", content)
    assert int(length) > len(content)


def test_transport_sends_several_requests(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    ports: list[object] = []

    def record_port(request: IncomingRequest) -> OutgoingResponse:
        ports.append(request.environ.get("REMOTE_PORT"))
        return OutgoingResponse("t")

    httpserver.expect_request("/api/token").respond_with_handler(record_port)
    for _ in range(3):
        assert DssApi(transport).session.get_token() == "t"
    assert len(ports) == 3


def test_closing_closes_connections_of_responses_that_are_still_referenced() -> None:
    closed = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt")
        assert connection.recv(1) == b""
        closed.set()

    with raw_server(answer) as server:
        transport = Urllib3Transport(server)
        response = transport.send(LIST_REQUEST)
        assert response.read() == b"t"
        assert not closed.wait(0.05)
        transport.close()
        assert closed.wait(10)
        assert response.status == 200


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n", id="negative chunk size"
        ),
        pytest.param(
            b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\nab", id="huge chunk size"
        ),
        pytest.param(b"Content-Length: " + b"9" * 30 + b"\r\n\r\nabc", id="huge content length"),
    ],
)
def test_impossible_size_in_a_response_raises_answer_cut_short(content: bytes) -> None:
    closed = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(FILE_HEAD + content)
        assert connection.recv(1) == b""
        closed.set()

    with raw_server(answer) as server, Urllib3Transport(server) as transport:
        response = transport.send(LIST_REQUEST)
        with pytest.raises(AnswerCutShort, match="broke off"):
            response.read()
        assert closed.wait(10)


def test_request_after_an_unread_download_succeeds(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    httpserver.expect_request("/api/tickets/1/files/input/0").respond_with_data(
        b"x" * 100_000, content_type="application/octet-stream"
    )
    httpserver.expect_request("/api/token").respond_with_data("t")
    download: Download = call(transport, DOWNLOAD_TICKET_FILE, DOWNLOAD_PARAMETERS)
    download.close()
    assert DssApi(transport).session.get_token() == "t"


def test_tls_without_an_ssl_context_raises_value_error() -> None:
    with pytest.raises(ValueError, match="The connection to https:"):
        Urllib3Transport("https://dss.example")
    with pytest.raises(ValueError, match="The connection to http:"):
        Urllib3Transport("http://dss.example", proxy=Proxy.read("https://proxy.example"))


def test_certificate_is_not_verified_if_the_ssl_context_says_so(https_server: HTTPServer) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    server = f"https://127.0.0.1:{https_server.port}"
    with Urllib3Transport(server, ssl_context=context) as transport:
        assert DssApi(transport).session.get_token() == "t"


def test_log_and_error_of_a_request_hide_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    content = f"HTTP/1.1 401 {SESSION}\r\nContent-Length: {len(ECHO)}\r\n\r\n{ECHO}".encode()
    with raw_server(send_bytes(content)) as server, Urllib3Transport(server) as transport:
        request = encode_request(LOGIN, LoginRequest(token=TOKEN)).with_session(SESSION)
        with pytest.raises(AnswerError) as caught:
            decode_answer(cast(AnyOperation, LOGIN), transport.send(request))
    assert type(caught.value) is not InvalidToken
    for output in (caplog.text, render_error(caught.value)):
        assert TOKEN not in output
        assert SESSION not in output
    assert "/api/login" in caplog.text


TABLE: dict[str, list[object]] = {"result": []}


class SignedInTransport:
    """A transport that adds a session to each request."""

    def __init__(self, inner: Urllib3Transport) -> None:
        self.inner = inner

    def send(self, request: Request) -> Response:
        return self.inner.send(request.with_session(SESSION))


@pytest.fixture
def api(httpserver: HTTPServer) -> Iterator[DssApi]:
    """Return the signed-in API of the HTTP server of the test."""
    with Urllib3Transport(httpserver.url_for("/")) as transport:
        yield DssApi(SignedInTransport(transport))


@pytest.fixture
def other_server() -> Iterator[HTTPServer]:
    """Start a second HTTP server, which would answer."""
    with HTTPServer("127.0.0.1", 0) as server:
        server.expect_request("/api/services").respond_with_json(TABLE)
        yield server


def add_redirect(server: HTTPServer, location: str, status: int = 302, path: str = "") -> None:
    """Redirect requests for a path of a server."""
    server.expect_request(path or "/api/services").respond_with_data(
        "moved", status, {"Location": location}
    )


def list_targets(server: HTTPServer) -> list[str]:
    """Return path and query of each request that arrived at a server."""
    return [request.full_path.rstrip("?") for request, _ in server.log]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/new/services?a=b", "../new/services?a=b", "{root}?a=b"])
def test_redirect_to_the_same_origin_is_followed(
    httpserver: HTTPServer, api: DssApi, location: str, status: int
) -> None:
    add_redirect(httpserver, location.format(root=httpserver.url_for("/new/services")), status)
    httpserver.expect_request("/new/services", query_string="a=b").respond_with_json(TABLE)
    assert api.user.list_services() == []
    assert list_targets(httpserver) == ["/api/services?format=json", "/new/services?a=b"]
    assert SESSION in httpserver.log[1][0].headers["Cookie"]


def test_at_most_five_redirects_are_followed(httpserver: HTTPServer, api: DssApi) -> None:
    add_redirect(httpserver, "/api/services")
    with pytest.raises(Redirected, match=r"It points to /api/services\."):
        api.user.list_services()
    assert len(httpserver.log) == 6


def test_redirect_to_another_server_does_not_send_the_session_there(
    httpserver: HTTPServer, other_server: HTTPServer, api: DssApi
) -> None:
    there = other_server.url_for("/api/services")
    add_redirect(httpserver, there)
    with pytest.raises(Redirected, match="use that address") as caught:
        api.user.list_services()
    assert there in str(caught.value)
    assert other_server.log == []


@pytest.mark.parametrize(
    "location",
    [
        "https://{place}/api/services",
        "http://localhost/api/services",
        "http://localhost:1/api/services",
        "http://{place}.example/api/services",
        "//localhost:1/api/services",
        "http://[::1/",
        "http://127.0.0.1:port/",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_redirect_to_another_origin_raises_redirected(location: str) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        there = location.format(place=server.removeprefix("http://"))
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {there}\r\n".encode())
        connection.sendall(b"Content-Length: 0\r\n\r\n")
        assert connection.recv(1) == b""

    with (
        raw_server(answer) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(Redirected, match="It points to"),
    ):
        DssApi(transport).user.list_services()


def test_redirect_to_an_unquoted_path_is_followed_quoted(
    httpserver: HTTPServer, api: DssApi
) -> None:
    add_redirect(httpserver, "/a b/services")
    httpserver.expect_request("/a b/services").respond_with_json(TABLE)
    assert api.user.list_services() == []


def test_redirect_of_a_post_is_not_followed(httpserver: HTTPServer, api: DssApi) -> None:
    add_redirect(httpserver, "/new", 307, "/api/tickets")
    with pytest.raises(Redirected, match=r"It points to /new\."):
        api.user.create_ticket(name="BrainMask")
    assert list_targets(httpserver) == ["/api/tickets"]


def test_redirect_that_is_the_expected_answer_is_not_followed(
    httpserver: HTTPServer, api: DssApi
) -> None:
    add_redirect(httpserver, "/", 303, "/logout")
    api.session.logout()
    assert list_targets(httpserver) == ["/logout"]


def test_redirect_without_a_location_is_returned_as_the_response(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/services").respond_with_data("", 302)
    request = encode_request(LIST_SERVICES, LIST_SERVICES.request())
    with Urllib3Transport(httpserver.url_for("/")) as transport:
        assert transport.send(request).status == 302
