# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Kept-alive connections to one server, perhaps by way of a proxy."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import deque
from contextlib import suppress
from http.client import HTTPConnection as PlainConnection
from http.client import HTTPException, HTTPResponse
from time import monotonic
from weakref import WeakSet, finalize

from urllib3.connection import HTTPConnection, HTTPSConnection, ProxyConfig
from urllib3.exceptions import HTTPError
from urllib3.util.ssltransport import SSLTransport

from .addresses import Origin, Proxy, encrypted
from .stopping import Step

LONGEST_IDLE = 5.0
"""Seconds after which an idle connection is not used again. The middleware closes it after 10, and
a firewall may forget it without a word."""

MOST_IDLE = 8
"""How many idle connections are kept; the middleware keeps ten, of all clients."""

BLOCK = 1 << 17
"""How many bytes of an upload are in memory at a time."""

# A network must not forget a connection while the middleware takes its time to answer. And what
# waits to be sent must be little, or a slow network seems to take nothing for a long time.
OPTIONS: list[tuple[int, int, int | bytes]] = [
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
        OPTIONS.append((socket.IPPROTO_TCP, getattr(socket, _name), _value))


class NotConnected(Exception):
    """No connection could be made, so that nothing of a request was written.

    Attributes:
        cause: what went wrong.
        proxy: the proxy that is at fault, or may be.
        reached: whether there was a connection at all, to the proxy where there is one.
    """

    def __init__(self, cause: Exception, proxy: Proxy | None, *, reached: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.proxy = proxy
        self.reached = reached


class Connection(HTTPConnection):
    """A connection that waits for each step of the network, rather than for all of them together.

    Attributes:
        wrote: whether anything of the current request was handed to the network.
        ended: whether it was closed by who owns it, while somebody may still read from it.
        spent: whether it is of no use for another request.
        forget: called before another thread may have it; see `stopping.watch`.
    """

    wrote = False
    ended = False
    spent = False
    forget: Step | None = None
    # Beside `sock`, which is let go once an answer is known to be the last.
    _wire: socket.socket | None = None

    def ready(self, timeout: float) -> None:
        """Take note that the connection stands; from here on, each step may take this long."""
        assert self.sock is not None
        self._wire = self.sock.socket if isinstance(self.sock, SSLTransport) else self.sock
        self.timeout = timeout
        self.sock.settimeout(timeout)

    def send(self, data: bytes) -> None:  # type: ignore[override]  # whoever sends, sends bytes
        sock = self.sock
        left = memoryview(data)
        # Not sendall(), whose timeout is for all of the data: a slow network is no broken one.
        while left:
            left = left[sock.send(left[:BLOCK]) :]
            self.wrote = True

    def answer(self) -> HTTPResponse:
        """The head of the answer to the request that was sent."""
        # Not by way of urllib3's own class, which doubles the time that a small answer takes.
        return PlainConnection.getresponse(self)

    def end(self) -> None:
        """Close it, also while another thread waits for it, which then sees its end."""
        self.ended = self.spent = True
        if self._wire is not None:
            with suppress(OSError):  # it has ended already
                # Not that of a TLS socket, which would go on without encryption.
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)


class SecureConnection(Connection, HTTPSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]  # bytes, as above
    """The same, over TLS."""


class Connections:
    """Connections to one server, which threads take, use and give back.

    Args:
        server: where it is.
        ssl_context: for a server or a proxy that speaks TLS.
        proxy: by way of which it is reached.
        connect_timeout: seconds to wait until a connection stands.
        read_timeout: seconds to wait for each step afterwards.
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
        self._ssl_context = ssl_context
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: deque[tuple[float, Connection]] = deque()
        self._all: WeakSet[Connection] = WeakSet()
        self._lock = threading.Lock()
        finalize(self, _close, self._idle)  # where nobody else does

    def take(self) -> Connection:
        """A connection that stands: one that was just used, or else a new one.

        Raises:
            NotConnected: there is none to be had.
        """
        while True:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                return self._open()
            if monotonic() - since < LONGEST_IDLE and connection.is_connected:
                connection.wrote = False
                return connection
            connection.close()

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose answer was read to its end for the next request."""
        if connection.forget:
            connection.forget()
        if connection.is_closed or connection.spent:
            connection.close()
            return
        self._idle.append((monotonic(), connection))
        if len(self._idle) > MOST_IDLE:
            with suppress(IndexError):  # others took them meanwhile
                self._idle.popleft()[1].close()

    def close(self) -> None:
        """Close all of them, also those that are in use."""
        with self._lock:
            known = list(self._all)
            self._all.clear()
        for connection in known:
            connection.end()
        _close(self._idle)

    def _open(self) -> Connection:
        connection = self._new()
        with self._lock:
            self._all.add(connection)
        try:
            connection.connect()
        except (HTTPError, HTTPException, OSError) as error:
            reached = not connection.is_closed
            connection.close()
            raise NotConnected(error, self._proxy, reached=reached) from error
        connection.ready(self._read_timeout)
        connection.wrote = False  # what a proxy was asked does not count
        return connection

    def _new(self) -> Connection:
        first = self._proxy.origin if self._proxy else self._server
        if not encrypted(self._server, self._proxy):
            return Connection(
                first.host,
                first.port,
                timeout=self._connect_timeout,
                blocksize=BLOCK,
                socket_options=OPTIONS,
            )
        connection = SecureConnection(
            first.host,
            first.port,
            timeout=self._connect_timeout,
            blocksize=BLOCK,
            socket_options=OPTIONS,
            ssl_context=self._ssl_context,
            proxy_config=ProxyConfig(self._ssl_context, False, None, None),
        )
        if self._proxy and self._server.scheme == "https":
            connection.set_tunnel(
                self._server.host,
                self._server.port,
                headers=_asking(self._proxy),
                scheme=first.scheme,
            )
        return connection


def _asking(proxy: Proxy) -> dict[str, str]:
    return {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}


def _close(idle: deque[tuple[float, Connection]]) -> None:
    with suppress(IndexError):  # once none is left
        while True:
            idle.pop()[1].close()
