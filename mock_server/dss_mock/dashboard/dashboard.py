"""Answers for those who watch the mock."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..response import MockResponse, read_chunks
from ..routing import MOCK_PREFIX
from ..state import State

if TYPE_CHECKING:
    from .page import PageFile
    from .view import FaultInForce

HOME = "/"
"""Where the page to watch is."""
STATE = f"{MOCK_PREFIX}state"
"""Where the same is as JSON."""
FILES = f"{MOCK_PREFIX}page/"
"""Where the files are that the page is made of."""
ATTACHMENTS = f"{MOCK_PREFIX}attachments/"
TICKETS = f"{MOCK_PREFIX}tickets/"
STYLE = f"{FILES}dashboard.css"
"""What the pages look like."""
ICON = f"{FILES}icon.svg"
JSON = "application/json"
NO_GUESSING = ("X-Content-Type-Options", "nosniff")
"""Lets a browser take no attachment for a script or a page."""
TIME_HEADER = "DSS-Mock-Time"
"""Has the time by the mock's clock, also where nothing has changed."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""What the page may do: nothing with any other host, and no script but its own."""
KEPT_POLICY = "sandbox; default-src 'none'"
"""What may be done by something that others sent, should a browser take it for a page: nothing."""


class Dashboard:
    """The page to watch, and the same as JSON.

    Args:
        state: what is watched.
        faults: gives those in force.
        noauth: whether everybody is signed in as an administrator.
    """

    def __init__(
        self,
        state: State,
        faults: Callable[[], Iterable[FaultInForce]] = tuple,
        *,
        noauth: bool = False,
    ) -> None:
        self._state = state
        self._faults = faults
        self._noauth = noauth

    def has(self, path: str) -> bool:
        """Whether there is something to see at a path."""
        return path == STATE or path.startswith((ATTACHMENTS, TICKETS)) or path in self._files

    @cached_property
    def _files(self) -> Mapping[str, PageFile]:
        from .page import INDEX, load_page  # noqa: PLC0415  # a mock starts without spectators

        files = load_page()
        home = files.pop(INDEX)
        return {HOME: home, **{f"{FILES}{name}": file for name, file in files.items()}}

    def respond(self, path: str, query: str = "", known: str = "") -> MockResponse:
        """Answer a GET.

        Args:
            path: one that the dashboard `has`.
            query: what stands after the `?`; see `Query`.
            known: the `If-None-Match` of who asks: the ETag of what is there already.
        """
        if path == STATE:
            return self._respond_state(query, known)
        if path.startswith((ATTACHMENTS, TICKETS)):
            return self._respond_download(path)
        file = self._files[path]
        headers = (("Content-Security-Policy", POLICY), ("Referrer-Policy", "no-referrer"))
        return _reply(file.media_type, file.body, file.etag, known, headers)

    def _respond_state(self, query: str, known: str) -> MockResponse:
        from .document import iso, make_document  # noqa: PLC0415  # as above
        from .look import look  # noqa: PLC0415  # as above
        from .query import Query  # noqa: PLC0415  # as above

        try:
            asked = Query.parse(query)
        except ValueError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, error)
        view = look(self._state, asked, self._faults(), noauth=self._noauth)
        now = datetime.fromtimestamp(self._state.clock.now(), UTC)
        document = make_document(view, now)
        headers = ((TIME_HEADER, iso(now)),)
        return _reply(JSON, document.body, document.etag, known, headers)

    def _respond_download(self, path: str) -> MockResponse:
        from .downloads import NothingThereError, find_download  # noqa: PLC0415  # as above

        try:
            found = find_download(self._state, path)
            body = read_chunks(found.path)
        except (NothingThereError, FileNotFoundError) as error:
            return _refusal(HTTPStatus.NOT_FOUND, error)
        headers = (
            ("Content-Type", found.media_type),
            ("Content-Length", str(found.size)),
            # The page shows it all the same, but on its own it is something to keep.
            ("Content-Disposition", _disposition(found.name)),
            ("Content-Security-Policy", KEPT_POLICY),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
            NO_GUESSING,
        )
        return MockResponse(_line(HTTPStatus.OK), headers, body, found.size)


Headers = tuple[tuple[str, str], ...]


def _reply(media_type: str, body: bytes, etag: str, known: str, headers: Headers) -> MockResponse:
    # The browser shall ask each time.
    headers = (
        *headers,
        ("ETag", etag),
        ("Cache-Control", "no-cache"),
        NO_GUESSING,
    )
    if etag in (part.strip() for part in known.split(",")):
        return MockResponse(_line(HTTPStatus.NOT_MODIFIED), headers, [], 0)
    return _sized(HTTPStatus.OK, media_type, headers, body)


def _sized(status: HTTPStatus, media_type: str, headers: Headers, body: bytes) -> MockResponse:
    described = (("Content-Type", media_type), ("Content-Length", str(len(body))), *headers)
    return MockResponse(_line(status), described, [body], len(body))


def _refusal(status: HTTPStatus, error: Exception) -> MockResponse:
    return _sized(status, JSON, (), json.dumps({"error": str(error)}).encode("ascii"))


def _line(status: HTTPStatus) -> str:
    return f"{status:d} {status.phrase}"


def _disposition(name: str) -> str:
    """Lets a browser keep a file under its name; programs that know ASCII alone, under another."""
    plain = re.sub(r"[^\w .()+-]", "_", name, flags=re.ASCII)
    whole = quote(name.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"
