"""HTTP to the byte: requests as they are given, and answers with nothing made of them."""

from __future__ import annotations

import socket
from typing import Self

import attrs

TIMEOUT = 30.0
"""Seconds in which each part of an answer must come."""

Address = tuple[str, int]


class NoAnswer(Exception):
    """What came is no answer of HTTP, or not the whole of one."""


@attrs.frozen
class Answer:
    """An answer.

    Attributes:
        version: of HTTP, as the first line says it.
        line: status and reason.
        headers: in their order, as they are written.
        body: without the marks of chunks.
        closed: whether the other side has closed the connection behind it, as far as was looked.
    """

    version: str
    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    closed: bool = False

    @property
    def status(self) -> int:
        return int(self.line[:3])

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str | None:
        return self.header("Content-Type")

    def header(self, name: str) -> str | None:
        """The value of a header; `None` if there is none."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) < 2, self
        return found[0] if found else None

    @property
    def said(self) -> tuple[str, str | None, bytes]:
        """What most tests look at: status and reason, content type, and body."""
        return self.line, self.media_type, self.body


class Connection:
    """A connection that can carry several requests, one behind the other."""

    def __init__(self, address: Address) -> None:
        self._socket = socket.create_connection(address, timeout=TIMEOUT)
        self._received = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def send_end(self) -> None:
        """Send nothing more, and still listen."""
        self._socket.shutdown(socket.SHUT_WR)

    def receive(self, method: str = "GET") -> Answer:
        """The next answer, which is one to this method.

        Raises:
            NoAnswer: the connection ended in its midst, or before.
            OSError: nothing came in time, or the other side broke the connection.
        """
        head = self._until(b"\r\n\r\n").decode("latin-1")
        first, *rest = head.split("\r\n")
        version, _, line = first.partition(" ")
        headers = tuple((name, value[1:]) for name, _, value in (x.partition(":") for x in rest))
        known = {name.lower(): value for name, value in headers}
        closed = False
        if line.startswith("100"):
            body = b""
        elif known.get("transfer-encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        elif "content-length" in known and method != "HEAD":
            body = self._exactly(int(known["content-length"]))
        else:
            body = self._rest()
            closed = True
        return Answer(version, line, headers, body, closed)

    def is_at_end(self) -> bool:
        """Whether the other side closes the connection here."""
        return not self._received and self._more() == b""

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _more(self) -> bytes:
        more = self._socket.recv(1 << 18)
        self._received += more
        return more

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            if not self._more():
                raise NoAnswer(self._received)
        found, _, self._received = self._received.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        pieces = [self._received]
        size -= len(self._received)
        while size > 0:
            piece = self._socket.recv(1 << 18)
            if not piece:
                raise NoAnswer(b"".join(pieces))
            pieces.append(piece)
            size -= len(piece)
        whole = b"".join(pieces)
        end = len(whole) + min(size, 0)
        self._received = whole[end:]
        return whole[:end]

    def _chunk(self) -> bytes:
        size = int(self._until(b"\r\n"), 16)
        chunk = self._exactly(size)
        assert self._until(b"\r\n") == b""
        return chunk

    def _rest(self) -> bytes:
        pieces = [self._received]
        while pieces[-1] or len(pieces) == 1:
            pieces.append(self._socket.recv(1 << 18))
        self._received = b""
        return b"".join(pieces)


def exchange(address: Address, request: bytes, method: str = "GET") -> Answer:
    """One request over a connection of its own, which is closed behind the answer."""
    with Connection(address) as connection:
        connection.send(request)
        return connection.receive(method)
