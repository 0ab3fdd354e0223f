"""What carries the mock: the same HTTP server that carries the middleware."""

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
"""The key of a request's environment under which its `Connection` stands."""

SERVER_NAME = "localhost"
"""How the middleware calls itself in its answers."""
THREADS = 32
"""How many requests are worked on at the same time."""
BACKLOG = 128
"""How many connections may wait to be taken."""
STOP_TIMEOUT = 1.0
"""Seconds that answers under way have to end when the server stops."""

_POLL = 0.05
_CHUNK = 1 << 18
_LOG = logging.getLogger(__name__)


class _CherootRequest(Protocol):
    """As much of the carrier's request as this needs."""

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
    """The connection that a request came over, for those who disturb it."""

    def __init__(self, http: _CherootRequest) -> None:
        self._http = http
        self._closing = False

    def drop(self) -> NoReturn:
        """Break it off; what was written is sent, and nothing after it.

        Raises:
            ConnectionResetError: always, for whoever writes the answer to stop.
        """
        self.cut()
        raise ConnectionResetError(errno.ECONNRESET, "dropped on purpose")

    def cut(self) -> None:
        """Break it off from outside; whoever reads or writes there is interrupted."""
        with suppress(OSError):
            self._http.conn.socket.shutdown(socket.SHUT_RDWR)

    def is_gone(self) -> bool:
        """Whether the client has closed its end; what it sent and nobody read may hide that."""
        peer = self._http.conn.socket
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(peer, selectors.EVENT_READ)
                return bool(selector.select(0)) and not peer.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def make_room(self) -> None:
        """See to it that other requests are worked on while this one waits."""
        pool = self._http.server.requests
        if pool.idle == 0:
            pool.grow(1)

    def send_headers(self) -> None:
        """Send what comes before the body of the answer, even if nothing of the body follows."""
        self._http.ensure_headers_sent()

    def close_after_response(self) -> None:
        """Close it when the answer is sent, though the answer promises to keep it."""
        self._closing = True

    def finish_response(self) -> None:
        """Do what is to be done when the answer was sent."""
        if self._closing:
            self._http.close_connection = True


class HttpServer:
    """Serves an application in the background until it is closed.

    Args:
        port: 0 takes a free one.

    Attributes:
        port: at which it listens.

    Raises:
        OSError: the address is not there, or the port in use.
        ValueError: this can be no address.
        OverflowError: there is no such port.
    """

    def __init__(self, host: str, port: int, application: WSGIApplication) -> None:
        self._server = _CherootServer((host, port), application)
        # Its threads are daemons as the one is that makes them: a program that forgets to close
        # the server ends all the same.
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
        except Exception as error:  # noqa: BLE001  # raised again where somebody waits for it
            ready.set_exception(self._server.refused or error)
            return
        ready.set_result(None)
        self._server.serve()

    def close(self) -> None:
        """Stop listening, and end the answers that are under way; waits a few seconds at most."""
        stopping = threading.Thread(target=self._server.stop, name="dss_mock_stop", daemon=True)
        stopping.start()
        stopping.join(STOP_TIMEOUT)
        for connection in self._server.list_busy():
            connection.cut()
        stopping.join(STOP_TIMEOUT)
        if stopping.is_alive():
            _LOG.warning("The mock stopped, but left a request that does not end.")
        self._thread.join(STOP_TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def is_loopback(host: str) -> bool:
    """Whether an address, or a name, stands for this machine to nobody but itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _ClosingConnection(server.HTTPConnection):
    def close(self) -> None:
        super().close()
        # What could not be sent is given up here, or it is tried once more when all is forgotten,
        # and Python complains (from 3.13 on) that it cannot.
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
        # What `prepare` raises has neither number nor reason of its own.
        self.refused: OSError | None = None
        self._busy: set[Connection] = set()

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: tuple[str, int]) -> socket.socket:
        # The carrier leaves it open when it cannot be bound.
        with ExitStack() as stack:
            stack.enter_context(socket_)
            if os.name == "posix":
                # It does so for given ports alone; then one that was free at the first start would
                # not be at the second, as long as a client still has its old connection.
                socket_.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            socket_.bind(bind_addr)
            stack.pop_all()
        return socket_

    def list_busy(self) -> list[Connection]:
        """The connections over which a request is being answered."""
        return list(self._busy)

    @contextmanager
    def track(self, connection: Connection) -> Iterator[None]:
        """Count a connection among those."""
        self._busy.add(connection)
        try:
            yield
        finally:
            self._busy.discard(connection)

    def bind(self, family: int, type: int, proto: int = 0) -> object:  # noqa: A002  # its name there
        try:
            return cast(object, super().bind(family, type, proto))
        except OSError as error:
            self.refused = error
            raise

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        # That one is meant.
        if not isinstance(sys.exc_info()[1], ResponseUnsendable):
            _LOG.log(level, "%s", msg, exc_info=traceback)


class _RequestBody:
    """The body of a request whose length is known.

    The carrier has a stream for it too, which copies everything three times over.
    """

    def __init__(self, connection: _CherootConnection, length: int) -> None:
        self._connection = connection
        # How many bytes are still to come.
        self.remaining = length
        self._stalled = False

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or all if the size is negative; fewer only at the end."""
        left = self.remaining if size < 0 else size
        parts: list[bytes] = []
        while part := self.read1(min(left, _CHUNK)):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def read1(self, size: int, /) -> bytes:
        """What has come, at least one byte and at most so many; none only at the end.

        Raises:
            TimeoutError: nothing came for too long.
            OSError: the connection broke, or was waited for in vain before.
        """
        size = min(size, self.remaining)
        if not size:
            return b""
        if self._stalled:
            raise ConnectionResetError(errno.ECONNRESET, "what did not come is not waited for")
        # What came in one piece with the head is with the carrier.
        reader = self._connection.rfile
        try:
            part = reader.read1(size) if reader.has_data() else self._connection.socket.recv(size)
        except TimeoutError:
            self._stalled = True
            raise
        # From a client that is gone nothing more will come.
        self.remaining = self.remaining - len(part) if part else 0
        return part


class _UnreadBody:
    """What is left of a body when its answer is sent.

    The carrier reads it to keep the connection, all at once; here it is never held whole.
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
    def get_environ(self) -> WSGIEnvironment:  # type: ignore[override]  # typed as giving nothing
        environ: WSGIEnvironment = super().get_environ()  # type: ignore[no-untyped-call]  # as above
        # A length that can be none fails in the carrier's own way.
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
