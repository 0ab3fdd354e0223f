"""HTTP requests as bytes, and the users that send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import attrs

from dss_api import SESSION_COOKIE

from .http_connection import Address, Response, send_request

BOUNDARY = "----------conformance"
FORM = "application/x-www-form-urlencoded"

Form = Mapping[str, str] | Sequence[tuple[str, str]] | str | bytes
"""A form as its fields, or as the text of the body."""


def compose_request(
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | None = None,
    *,
    version: str = "HTTP/1.1",
    host: str | None = "dss",
) -> bytes:
    """Return the bytes of a request; if there is a body, with its `Content-Length`."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def encode_form(form: Form) -> bytes:
    """Return the body of a form request."""
    if isinstance(form, bytes):
        return form
    return form.encode() if isinstance(form, str) else urlencode(form).encode()


@attrs.frozen
class Part:
    """A part of a multipart body.

    Attributes:
        disposition: the text after `form-data;` in the `Content-Disposition` header.
        headers: further header lines.
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


def encode_multipart(parts: Sequence[Part], newline: bytes = b"\r\n", *, end: bool = True) -> bytes:
    """Return a multipart body.

    Args:
        end: whether to write the closing boundary.
    """
    boundary = f"--{BOUNDARY}".encode()
    lines: list[bytes] = []
    for part in parts:
        disposition = b"Content-Disposition: form-data; " + part.disposition
        lines += [boundary, disposition, *part.headers, b"", part.content]
    return newline.join([*lines, boundary + b"--" if end else b"", b""])


MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


class Actor:
    """A user that sends each request over a new connection.

    Attributes:
        session: the value of the session cookie; `None` if the user is not signed in.
    """

    def __init__(self, address: Address, session: str | None = None) -> None:
        self.address = address
        self.session = session

    @property
    def cookies(self) -> list[tuple[str, str]]:
        """The header with the session cookie."""
        return [("Cookie", f"{SESSION_COOKIE}={self.session}")] if self.session else []

    def request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Response:
        typed = [("Content-Type", media_type)] if media_type else []
        request = compose_request(method, target, [*self.cookies, *typed, *headers], body)
        return send_request(self.address, request, method)

    def get(self, target: str) -> Response:
        return self.request("GET", target)

    def post(self, target: str, form: Form = b"") -> Response:
        return self.request("POST", target, encode_form(form), FORM)

    def upload(self, target: str, *parts: Part) -> Response:
        return self.request("POST", target, encode_multipart(parts), MULTIPART)

    def upload_file(self, target: str, filename: str | bytes, content: bytes = b"x") -> Response:
        return self.upload(target, Part.file(filename, content))

    def sign_in(self, token: str) -> Response:
        """Sign in with a token and keep the session."""
        response = self.post("/api/login", {"token": token})
        if response.status == 200:
            self.session = get_session(response)
        return response


def get_session(response: Response) -> str:
    """Return the session in the cookie of a response."""
    name, _, value = (response.header("Set-Cookie") or "").partition(";")[0].partition("=")
    assert name == SESSION_COOKIE, response
    return value
