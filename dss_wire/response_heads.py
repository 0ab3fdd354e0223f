"""Status line and headers of responses, read only if they are complete."""

from __future__ import annotations

import socket
from http.client import HTTPResponse, IncompleteRead
from io import BufferedReader
from time import monotonic
from typing import BinaryIO, cast


class CompleteHeadResponse(HTTPResponse):
    """A response whose status line and headers must be complete.

    `http.client` treats the end of a connection as the end of the headers. If the header with the
    body's length is missing, an empty body then looks complete.
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
        """Read status line and headers.

        Raises:
            IncompleteRead: the connection ended before the end of the headers.
            TimeoutError: the headers take longer in all than the timeout of one read.
        """
        stream = self.fp
        # The base class only reads lines from it.
        lines = cast(BufferedReader, _CompleteLines(stream, self._timeout))
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:
                self.fp = stream


class _CompleteLines:
    """A stream of complete lines."""

    def __init__(self, stream: BinaryIO, timeout: float | None) -> None:
        self._stream = stream
        self._timeout = timeout
        self._began: float | None = None
        self.close = stream.close
        self.flush = stream.flush

    def readline(self, limit: int = -1, /) -> bytes:
        line = self._stream.readline(limit)
        # An end before the first line is not an incomplete head; the base class reports it.
        if not line.endswith(b"\n") and len(line) != limit and (line or self._began is not None):
            raise IncompleteRead(line)
        now = monotonic()
        self._began = self._began or now
        if self._timeout is not None and now - self._began > self._timeout:
            raise TimeoutError("the headers of the answer do not end")
        return line
