{% include "header" %}
"""What goes over the network and comes back, apart from how it does.

A `Transport` sends a `Request` and gives a `Response`; whatever has such a method can stand behind
`DssApi`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

import attrs

from .multipart import Multipart

if TYPE_CHECKING:
    from .operation import Operation, OperationRequest

SESSION_COOKIE = {{ api.cookie | literal }}
"""The cookie that carries the session."""

TOKEN_PAGE = {{ api.token_page | literal }}
"""The page on which a signed-in user finds the token for the next sign-in."""

REDIRECTS = (301, 302, 303, 307, 308)
"""The statuses that send a request elsewhere."""

LONGEST_REFUSAL = 1 << 16
"""How many bytes of an answer without success are read; more of it tells nobody more."""

CHUNK = 1 << 20
"""How many bytes of a download are in memory at a time."""

_SESSION = re.compile(rf"(?:^|[,;]\s*){re.escape(SESSION_COOKIE)}=\"?([^;,\"\s]+)")
_COOKIE = re.compile(r"[!-:<-~]+")
_LENGTH = re.compile(r"[0-9]{1,18}")
_FILENAME = re.compile(r'filename="(.*)"', re.DOTALL)


@attrs.frozen(eq=False)
class Upload:
    """A file to be sent.

    Attributes:
        filename: the name that it shall have at the middleware.
        stream: its bytes; read from where it stands, and not closed.
        size: the number of bytes.
    """

    filename: str
    stream: BinaryIO = attrs.field(repr=False)
    size: int

    @classmethod
    def of(cls, path: Path, stream: BinaryIO) -> Self:
        """A file that is open for reading bytes, from its beginning, under its own name.

        As in `with path.open("rb") as stream: ... Upload.of(path, stream)`.
        """
        stream.seek(0, 2)
        size = stream.tell()
        stream.seek(0)
        return cls(path.name, stream, size)


@attrs.frozen(eq=False)
class Request:
    """One HTTP request.

    What is secret in it, the token and the session, appears in no `repr`.

    Attributes:
        operation: which operation of the contract it is.
        target: path and query, to be put behind the server's address.
        headers: to be sent as they are.
        body: all of it, or a stream of known size.
        secrets: texts that no message may show.
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
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def carries_session(self) -> bool:
        """Whether it is sent in the name of a session."""
        return "Cookie" in self.headers

    def with_session(self, session: str) -> Request:
        """The same request in the name of a session.

        Raises:
            ValueError: this is no session; which one it is, is not said.
        """
        if not is_session(session):
            raise ValueError("A session is made of visible ASCII, as a cookie is.")
        headers = {**self.headers, "Cookie": f"{SESSION_COOKIE}={session}"}
        return Request(
            self.operation, self.target, headers, self.body, (*self.secrets, session)
        )

    def struck(self, text: str) -> str:
        """A text in which the secrets of this request are struck out."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "***")
        return text


def is_session(text: str) -> bool:
    """Whether a text can be a session: visible ASCII, as cookies are."""
    return _COOKIE.fullmatch(text) is not None


class Body(Protocol):
    """The bytes of an answer as they arrive."""

    def read(self, size: int | None = None, /) -> bytes:
        """At most `size` bytes, or all; empty at the end.

        Raises:
            TransportError: they did not all arrive.
        """
        ...

    def close(self) -> None:
        """Take no more of them."""
        ...


@attrs.frozen(eq=False)
class Response:
    """One HTTP answer; to be closed, as a context manager or by reading it to the end.

    Attributes:
        request: what it answers, as it was sent.
        headers: by their names, in any letter case.
        server: the address of who gave it; empty where there is none.
    """

    request: Request
    status: int
    reason: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: Body = attrs.field(repr=False)
    server: str = ""

    @property
    def media_type(self) -> str:
        """The type of the body without its parameters; empty if there is none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def length(self) -> int | None:
        """The number of bytes of the body, where it is said beforehand."""
        text = self.headers.get("Content-Length", "").strip()
        return int(text) if _LENGTH.fullmatch(text) else None

    @property
    def has_end(self) -> bool:
        """Whether the end of the body can be told from a connection that broke."""
        coding = self.headers.get("Transfer-Encoding", "").strip().lower()
        return coding == "chunked" or (not coding and self.length is not None)

    @property
    def session(self) -> str | None:
        """The session that it sets."""
        match = _SESSION.search(self.headers.get("Set-Cookie", ""))
        return match[1] if match else None

    def with_body(self, body: Body) -> Response:
        """The same answer with another body, such as what was read of it."""
        return Response(
            self.request, self.status, self.reason, self.headers, body, self.server
        )

    def read(self) -> bytes:
        """The whole body."""
        with self:
            return self.body.read()

    def read_text(self, limit: int = LONGEST_REFUSAL) -> str:
        """The beginning of the body as text, whatever its bytes are."""
        with self:
            return self.body.read(limit).decode("utf-8", errors="replace")

    def close(self) -> None:
        """Take no more of the body."""
        self.body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


@attrs.frozen(eq=False)
class Download:
    """A file that arrives; iterate over its chunks, or `read()` it whole, within `with`."""

    response: Response = attrs.field(repr=False)

    @property
    def filename(self) -> str | None:
        """Its name at the middleware; `None` for an attachment, which has none."""
        match = _FILENAME.search(self.response.headers.get("Content-Disposition", ""))
        return match[1] if match else None

    @property
    def content_type(self) -> str:
        """Its MIME type."""
        return self.response.headers.get("Content-Type", "")

    @property
    def size(self) -> int | None:
        """The number of bytes, where the middleware says it."""
        return self.response.length

    def read(self) -> bytes:
        """All of its bytes.

        Raises:
            TransportError: they did not all arrive.
        """
        return self.response.read()

    def __iter__(self) -> Iterator[bytes]:
        """Its bytes in chunks, of which one is in memory at a time.

        Raises:
            TransportError: they did not all arrive.
        """
        while chunk := self.response.body.read(CHUNK):
            yield chunk

    def close(self) -> None:
        """Take no more of it."""
        self.response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Transport(Protocol):
    """What sends requests to one middleware."""

    def send(self, request: Request) -> Response:
        """Send a request and give the answer, whatever its status.

        Raises:
            TransportError: no answer came.
        """
        ...
