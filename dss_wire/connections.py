"""Kept-alive connections to one server, directly or through a proxy."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection as PlainConnection
from http.client import HTTPException, HTTPResponse
from time import monotonic
from weakref import WeakSet, finalize

from urllib3.connection import HTTPConnection, HTTPSConnection, ProxyConfig
from urllib3.exceptions import HTTPError
from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_write

from .addresses import Origin, Proxy, list_tls_peers
from .cancellation import Callback
from .multipart import Multipart
from .response_heads import CompleteHeadResponse

_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK)

CONNECTION_ERRORS = (HTTPError, HTTPException, OSError)
"""The exceptions of a connection that fails."""

MAX_IDLE_SECONDS = 5.0
"""The seconds after which an idle connection is not used again. The middleware closes it after 10,
and a firewall can drop it without notice."""

MAX_IDLE_CONNECTIONS = 8
"""The number of idle connections that are kept. The middleware keeps ten for all clients."""

BLOCK = 1 << 17
"""The number of bytes of an upload that are in memory at a time."""

# Keep-alive probes stop a network from dropping a connection during a slow answer. The send buffer
# is small because otherwise a slow network seems to accept nothing for a long time.
SOCKET_OPTIONS: list[tuple[int, int, int | bytes]] = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
]
for _name, _value in {
    "TCP_KEEPIDLE": 30,
    "TCP_KEEPINTVL": 15,
    "TCP_KEEPCNT": 4,
    "TCP_NOTSENT_LOWAT": BLOCK,
}.items():
    if hasattr(socket, _name):
        SOCKET_OPTIONS.append((socket.IPPROTO_TCP, getattr(socket, _name), _value))


class NotConnected(Exception):
    """No connection could be made, so nothing of a request was written.

    Attributes:
        cause: the original error.
        proxy: the proxy, if there is one.
        reached: whether the first peer (the proxy, if there is one) was reached.
    """

    def __init__(self, cause: Exception, proxy: Proxy | None, *, reached: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.proxy = proxy
        self.reached = reached


class Connection(HTTPConnection):
    """A connection whose timeout is for each step of the network, not for all steps together.

    Attributes:
        has_written: whether the network accepted a byte of the current request.
        was_used: whether the connection carried an earlier request.
        is_aborted: whether `abort` was called. Another thread can still wait for a response.
        is_spent: whether the connection cannot carry a further request.
        unregister: a function to call before another thread uses the connection; see
            `cancellation.on_cancel`.
    """

    response_class = CompleteHeadResponse
    # urllib3's method looks for markers in the headers that are never set here.
    putheader = PlainConnection.putheader
    has_written = False
    was_used = False
    is_aborted = False
    is_spent = False
    unregister: Callback | None = None
    # The socket that `abort` shuts down. `sock` is released with the last answer. While
    # TLS takes over the socket, this is a second handle of it.
    _abortable: socket.socket | None = None
    # The bytes that go out together with the next ones.
    _pending = b""

    def open(self, timeout: float) -> None:
        """Connect, and set the timeout of each later step.

        Raises:
            ConnectionAbortedError: another thread called `abort`.
        """
        try:
            self.connect()
        finally:
            if self._abortable is not None:
                self._abortable.close()
        assert self.sock is not None
        self._abortable = self.sock.socket if isinstance(self.sock, SSLTransport) else self.sock
        self._check_aborted()
        self.timeout = timeout
        self.sock.settimeout(timeout)

    def send_request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | Multipart | None
    ) -> None:
        """Send a request. If the body is bytes, headers and body are sent together."""
        self.has_written = False
        if body is None:
            self.request(method, target, headers=headers)
            return
        size = body.size if isinstance(body, Multipart) else len(body)
        headers = {**headers, "Content-Length": str(size)}
        if isinstance(body, Multipart):
            self.request(method, target, body=body, headers=headers)
        else:
            self._pending = body
            self.request(method, target, headers=headers)

    def send(self, data: bytes) -> None:  # type: ignore[override]  # only bytes are sent
        sock = self.sock
        left = memoryview(data + self._pending)
        self._pending = b""
        # Not sendall(), whose timeout is for all of the data: a slow network is not a broken one.
        while left:
            left = left[sock.send(left[:BLOCK]) :]
            self.has_written = True

    def read_response(self) -> HTTPResponse:
        """Read status line and headers of the response."""
        # Not through urllib3's own class, which doubles the time of a small response.
        return PlainConnection.getresponse(self)

    def abort(self) -> None:
        """Close the connection. Another thread that opens it or waits for a response then fails."""
        self.is_aborted = self.is_spent = True
        if self._abortable is not None:
            with suppress(OSError):  # it is closed already, or not connected yet
                # Not the method of a TLS socket, which would continue without encryption.
                socket.socket.shutdown(self._abortable, socket.SHUT_RDWR)

    def _new_conn(self) -> socket.socket:
        # Not urllib3's own method, which waits the full timeout for each address, and cannot be
        # aborted.
        assert self.timeout is not None
        addresses = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        deadline = monotonic() + self.timeout
        failures: list[OSError] = []
        for number, (family, kind, protocol, _, address) in enumerate(addresses):
            seconds = (deadline - monotonic()) / (len(addresses) - number)
            try:
                return self._connect(socket.socket(family, kind, protocol), address, seconds)
            except OSError as error:
                failures.append(error)
        try:
            raise failures[-1]
        finally:
            failures.clear()  # their tracebacks hold this frame

    def _connect(
        self, sock: socket.socket, address: tuple[object, ...], seconds: float
    ) -> socket.socket:
        """Connect a socket. If this fails, close the socket."""
        try:
            for option in SOCKET_OPTIONS:
                sock.setsockopt(*option)
            sock.setblocking(False)
            self._abortable = sock.dup()
            failure = sock.connect_ex(address)
            self._check_aborted()  # here, because `abort` had no effect before
            if failure in _IN_PROGRESS:
                if not wait_for_write(sock, max(seconds, 0)):
                    raise TimeoutError("timed out")
                failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failure:
                raise OSError(failure, os.strerror(failure))
            sock.settimeout(self.timeout)
        except BaseException:
            sock.close()
            if self._abortable is not None:
                self._abortable.close()
            raise
        return sock

    def _check_aborted(self) -> None:
        if self.is_aborted:
            raise ConnectionAbortedError("this program closed the connection")


class SecureConnection(Connection, HTTPSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]  # bytes, as above
    """A connection over TLS."""


class Connections:
    """A pool of connections to one server. Threads take, use and release connections.

    Args:
        server: the server.
        ssl_context: the TLS settings for the server or the proxy.
        proxy: the proxy to go through.
        connect_timeout: seconds to connect, for all addresses of the server together, and seconds
            for each step of the TLS handshake.
        read_timeout: seconds to wait for each later step.
    """

    def __init__(
        self,
        server: Origin,
        *,
        ssl_context: ssl.SSLContext | None,
        proxy: Proxy | None,
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        self._server = server
        self._proxy = proxy
        self._proxy_speaks_tls = proxy is not None and proxy.origin.scheme == "https"
        self._ssl_context = ssl_context
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: deque[tuple[float, Connection]] = deque()
        self._all: WeakSet[Connection] = WeakSet()
        self._lock = threading.Lock()
        self._process = os.getpid()
        finalize(self, _close_all, self._idle)  # if `close` is never called

    def take(self) -> Connection:
        """Return a connection that was used recently, or a new connection."""
        if os.getpid() != self._process:
            self._reset_after_fork()
        while True:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                return self.make()
            if monotonic() - since < MAX_IDLE_SECONDS and connection.is_connected:
                return connection
            connection.close()

    def make(self) -> Connection:
        """Return a connection that is not open yet."""
        connection = self._build()
        with self._lock:
            self._all.add(connection)
        return connection

    def open(self, connection: Connection) -> None:
        """Open a connection if it is not open.

        Raises:
            NotConnected: the connection could not be made.
        """
        if not connection.is_closed:
            return
        try:
            connection.open(self._read_timeout)
        except (*CONNECTION_ERRORS, ValueError) as error:
            # A proxy over TLS is not reached before its certificate is verified.
            unverified = self._proxy_speaks_tls and connection.proxy_is_verified is None
            reached = not connection.is_closed and not unverified
            raise NotConnected(error, self._proxy, reached=reached) from error

    def release(self, connection: Connection) -> None:
        """Keep a connection for the next request after its response was read to the end."""
        if connection.unregister:
            connection.unregister()
        if connection.is_closed or connection.is_spent:
            connection.close()
            return
        connection.was_used = True
        self._idle.append((monotonic(), connection))
        if len(self._idle) > MAX_IDLE_CONNECTIONS:
            with suppress(IndexError):  # other threads took them
                self._idle.popleft()[1].close()

    def close(self) -> None:
        """Close all connections, used and idle ones."""
        if os.getpid() != self._process:
            self._reset_after_fork()
        with self._lock:
            known = list(self._all)
            self._all.clear()
        for connection in known:
            connection.abort()
        _close_all(self._idle)

    def _reset_after_fork(self) -> None:
        """Drop the connections of the parent process, which still reads from them."""
        self._process = os.getpid()
        self._lock = threading.Lock()  # a thread of the parent may have locked the old one
        self._all = WeakSet()
        _close_all(self._idle)

    def _build(self) -> Connection:
        first = self._proxy.origin if self._proxy else self._server
        if not list_tls_peers(self._server, self._proxy):
            return Connection(
                first.host,
                first.port,
                timeout=self._connect_timeout,
                blocksize=BLOCK,
            )
        connection = SecureConnection(
            first.host,
            first.port,
            timeout=self._connect_timeout,
            blocksize=BLOCK,
            ssl_context=self._ssl_context,
            proxy_config=ProxyConfig(self._ssl_context, False, None, None),
        )
        if self._proxy and self._server.scheme == "https":
            connection.set_tunnel(
                self._server.host,
                self._server.port,
                headers=_make_proxy_headers(self._proxy),
                scheme=first.scheme,
            )
        return connection


def _make_proxy_headers(proxy: Proxy) -> dict[str, str]:
    return {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}


def _close_all(idle: deque[tuple[float, Connection]]) -> None:
    with suppress(IndexError):  # when it is empty
        while True:
            idle.pop()[1].close()
