# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""A transport over urllib3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from .errors import AnswerCutShort, AnswerTimeout, TransportError, UploadChanged
from .multipart import Multipart
from .transport import Request, Response


class Urllib3Transport:
    """Sends requests over pooled, kept-alive connections; may be shared by threads.

    Args:
        server: the middleware's address, `https://HOST[:PORT][/PATH]`.
        verify: whether the server's certificate must be valid.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the answer, and for each further byte of it.
        user_agent: what the client calls itself.

    Raises:
        ValueError: the address is not that of an HTTP server, or holds a password.
    """

    def __init__(
        self,
        server: str,
        *,
        verify: bool = True,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        user_agent: str = "dss_api",
    ) -> None:
        self.server = _address(server)
        self._user_agent = user_agent
        self._pool = urllib3.PoolManager(
            maxsize=8,
            retries=False,
            timeout=urllib3.Timeout(connect=connect_timeout, read=read_timeout),
            cert_reqs="CERT_REQUIRED" if verify else "CERT_NONE",
            blocksize=1 << 17,
        )

    def send(self, request: Request) -> Response:
        """Send a request and give the answer, whatever its status.

        Raises:
            TransportError: no answer came; `AnswerTimeout` if not in time.
            UploadChanged: the file could not be sent as it was.
        """
        headers = {"User-Agent": self._user_agent, **request.headers}
        if isinstance(request.body, Multipart):
            headers["Content-Length"] = str(request.body.size)
        with self._translated(request):
            answer = self._pool.request(
                request.method,
                self.server + request.target,
                body=request.body,
                headers=headers,
                preload_content=False,
                decode_content=False,
                redirect=False,
            )
        body = _Body(self, request, answer)
        return Response(
            request, answer.status, answer.reason or "", answer.headers, body, body.stop
        )

    def close(self) -> None:
        """Close all connections."""
        # Clearing alone leaves those open whose answers somebody still holds.
        keys = self._pool.pools.keys()  # iterating over the pools themselves is forbidden
        for key in keys:
            self._pool.pools[key].close()
        self._pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Urllib3Transport({self.server!r})"

    @contextmanager
    def _translated(self, request: Request, *, body: bool = False) -> Iterator[None]:
        """Turns what urllib3 raises into errors of this package."""
        try:
            yield
        except (HTTPError, OSError) as error:
            method, path = request.method, request.path
            what = f"{request.method} {request.path} at {self.server}"
            for cause in (error, *error.args):
                if isinstance(cause, UploadChanged):
                    raise UploadChanged(
                        f"{what} was not sent: {cause}", method=method, path=path
                    ) from cause
            said = " ".join(request.struck(_innermost(error)).split())
            sent = not isinstance(error, NewConnectionError | ConnectTimeoutError)
            # urllib3 counts a refused connection among the timeouts.
            late = isinstance(error, Urllib3Timeout | TimeoutError)
            if late and not isinstance(error, NewConnectionError):
                raise AnswerTimeout(
                    f"No answer in time to {what}: {said}. "
                    "The middleware or the network is slow or down; try again in a while.",
                    method=method,
                    path=path,
                    sent=sent,
                ) from None  # what it quotes may be secret
            if body:
                raise AnswerCutShort(
                    f"The answer to {what} broke off: {said}. "
                    "What arrived is not complete; try again.",
                    method=method,
                    path=path,
                ) from None
            advice = "Check the address, the network, and that the middleware is running."
            if isinstance(error, SSLError):
                advice = (
                    "The server's certificate could not be verified; check the address, and that "
                    "this machine trusts who signed it."
                )
            raise TransportError(
                f"No answer to {what}: {said}. {advice}", method=method, path=path, sent=sent
            ) from None


class _Body:
    """The bytes of an answer; a broken connection is a `TransportError`."""

    def __init__(
        self, transport: Urllib3Transport, request: Request, answer: urllib3.BaseHTTPResponse
    ) -> None:
        self._transport = transport
        self._request = request
        self._answer = answer

    def read(self, size: int | None = None, /) -> bytes:
        with self._transport._translated(self._request, body=True):
            return self._answer.read(size)

    def stop(self) -> None:
        with suppress(OSError, RuntimeError, ValueError):  # the last two if it is at its end
            self._answer.shutdown()

    def close(self) -> None:
        # What was read to the end goes back to the pool by itself; the rest is not worth reading.
        self._answer.close()
        self._answer.release_conn()


def _address(server: str) -> str:
    """An address that paths can be put behind.

    Raises:
        ValueError: it is none; the message repeats nothing that could be a password.
    """
    shown = "The server's address" if set("@?#") & set(server) else f"The address {server!r}"
    wanted = f"{shown} must look like https://HOST[:PORT][/PATH]."
    try:
        parts = urlsplit(server)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(wanted) from None
    if not host or parts.scheme not in ("http", "https"):
        raise ValueError(wanted)
    if "@" in parts.netloc:
        raise ValueError(f"The address of {host!r} must hold no user and password.")
    if parts.query or parts.fragment:
        raise ValueError(f"The address of {host!r} must end with the path, without a query.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _innermost(error: BaseException) -> str:
    """The shortest true account of what happened: the text of the last cause with a text."""
    text = str(error)
    seen: BaseException | None = error
    while seen is not None:
        inner = next((arg for arg in seen.args if isinstance(arg, BaseException)), None)
        seen = inner or seen.__cause__
        if seen is not None and str(seen):
            text = str(seen)
    return text or type(error).__name__
