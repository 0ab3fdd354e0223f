"""Tests of the errors for network failures."""

from __future__ import annotations

import io
import socket
import ssl
import threading

import pytest
from pytest_httpserver import HTTPServer

from dss_api import (
    AnswerTimeout,
    DssApi,
    FileArea,
    ServerNotTrusted,
    TransportError,
    Upload,
    UploadChanged,
    Urllib3Transport,
)
from dss_api.routes import LIST_PROVIDERS
from dss_wire.codec import encode_request
from tests.dss_wire.exchanges import LIST_REQUEST
from tests.dss_wire.secret_texts import SESSION, render_error
from tests.dss_wire.servers import accept_silently, raw_server, send_bytes


def assert_names_request(error: TransportError, *pieces: str) -> None:
    """Check that an error names `LIST_REQUEST` and contains the pieces, on one line."""
    for piece in ("GET /api/admin/providers", *pieces):
        assert piece in str(error)
    assert (error.method, error.path) == ("GET", "/api/admin/providers")
    assert "\n" not in str(error)


def test_refused_connection_raises_transport_error_with_the_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with (
        Urllib3Transport(f"http://127.0.0.1:{port}") as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(LIST_REQUEST)
    assert not isinstance(caught.value, TimeoutError)
    assert_names_request(caught.value, f"http://127.0.0.1:{port}", "refused", "Check the address")


def test_unknown_host_raises_transport_error_with_the_server() -> None:
    with (
        Urllib3Transport("http://dss.invalid") as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(LIST_REQUEST)
    assert_names_request(caught.value, "http://dss.invalid", "Check the address")
    assert not isinstance(caught.value, TimeoutError)


def test_silent_server_raises_answer_timeout() -> None:
    with (
        raw_server(accept_silently) as server,
        Urllib3Transport(server, read_timeout=0.3) as transport,
        pytest.raises(AnswerTimeout) as caught,
    ):
        transport.send(LIST_REQUEST)
    assert isinstance(caught.value, TimeoutError)
    assert_names_request(caught.value, "No answer in time", server, "Try again later")


def test_server_that_stops_within_the_body_raises_answer_timeout() -> None:
    done = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        done.wait(10)

    with raw_server(answer) as server, Urllib3Transport(server, read_timeout=0.3) as transport:
        response = transport.send(LIST_REQUEST)
        with pytest.raises(AnswerTimeout) as caught:
            response.read()
        done.set()
    assert_names_request(caught.value, "No answer in time")


def test_server_that_closes_the_connection_at_once_raises_transport_error() -> None:
    with (
        raw_server(send_bytes(b"")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(LIST_REQUEST)
    assert_names_request(caught.value, server)


def test_server_without_http_raises_transport_error_that_quotes_it() -> None:
    with (
        raw_server(send_bytes(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(LIST_REQUEST)
    assert_names_request(caught.value, "SSH-2.0")


def test_error_replaces_control_characters_of_the_server() -> None:
    with (
        raw_server(send_bytes(b"\x1b[2J\x9b1mSSH\x00\x07\r\n\r\n")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send(LIST_REQUEST)
    assert_names_request(caught.value, "SSH")
    assert str(caught.value).isprintable()


def test_error_redacts_a_session_in_the_status_line() -> None:
    content = f"garbage {SESSION}\r\n\r\n".encode()
    with raw_server(send_bytes(content)) as server, Urllib3Transport(server) as transport:
        request = encode_request(LIST_PROVIDERS, LIST_PROVIDERS.request()).with_session(SESSION)
        with pytest.raises(TransportError) as caught:
            transport.send(request)
    assert SESSION not in render_error(caught.value)


def test_upload_that_became_shorter_raises_upload_changed_with_the_request(
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


def test_unverified_certificate_raises_transport_error_before_sending(
    https_server: HTTPServer,
) -> None:
    address = f"https://127.0.0.1:{https_server.port}"
    with (
        Urllib3Transport(address, ssl_context=ssl.create_default_context()) as transport,
        pytest.raises(TransportError, match="certificate of the server could not be") as caught,
    ):
        DssApi(transport).session.get_token()
    assert "GET /api/token" in str(caught.value)
    assert https_server.log == []


class TestSent:
    def test_request_to_a_closed_port_is_not_sent(self, closed_port: int) -> None:
        assert not self.is_sent(f"http://127.0.0.1:{closed_port}")

    def test_request_to_an_unknown_host_is_not_sent(self) -> None:
        assert not self.is_sent("http://dss.invalid")

    def test_request_to_an_untrusted_server_is_not_sent(self, https_server: HTTPServer) -> None:
        with (
            Urllib3Transport(
                f"https://127.0.0.1:{https_server.port}", ssl_context=ssl.create_default_context()
            ) as transport,
            pytest.raises(ServerNotTrusted, match="could not be verified") as caught,
        ):
            transport.send(LIST_REQUEST)
        assert not caught.value.sent

    def test_request_over_tls_to_a_server_without_tls_is_not_sent(
        self, httpserver: HTTPServer
    ) -> None:
        with (
            Urllib3Transport(
                f"https://127.0.0.1:{httpserver.port}", ssl_context=ssl.create_default_context()
            ) as transport,
            pytest.raises(TransportError, match=r"does not speak TLS\. Check the port") as caught,
        ):
            transport.send(LIST_REQUEST)
        assert not caught.value.sent
        assert "certificate" not in str(caught.value)

    def test_request_counts_as_sent_if_the_connection_breaks_before_the_response(self) -> None:
        with raw_server(send_bytes(b"")) as server:
            assert self.is_sent(server)

    def test_request_counts_as_sent_if_the_response_times_out(self) -> None:
        with raw_server(accept_silently) as server:
            assert self.is_sent(server)

    @staticmethod
    def is_sent(server: str) -> bool:
        """Return `sent` of the error of a request to a server."""
        with (
            Urllib3Transport(server, read_timeout=0.2) as transport,
            pytest.raises(TransportError) as caught,
        ):
            transport.send(LIST_REQUEST)
        return caught.value.sent
