{% include "header" %}
"""The head of an answer, of which no part passes for the whole."""

from __future__ import annotations

import socket
from http.client import HTTPResponse, IncompleteRead
from io import BufferedReader
from time import monotonic
from typing import BinaryIO, cast


class WholeHeadResponse(HTTPResponse):
    """An answer whose head must have come to its end.

    `http.client` takes the end of a connection for the end of the headers. If the length of the
    body is what is missing, then no body at all looks like a whole one.
    """

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self._timeout = sock.gettimeout()

    def begin(self) -> None:
        """Read the head.

        Raises:
            IncompleteRead: the connection ended within it.
            TimeoutError: it comes line by line, and for longer than one answer may take to begin.
        """
        stream = self.fp
        # Of what stands there meanwhile it reads lines, and nothing else.
        lines = cast(BufferedReader, _Lines(stream, self._timeout))
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:
                self.fp = stream


class _Lines:
    """Lines that are whole."""

    def __init__(self, stream: BinaryIO, timeout: float | None) -> None:
        self._stream = stream
        self._timeout = timeout
        self._began: float | None = None
        self.close = stream.close
        self.flush = stream.flush

    def readline(self, limit: int = -1, /) -> bytes:
        line = self._stream.readline(limit)
        # Before the first line there is no answer at all, which is told as such.
        if not line.endswith(b"\n") and len(line) != limit and (line or self._began is not None):
            raise IncompleteRead(line)
        now = monotonic()
        self._began = self._began or now
        if self._timeout is not None and now - self._began > self._timeout:
            raise TimeoutError("the head of the answer does not end")
        return line
