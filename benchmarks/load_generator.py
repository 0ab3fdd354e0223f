"""A load generator: it sends prepared requests, each as soon as the previous one is answered."""

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
_TIMEOUT = 30.0


class NoResponse(RuntimeError):
    """The error if the server does not answer a request."""


def serialize_request(request: Request) -> bytes:
    """Return the bytes of a request on a kept-alive connection."""
    body = request.body or b""
    assert isinstance(body, bytes)
    headers = {"Host": HOST, **request.headers}
    if body:
        headers["Content-Length"] = f"{len(body)}"
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class LoadGenerator:
    """Clients that send requests to a server in parallel, all in one thread.

    Args:
        port: the port of the server.
        count: the number of clients. Each has a connection of its own.

    Attributes:
        refusals: the number of responses with a status other than 200.
    """

    def __init__(self, port: int, count: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._connections = [_Connection(port, number) for number in range(count)]
        for connection in self._connections:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        self.refusals = 0

    def run(
        self,
        requests: Sequence[bytes],
        *,
        responses: int | None = None,
        seconds: float | None = None,
    ) -> float:
        """Send requests and return the number of responses per second.

        Args:
            requests: one request for each client, which the client repeats.
            responses: stop after this number of responses.
            seconds: stop after this time.

        Raises:
            NoResponse: the server did not answer a request.
        """
        began = time.perf_counter()
        deadline = began + (seconds or float("inf"))
        limit = responses or float("inf")
        done = pending = 0
        for connection, request in zip(self._connections, requests, strict=True):
            if pending < limit:
                connection.send(request)
                pending += 1
        now = began
        while pending:
            ready = self._selector.select(_TIMEOUT)
            if not ready:
                raise NoResponse(f"The server did not answer for {_TIMEOUT:g} s.")
            for key, _ in ready:
                connection = key.data
                if not connection.receive():
                    continue
                done += 1
                self.refusals += not connection.is_success()
                now = time.perf_counter()
                if now < deadline and done + pending <= limit:
                    connection.send(requests[connection.number])
                else:
                    pending -= 1
        return done / (now - began)

    def close(self) -> None:
        """Close the connections."""
        self._selector.close()
        for connection in self._connections:
            connection.socket.close()

    def __enter__(self) -> LoadGenerator:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Connection:
    def __init__(self, port: int, number: int) -> None:
        self.number = number
        self.socket = socket.create_connection((HOST, port), _TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._response = b""

    def send(self, request: bytes) -> None:
        self._response = b""
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read the available bytes, and return whether the response is complete."""
        received = self.socket.recv(1 << 16)
        self._response += received
        if self._is_complete():
            return True
        if not received:
            raise NoResponse(f"The server closed the connection after {self._response!r}.")
        return False

    def is_success(self) -> bool:
        """Return whether the status of the response is 200."""
        return self._response.startswith(_OK)

    def _is_complete(self) -> bool:
        head, end, body = self._response.partition(b"\r\n\r\n")
        if not end:
            return False
        length = _LENGTH.search(head)
        if length:
            return len(body) >= int(length[1])
        return body.endswith(b"0\r\n\r\n")
