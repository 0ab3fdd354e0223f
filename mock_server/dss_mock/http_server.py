"""The HTTP server of the mock: cheroot, which also serves the middleware."""

from __future__ import annotations

import errno
import logging
import os
import selectors
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, NoReturn, Protocol, Self, cast

from cheroot import server, wsgi

from .errors import ResponseUnsendable

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

CONNECTION = "dss_mock.connection"
"""The key of a request's `Connection` in its WSGI environment."""

SERVER_NAME = "localhost"
"""The server name that the middleware gives in its responses."""
THREADS = 32
"""The number of requests that are handled at the same time."""
BACKLOG = 128
"""The largest number of connections that wait to be accepted."""
STOP_TIMEOUT = 1.0
"""Seconds that running responses get when the server stops."""

_POLL = 0.05
_CHUNK = 1 << 18
_LOG = logging.getLogger(__name__)


class _CherootRequest(Protocol):
    """The attributes of cheroot's request that this module uses."""

    conn: _CherootConnection
    server: wsgi.Server
    close_connection: bool

    def ensure_headers_sent(self) -> None: ...


class _CherootConnection(Protocol):
    socket: socket.socket
    rfile: _CherootReader


class _CherootReader(Protocol):
    def has_data(self) -> bool: ...
    def read1(self, size: int) -> bytes: ...


class Connection:
    """The connection of a request, for faults."""

    def __init__(self, http: _CherootRequest) -> None:
        self._http = http
        self._closing = False

    def drop(self) -> NoReturn:
        """Break the connection. Earlier output is still sent, later output is not.

        Raises:
            ConnectionResetError: always, to stop the code that writes the response.
        """
        self.cut()
        raise ConnectionResetError(errno.ECONNRESET, "dropped on purpose")

    def cut(self) -> None:
        """Break the connection from another thread. Blocked reads and writes are interrupted."""
        with suppress(OSError):
            self._http.conn.socket.shutdown(socket.SHUT_RDWR)

    def is_gone(self) -> bool:
        """Return whether the client has closed its side of the connection.

        While bytes from the client are not read yet, the result is False even if the client has
        closed its side.
        """
        peer = self._http.conn.socket
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(peer, selectors.EVENT_READ)
                return bool(selector.select(0)) and not peer.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def make_room(self) -> None:
        """Add a worker thread if none is idle, because this request waits."""
        pool = self._http.server.requests
        if pool.idle == 0:
            pool.grow(1)

    def send_headers(self) -> None:
        """Send the status line and headers, even if no body follows."""
        self._http.ensure_headers_sent()

    def close_after_response(self) -> None:
        """Close the connection after the response, although its headers promise to keep it."""
        self._closing = True

    def finish_response(self) -> None:
        """Close the connection if `close_after_response` was called."""
        if self._closing:
            self._http.close_connection = True


class HttpServer:
    """A server that runs an application in the background until it is closed.

    Args:
        port: the port to listen at. 0 takes a free port.

    Attributes:
        port: the port of the server.

    Raises:
        OSError: the address does not exist, or the port is in use.
        ValueError: the host is not an address.
        OverflowError: the port is out of range.
    """

    def __init__(self, host: str, port: int, application: WSGIApplication) -> None:
        self._server = _CherootServer((host, port), application)
        # Daemon threads, which cheroot's workers inherit: a program that forgets to close the
        # server still ends.
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._serve, args=(ready,), name="dss_mock", daemon=True
        )
        self._thread.start()
        ready.result()
        self.port: int = self._server.bind_addr[1]

    def _serve(self, ready: Future[None]) -> None:
        try:
            self._server.prepare()
        except Exception as error:  # noqa: BLE001  # raised again in the constructor
            ready.set_exception(self._server.refused or error)
            return
        ready.set_result(None)
        self._server.serve()

    def close(self) -> None:
        """Stop listening and end running responses, within a few seconds."""
        stopping = threading.Thread(target=self._server.stop, name="dss_mock_stop", daemon=True)
        stopping.start()
        stopping.join(STOP_TIMEOUT)
        for connection in self._server.list_busy():
            connection.cut()
        stopping.join(STOP_TIMEOUT)
        if stopping.is_alive():
            _LOG.warning("The mock stopped, but one request did not end.")
        self._thread.join(STOP_TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def is_loopback(host: str) -> bool:
    """Return whether an address or name can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _ClosingConnection(server.HTTPConnection):
    def close(self) -> None:
        super().close()
        # Discard unsent output now. Otherwise the garbage collector tries to send it and, from
        # Python 3.13 on, reports that it cannot.
        with suppress(OSError, ValueError):
            self.wfile.close()


class _CherootServer(wsgi.Server):
    ConnectionClass = _ClosingConnection
    expiration_interval = _POLL

    def __init__(self, address: tuple[str, int], application: WSGIApplication) -> None:
        super().__init__(
            address,
            application,
            numthreads=THREADS,
            server_name=SERVER_NAME,
            request_queue_size=BACKLOG,
            shutdown_timeout=STOP_TIMEOUT,  # type: ignore[arg-type]  # any number of seconds
        )
        self.gateway = _Gateway
        # The error of `prepare` has neither errno nor strerror, so the one of `bind` is kept here.
        self.refused: OSError | None = None
        self._busy: set[Connection] = set()

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: tuple[str, int]) -> socket.socket:
        # cheroot does not close the socket if it cannot be bound.
        with ExitStack() as stack:
            stack.enter_context(socket_)
            if os.name == "posix":
                # cheroot sets this for fixed ports only. After a start on a free port, the same
                # port could not be bound again while an old connection of a client exists.
                socket_.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            socket_.bind(bind_addr)
            stack.pop_all()
        return socket_

    def list_busy(self) -> list[Connection]:
        """Return the connections whose requests are being answered."""
        return list(self._busy)

    @contextmanager
    def track(self, connection: Connection) -> Iterator[None]:
        """Count a connection as busy inside the `with` block."""
        self._busy.add(connection)
        try:
            yield
        finally:
            self._busy.discard(connection)

    def bind(self, family: int, type: int, proto: int = 0) -> object:  # noqa: A002  # cheroot's name
        try:
            return cast(object, super().bind(family, type, proto))
        except OSError as error:
            self.refused = error
            raise

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        # This error is raised on purpose.
        if not isinstance(sys.exc_info()[1], ResponseUnsendable):
            _LOG.log(level, "%s", msg, exc_info=traceback)


class _RequestBody:
    """The body of a request whose length is known.

    cheroot's own stream copies every byte three times.
    """

    def __init__(self, connection: _CherootConnection, length: int) -> None:
        self._connection = connection
        # The number of bytes that have not arrived yet.
        self.remaining = length
        self._stalled = False

    def read(self, size: int = -1, /) -> bytes:
        """Return `size` bytes, or all if `size` is negative. Return fewer only at the end."""
        left = self.remaining if size < 0 else size
        parts: list[bytes] = []
        while part := self.read1(min(left, _CHUNK)):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def read1(self, size: int, /) -> bytes:
        """Return the bytes that have arrived, from 1 to `size`. Return no bytes only at the end.

        Raises:
            TimeoutError: nothing arrived in time.
            OSError: the connection broke, or an earlier read timed out.
        """
        size = min(size, self.remaining)
        if not size:
            return b""
        if self._stalled:
            raise ConnectionResetError(errno.ECONNRESET, "an earlier read of the body timed out")
        # cheroot may have read the first bytes together with the headers.
        reader = self._connection.rfile
        try:
            part = reader.read1(size) if reader.has_data() else self._connection.socket.recv(size)
        except TimeoutError:
            self._stalled = True
            raise
        # A closed connection delivers nothing more.
        self.remaining = self.remaining - len(part) if part else 0
        return part


class _UnreadBody:
    """The part of a request body that is unread when the response is sent.

    cheroot reads the rest in one piece to reuse the connection. This class never holds it in
    memory.
    """

    def __init__(self, body: _RequestBody) -> None:
        self._body = body

    @property
    def remaining(self) -> int:
        return self._body.remaining

    def read(self, _: int, /) -> bytes:
        while self._body.read1(_CHUNK):
            pass
        return b""


class _Gateway(wsgi.Gateway_10):
    def get_environ(self) -> WSGIEnvironment:  # type: ignore[override]  # typed as returning nothing
        environ: WSGIEnvironment = super().get_environ()  # type: ignore[no-untyped-call]  # see above
        # cheroot handles invalid lengths itself.
        if not self.req.chunked_read and self.req.rfile.remaining >= 0:
            body = _RequestBody(self.req.conn, self.req.rfile.remaining)
            environ["wsgi.input"], self.req.rfile = body, _UnreadBody(body)
        environ[CONNECTION] = Connection(self.req)
        return environ

    def respond(self) -> None:
        connection: Connection = self.env[CONNECTION]
        with self.req.server.track(connection):
            super().respond()
        connection.finish_response()
