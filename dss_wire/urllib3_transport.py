{% include "header" %}
"""A transport over urllib3."""

from __future__ import annotations

import logging
import ssl
from http.client import HTTPResponse, IncompleteRead
from typing import Self
from urllib.parse import urljoin

from urllib3 import HTTPHeaderDict
from urllib3.util import parse_url
from urllib3.util.wait import wait_for_read

from . import breakdowns
from .addresses import Origin, Proxy, ServerAddress, encrypted
from .connections import BROKEN, Connection, Connections, NotConnected, SecureConnection
from .errors import TransportError, UploadChanged
from .multipart import Multipart
from .stopping import sleep, watch
from .transport import REDIRECTS, Request, Response

MOST_REDIRECTS = 5
"""How many redirects of one request are followed."""

_log = logging.getLogger(__name__)

class Urllib3Transport:
    """Sends requests over kept-alive connections; may be shared by threads.

    A connection that was idle for more than 5 seconds, or that the server has closed, is replaced;
    if it is closed just when a request goes out that is harmless to repeat, that goes again, once.
    A process that forks shares none with its child.
    Redirects are followed for `GET`, at most 5, and to the same scheme, host and port only; others
    are answers as any.

    Args:
        server: the middleware's address, `https://HOST[:PORT][/PATH]`.
        ssl_context: says whom to trust, and who this client is; needed if the server, or the proxy,
            has an address with `https`.
        proxy: the one to go through.
        connect_timeout: seconds to wait for a connection, and for each step of its encryption.
        read_timeout: seconds to wait for the next byte to be taken or to come; a transfer may take
            as long as it likes while there are any.
        user_agent: what the client calls itself.

    Raises:
        ValueError: the address is not that of an HTTP server, or holds a password; or nothing says
            whom to trust.
    """

    def __init__(
        self,
        server: str,
        *,
        ssl_context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        user_agent: str = "dss_api",
    ) -> None:
        address = ServerAddress.read(server)
        if ssl_context is None and encrypted(address.origin, proxy):
            raise ValueError(
                f"TLS is spoken on the way to {address.text}; give an ssl_context, such as that of "
                "ssl.create_default_context()."
            )
        self.server = address.text
        self._origin = address.origin
        self._path = address.path
        self._headers = {"User-Agent": user_agent}
        self._forwarded_by = proxy if address.origin.scheme == "http" else None
        if self._forwarded_by and self._forwarded_by.authorization:
            self._headers["Proxy-Authorization"] = self._forwarded_by.authorization
        self._connections = Connections(
            address.origin,
            ssl_context=ssl_context,
            proxy=proxy,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )

    def send(self, request: Request) -> Response:
        """Send a request and give the answer, whatever its status.

        Raises:
            TransportError: no answer came; `AnswerTimeout` if not in time.
            ProxyRefused: the proxy does not let the request pass.
            ServerNotTrusted: the server could not prove who it is.
            EncryptionFailed: the server speaks no TLS, or none with this client.
            ClientClosed: another thread closed this transport meanwhile.
            UploadChanged: the file could not be sent as it was.
            Stopped: this thread is to ask for nothing any more.
        """
        target = self._path + request.target
        response = self._ask(request, target)
        for _ in range(MOST_REDIRECTS):
            onward = self._onward(response, target)
            if onward is None:
                break
            response.read_text()  # so that the connection can serve again
            target = onward
            response = self._ask(request, target)
        return response

    def close(self) -> None:
        """Close all connections; what other threads wait for is a `ClientClosed`.

        The transport may be used again, over new connections.
        """
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Urllib3Transport({self.server!r})"

    def _ask(self, request: Request, target: str, *, anew: bool = False) -> Response:
        """Send a request, whose target may be another by now.

        Args:
            anew: whether over a new connection.
        """
        connection = self._connections.new() if anew else self._connections.take()
        # What is raised is not the cause of what follows from it: it may quote what is secret.
        try:
            connection.forget = watch(connection.end)
            self._connections.open(connection)
            answer = self._exchange(connection, request, target)
        except NotConnected as error:
            connection.close()
            failure = breakdowns.not_connected(request, self.server, error)
            raise _unless_ended(connection, request, self.server, failure) from None
        except UploadChanged as error:
            connection.close()
            raise breakdowns.upload_changed(request, self.server, error) from error
        except BROKEN as error:
            connection.close()
            if _was_stale(connection, request, error):
                if isinstance(request.body, Multipart):
                    request.body.rewind()
                return self._ask(request, target, anew=True)
            failure = breakdowns.no_answer(request, self.server, error, sent=connection.wrote)
            raise _unless_ended(connection, request, self.server, failure) from None
        except BaseException:
            connection.close()  # in the middle of something
            raise
        _log.debug("%s %s gave %d", request.method, request.path, answer.status)
        response = Response(
            request,
            answer.status,
            answer.reason or "",
            HTTPHeaderDict(answer.getheaders()),
            _Body(request, self.server, answer, connection, self._connections),
            self.server,
        )
        if answer.status == 407 and self._forwarded_by:
            response.close()
            raise breakdowns.refused(
                request, self.server, self._forwarded_by, answer.status, response.reason
            )
        return response

    def _exchange(self, connection: Connection, request: Request, target: str) -> HTTPResponse:
        if self._forwarded_by:
            target = f"{self._origin}{target}"
        headers = {**self._headers, **request.headers}
        try:
            connection.ask(request.method, target, headers, request.body)
        except (ConnectionError, TimeoutError, ssl.SSLEOFError):
            # A server may refuse a file before it has all of it, and take no more; or say, over TLS,
            # that it does not speak with this client.
            perhaps = connection.wrote or isinstance(connection, SecureConnection)
            if not perhaps or not wait_for_read(connection.sock, 0):
                raise
            connection.spent = True
        return connection.answer()

    def _onward(self, response: Response, target: str) -> str | None:
        """Where to ask again; None if this is the answer."""
        request = response.request
        location = response.headers.get("Location")
        expected = response.status == request.operation.answer.status
        if response.status not in REDIRECTS or not location or expected or request.method != "GET":
            return None
        try:
            address = urljoin(f"{self._origin}{target}", location)
            same = Origin.of(address) == self._origin
            return parse_url(address).request_uri if same else None
        except ValueError:
            return None


def _was_stale(connection: Connection, request: Request, error: Exception) -> bool:
    """Whether a server hung up on a kept connection just when the request came, which may go again.

    That says nothing of the network, only that the server had waited long enough.
    """
    hung_up = isinstance(error, ConnectionError | ssl.SSLEOFError) and not connection.ended
    harmless = request.operation.repeatable or not connection.wrote
    return connection.kept and hung_up and harmless


def _unless_ended(
    connection: Connection, request: Request, server: str, failure: TransportError
) -> TransportError:
    """A failure of a connection, or what it is if the connection was ended on this side.

    Raises:
        Stopped: it was, to stop this thread.
    """
    if not connection.ended:
        return failure
    sleep(0)
    return breakdowns.closed(request, server, sent=failure.sent)


class _Body:
    """The bytes of an answer; with the last one, its connection is given back."""

    def __init__(
        self,
        request: Request,
        server: str,
        answer: HTTPResponse,
        connection: Connection,
        connections: Connections,
    ) -> None:
        self._request = request
        self._server = server
        self._answer = answer
        self._connection: Connection | None = connection
        self._connections = connections

    def read(self, size: int | None = None, /) -> bytes:
        connection = self._connection
        if connection is None:
            return b""
        try:
            content = self._answer.read(size)
            if not content and size != 0 and self._answer.length:
                raise IncompleteRead(content, self._answer.length)
            if connection.ended and self._answer.length is None and not self._answer.chunked:
                raise ConnectionAbortedError("it was closed on this side")
        except (*BROKEN, ValueError, OverflowError) as error:
            # The last two come of numbers that cannot be, such as a piece of -5 bytes.
            self.close()
            failure = breakdowns.cut_short(self._request, self._server, error)
            raise _unless_ended(connection, self._request, self._server, failure) from None
        except BaseException:
            self.close()  # in the middle of something
            raise
        if self._answer.isclosed():
            self._connection = None
            self._connections.give_back(connection)
        return content

    def close(self) -> None:
        # The rest of an answer that was not read to its end is not worth reading.
        if self._connection is not None:
            self._answer.close()
            self._connection.close()
            self._connection = None
