"""One step of a walk: a request for both middlewares."""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

_PLACEHOLDER = re.compile(rb"<<(token|blob|long-blob):(\w+)>>")


@attrs.frozen
class Step:
    """A request of an actor, or a time without requests.

    `target` and `body` can contain placeholders for values that differ between middlewares:

    * `<<token:USER>>`: the next token of a user.
    * `<<blob:N>>`: the N-th blob in the responses so far.
    * `<<long-blob:N>>`: a name of 32 digits that begins with the name of that blob.

    Attributes:
        actor: the sender, whose cookies are sent.
        keep_connection: whether to use the kept connection, and to keep it after the response.
        wait: seconds to advance the time instead of sending a request; 0 for a request.
    """

    actor: str = ""
    method: str = "GET"
    target: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    version: str = "HTTP/1.1"
    chunked: bool = False
    keep_connection: bool = False
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
        if self.keep_connection:
            parts.append("kept alive")
        if self.body is not None:
            shown = self.body if len(self.body) < 1000 else self.body[:1000] + b"..."
            parts.append(repr(shown))
        return " | ".join(parts)

    def to_bytes(self, cookie: str | None, resolve: Callable[[str, str], str]) -> bytes:
        """Return the bytes of the request.

        Args:
            cookie: the session of the actor.
            resolve: returns the value of a placeholder for its kind and name.
        """
        target = replace_placeholders(self.target, resolve)
        first = b"%s %s %s" % (self.method.encode(), target, self.version.encode())
        lines = [first, b"Host: dss"]
        if cookie is not None:
            lines.append(f"Cookie: webpy_session_id={cookie}".encode())
        lines += [f"{name}: {value}".encode() for name, value in self.headers]
        body = b""
        if self.body is not None:
            body = replace_placeholders(self.body, resolve)
            if self.chunked:
                lines.append(b"Transfer-Encoding: chunked")
                body = _encode_chunks(body)
            else:
                lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join([*lines, b"", body])


def replace_placeholders(text: bytes, resolve: Callable[[str, str], str]) -> bytes:
    """Replace the placeholders in a text with their values."""
    return _PLACEHOLDER.sub(lambda mark: resolve(mark[1].decode(), mark[2].decode()).encode(), text)


def _encode_chunks(body: bytes) -> bytes:
    size = max(1, len(body) // 3)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))
