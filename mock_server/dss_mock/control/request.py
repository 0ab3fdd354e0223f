"""Requests to the mock's own HTTP interface."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

import attrs

from ..http_server import is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BODY_LENGTH = 1 << 20
"""The largest body of a request in bytes."""


class ControlError(ValueError):
    """A request that the mock refuses. The text says why.

    Attributes:
        allowed: the methods for the `Allow` header of a 405.
    """

    def __init__(
        self,
        text: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        allowed: Collection[str] = (),
    ) -> None:
        super().__init__(text)
        self.status = status
        self.allowed = allowed


@attrs.frozen
class ControlRequest:
    """A request whose path matches an endpoint.

    Attributes:
        query: the parameters in the query string.
        match: the match of the path.
    """

    query: Mapping[str, str]
    body: bytes
    match: re.Match[str]

    @classmethod
    def read(cls, environ: WSGIEnvironment, match: re.Match[str]) -> Self:
        """Read a request.

        Raises:
            ControlError: the body is too long, or malformed.
        """
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        return cls(query, _read_body(environ), match)

    def read_number(self, name: str, default: int) -> int:
        """Return a number in the query.

        Raises:
            ControlError: the value is not a whole number.
        """
        text = self.query.get(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", text):
            raise ControlError(f"{name} must be a whole number, not {text!r}")
        return int(text)

    def read_json(self) -> dict[str, object]:
        """Return the JSON object in the body; an empty body is an empty object.

        Raises:
            ControlError: the body is not a JSON object.
        """
        try:
            value: object = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise ControlError(f"The body is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise ControlError("The body must be a JSON object")
        return value


def check_origin(environ: WSGIEnvironment, listens_at: str) -> None:
    """Check that a request does not come from a web page of another server.

    Raises:
        ControlError: the `Host` or `Origin` header names another server.
    """
    host = _parse_host(f"//{environ.get('HTTP_HOST', '')}")
    # The host name of another server can resolve to this machine. With a public address, the
    # mock can have any name, so this check is only for loopback.
    if is_loopback(listens_at) and not is_loopback(host):
        raise ControlError(
            f"The Host header names {host!r}, but this mock answers only to this machine's own "
            "names. Use localhost or 127.0.0.1 in the address.",
            HTTPStatus.FORBIDDEN,
        )
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin.partition("//")[2] != environ.get("HTTP_HOST"):
        raise ControlError(
            f"Web pages from {origin} are not allowed to use this mock. Send the request from a "
            "program, without an Origin header.",
            HTTPStatus.FORBIDDEN,
        )


def _parse_host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def build_method_error(path: str, methods: Collection[str]) -> ControlError:
    """Return the error for a method that a path does not accept."""
    text = f"{path} accepts {join_sorted(methods)}"
    return ControlError(text, HTTPStatus.METHOD_NOT_ALLOWED, methods)


def _read_body(environ: WSGIEnvironment) -> bytes:
    try:
        body: bytes = environ["wsgi.input"].read(BODY_LENGTH + 1)
    except ValueError as error:
        raise ControlError(f"The body cannot be read: {error}") from error
    if len(body) > BODY_LENGTH:
        raise ControlError(
            f"The body has more than {BODY_LENGTH} bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )
    return body


def join_sorted(names: Iterable[str]) -> str:
    """Return names in alphabetical order, separated by commas."""
    return ", ".join(sorted(names))
