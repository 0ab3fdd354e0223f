"""Requests over real sockets, and all that can go wrong there."""

from __future__ import annotations

import io
import os
import socket
import ssl
import threading
import traceback
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Arrived
from werkzeug import Response as Answer

from dss_api import (
    AnswerCutShort,
    AnswerTimeout,
    AnswerUnusable,
    Download,
    DssApi,
    FileArea,
    ProviderUser,
    TransportError,
    Upload,
    UploadChanged,
    Urllib3Transport,
)
from dss_api.requests import DownloadTicketFileRequest
from dss_api.routes import DOWNLOAD_TICKET_FILE, LIST_PROVIDERS
from dss_wire.addresses import Proxy
from dss_wire.codec import call, encode_request
from tests.dss_api.support import raw_server, says, silence

ASKED = encode_request(LIST_PROVIDERS, LIST_PROVIDERS.request())
FILE = DownloadTicketFileRequest(ticket_id=1, area=FileArea.INPUT, index=0)


@pytest.fixture
def transport(httpserver: HTTPServer) -> Iterator[Urllib3Transport]:
    with Urllib3Transport(httpserver.url_for("/"), read_timeout=10) as transport:
        yield transport


def test_an_answer_arrives(httpserver: HTTPServer, transport: Urllib3Transport) -> None:
    httpserver.expect_request(
        "/api/admin/providers/lab/users", method="GET", query_string="format=json"
    ).respond_with_json({"result": [{"id": 3, "email": "é@example.com", "admin": 0}]})
    users = DssApi(transport).admin.list_provider_users(provider="lab")
    assert users == [ProviderUser(id=3, email="é@example.com", admin=False)]


def test_the_address_may_have_a_path(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/dss/one/api/token").respond_with_data("t")
    with Urllib3Transport(httpserver.url_for("/dss/one/")) as transport:
        assert DssApi(transport).session.get_token() == "t"


def test_a_file_is_sent_with_its_length(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    content = os.urandom(300_000)
    arrived: list[tuple[str, str | None, bytes, str]] = []

    def take(request: Arrived) -> Answer:
        file = request.files["myfile"]
        length = request.headers["Content-Length"]
        arrived.append((request.form["desc"], file.filename, file.stream.read(), length))
        file.close()
        return Answer("12")

    httpserver.expect_request("/api/pro/tickets/7/attachments").respond_with_handler(take)
    upload = Upload("ä.bin", io.BytesIO(content), len(content))
    number = DssApi(transport).provider.attach_file(ticket_id=7, desc="a, b", file=upload)
    assert number == 12
    [(desc, name, data, length)] = arrived
    assert (desc, name, data) == ("a, b", "ä.bin", content)
    assert int(length) > len(content)


def test_a_file_that_shrinks_on_the_way_is_told_with_the_request(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    httpserver.expect_request("/api/tickets/7/files/input").respond_with_data("success")
    upload = Upload("scan.nii", io.BytesIO(b"12345"), 1000)
    with pytest.raises(UploadChanged, match=r"'scan\.nii' became shorter") as caught:
        DssApi(transport).user.upload_ticket_file(ticket_id=7, area=FileArea.INPUT, file=upload)
    assert "POST /api/tickets/7/files/input" in str(caught.value)
    assert (caught.value.method, caught.value.path) == ("POST", "/api/tickets/7/files/input")
    httpserver.clear_log()
    httpserver.clear_assertions()
    httpserver.clear_handler_errors()


def test_a_connection_is_kept_for_the_next_request(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    ports: list[object] = []

    def note(request: Arrived) -> Answer:
        ports.append(request.environ.get("REMOTE_PORT"))
        return Answer("t")

    httpserver.expect_request("/api/token").respond_with_handler(note)
    for _ in range(3):
        assert DssApi(transport).session.get_token() == "t"
    assert len(ports) == 3


def test_closing_closes_the_connections_even_of_answers_that_are_still_held() -> None:
    closed = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt")
        assert connection.recv(1) == b""
        closed.set()

    with raw_server(answer) as server:
        transport = Urllib3Transport(server)
        response = transport.send(ASKED)
        assert response.read() == b"t"
        assert not closed.wait(0.05)
        transport.close()
        assert closed.wait(10)
        assert response.status == 200


def assert_tells(error: TransportError, *pieces: str) -> None:
    for piece in ("GET /api/admin/providers", *pieces):
        assert piece in str(error)
    assert (error.method, error.path) == ("GET", "/api/admin/providers")
    assert "\n" not in str(error)


def test_a_refused_connection_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with (
        Urllib3Transport(f"http://127.0.0.1:{port}") as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(ASKED)
    assert not isinstance(caught.value, TimeoutError)
    assert_tells(caught.value, f"http://127.0.0.1:{port}", "refused", "Check the address")


def test_a_name_that_nobody_has_is_told() -> None:
    with (
        Urllib3Transport("http://dss.invalid") as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(ASKED)
    assert_tells(caught.value, "http://dss.invalid", "Check the address")
    assert not isinstance(caught.value, TimeoutError)


def test_a_server_that_says_nothing_is_a_timeout() -> None:
    with (
        raw_server(silence) as server,
        Urllib3Transport(server, read_timeout=0.3) as transport,
        pytest.raises(AnswerTimeout) as caught,
    ):
        transport.send(ASKED)
    assert isinstance(caught.value, TimeoutError)
    assert_tells(caught.value, "No answer in time", server, "Try again later")


def test_a_server_that_stops_in_the_middle_of_the_body_is_a_timeout() -> None:
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        over.wait(10)

    with raw_server(answer) as server, Urllib3Transport(server, read_timeout=0.3) as transport:
        response = transport.send(ASKED)
        with pytest.raises(AnswerTimeout) as caught:
            response.read()
        over.set()
    assert_tells(caught.value, "No answer in time")


def test_a_server_that_hangs_up_at_once_is_told() -> None:
    with (
        raw_server(says(b"")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(ASKED)
    assert_tells(caught.value, server)


def test_something_that_speaks_no_http_is_told() -> None:
    with (
        raw_server(says(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(ASKED)
    assert_tells(caught.value, "SSH-2.0")


def test_what_a_terminal_would_obey_is_not_repeated() -> None:
    with (
        raw_server(says(b"\x1b[2J\x9b1mSSH\x00\x07\r\n\r\n")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(ASKED)
    assert_tells(caught.value, "SSH")
    assert str(caught.value).isprintable()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
CUT = [
    pytest.param(HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 400, id="of known length"),
    pytest.param(HEAD + b"Content-Length: 3000000\r\n\r\n" + b"x" * 2_500_000, id="of many chunks"),
    pytest.param(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n100\r\n" + b"x" * 100, id="within a chunk"
    ),
    pytest.param(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n", id="between two chunks"
    ),
]


@pytest.mark.parametrize("content", CUT)
def test_a_file_that_breaks_off_is_told_when_it_is_read(content: bytes) -> None:
    with raw_server(says(content)) as server, Urllib3Transport(server) as transport:
        download = call(transport, DOWNLOAD_TICKET_FILE, FILE)
        with download, pytest.raises(AnswerCutShort) as caught:
            download.read()
    assert "GET /api/tickets/1/files/input/0" in str(caught.value)
    assert "not complete" in str(caught.value)
    assert caught.value.path == "/api/tickets/1/files/input/0"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n", id="-5"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\nab", id="f"),
        pytest.param(b"Content-Length: " + b"9" * 30 + b"\r\n\r\nabc", id="9"),
    ],
)
def test_numbers_of_bytes_that_cannot_be_break_the_answer_off(content: bytes) -> None:
    closed = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(HEAD + content)
        assert connection.recv(1) == b""
        closed.set()

    with raw_server(answer) as server, Urllib3Transport(server) as transport:
        response = transport.send(ASKED)
        with pytest.raises(AnswerCutShort, match="broke off"):
            response.read()
        assert closed.wait(10)


@pytest.mark.parametrize("content", CUT)
def test_a_file_that_breaks_off_is_told_while_iterating(content: bytes) -> None:
    with raw_server(says(content)) as server, Urllib3Transport(server) as transport:
        download = call(transport, DOWNLOAD_TICKET_FILE, FILE)
        with download, pytest.raises(AnswerCutShort, match="broke off"):
            for chunk in download:
                assert set(chunk) == {ord("x")}


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_a_file_arrives_in_chunks(
    size: int, httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    content = os.urandom(size)
    httpserver.expect_request("/api/tickets/1/files/input/0").respond_with_data(
        content,
        headers={"Content-Disposition": 'attachment; filename="a b.nii"'},
        content_type="application/octet-stream",
    )
    with DssApi(transport).user.download_ticket_file(
        ticket_id=1, area=FileArea.INPUT, index=0
    ) as download:
        assert (download.filename, download.size) == ("a b.nii", size)
        chunks = list(download)
    assert b"".join(chunks) == content
    assert all(0 < len(chunk) <= 1 << 20 for chunk in chunks)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        pytest.param(HEAD + b"Connection: close\r\n", "where it ends", id="closed"),
        pytest.param(HEAD.replace(b"/1.1", b"/1.0"), "where it ends", id="HTTP/1.0"),
        pytest.param(HEAD + b"Content-Length: abc\r\n", "where it ends", id="no number"),
        pytest.param(
            HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n",
            "where it ends",
            id="too many digits",
        ),
        pytest.param(
            HEAD + b"Transfer-Encoding: gzip, chunked\r\n", "where it ends", id="transfer coding"
        ),
        pytest.param(
            HEAD + b"Content-Length: 5\r\nContent-Encoding: gzip\r\n", "'gzip'", id="compressed"
        ),
    ],
)
def test_a_file_of_which_nobody_could_tell_that_it_is_whole_is_not_taken(
    head: bytes, told: str
) -> None:
    with (
        raw_server(says(head + b"\r\nvoxel")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(AnswerUnusable, match=told) as caught,
    ):
        call(transport, DOWNLOAD_TICKET_FILE, FILE)
    assert "GET /api/tickets/1/files/input/0" in str(caught.value)
    assert "Nothing was downloaded" in str(caught.value)


def test_a_chunked_file_has_no_size_and_arrives() -> None:
    content = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with raw_server(says(content)) as server, Urllib3Transport(server) as transport:
        download = call(transport, DOWNLOAD_TICKET_FILE, FILE)
        with download:
            assert (download.size, download.filename) == (None, None)
            assert b"".join(download) == b"abcde"


def test_a_file_that_is_left_in_the_middle_does_no_harm(
    httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    httpserver.expect_request("/api/tickets/1/files/input/0").respond_with_data(
        b"x" * 100_000, content_type="application/octet-stream"
    )
    httpserver.expect_request("/api/token").respond_with_data("t")
    download: Download = call(transport, DOWNLOAD_TICKET_FILE, FILE)
    download.close()
    assert DssApi(transport).session.get_token() == "t"


@pytest.mark.parametrize(
    "server",
    [
        "",
        "dss.example",
        "dss.example:8080",
        "ftp://dss.example",
        "http://",
        "http:///path",
        "http://[::1",
        "http://dss.example:port",
        "http://dss.example:99999",
        "//dss.example",
        "file:///etc/passwd",
        "https://a..b",
        "https://.dss.example",
        f"https://{'a' * 64}.example",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(server: str) -> None:
    with pytest.raises(ValueError, match=r"must look like https://HOST\[:PORT\]\[/PATH\]"):
        Urllib3Transport(server)


@pytest.mark.parametrize(
    "server",
    [
        "https://user:swordfish@dss.example",
        "https://:swordfish@dss.example",
        "https://swordfish@dss.example",
        "ftp://user:swordfish@dss.example",
        "user:swordfish@dss.example",
        "https://user:swordfish@dss.example:99999",
        "https://user:swordfish@[dss.example",
        "https://dss.example/?token=swordfish",
        "https://dss.example/#swordfish",
    ],
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(server: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        Urllib3Transport(server)
    assert "swordfish" not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_address_is_kept_in_its_plain_form() -> None:
    for server in ("HTTPS://dss.example/a/", "https://dss.example/a?", "https://dss.example/a#"):
        context = ssl.create_default_context()
        with Urllib3Transport(server, ssl_context=context) as transport:
            assert transport.server == "https://dss.example/a"
            assert repr(transport) == "Urllib3Transport('https://dss.example/a')"


@pytest.mark.parametrize("path", ["", "/dss"])
def test_the_page_with_the_token_is_not_the_middleware(path: str) -> None:
    with pytest.raises(ValueError, match=rf"address is https://dss\.example{path}\.$"):
        Urllib3Transport(f"https://dss.example{path}/token/")


def test_who_is_trusted_is_not_left_open() -> None:
    with pytest.raises(ValueError, match="The connection to https:"):
        Urllib3Transport("https://dss.example")
    with pytest.raises(ValueError, match="The connection to http:"):
        Urllib3Transport("http://dss.example", proxy=Proxy.read("https://proxy.example"))


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: HTTPServer) -> None:
    address = f"https://127.0.0.1:{secure.port}"
    with (
        Urllib3Transport(address, ssl_context=ssl.create_default_context()) as transport,
        pytest.raises(TransportError, match="certificate of the server could not be") as caught,
    ):
        DssApi(transport).session.get_token()
    assert "GET /api/token" in str(caught.value)
    assert secure.log == []


def test_a_certificate_is_not_looked_at_when_told_so(secure: HTTPServer) -> None:
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    server = f"https://127.0.0.1:{secure.port}"
    with Urllib3Transport(server, ssl_context=anybody) as transport:
        assert DssApi(transport).session.get_token() == "t"
