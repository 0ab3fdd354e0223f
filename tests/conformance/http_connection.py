"""HTTP connections that send exact bytes and return unprocessed responses."""

from __future__ import annotations

import socket
from typing import Self

import attrs

TIMEOUT = 30.0
"""Seconds to wait for each part of a response."""

Address = tuple[str, int]


class InvalidResponse(Exception):
    """The received bytes are not a complete HTTP response."""


@attrs.frozen
class Response:
    """An HTTP response.

    Attributes:
        version: the HTTP version in the first line.
        status_line: the status and the reason, without the version.
        headers: the headers in the order of the response.
        body: the body without chunk sizes.
        closed: whether the server closed the connection to end the body.
    """

    version: str
    status_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    closed: bool = False

    @property
    def status(self) -> int:
        return int(self.status_line[:3])

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str | None:
        return self.header("Content-Type")

    def header(self, name: str) -> str | None:
        """Return the value of a header; `None` if it is missing."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, self
        return values[0] if values else None

    @property
    def summary(self) -> tuple[str, str | None, bytes]:
        """The parts that most tests compare: status line, media type and body."""
        return self.status_line, self.media_type, self.body


class Connection:
    """A connection that can send several requests one after another."""

    def __init__(self, address: Address) -> None:
        self._socket = socket.create_connection(address, timeout=TIMEOUT)
        self._received = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close_sending(self) -> None:
        """Close the sending direction; the connection still receives."""
        self._socket.shutdown(socket.SHUT_WR)

    def receive(self, method: str = "GET") -> Response:
        """Read the next response.

        Args:
            method: the method of the request; it decides whether the response has a body.

        Raises:
            InvalidResponse: the connection ended before the response was complete.
            OSError: the response is late, or the server reset the connection.
        """
        head = self._read_until(b"\r\n\r\n").decode("latin-1")
        first, *rest = head.split("\r\n")
        version, _, status_line = first.partition(" ")
        headers = tuple((name, value[1:]) for name, _, value in (x.partition(":") for x in rest))
        known = {name.lower(): value for name, value in headers}
        closed = False
        if status_line.startswith("100"):
            body = b""
        elif known.get("transfer-encoding") == "chunked":
            body = b"".join(iter(self._read_chunk, b""))
        elif "content-length" in known and method != "HEAD":
            body = self._read_exactly(int(known["content-length"]))
        else:
            body = self._read_rest()
            closed = True
        return Response(version, status_line, headers, body, closed)

    def is_at_end(self) -> bool:
        """Return whether the server closes the connection without sending more."""
        return not self._received and self._receive_more() == b""

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _receive_more(self) -> bytes:
        more = self._socket.recv(1 << 18)
        self._received += more
        return more

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            if not self._receive_more():
                raise InvalidResponse(self._received)
        data, _, self._received = self._received.partition(mark)
        return data

    def _read_exactly(self, size: int) -> bytes:
        pieces = [self._received]
        size -= len(self._received)
        while size > 0:
            piece = self._socket.recv(1 << 18)
            if not piece:
                raise InvalidResponse(b"".join(pieces))
            pieces.append(piece)
            size -= len(piece)
        data = b"".join(pieces)
        end = len(data) + min(size, 0)
        self._received = data[end:]
        return data[:end]

    def _read_chunk(self) -> bytes:
        size = int(self._read_until(b"\r\n"), 16)
        chunk = self._read_exactly(size)
        assert self._read_until(b"\r\n") == b""
        return chunk

    def _read_rest(self) -> bytes:
        pieces = [self._received]
        while pieces[-1] or len(pieces) == 1:
            pieces.append(self._socket.recv(1 << 18))
        self._received = b""
        return b"".join(pieces)


def send_request(address: Address, request: bytes, method: str = "GET") -> Response:
    """Send one request over a new connection, and close it after the response."""
    with Connection(address) as connection:
        connection.send(request)
        return connection.receive(method)
