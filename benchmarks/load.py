"""Load: requests made beforehand, each sent as soon as the answer to the one before is there."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Sequence

from dss_api import Request

HOST = "127.0.0.1"

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK = b"HTTP/1.1 200 "
_SILENCE = 30.0


class NoAnswer(RuntimeError):
    """A request was not answered."""


def raw(request: Request) -> bytes:
    """The bytes of a request on a kept-alive connection."""
    body = request.body or b""
    assert isinstance(body, bytes)
    headers = {"Host": HOST, **request.headers}
    if body:
        headers["Content-Length"] = f"{len(body)}"
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Clients:
    """Clients with a connection each, in this one thread.

    Args:
        port: of the server.
        count: how many there are.

    Attributes:
        refused: how many requests had another answer than that of success.
    """

    def __init__(self, port: int, count: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._clients = [_Client(port, number) for number in range(count)]
        for client in self._clients:
            self._selector.register(client.connection, selectors.EVENT_READ, client)
        self.refused = 0

    def ask(
        self, requests: Sequence[bytes], *, answers: int | None = None, seconds: float | None = None
    ) -> float:
        """Ask until there were so many answers, or until the time is over; answers per second.

        Args:
            requests: what each client asks, again and again.

        Raises:
            NoAnswer: one was not answered.
        """
        began = time.perf_counter()
        deadline = began + (seconds or float("inf"))
        left = answers or float("inf")
        done = pending = 0
        for client, request in zip(self._clients, requests, strict=True):
            if pending < left:
                client.ask(request)
                pending += 1
        now = began
        while pending:
            ready = self._selector.select(_SILENCE)
            if not ready:
                raise NoAnswer(f"no answer came for {_SILENCE:g} s")
            for key, _ in ready:
                client = key.data
                if not client.takes():
                    continue
                done += 1
                self.refused += not client.is_content()
                now = time.perf_counter()
                if now < deadline and done + pending <= left:
                    client.ask(requests[client.number])
                else:
                    pending -= 1
        return done / (now - began)

    def close(self) -> None:
        """Close the connections."""
        self._selector.close()
        for client in self._clients:
            client.connection.close()

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Client:
    def __init__(self, port: int, number: int) -> None:
        self.number = number
        self.connection = socket.create_connection((HOST, port), _SILENCE)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer = b""

    def ask(self, request: bytes) -> None:
        self._answer = b""
        self.connection.sendall(request)

    def takes(self) -> bool:
        """Take what has arrived; whether the answer is whole."""
        arrived = self.connection.recv(1 << 16)
        self._answer += arrived
        if self._is_whole():
            return True
        if not arrived:
            raise NoAnswer(f"the connection was closed after {self._answer!r}")
        return False

    def is_content(self) -> bool:
        """Whether the answer was the one of success."""
        return self._answer.startswith(_OK)

    def _is_whole(self) -> bool:
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return False
        length = _LENGTH.search(head)
        if length:
            return len(body) >= int(length[1])
        return body.endswith(b"0\r\n\r\n")
