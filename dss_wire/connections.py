{% include "header" %}
"""Kept-alive connections to one server, perhaps by way of a proxy."""

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

from .addresses import Origin, Proxy, encrypted
from .heads import WholeHeadResponse
from .multipart import Multipart
from .stopping import Step

_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)

BROKEN = (HTTPError, HTTPException, OSError)
"""What a connection raises when it fails."""

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
        kept: whether it carried a request before the current one.
        ended: whether it was closed by who owns it, while somebody may still wait for it.
        spent: whether it is of no use for another request.
        forget: called before another thread may have it; see `stopping.watch`.
    """

    response_class = WholeHeadResponse
    # urllib3's own looks for marks in the headers that nobody makes here.
    putheader = PlainConnection.putheader
    wrote = False
    kept = False
    ended = False
    spent = False
    forget: Step | None = None
    # What is shut down to end it. Beside `sock`, which is let go once an answer is known to be the
    # last; and a second handle of what is being opened, for TLS takes the first one away.
    _wire: socket.socket | None = None
    # What goes out together with the next bytes.
    _rest = b""

    def open(self, timeout: float) -> None:
        """Connect; from here on, each step may take this long.

        Raises:
            ConnectionAbortedError: it was ended meanwhile.
        """
        try:
            self.connect()
        finally:
            if self._wire is not None:
                self._wire.close()
        assert self.sock is not None
        self._wire = self.sock.socket if isinstance(self.sock, SSLTransport) else self.sock
        self._check_ended()
        self.timeout = timeout
        self.sock.settimeout(timeout)

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | Multipart | None
    ) -> None:
        """Send a request; bytes go out together with its head."""
        self.wrote = False
        if body is None:
            self.request(method, target, headers=headers)
            return
        size = body.size if isinstance(body, Multipart) else len(body)
        headers = {**headers, "Content-Length": str(size)}
        if isinstance(body, Multipart):
            self.request(method, target, body=body, headers=headers)
        else:
            self._rest = body
            self.request(method, target, headers=headers)

    def send(self, data: bytes) -> None:  # type: ignore[override]  # whoever sends, sends bytes
        sock = self.sock
        left = memoryview(data + self._rest)
        self._rest = b""
        # Not sendall(), whose timeout is for all of the data: a slow network is no broken one.
        while left:
            left = left[sock.send(left[:BLOCK]) :]
            self.wrote = True

    def answer(self) -> HTTPResponse:
        """The head of the answer to the request that was sent."""
        # Not by way of urllib3's own class, which doubles the time that a small answer takes.
        return PlainConnection.getresponse(self)

    def end(self) -> None:
        """Close it, also while another thread opens it or waits for it, which then sees its end."""
        self.ended = self.spent = True
        if self._wire is not None:
            with suppress(OSError):  # it has ended already, or nobody has answered yet
                # Not that of a TLS socket, which would go on without encryption.
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)

    def _new_conn(self) -> socket.socket:
        # Not urllib3's own, which waits for each of the addresses as long as for all of them, and
        # which nobody can end.
        assert self.timeout is not None
        places = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        until = monotonic() + self.timeout
        failures: list[OSError] = []
        for number, (family, kind, protocol, _, place) in enumerate(places):
            seconds = (until - monotonic()) / (len(places) - number)
            try:
                return self._reach(socket.socket(family, kind, protocol), place, seconds)
            except OSError as error:
                failures.append(error)
        try:
            raise failures[-1]
        finally:
            failures.clear()  # which would hold what holds them

    def _reach(self, sock: socket.socket, place: tuple[object, ...], seconds: float) -> socket.socket:
        """Connect a socket, or close it."""
        try:
            for option in OPTIONS:
                sock.setsockopt(*option)
            sock.setblocking(False)
            self._wire = sock.dup()
            failure = sock.connect_ex(place)
            self._check_ended()  # not before, when there was nothing that could be ended
            if failure in _UNDER_WAY:
                if not wait_for_write(sock, max(seconds, 0)):
                    raise TimeoutError("timed out")
                failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failure:
                raise OSError(failure, os.strerror(failure))
            sock.settimeout(self.timeout)
        except BaseException:
            sock.close()
            if self._wire is not None:
                self._wire.close()
            raise
        return sock

    def _check_ended(self) -> None:
        if self.ended:
            raise ConnectionAbortedError("it was closed on this side")


class SecureConnection(Connection, HTTPSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]  # bytes, as above
    """The same, over TLS."""


class Connections:
    """Connections to one server, which threads take, use and give back.

    Args:
        server: where it is.
        ssl_context: for a server or a proxy that speaks TLS.
        proxy: by way of which it is reached.
        connect_timeout: seconds to wait until a connection stands, whichever of its addresses the
            server is reached at, and as many for each step by which it is then encrypted.
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
        self._proxy_speaks_tls = proxy is not None and proxy.origin.scheme == "https"
        self._ssl_context = ssl_context
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: deque[tuple[float, Connection]] = deque()
        self._all: WeakSet[Connection] = WeakSet()
        self._lock = threading.Lock()
        self._process = os.getpid()
        finalize(self, _close, self._idle)  # where nobody else does

    def take(self) -> Connection:
        """A connection that was just used, or else a new one."""
        if os.getpid() != self._process:
            self._leave_to_parent()
        while True:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                return self.new()
            if monotonic() - since < LONGEST_IDLE and connection.is_connected:
                return connection
            connection.close()

    def new(self) -> Connection:
        """A connection that is still to be opened."""
        connection = self._made()
        with self._lock:
            self._all.add(connection)
        return connection

    def open(self, connection: Connection) -> None:
        """See that a connection stands.

        Raises:
            NotConnected: it could not be made.
        """
        if not connection.is_closed:
            return
        try:
            connection.open(self._read_timeout)
        except (*BROKEN, ValueError) as error:
            # With a proxy over TLS there is no connection until it has proved who it is.
            unproved = self._proxy_speaks_tls and connection.proxy_is_verified is None
            reached = not connection.is_closed and not unproved
            raise NotConnected(error, self._proxy, reached=reached) from error

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose answer was read to its end for the next request."""
        if connection.forget:
            connection.forget()
        if connection.is_closed or connection.spent:
            connection.close()
            return
        connection.kept = True
        self._idle.append((monotonic(), connection))
        if len(self._idle) > MOST_IDLE:
            with suppress(IndexError):  # others took them meanwhile
                self._idle.popleft()[1].close()

    def close(self) -> None:
        """Close all of them, also those that are in use."""
        if os.getpid() != self._process:
            self._leave_to_parent()
        with self._lock:
            known = list(self._all)
            self._all.clear()
        for connection in known:
            connection.end()
        _close(self._idle)

    def _leave_to_parent(self) -> None:
        """In a fork, begin without the connections of the parent, which still reads from them."""
        self._process = os.getpid()
        self._lock = threading.Lock()  # which a thread of the parent may have held
        self._all = WeakSet()
        _close(self._idle)

    def _made(self) -> Connection:
        first = self._proxy.origin if self._proxy else self._server
        if not encrypted(self._server, self._proxy):
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
