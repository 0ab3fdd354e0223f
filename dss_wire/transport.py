"""Requests, responses, and the protocol of the transport that sends requests.

An object with the method `send` of `Transport` can replace `Urllib3Transport`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Protocol, Self

import attrs

from .files import Body
from .multipart import Multipart
from .operation import Operation, OperationRequest

REDIRECT_STATUSES = (301, 302, 303, 307, 308)
"""The statuses of a redirect."""

MAX_ERROR_BODY = 1 << 16
"""The number of bytes to read of a response that is not a success."""

_COOKIE = re.compile(r"[!-:<-~]+")
_LENGTH = re.compile(r"[0-9]{1,18}")


@attrs.frozen(eq=False)
class Request:
    """One HTTP request.

    Its `repr` does not show the token and the session.

    Attributes:
        operation: the operation of the contract.
        target: path and query, relative to the server's address.
        headers: the headers, sent unchanged.
        body: the complete body, or a stream of known size.
        secrets: strings that messages must not show.
    """

    operation: Operation[OperationRequest, object] = attrs.field(repr=lambda o: o.name)
    target: str
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes | Multipart | None = attrs.field(default=None, repr=False)
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)

    @property
    def method(self) -> str:
        """`GET` or `POST`."""
        return self.operation.method

    @property
    def path(self) -> str:
        """The path of the request, without the query."""
        return self.target.partition("?")[0]

    @property
    def carries_session(self) -> bool:
        """Whether the request contains a session."""
        return "Cookie" in self.headers

    def with_session(self, session: str) -> Request:
        """Return the same request with a session.

        Raises:
            ValueError: the string cannot be a session. The message does not show the string.
        """
        if not is_session(session):
            raise ValueError("A session consists of visible ASCII characters, as a cookie does.")
        cookie = f"{self.operation.contract.session_cookie}={session}"
        headers = {**self.headers, "Cookie": cookie}
        return Request(self.operation, self.target, headers, self.body, (*self.secrets, session))

    def redact(self, text: str) -> str:
        """Replace the secrets of this request in a text with `***`."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "***")
        return text


def is_session(text: str) -> bool:
    """Check whether a text can be a session: visible ASCII, as in a cookie."""
    return _COOKIE.fullmatch(text) is not None


@attrs.frozen(eq=False)
class Response:
    """One HTTP response. Read it to the end, or close it, for example with `with`.

    Attributes:
        request: the request as it was sent.
        headers: the headers, by their names in any letter case.
        server: the address of the server; empty if the address is not known.
    """

    request: Request
    status: int
    reason: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: Body = attrs.field(repr=False)
    server: str = ""

    @property
    def method(self) -> str:
        """The method of the request."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path of the request."""
        return self.request.path

    @property
    def media_type(self) -> str:
        """The media type of the body without its parameters; empty if the header is missing."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def length(self) -> int | None:
        """The number of bytes of the body; `None` if the headers do not state the number."""
        text = self.headers.get("Content-Length", "").strip()
        return int(text) if _LENGTH.fullmatch(text) else None

    @property
    def has_end(self) -> bool:
        """Whether the client can tell a complete body from a broken connection."""
        coding = self.headers.get("Transfer-Encoding", "").strip().lower()
        return coding == "chunked" or (not coding and self.length is not None)

    @property
    def session(self) -> str | None:
        """The session id that the response sets; `None` if the response does not set a session."""
        cookie = self.request.operation.contract.session_cookie
        match = _compile_set_cookie(cookie).search(self.headers.get("Set-Cookie", ""))
        return match[1] if match else None

    def with_body(self, body: Body) -> Response:
        """Return the same response with a new body, such as the bytes that were read."""
        return Response(self.request, self.status, self.reason, self.headers, body, self.server)

    def read(self) -> bytes:
        """Return the complete body."""
        with self:
            return self.body.read()

    def read_text(self, limit: int = MAX_ERROR_BODY) -> str:
        """Return the beginning of the body as text; bytes that are not UTF-8 are replaced."""
        with self:
            return self.body.read(limit).decode("utf-8", errors="replace")

    def close(self) -> None:
        """Stop reading the body."""
        self.body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Transport(Protocol):
    """An object that sends requests to one middleware."""

    def send(self, request: Request) -> Response:
        """Send a request and return the response, whatever its status.

        Raises:
            TransportError: no response arrived.
        """
        ...


@cache
def _compile_set_cookie(cookie: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[,;]\s*){re.escape(cookie)}=\"?([^;,\"\s]+)")
