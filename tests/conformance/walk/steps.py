"""One step of a walk: a request, the same for both middlewares as far as it can be."""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

_MARK = re.compile(rb"<<(token|blob|long-blob):(\w+)>>")


@attrs.frozen
class Step:
    """A request that somebody sends; or a time in which nothing happens.

    In `target` and `body` stands `<<token:USER>>` for the next token of a user, and `<<blob:N>>`
    for the N-th blob that was seen in an answer (`<<long-blob:N>>` for a name of 32 digits that
    begins like it): these differ from middleware to middleware.

    Attributes:
        actor: whose cookies the request carries.
        kept: whether it goes over the connection that the last kept one went over.
        wait: seconds that pass in place of a request; 0 if there is one.
    """

    actor: str = ""
    method: str = "GET"
    target: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    version: str = "HTTP/1.1"
    chunked: bool = False
    kept: bool = False
    wait: int = 0

    def __str__(self) -> str:
        if self.wait:
            return f"{self.wait} s pass"
        parts = [f"{self.actor}: {self.method} {self.target.decode('latin-1')}"]
        if self.version != "HTTP/1.1":
            parts.append(self.version)
        parts += [f"{name}: {value}" for name, value in self.headers]
        if self.chunked:
            parts.append("in chunks")
        if self.kept:
            parts.append("kept alive")
        if self.body is not None:
            shown = self.body if len(self.body) < 1000 else self.body[:1000] + b"..."
            parts.append(repr(shown))
        return " | ".join(parts)

    def composed(self, cookie: str | None, resolve: Callable[[str, str], str]) -> bytes:
        """The bytes of the request.

        Args:
            cookie: of the actor.
            resolve: gives what a mark stands for, by its kind and its name.
        """
        target = unmarked(self.target, resolve)
        first = b"%s %s %s" % (self.method.encode(), target, self.version.encode())
        lines = [first, b"Host: dss"]
        if cookie is not None:
            lines.append(f"Cookie: webpy_session_id={cookie}".encode())
        lines += [f"{name}: {value}".encode() for name, value in self.headers]
        body = b""
        if self.body is not None:
            body = unmarked(self.body, resolve)
            if self.chunked:
                lines.append(b"Transfer-Encoding: chunked")
                body = _in_chunks(body)
            else:
                lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join([*lines, b"", body])


def unmarked(text: bytes, resolve: Callable[[str, str], str]) -> bytes:
    """A text in which the marks are replaced by what they stand for."""
    return _MARK.sub(lambda mark: resolve(mark[1].decode(), mark[2].decode()).encode(), text)


def _in_chunks(body: bytes) -> bytes:
    size = max(1, len(body) // 3)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))
