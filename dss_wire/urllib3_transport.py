"""Transport over urllib3."""

from __future__ import annotations

import logging
import ssl
from http.client import HTTPResponse, IncompleteRead
from typing import Self
from urllib.parse import urljoin

from urllib3 import HTTPHeaderDict
from urllib3.util import parse_url
from urllib3.util.wait import wait_for_read

from . import failure_classification
from .addresses import Origin, Proxy, ServerAddress, list_tls_peers
from .cancellation import on_cancel, sleep
from .connections import (
    CONNECTION_ERRORS,
    Connection,
    Connections,
    NotConnected,
    SecureConnection,
)
from .errors import TransportError, UploadChanged
from .multipart import Multipart
from .transport import REDIRECT_STATUSES, Request, Response

MAX_REDIRECTS = 5
"""The number of redirects that are followed for one request."""

_log = logging.getLogger(__name__)


class Urllib3Transport:
    """Transport over kept-alive connections; threads can share it.

    A connection that was idle for more than 5 seconds, or that the server has closed, is replaced.
    The server can close an idle connection just when a request is sent. If the request is harmless
    to repeat, the transport then sends it once more. A process that forks does not share
    connections with its child process.

    Redirects are followed for `GET` only, at most 5, and only to the same scheme, host and port.
    A redirect that is not followed is returned as the response.

    Args:
        server: the middleware's address, `https://HOST[:PORT][/PATH]`.
        ssl_context: the certificates that this client trusts, and the certificate of this client if
            it has one. Required if the address of the server or the proxy begins with `https`.
        proxy: the proxy to go through.
        connect_timeout: seconds to wait for a connection, and for each step of the TLS handshake.
        read_timeout: seconds to wait until the server accepts the next byte of the request, or
            sends the next byte of the response. The complete transfer can take longer.
        user_agent: the value of `User-Agent`; the name of the package if None.

    Raises:
        ValueError: the address is not the address of an HTTP server, or contains a password; or
            `ssl_context` is missing.
    """

    user_agent = "dss_wire"
    """The value of `User-Agent` if `user_agent` is None."""

    token_page = ""
    """The path of the page that shows the token. An address that ends with this path is refused."""

    def __init__(
        self,
        server: str,
        *,
        ssl_context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        user_agent: str | None = None,
    ) -> None:
        address = ServerAddress.read(server, token_page=self.token_page)
        if ssl_context is None and list_tls_peers(address.origin, proxy):
            raise ValueError(
                f"The connection to {address.text} uses TLS. Pass an ssl_context, such as "
                "ssl.create_default_context()."
            )
        self.server = address.text
        self._origin = address.origin
        self._path = address.path
        self._headers = {"User-Agent": self.user_agent if user_agent is None else user_agent}
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
        """Send a request and return the response, whatever its status.

        Raises:
            TransportError: no response arrived; `AnswerTimeout` if it did not arrive in time.
            ProxyRefused: the proxy rejects the request.
            ServerNotTrusted: the certificate of the server or the proxy could not be verified.
            EncryptionFailed: the server does not speak TLS, or not with this client.
            ClientClosed: another thread closed this transport.
            UploadChanged: the file could not be read, or it changed.
            Cancelled: another thread cancelled the calls of this thread.
        """
        target = self._path + request.target
        response = self._send_to(request, target)
        for _ in range(MAX_REDIRECTS):
            redirect = self._find_redirect(response, target)
            if redirect is None:
                break
            response.read_text()  # so that the connection can be used again
            target = redirect
            response = self._send_to(request, target)
        return response

    def close(self) -> None:
        """Close all connections. Other threads that wait for a response get `ClientClosed`.

        The transport can be used again, over new connections.
        """
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Urllib3Transport({self.server!r})"

    def _send_to(self, request: Request, target: str, *, fresh: bool = False) -> Response:
        """Send a request to a target. After a redirect, this is not the target of the request.

        Args:
            fresh: whether to open a new connection.
        """
        connection = self._connections.make() if fresh else self._connections.take()
        # `from None` because the original error may quote a secret.
        try:
            connection.unregister = on_cancel(connection.abort)
            self._connections.open(connection)
            answer = self._exchange(connection, request, target)
        except NotConnected as error:
            connection.close()
            failure = failure_classification.classify_connect_failure(request, self.server, error)
            raise _check_aborted(connection, request, self.server, failure) from None
        except UploadChanged as error:
            connection.close()
            raise failure_classification.classify_upload_failure(
                request, self.server, error
            ) from error
        except CONNECTION_ERRORS as error:
            connection.close()
            if _is_stale(connection, request, error):
                if isinstance(request.body, Multipart):
                    request.body.rewind()
                return self._send_to(request, target, fresh=True)
            failure = failure_classification.classify_missing_response(
                request, self.server, error, sent=connection.has_written
            )
            raise _check_aborted(connection, request, self.server, failure) from None
        except BaseException:
            connection.close()  # its state is unknown
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
            raise failure_classification.classify_proxy_refusal(
                request, self.server, self._forwarded_by, answer.status, response.reason
            )
        return response

    def _exchange(self, connection: Connection, request: Request, target: str) -> HTTPResponse:
        if self._forwarded_by:
            target = f"{self._origin}{target}"
        headers = {**self._headers, **request.headers}
        try:
            connection.send_request(request.method, target, headers, request.body)
        except (ConnectionError, TimeoutError, ssl.SSLEOFError):
            # A server may reject a file before it has read all of it. Over TLS, it may reject this
            # client.
            may_have_answered = connection.has_written or isinstance(connection, SecureConnection)
            if not may_have_answered or not wait_for_read(connection.sock, 0):
                raise
            connection.is_spent = True
        return connection.read_response()

    def _find_redirect(self, response: Response, target: str) -> str | None:
        """Return the target of a redirect; None if the response is not a redirect to follow."""
        request = response.request
        location = response.headers.get("Location")
        expected = response.status == request.operation.answer.status
        if (
            response.status not in REDIRECT_STATUSES
            or not location
            or expected
            or request.method != "GET"
        ):
            return None
        try:
            address = urljoin(f"{self._origin}{target}", location)
            same = Origin.of(address) == self._origin
            return parse_url(address).request_uri if same else None
        except ValueError:
            return None


def _is_stale(connection: Connection, request: Request, error: Exception) -> bool:
    """Return whether the server closed an idle connection just before a repeatable request.

    This is not a network failure, because servers close idle connections after some time.
    """
    closed_by_server = (
        isinstance(error, ConnectionError | ssl.SSLEOFError) and not connection.is_aborted
    )
    harmless = request.operation.repeatable or not connection.has_written
    return connection.was_used and closed_by_server and harmless


def _check_aborted(
    connection: Connection, request: Request, server: str, failure: TransportError
) -> TransportError:
    """Return a failure, or `ClientClosed` if this program closed the connection.

    Raises:
        Cancelled: the connection was closed to cancel this thread.
    """
    if not connection.is_aborted:
        return failure
    sleep(0)
    return failure_classification.classify_closed_client(request, server, sent=failure.sent)


class _Body:
    """The bytes of a response. Reading the last byte releases the connection."""

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
            if connection.is_aborted and self._answer.length is None and not self._answer.chunked:
                raise ConnectionAbortedError("this program closed the connection")
        except (*CONNECTION_ERRORS, ValueError, OverflowError) as error:
            # The last two come from impossible numbers, such as a chunk of -5 bytes.
            self.close()
            failure = failure_classification.classify_partial_response(
                self._request, self._server, error
            )
            raise _check_aborted(connection, self._request, self._server, failure) from None
        except BaseException:
            self.close()  # its state is unknown
            raise
        if self._answer.isclosed():
            self._connection = None
            self._connections.release(connection)
        return content

    def close(self) -> None:
        # Closing the connection is faster than reading the rest of the response.
        if self._connection is not None:
            self._answer.close()
            self._connection.close()
            self._connection = None
