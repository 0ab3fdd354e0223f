"""Raw socket servers on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt"
FILE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"


def read_request_head(connection: socket.socket) -> bytes:
    """Read the head of a request; a part of it if the client closes the connection."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            break
        head += piece
    return head


@contextmanager
def raw_server(*answers: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that handles its first connection with the first function, and so on."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)
    done = threading.Event()

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                answer(connection)
                if answer is accept_silently:
                    done.wait(10)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        done.set()
        listening.close()
        thread.join(10)
        assert not thread.is_alive()


def accept_silently(connection: socket.socket) -> None:
    """Send nothing, and keep the connection open until the test is over."""


def send_bytes(content: bytes) -> Callable[[socket.socket], None]:
    """Return a handler that reads the head of a request, sends these bytes, and closes."""

    def answer(connection: socket.socket) -> None:
        if b"\r\n\r\n" not in read_request_head(connection):
            return
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass  # a reset would discard the bytes that were sent

    return answer


def answer_requests(times: int) -> Callable[[socket.socket], None]:
    """Return a handler that answers requests until the client closes the connection."""

    def answer(connection: socket.socket) -> None:
        for _ in range(times):
            assert read_request_head(connection)
            connection.sendall(ANSWER)
        assert read_request_head(connection) == b""

    return answer


@contextmanager
def slow_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server with a small receive buffer."""
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
