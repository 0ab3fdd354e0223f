"""Connections that are kept, replaced, waited for and closed."""

from __future__ import annotations

import io
import os
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from urllib3.util.wait import wait_for_read

from dss_api import (
    AnswerTimeout,
    ClientClosed,
    DssApi,
    FileArea,
    ServerNotTrusted,
    TransportError,
    Upload,
    UploadRefused,
    Urllib3Transport,
)
from dss_api.requests import DownloadTicketFileRequest
from dss_api.routes import DOWNLOAD_TICKET_FILE, LIST_PROVIDERS
from dss_mock import DssServer, faults
from dss_wire import connections
from dss_wire.addresses import Origin
from dss_wire.codec import call, encode_request
from tests.dss_api.support import raw_server, says, silence

ASKED = encode_request(LIST_PROVIDERS, LIST_PROVIDERS.request())
FILE = DownloadTicketFileRequest(ticket_id=1, area=FileArea.INPUT, index=0)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt"
FILE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
MB = 1 << 20


def request_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            break
        head += piece
    return head


def answers(times: int) -> Callable[[socket.socket], None]:
    """Answers so many requests over the same connection, and waits for the client to close it."""

    def answer(connection: socket.socket) -> None:
        for _ in range(times):
            assert request_head(connection)
            connection.sendall(ANSWER)
        assert request_head(connection) == b""

    return answer


def upload(transport: Urllib3Transport, size: int) -> None:
    file = Upload("scan.nii", io.BytesIO(bytes(size)), size)
    DssApi(transport).user.upload_ticket_file(ticket_id=7, area=FileArea.INPUT, file=file)


@contextmanager
def connected(server: str) -> Iterator[connections.Connections]:
    """The connections to a server."""
    kept = connections.Connections(
        Origin.of(server), ssl_context=None, proxy=None, connect_timeout=10, read_timeout=10
    )
    yield kept
    kept.close()


def ask(
    kept: connections.Connections, over: connections.Connection | None = None
) -> connections.Connection:
    """Ask something, and give the connection back over which it was."""
    connection = over or kept.take()
    kept.open(connection)
    connection.send_request("GET", ASKED.target, {}, None)
    with connection.read_response() as answer:
        assert answer.read()
    kept.release(connection)
    return connection


def resolve(monkeypatch: pytest.MonkeyPatch, *places: tuple[str, int]) -> None:
    """Let any name have these places."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", place) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@contextmanager
def slow_socket(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server whose network takes little at a time."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(10)

        def run() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(10)
                serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()


class TestKeeping:
    def test_one_connection_serves_many_requests(self) -> None:
        with raw_server(answers(3)) as server, Urllib3Transport(server) as transport:
            for _ in range(3):
                assert transport.send(ASKED).read() == b"t"

    def test_one_that_was_idle_for_long_is_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connections, "MAX_IDLE_SECONDS", 0.0)
        with (
            raw_server(answers(1), answers(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            for _ in range(2):
                assert transport.send(ASKED).read() == b"t"

    def test_one_that_the_server_closed_is_replaced(self) -> None:
        closed = threading.Event()

        def answer_and_close(connection: socket.socket) -> None:
            request_head(connection)
            connection.sendall(ANSWER)
            connection.shutdown(socket.SHUT_WR)
            closed.set()
            connection.recv(1)

        with (
            raw_server(answer_and_close, answers(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            assert transport.send(ASKED).read() == b"t"
            assert closed.wait(10)
            assert transport.send(ASKED).read() == b"t"

    def test_one_that_the_middleware_closed_without_a_word_is_replaced(
        self, dss_server: DssServer
    ) -> None:
        dss_server.faults.add(faults.CloseIdle(), times=1)
        with connected(dss_server.url) as kept:
            first = ask(kept)
            assert first.sock is not None
            assert wait_for_read(first.sock, 10), "it was not closed"
            second = ask(kept)
            assert second is not first
            assert ask(kept) is second

    def test_one_that_the_server_announced_to_close_is_not_used_again(self) -> None:
        last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nt"
        with raw_server(says(last), says(last)) as server, Urllib3Transport(server) as transport:
            for _ in range(2):
                assert transport.send(ASKED).read() == b"t"

    def test_one_whose_answer_was_left_is_not_used_again(self) -> None:
        def answer(connection: socket.socket) -> None:
            request_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            assert connection.recv(1) == b""

        with (
            raw_server(answer, answers(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            transport.send(ASKED).close()
            assert transport.send(ASKED).read() == b"t"

    def test_one_that_the_server_closes_as_the_request_comes_is_replaced(self) -> None:
        def answer_and_hang_up(connection: socket.socket) -> None:
            request_head(connection)
            connection.sendall(ANSWER)
            assert request_head(connection)

        with (
            raw_server(answer_and_hang_up, answers(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            for _ in range(2):
                assert transport.send(ASKED).read() == b"t"

    def test_a_new_one_that_the_server_closes_is_a_failure(self) -> None:
        with (
            raw_server(says(b""), answers(1)) as server,
            Urllib3Transport(server) as transport,
        ):
            with pytest.raises(TransportError):
                transport.send(ASKED)
            assert transport.send(ASKED).read() == b"t"

    def test_what_one_request_wrote_does_not_count_for_the_next(self) -> None:
        with raw_server(answers(1)) as server, connected(server) as kept:
            connection = ask(kept)
            assert connection.has_written
            assert connection.sock is not None
            connection.sock.shutdown(socket.SHUT_WR)
            with pytest.raises(BrokenPipeError):
                connection.send_request("POST", "/", {}, b"claim")
            assert not connection.has_written

    def test_no_more_than_a_few_are_kept(self, dss_server: DssServer) -> None:
        number = connections.MAX_IDLE_CONNECTIONS + 2
        with connected(dss_server.url) as kept:
            taken = [kept.make() for _ in range(number)]
            for connection in taken:
                ask(kept, connection)
            assert [one.is_closed for one in taken] == [True] * 2 + [False] * (number - 2)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
    @pytest.mark.parametrize("closes", [True, False])
    def test_a_fork_has_none_of_its_parents(self, closes: bool) -> None:
        with raw_server(answers(2)) as server, connected(server) as kept:
            first = ask(kept)
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", DeprecationWarning
                )  # of threads, on which none hangs
                child = os.fork()
            if child == 0:
                try:
                    if closes:
                        kept.close()  # which leaves that of the parent alone
                    os._exit(0 if kept.take().is_closed else 1)
                finally:
                    os._exit(2)
            assert os.waitpid(child, 0)[1] == 0
            assert ask(kept) is first

    def test_threads_share_a_transport(self, dss_server: DssServer) -> None:
        user = dss_server.add_user("user@example.com")
        dss_server.add_provider("lab", users=[user])
        service = dss_server.add_service("lab")
        with dss_server.client(user) as client, ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: client.user.list_services(), range(80)))
        assert [table[0].githash for table in found] == [service.githash] * 80

    def test_the_network_is_asked_to_keep_it(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            connection = connections.Connection("127.0.0.1", listening.getsockname()[1], timeout=10)
            connection.open(10)
            assert connection.sock is not None
            assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            connection.close()


class TestClosing:
    def test_a_closed_transport_opens_new_connections_when_used_again(self) -> None:
        with raw_server(answers(1), answers(1)) as server, Urllib3Transport(server) as transport:
            assert transport.send(ASKED).read() == b"t"
            transport.close()
            transport.close()
            assert transport.send(ASKED).read() == b"t"

    def test_closing_ends_what_another_thread_waits_for(self) -> None:
        waiting = threading.Event()

        def wait(connection: socket.socket) -> None:
            request_head(connection)
            waiting.set()
            assert connection.recv(1) == b""

        with raw_server(wait) as server, ThreadPoolExecutor(1) as threads:
            transport = Urllib3Transport(server)
            sent = threads.submit(transport.send, ASKED)
            assert waiting.wait(10)
            transport.close()
            with pytest.raises(ClientClosed, match="the client was closed") as caught:
                sent.result(10)
            assert caught.value.sent

    def test_closing_ends_a_connection_that_is_still_to_come_about(
        self, never_accepting: str
    ) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(1) as threads:
            transport = Urllib3Transport(never_accepting, connect_timeout=20)
            sent = threads.submit(transport.send, ASKED)
            while not sent.done() and time.monotonic() - began < 10:
                transport.close()  # once the thread has begun
            with pytest.raises(ClientClosed) as caught:
                sent.result(0)
            assert not caught.value.sent

    @pytest.mark.parametrize("length", [b"Content-Length: 10\r\n", b""])
    def test_closing_never_makes_half_an_answer_a_whole_one(self, length: bytes) -> None:
        def begin(connection: socket.socket) -> None:
            request_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\nhalf")
            assert connection.recv(1) == b""

        with raw_server(begin) as server, Urllib3Transport(server) as transport:
            response = transport.send(ASKED)
            assert response.body.read(4) == b"half"
            transport.close()
            with pytest.raises(ClientClosed):
                response.body.read(4)


class TestTimeouts:
    def test_an_answer_may_take_longer_than_the_timeout_while_bytes_come(self) -> None:
        def trickle(connection: socket.socket) -> None:
            request_head(connection)
            connection.sendall(FILE_HEAD + b"Content-Length: 10\r\n\r\n")
            for _ in range(10):
                assert not never.wait(0.1)
                connection.sendall(b"x")

        never = threading.Event()
        with raw_server(trickle) as server, Urllib3Transport(server, read_timeout=0.8) as transport:
            assert call(transport, DOWNLOAD_TICKET_FILE, FILE).read() == b"x" * 10

    def test_a_server_that_takes_no_more_of_a_file_is_a_timeout(self) -> None:
        with (
            raw_server(silence) as server,
            Urllib3Transport(server, read_timeout=0.3) as transport,
            pytest.raises(AnswerTimeout, match="POST /api/tickets/7/files/input") as caught,
        ):
            upload(transport, 20 * MB)
        assert caught.value.sent

    def test_a_file_may_take_longer_than_the_timeout_while_bytes_go(self) -> None:
        never = threading.Event()

        def take_slowly(connection: socket.socket) -> None:
            head = request_head(connection).decode("latin-1")
            length = int(head.partition("Content-Length: ")[2].partition("\r\n")[0])
            left = length - len(head.partition("\r\n\r\n")[2])
            while left:
                taken = len(connection.recv(min(left, MB // 2), socket.MSG_WAITALL))
                assert taken
                left -= taken
                assert not never.wait(0.05)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess")

        with (
            slow_socket(take_slowly) as server,
            Urllib3Transport(server, read_timeout=0.8) as transport,
        ):
            upload(transport, 12 * MB)

    def test_a_connection_waits_for_each_step_and_not_for_all(self) -> None:
        never = threading.Event()
        size = 12 * MB

        def take_slowly(connection: socket.socket) -> None:
            left = size
            while left:
                left -= len(connection.recv(min(left, MB // 2), socket.MSG_WAITALL))
                assert not never.wait(0.05)

        with slow_socket(take_slowly) as server:
            port = int(server.rpartition(":")[2])
            connection = connections.Connection("127.0.0.1", port, timeout=10)
            connection.open(0.8)
            connection.send(bytes(size))
            connection.close()

    def test_a_connection_that_does_not_come_about_is_a_timeout(self, never_accepting: str) -> None:
        with (
            Urllib3Transport(never_accepting, connect_timeout=0.2) as slow,
            pytest.raises(AnswerTimeout, match="timed out") as caught,
        ):
            slow.send(ASKED)
        assert not caught.value.sent

    def test_all_addresses_of_a_server_have_one_time(
        self, never_accepting: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = int(never_accepting.rpartition(":")[2])
        resolve(monkeypatch, *[("127.0.0.1", port)] * 4)
        began = time.monotonic()
        with (
            Urllib3Transport("http://dss.example", connect_timeout=0.4) as slow,
            pytest.raises(AnswerTimeout),
        ):
            slow.send(ASKED)
        assert 0.35 < time.monotonic() - began < 1

    def test_a_server_is_reached_at_any_of_its_addresses(
        self, never_accepting: str, closed_port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mute = int(never_accepting.rpartition(":")[2])
        with raw_server(answers(1)) as server:
            port = int(server.rpartition(":")[2])
            places = [("127.0.0.1", place) for place in (mute, closed_port, port)]
            resolve(monkeypatch, *places)
            with Urllib3Transport("http://dss.example", connect_timeout=0.6) as transport:
                assert transport.send(ASKED).read() == b"t"

    def test_a_server_that_does_not_agree_on_encryption_is_a_timeout(self) -> None:
        with (
            raw_server(silence) as server,
            Urllib3Transport(
                server.replace("http:", "https:"),
                ssl_context=ssl.create_default_context(),
                connect_timeout=0.2,
                read_timeout=10,
            ) as transport,
            pytest.raises(AnswerTimeout) as caught,
        ):
            transport.send(ASKED)
        assert not caught.value.sent


class TestRefusingEarly:
    BAD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nbad request"

    def test_a_server_that_answers_and_takes_no_more_is_heard(self) -> None:
        def refuse(connection: socket.socket) -> None:
            connection.recv(1000)
            connection.sendall(self.BAD)
            done.wait(10)

        done = threading.Event()
        with raw_server(refuse) as server, Urllib3Transport(server, read_timeout=0.3) as transport:
            with pytest.raises(UploadRefused, match="bad request"):
                upload(transport, 20 * MB)
            done.set()

    def test_a_server_that_answers_and_hangs_up_is_heard(self) -> None:
        def refuse(connection: socket.socket) -> None:
            connection.recv(1000)
            connection.sendall(self.BAD)

        with (
            raw_server(refuse) as server,
            Urllib3Transport(server) as transport,
            pytest.raises(UploadRefused, match="bad request"),
        ):
            upload(transport, 20 * MB)

    def test_it_is_not_asked_again_over_the_same_connection(self) -> None:
        held: list[socket.socket] = []

        def refuse(connection: socket.socket) -> None:
            held.append(connection.dup())  # so that it stays open
            connection.recv(1000)
            connection.sendall(self.BAD)

        with (
            raw_server(refuse, answers(1)) as server,
            Urllib3Transport(server, read_timeout=0.3) as transport,
        ):
            with pytest.raises(UploadRefused):
                upload(transport, 20 * MB)
            assert transport.send(ASKED).read() == b"t"
        held[0].close()


class Counting:
    """A socket that counts how often something is written."""

    def __init__(self, inner: socket.socket) -> None:
        self.written = 0
        self._inner = inner

    def send(self, data: bytes) -> int:
        self.written += 1
        return self._inner.send(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_a_small_body_goes_out_with_the_head(dss_server: DssServer) -> None:
    with connected(dss_server.url) as kept:
        connection = kept.take()
        kept.open(connection)
        assert connection.sock is not None
        counting = Counting(connection.sock)
        connection.sock = counting
        connection.send_request("POST", "/api/login", {}, b"token=none")
        with connection.read_response() as answer:
            assert answer.status == 401
        connection.close()
    assert counting.written == 1


class TestWhetherItWasSent:
    def test_not_where_nobody_listens(self, closed_port: int) -> None:
        assert not self.sent(f"http://127.0.0.1:{closed_port}")

    def test_not_to_a_name_that_nobody_has(self) -> None:
        assert not self.sent("http://dss.invalid")

    def test_not_to_a_server_that_is_not_trusted(self, secure: HTTPServer) -> None:
        with (
            Urllib3Transport(
                f"https://127.0.0.1:{secure.port}", ssl_context=ssl.create_default_context()
            ) as transport,
            pytest.raises(ServerNotTrusted, match="could not be verified") as caught,
        ):
            transport.send(ASKED)
        assert not caught.value.sent

    def test_not_with_encryption_to_a_server_without(self, httpserver: HTTPServer) -> None:
        with (
            Urllib3Transport(
                f"https://127.0.0.1:{httpserver.port}", ssl_context=ssl.create_default_context()
            ) as transport,
            pytest.raises(TransportError, match=r"does not speak TLS\. Check the port") as caught,
        ):
            transport.send(ASKED)
        assert not caught.value.sent
        assert "certificate" not in str(caught.value)

    def test_perhaps_where_the_connection_breaks_before_the_answer(self) -> None:
        with raw_server(says(b"")) as server:
            assert self.sent(server)

    def test_perhaps_where_no_answer_comes(self) -> None:
        with raw_server(silence) as server:
            assert self.sent(server)

    @staticmethod
    def sent(server: str) -> bool:
        with (
            Urllib3Transport(server, read_timeout=0.2) as transport,
            pytest.raises(TransportError) as caught,
        ):
            transport.send(ASKED)
        return caught.value.sent
