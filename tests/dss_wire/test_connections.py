"""Tests of kept-alive connections."""

from __future__ import annotations

import io
import os
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from urllib3.util.wait import wait_for_read

from dss_api import (
    AnswerTimeout,
    ClientClosed,
    DssApi,
    FileArea,
    TransportError,
    Upload,
    UploadRefused,
    Urllib3Transport,
)
from dss_api.routes import DOWNLOAD_TICKET_FILE
from dss_mock import DssServer, faults
from dss_wire import connections
from dss_wire.addresses import Origin
from dss_wire.codec import call
from tests.dss_wire.exchanges import DOWNLOAD_PARAMETERS, LIST_REQUEST
from tests.dss_wire.servers import (
    ANSWER,
    FILE_HEAD,
    accept_silently,
    answer_requests,
    raw_server,
    read_request_head,
    send_bytes,
    slow_server,
)

MB = 1 << 20


def upload_zeros(transport: Urllib3Transport, size: int) -> None:
    """Upload a file of zeros."""
    file = Upload("scan.nii", io.BytesIO(bytes(size)), size)
    DssApi(transport).user.upload_ticket_file(ticket_id=7, area=FileArea.INPUT, file=file)


@contextmanager
def open_pool(server: str) -> Iterator[connections.Connections]:
    """Open a pool of connections to a server."""
    pool = connections.Connections(
        Origin.of(server), ssl_context=None, proxy=None, connect_timeout=10, read_timeout=10
    )
    yield pool
    pool.close()


def exchange(
    pool: connections.Connections, over: connections.Connection | None = None
) -> connections.Connection:
    """Send a request, and return its connection, which is released."""
    connection = over or pool.take()
    pool.open(connection)
    connection.send_request("GET", LIST_REQUEST.target, {}, None)
    with connection.read_response() as response:
        assert response.read()
    pool.release(connection)
    return connection


def set_addresses(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Resolve every host name to these addresses."""
    resolved = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolved)


class TestReuse:
    def test_one_connection_serves_many_requests(self) -> None:
        with raw_server(answer_requests(3)) as server, Urllib3Transport(server) as transport:
            for _ in range(3):
                assert transport.send(LIST_REQUEST).read() == b"t"

    def test_connection_that_was_idle_for_too_long_is_replaced(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "MAX_IDLE_SECONDS", 0.0)
        with (
            raw_server(answer_requests(1), answer_requests(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            for _ in range(2):
                assert transport.send(LIST_REQUEST).read() == b"t"

    def test_connection_that_the_server_closed_is_replaced(self) -> None:
        closed = threading.Event()

        def answer_and_close(connection: socket.socket) -> None:
            read_request_head(connection)
            connection.sendall(ANSWER)
            connection.shutdown(socket.SHUT_WR)
            closed.set()
            connection.recv(1)

        with (
            raw_server(answer_and_close, answer_requests(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            assert transport.send(LIST_REQUEST).read() == b"t"
            assert closed.wait(10)
            assert transport.send(LIST_REQUEST).read() == b"t"

    def test_connection_that_the_middleware_closed_while_idle_is_replaced(
        self, dss_server: DssServer
    ) -> None:
        dss_server.faults.add(faults.CloseIdle(), times=1)
        with open_pool(dss_server.url) as pool:
            first = exchange(pool)
            assert first.sock is not None
            assert wait_for_read(first.sock, 10), "the server did not close the connection"
            second = exchange(pool)
            assert second is not first
            assert exchange(pool) is second

    def test_connection_is_not_used_again_after_a_close_header(self) -> None:
        response = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nt"
        with (
            raw_server(send_bytes(response), send_bytes(response)) as server,
            Urllib3Transport(server) as transport,
        ):
            for _ in range(2):
                assert transport.send(LIST_REQUEST).read() == b"t"

    def test_connection_with_an_unread_response_is_not_used_again(self) -> None:
        def answer(connection: socket.socket) -> None:
            read_request_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            assert connection.recv(1) == b""

        with (
            raw_server(answer, answer_requests(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            transport.send(LIST_REQUEST).close()
            assert transport.send(LIST_REQUEST).read() == b"t"

    def test_connection_that_the_server_closes_as_a_request_arrives_is_replaced(self) -> None:
        def answer_then_close(connection: socket.socket) -> None:
            read_request_head(connection)
            connection.sendall(ANSWER)
            assert read_request_head(connection)

        with (
            raw_server(answer_then_close, answer_requests(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            for _ in range(2):
                assert transport.send(LIST_REQUEST).read() == b"t"

    def test_new_connection_that_the_server_closes_raises_a_transport_error(self) -> None:
        with (
            raw_server(send_bytes(b""), answer_requests(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            with pytest.raises(TransportError):
                transport.send(LIST_REQUEST)
            assert transport.send(LIST_REQUEST).read() == b"t"

    def test_has_written_is_reset_for_the_next_request(self) -> None:
        with raw_server(answer_requests(1)) as server, open_pool(server) as pool:
            connection = exchange(pool)
            assert connection.has_written
            assert connection.sock is not None
            connection.sock.shutdown(socket.SHUT_WR)
            with pytest.raises(BrokenPipeError):
                connection.send_request("POST", "/", {}, b"claim")
            assert not connection.has_written

    def test_pool_keeps_at_most_the_maximum_of_idle_connections(
        self, dss_server: DssServer
    ) -> None:
        number = connections.MAX_IDLE_CONNECTIONS + 2
        with open_pool(dss_server.url) as pool:
            opened = [pool.make() for _ in range(number)]
            for connection in opened:
                exchange(pool, connection)
            assert [connection.is_closed for connection in opened] == [True] * 2 + [False] * (
                number - 2
            )

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
    @pytest.mark.parametrize("closes", [True, False], ids=["child closes", "child does not close"])
    def test_forked_process_does_not_use_connections_of_its_parent(self, closes: bool) -> None:
        with raw_server(answer_requests(2)) as server, open_pool(server) as pool:
            first = exchange(pool)
            with warnings.catch_warnings():
                # Python warns about other threads; the child does not wait for them.
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if child == 0:
                try:
                    if closes:
                        pool.close()  # the parent's connection stays open
                    os._exit(0 if pool.take().is_closed else 1)
                finally:
                    os._exit(2)
            assert os.waitpid(child, 0)[1] == 0
            assert exchange(pool) is first

    def test_threads_can_share_a_transport(self, dss_server: DssServer) -> None:
        user = dss_server.add_user("user@example.com")
        dss_server.add_provider("lab", users=[user])
        service = dss_server.add_service("lab")
        with dss_server.client(user) as client, ThreadPoolExecutor(8) as threads:
            tables = list(threads.map(lambda _: client.user.list_services(), range(80)))
        assert [table[0].githash for table in tables] == [service.githash] * 80

    def test_connection_sends_keep_alive_probes(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            connection = connections.Connection("127.0.0.1", listening.getsockname()[1], timeout=10)
            connection.open(10)
            assert connection.sock is not None
            assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            connection.close()


class TestClosing:
    def test_closed_transport_opens_new_connections_when_used_again(self) -> None:
        with (
            raw_server(answer_requests(1), answer_requests(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            assert transport.send(LIST_REQUEST).read() == b"t"
            transport.close()
            transport.close()
            assert transport.send(LIST_REQUEST).read() == b"t"

    def test_closing_ends_a_request_of_another_thread(self) -> None:
        waiting = threading.Event()

        def hold_connection(connection: socket.socket) -> None:
            read_request_head(connection)
            waiting.set()
            assert connection.recv(1) == b""

        with raw_server(hold_connection) as server, ThreadPoolExecutor(1) as threads:
            transport = Urllib3Transport(server)
            sending = threads.submit(transport.send, LIST_REQUEST)
            assert waiting.wait(10)
            transport.close()
            with pytest.raises(ClientClosed, match="the client was closed") as caught:
                sending.result(10)
            assert caught.value.sent

    def test_closing_ends_a_connection_attempt_of_another_thread(
        self, unresponsive_url: str
    ) -> None:
        started = time.monotonic()
        with ThreadPoolExecutor(1) as threads:
            transport = Urllib3Transport(unresponsive_url, connect_timeout=20)
            sending = threads.submit(transport.send, LIST_REQUEST)
            while not sending.done() and time.monotonic() - started < 10:
                transport.close()  # has an effect after the thread has started
            with pytest.raises(ClientClosed) as caught:
                sending.result(0)
            assert not caught.value.sent

    @pytest.mark.parametrize("length", [b"Content-Length: 10\r\n", b""])
    def test_closing_within_a_response_raises_client_closed(self, length: bytes) -> None:
        def send_half(connection: socket.socket) -> None:
            read_request_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\nhalf")
            assert connection.recv(1) == b""

        with raw_server(send_half) as server, Urllib3Transport(server) as transport:
            response = transport.send(LIST_REQUEST)
            assert response.body.read(4) == b"half"
            transport.close()
            with pytest.raises(ClientClosed):
                response.body.read(4)


class TestTimeouts:
    def test_response_can_take_longer_than_the_timeout_while_bytes_arrive(self) -> None:
        def trickle(connection: socket.socket) -> None:
            read_request_head(connection)
            connection.sendall(FILE_HEAD + b"Content-Length: 10\r\n\r\n")
            for _ in range(10):
                assert not never_set.wait(0.1)
                connection.sendall(b"x")

        never_set = threading.Event()
        with raw_server(trickle) as server, Urllib3Transport(server, read_timeout=0.8) as transport:
            assert call(transport, DOWNLOAD_TICKET_FILE, DOWNLOAD_PARAMETERS).read() == b"x" * 10

    def test_server_that_stops_reading_an_upload_raises_answer_timeout(self) -> None:
        with (
            raw_server(accept_silently) as server,
            Urllib3Transport(server, read_timeout=0.3) as transport,
            pytest.raises(AnswerTimeout, match="POST /api/tickets/7/files/input") as caught,
        ):
            upload_zeros(transport, 20 * MB)
        assert caught.value.sent

    def test_upload_can_take_longer_than_the_timeout_while_bytes_are_accepted(self) -> None:
        never_set = threading.Event()

        def take_slowly(connection: socket.socket) -> None:
            head = read_request_head(connection).decode("latin-1")
            length = int(head.partition("Content-Length: ")[2].partition("\r\n")[0])
            left = length - len(head.partition("\r\n\r\n")[2])
            while left:
                received = len(connection.recv(min(left, MB // 2), socket.MSG_WAITALL))
                assert received
                left -= received
                assert not never_set.wait(0.05)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess")

        with (
            slow_server(take_slowly) as server,
            Urllib3Transport(server, read_timeout=0.8) as transport,
        ):
            upload_zeros(transport, 12 * MB)

    def test_timeout_of_a_connection_is_for_each_step(self) -> None:
        never_set = threading.Event()
        size = 12 * MB

        def take_slowly(connection: socket.socket) -> None:
            left = size
            while left:
                left -= len(connection.recv(min(left, MB // 2), socket.MSG_WAITALL))
                assert not never_set.wait(0.05)

        with slow_server(take_slowly) as server:
            port = int(server.rpartition(":")[2])
            connection = connections.Connection("127.0.0.1", port, timeout=10)
            connection.open(0.8)
            connection.send(bytes(size))
            connection.close()

    def test_connection_that_is_not_accepted_raises_answer_timeout(
        self, unresponsive_url: str
    ) -> None:
        with (
            Urllib3Transport(unresponsive_url, connect_timeout=0.2) as transport,
            pytest.raises(AnswerTimeout, match="timed out") as caught,
        ):
            transport.send(LIST_REQUEST)
        assert not caught.value.sent

    def test_all_addresses_of_a_server_share_one_connect_timeout(
        self, unresponsive_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = int(unresponsive_url.rpartition(":")[2])
        set_addresses(monkeypatch, *[("127.0.0.1", port)] * 4)
        started = time.monotonic()
        with (
            Urllib3Transport("http://dss.example", connect_timeout=0.4) as transport,
            pytest.raises(AnswerTimeout),
        ):
            transport.send(LIST_REQUEST)
        assert 0.35 < time.monotonic() - started < 1

    def test_server_is_reached_if_one_of_its_addresses_works(
        self, unresponsive_url: str, closed_port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        silent_port = int(unresponsive_url.rpartition(":")[2])
        with raw_server(answer_requests(1)) as server:
            port = int(server.rpartition(":")[2])
            ports = (silent_port, closed_port, port)
            set_addresses(monkeypatch, *[("127.0.0.1", number) for number in ports])
            with Urllib3Transport("http://dss.example", connect_timeout=0.6) as transport:
                assert transport.send(LIST_REQUEST).read() == b"t"

    def test_server_that_does_not_answer_the_tls_handshake_raises_answer_timeout(self) -> None:
        with (
            raw_server(accept_silently) as server,
            Urllib3Transport(
                server.replace("http:", "https:"),
                ssl_context=ssl.create_default_context(),
                connect_timeout=0.2,
                read_timeout=10,
            ) as transport,
            pytest.raises(AnswerTimeout) as caught,
        ):
            transport.send(LIST_REQUEST)
        assert not caught.value.sent


class TestEarlyRefusals:
    BAD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nbad request"

    def test_refusal_is_read_if_the_server_stops_reading_the_upload(self) -> None:
        def refuse(connection: socket.socket) -> None:
            connection.recv(1000)
            connection.sendall(self.BAD)
            done.wait(10)

        done = threading.Event()
        with raw_server(refuse) as server, Urllib3Transport(server, read_timeout=0.3) as transport:
            with pytest.raises(UploadRefused, match="bad request"):
                upload_zeros(transport, 20 * MB)
            done.set()

    def test_refusal_is_read_if_the_server_closes_during_the_upload(self) -> None:
        def refuse(connection: socket.socket) -> None:
            connection.recv(1000)
            connection.sendall(self.BAD)

        with (
            raw_server(refuse) as server,
            Urllib3Transport(server) as transport,
            pytest.raises(UploadRefused, match="bad request"),
        ):
            upload_zeros(transport, 20 * MB)

    def test_connection_is_not_used_again_after_an_early_refusal(self) -> None:
        open_sockets: list[socket.socket] = []

        def refuse(connection: socket.socket) -> None:
            open_sockets.append(connection.dup())  # keeps it open
            connection.recv(1000)
            connection.sendall(self.BAD)

        with (
            raw_server(refuse, answer_requests(1)) as server,
            Urllib3Transport(server, read_timeout=0.3) as transport,
        ):
            with pytest.raises(UploadRefused):
                upload_zeros(transport, 20 * MB)
            assert transport.send(LIST_REQUEST).read() == b"t"
        open_sockets[0].close()


class CountingSocket:
    """A socket that counts its calls of `send`."""

    def __init__(self, inner: socket.socket) -> None:
        self.send_calls = 0
        self._inner = inner

    def send(self, data: bytes) -> int:
        self.send_calls += 1
        return self._inner.send(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_small_body_is_sent_together_with_the_head(dss_server: DssServer) -> None:
    with open_pool(dss_server.url) as pool:
        connection = pool.take()
        pool.open(connection)
        assert connection.sock is not None
        counting = CountingSocket(connection.sock)
        connection.sock = counting
        connection.send_request("POST", "/api/login", {}, b"token=none")
        with connection.read_response() as answer:
            assert answer.status == 401
        connection.close()
    assert counting.send_calls == 1
