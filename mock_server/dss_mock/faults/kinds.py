"""The kinds of faults."""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus

import attrs
from attrs import field
from attrs.validators import optional

from ..http_server import Connection
from ..response import MockResponse
from .validators import header, headers, seconds, text, whole_number

LENGTH = "content-length"

_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_CHUNK = 1 << 16
_PROXY_PAGE = """<!DOCTYPE html>
<html><head><title>Access denied</title></head>
<body><h1>Access denied</h1><p>The proxy of this network did not let the request pass.</p></body>
</html>
"""


@attrs.frozen(eq=False)
class Target:
    """The request that a fault strikes, and the means to disturb it.

    Attributes:
        proceed: the function that handles the request and returns the response.
        connection: the connection of the request.
        expire_session: the function that expires the session of the request.
        wait: a function that waits a number of seconds. It returns earlier if the fault is removed
            or the client disconnects.
        chance: the source of random bytes.
    """

    proceed: Callable[[], MockResponse]
    connection: Connection
    expire_session: Callable[[], None]
    wait: Callable[[float], object]
    chance: random.Random


@attrs.frozen
class Fault(ABC):
    """A fault."""

    @abstractmethod
    def strike(self, target: Target) -> MockResponse:
        """Disturb a request, and return its response.

        Raises:
            ConnectionResetError: the fault has broken the connection.
        """

    @property
    @abstractmethod
    def description(self) -> str:
        """The effect in a few words."""


@attrs.frozen
class Answer(Fault):
    """A response from the fault instead of the middleware. The operation is not carried out.

    Args:
        status: the status code. The reason phrase is the usual phrase of this status.
        body: the body as text.
        headers: further headers, such as `{"Retry-After": "2"}`.
    """

    status: int = field(default=503, validator=whole_number(200, 599))
    body: str = field(default="", validator=text)
    media_type: str = field(default="text/plain", validator=header)
    headers: Mapping[str, str] = field(factory=dict, validator=headers)

    def __attrs_post_init__(self) -> None:
        if self.body and self.status in _BODILESS:
            raise ValueError(f"a response with status {self.status} cannot have a body")

    def strike(self, target: Target) -> MockResponse:
        body = self.body.encode()
        headers = [("Content-Type", self.media_type), ("Content-Length", str(len(body)))]
        headers += self.headers.items()
        return MockResponse(
            _format_status(self.status), headers, [body], len(body), has_session=False
        )

    @property
    def description(self) -> str:
        return f"answers {_format_status(self.status)}"


@attrs.frozen
class ProxyPage(Fault):
    """A web page from a proxy instead of the response. The operation is not carried out.

    Args:
        status: the status code. Some real proxies answer 200 with such a page.
    """

    status: int = field(default=200, validator=whole_number(200, 599))

    def strike(self, target: Target) -> MockResponse:
        return Answer(self.status, _PROXY_PAGE, "text/html").strike(target)

    @property
    def description(self) -> str:
        return f"answers {_format_status(self.status)} with a page from a proxy"


@attrs.frozen
class Delay(Fault):
    """A delay before the request is handled.

    Args:
        seconds: the delay in seconds.
    """

    seconds: float = field(default=1.0, validator=seconds)

    def strike(self, target: Target) -> MockResponse:
        target.wait(self.seconds)
        return target.proceed()

    @property
    def description(self) -> str:
        return f"waits {self.seconds:g} s before the request is handled"


@attrs.frozen
class Trickle(Fault):
    """A response whose body arrives a few bytes at a time.

    Args:
        size: the number of bytes in each block.
        every: the seconds between two blocks.
    """

    size: int = field(default=1, validator=whole_number(1))
    every: float = field(default=0.1, validator=seconds)

    def strike(self, target: Target) -> MockResponse:
        response = target.proceed()
        return attrs.evolve(response, body=self._send_slowly(response.body, target))

    def _send_slowly(self, body: Iterable[bytes], target: Target) -> Iterator[bytes]:
        for chunk in body:
            for start in range(0, len(chunk), self.size):
                target.wait(self.every)
                yield chunk[start : start + self.size]

    @property
    def description(self) -> str:
        return f"sends {self.size} bytes of the answer every {self.every:g} s"


@attrs.frozen
class DropBefore(Fault):
    """A connection that breaks before the request is handled."""

    def strike(self, target: Target) -> MockResponse:
        target.connection.drop()

    @property
    def description(self) -> str:
        return "drops the connection before the request is handled"


@attrs.frozen
class DropAfter(Fault):
    """A connection that breaks after the request is handled, before the response."""

    def strike(self, target: Target) -> MockResponse:
        target.proceed()
        target.connection.drop()

    @property
    def description(self) -> str:
        return "drops the connection after the request took effect"


@attrs.frozen
class Cut(Fault):
    """A connection that breaks inside the body of the response.

    Args:
        after: the number of bytes to send. The default is half of the body.
        sized: whether the response states its full length. Otherwise the response is sent in
            chunks, and the last chunk is missing.
    """

    after: int | None = field(default=None, validator=optional(whole_number(0)))
    sized: bool = True

    def strike(self, target: Target) -> MockResponse:
        response = target.proceed()
        headers = [item for item in response.headers if item[0].lower() != LENGTH]
        size = response.size if response.size is not None else _CHUNK
        after = size // 2 if self.after is None else self.after
        if self.sized:
            headers.append(("Content-Length", str(max(size, after + 1))))
        return attrs.evolve(
            response, headers=headers, body=_cut_body(after, response.body, target.connection)
        )

    @property
    def description(self) -> str:
        where = "half-way" if self.after is None else f"after {self.after} bytes"
        return f"cuts the answer {where}, {'with' if self.sized else 'without'} its length"


@attrs.frozen
class ExpireSession(Fault):
    """A session that expires before the request is handled."""

    def strike(self, target: Target) -> MockResponse:
        target.expire_session()
        return target.proceed()

    @property
    def description(self) -> str:
        return "lets the session expire"


@attrs.frozen
class Garbage(Fault):
    """A response of random bytes. The operation is carried out."""

    def strike(self, target: Target) -> MockResponse:
        response = target.proceed()
        size = response.size or 0
        headers = response.headers
        if not size:
            size = 16
            headers = [item for item in headers if item[0].lower() != LENGTH]
        return attrs.evolve(
            response, headers=headers, body=_make_noise(size, target.chance), size=size
        )

    @property
    def description(self) -> str:
        return "answers with random bytes"


@attrs.frozen
class CloseIdle(Fault):
    """A connection that closes after the response, although the headers promise to keep it."""

    def strike(self, target: Target) -> MockResponse:
        response = target.proceed()
        target.connection.close_after_response()
        return response

    @property
    def description(self) -> str:
        return "closes the idle connection after the answer"


def _cut_body(after: int, body: Iterable[bytes], connection: Connection) -> Iterator[bytes]:
    for chunk in body:
        yield chunk[:after]
        after -= len(chunk)
        if after <= 0:
            break
    connection.send_headers()
    connection.drop()


def _make_noise(size: int, chance: random.Random) -> Iterator[bytes]:
    for start in range(0, size, _CHUNK):
        yield chance.randbytes(min(_CHUNK, size - start))


def _format_status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


_CLASSES: tuple[type[Fault], ...] = (
    Answer,
    ProxyPage,
    Delay,
    Trickle,
    DropBefore,
    DropAfter,
    Cut,
    ExpireSession,
    Garbage,
    CloseIdle,
)

KINDS: Mapping[str, type[Fault]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in _CLASSES
}
"""Every kind by its name in JSON, such as `drop_after`."""
