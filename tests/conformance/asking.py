"""Requests as bytes, and those who send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import attrs

from dss_api import SESSION_COOKIE

from .raw import Address, Answer, exchange

BOUNDARY = "----------conformance"
FORM = "application/x-www-form-urlencoded"

Form = Mapping[str, str] | Sequence[tuple[str, str]] | str | bytes
"""A form as its fields, or as it is to be sent."""


def compose(
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | None = None,
    *,
    version: str = "HTTP/1.1",
    host: str | None = "dss",
) -> bytes:
    """A request; with a length if there is a body."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def encoded(form: Form) -> bytes:
    """A form as it is sent."""
    if isinstance(form, bytes):
        return form
    return form.encode() if isinstance(form, str) else urlencode(form).encode()


@attrs.frozen
class Part:
    """A part of a multipart body.

    Attributes:
        disposition: behind `form-data;`, or what stands there in its place.
        headers: further lines.
    """

    disposition: bytes
    content: bytes
    headers: tuple[bytes, ...] = ()

    @classmethod
    def field(cls, name: str, value: str) -> Part:
        return cls(f'name="{name}"'.encode(), value.encode())

    @classmethod
    def file(cls, filename: str | bytes, content: bytes, name: str = "myfile") -> Part:
        filename = filename if isinstance(filename, bytes) else filename.encode()
        return cls(b'name="%s"; filename="%s"' % (name.encode(), filename), content)


def multipart(parts: Sequence[Part], newline: bytes = b"\r\n", *, end: bool = True) -> bytes:
    """A multipart body.

    Args:
        end: whether it has a boundary at its end.
    """
    boundary = f"--{BOUNDARY}".encode()
    lines: list[bytes] = []
    for part in parts:
        disposition = b"Content-Disposition: form-data; " + part.disposition
        lines += [boundary, disposition, *part.headers, b"", part.content]
    return newline.join([*lines, boundary + b"--" if end else b"", b""])


MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


class Actor:
    """Somebody who sends requests, each over a connection of its own.

    Attributes:
        session: what the session cookie says; `None` if there is none.
    """

    def __init__(self, address: Address, session: str | None = None) -> None:
        self.address = address
        self.session = session

    @property
    def cookies(self) -> list[tuple[str, str]]:
        """The header that carries the session."""
        return [("Cookie", f"{SESSION_COOKIE}={self.session}")] if self.session else []

    def ask(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Answer:
        typed = [("Content-Type", media_type)] if media_type else []
        request = compose(method, target, [*self.cookies, *typed, *headers], body)
        return exchange(self.address, request, method)

    def get(self, target: str) -> Answer:
        return self.ask("GET", target)

    def post(self, target: str, form: Form = b"") -> Answer:
        return self.ask("POST", target, encoded(form), FORM)

    def upload(self, target: str, *parts: Part) -> Answer:
        return self.ask("POST", target, multipart(parts), MULTIPART)

    def upload_file(self, target: str, filename: str | bytes, content: bytes = b"x") -> Answer:
        return self.upload(target, Part.file(filename, content))

    def sign_in(self, token: str) -> Answer:
        """Spend a token, and keep the session."""
        answer = self.post("/api/login", {"token": token})
        if answer.status == 200:
            self.session = session_in(answer)
        return answer


def session_in(answer: Answer) -> str:
    """The session that an answer gives."""
    name, _, value = (answer.header("Set-Cookie") or "").partition(";")[0].partition("=")
    assert name == SESSION_COOKIE, answer
    return value
