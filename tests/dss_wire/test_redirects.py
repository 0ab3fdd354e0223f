"""Which redirects are followed: those of `GET`, to the same origin, and not for ever."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from dss_api import DssApi, Redirected, Request, Response, Urllib3Transport
from dss_api.routes import LIST_SERVICES
from dss_wire.codec import encode_request
from tests.dss_api.support import raw_server

SESSION = "0123456789abcdef"
TABLE: dict[str, list[object]] = {"result": []}


class SignedIn:
    def __init__(self, inner: Urllib3Transport) -> None:
        self.inner = inner

    def send(self, request: Request) -> Response:
        return self.inner.send(request.with_session(SESSION))


@pytest.fixture
def api(httpserver: HTTPServer) -> Iterator[DssApi]:
    with Urllib3Transport(httpserver.url_for("/")) as transport:
        yield DssApi(SignedIn(transport))


@pytest.fixture
def elsewhere() -> Iterator[HTTPServer]:
    with HTTPServer("127.0.0.1", 0) as server:
        server.expect_request("/api/services").respond_with_json(TABLE)
        yield server


def redirect(server: HTTPServer, location: str, status: int = 302, path: str = "") -> None:
    server.expect_request(path or "/api/services").respond_with_data(
        "moved", status, {"Location": location}
    )


def asked(server: HTTPServer) -> list[str]:
    return [request.full_path.rstrip("?") for request, _ in server.log]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/new/services?a=b", "../new/services?a=b", "{root}?a=b"])
def test_one_to_the_same_origin_is_followed(
    httpserver: HTTPServer, api: DssApi, location: str, status: int
) -> None:
    redirect(httpserver, location.format(root=httpserver.url_for("/new/services")), status)
    httpserver.expect_request("/new/services", query_string="a=b").respond_with_json(TABLE)
    assert api.user.list_services() == []
    assert asked(httpserver) == ["/api/services?format=json", "/new/services?a=b"]
    assert SESSION in httpserver.log[1][0].headers["Cookie"]


def test_five_are_followed_and_no_more(httpserver: HTTPServer, api: DssApi) -> None:
    redirect(httpserver, "/api/services")
    with pytest.raises(Redirected, match=r"It points to /api/services\."):
        api.user.list_services()
    assert len(httpserver.log) == 6


def test_none_leads_the_session_to_another_server(
    httpserver: HTTPServer, elsewhere: HTTPServer, api: DssApi
) -> None:
    there = elsewhere.url_for("/api/services")
    redirect(httpserver, there)
    with pytest.raises(Redirected, match="use that address") as caught:
        api.user.list_services()
    assert there in str(caught.value)
    assert elsewhere.log == []


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
def test_none_leads_to_another_origin(location: str) -> None:
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


def test_one_with_characters_that_no_address_has_is_followed_quoted(
    httpserver: HTTPServer, api: DssApi
) -> None:
    redirect(httpserver, "/a b/services")
    httpserver.expect_request("/a b/services").respond_with_json(TABLE)
    assert api.user.list_services() == []


def test_none_of_a_post_is_followed(httpserver: HTTPServer, api: DssApi) -> None:
    redirect(httpserver, "/new", 307, "/api/tickets")
    with pytest.raises(Redirected, match=r"It points to /new\."):
        api.user.create_ticket(name="BrainMask")
    assert asked(httpserver) == ["/api/tickets"]


def test_one_that_is_the_answer_is_not_followed(httpserver: HTTPServer, api: DssApi) -> None:
    redirect(httpserver, "/", 303, "/logout")
    api.session.logout()
    assert asked(httpserver) == ["/logout"]


def test_one_without_a_place_is_an_answer_as_any(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/services").respond_with_data("", 302)
    request = encode_request(LIST_SERVICES, LIST_SERVICES.request())
    with Urllib3Transport(httpserver.url_for("/")) as transport:
        assert transport.send(request).status == 302
