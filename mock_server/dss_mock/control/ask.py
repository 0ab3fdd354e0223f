"""A request to the control interface."""

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
"""How many bytes a request may have."""


class ControlError(ValueError):
    """A request that cannot be done; the text says why."""

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
class Ask:
    """A request to the control interface; `values` are those in the query."""

    values: Mapping[str, str]
    body: bytes
    match: re.Match[str]

    @classmethod
    def read(cls, environ: WSGIEnvironment, match: re.Match[str]) -> Self:
        """Read a request whose path fits.

        Raises:
            ControlError: its body is too long, or malformed.
        """
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        return cls(query, _read_body(environ), match)

    def number(self, name: str, default: int) -> int:
        """A number in the query.

        Raises:
            ControlError: it is none.
        """
        text = self.values.get(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", text):
            raise ControlError(f"{name} must be a whole number, not {text!r}")
        return int(text)

    def json(self) -> dict[str, object]:
        """The object in the body.

        Raises:
            ControlError: there is another thing.
        """
        try:
            found: object = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise ControlError(f"the body is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise ControlError("the body must be a JSON object")
        return found


def refuse_strangers(environ: WSGIEnvironment, listens_at: str) -> None:
    """Let no web page of another server have a say, whose reader may sit at this machine.

    Raises:
        ControlError: one asks.
    """
    host = _host(f"//{environ.get('HTTP_HOST', '')}")
    # A name of theirs may well lead here; only where the mock is for others, it has names.
    if is_loopback(listens_at) and not is_loopback(host):
        raise ControlError(f"{host!r} is no name of this mock", HTTPStatus.FORBIDDEN)
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin.partition("//")[2] != environ.get("HTTP_HOST"):
        raise ControlError(f"{origin} may not ask this mock", HTTPStatus.FORBIDDEN)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def wrong_method(path: str, methods: Collection[str]) -> ControlError:
    """What there is to say to a method that a path does not take."""
    return ControlError(f"{path} takes {listed(methods)}", HTTPStatus.METHOD_NOT_ALLOWED, methods)


def _read_body(environ: WSGIEnvironment) -> bytes:
    try:
        body: bytes = environ["wsgi.input"].read(BODY_LENGTH + 1)
    except ValueError as error:
        raise ControlError(f"the body cannot be read: {error}") from error
    if len(body) > BODY_LENGTH:
        raise ControlError(
            f"the body has more than {BODY_LENGTH} bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )
    return body


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(sorted(names))
