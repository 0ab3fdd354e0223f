"""Answers for those who watch the mock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..reply import Reply
from ..state import State

if TYPE_CHECKING:
    from .page import PageFile
    from .view import FaultInForce

HOME = "/"
"""Where the page to watch is."""
STATE = "/_mock/state"
"""Where the same is as JSON."""
FILES = "/_mock/page/"
"""Where the files are that the page is made of."""
STYLE = f"{FILES}dashboard.css"
"""What the pages look like."""
ICON = f"{FILES}icon.svg"
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
        return path == STATE or path in self._files

    @cached_property
    def _files(self) -> Mapping[str, PageFile]:
        from .page import INDEX, load_page  # noqa: PLC0415  # a mock starts without spectators

        files = load_page()
        home = files.pop(INDEX)
        return {HOME: home, **{f"{FILES}{name}": file for name, file in files.items()}}

    def respond(self, path: str, query: str = "", known: str = "") -> Reply:
        """Answer a GET.

        Args:
            path: one that the dashboard `has`.
            query: what stands after the `?`; see `Query`.
            known: the `If-None-Match` of who asks: the ETag of what is there already.
        """
        if path == STATE:
            return self._respond_state(query, known)
        file = self._files[path]
        headers = (("Content-Security-Policy", POLICY), ("Referrer-Policy", "no-referrer"))
        return _reply(file.media_type, file.body, file.etag, known, headers)

    def _respond_state(self, query: str, known: str) -> Reply:
        from .document import MEDIA_TYPE, iso, make_document  # noqa: PLC0415  # as above
        from .look import look  # noqa: PLC0415  # as above
        from .query import Query  # noqa: PLC0415  # as above

        try:
            asked = Query.parse(query)
        except ValueError as error:
            body = json.dumps({"error": str(error)}).encode("ascii")
            return _sized(HTTPStatus.BAD_REQUEST, MEDIA_TYPE, (), body)
        view = look(self._state, asked, self._faults(), noauth=self._noauth)
        now = datetime.fromtimestamp(self._state.clock.now(), UTC)
        document = make_document(view, now)
        headers = ((TIME_HEADER, iso(now)),)
        return _reply(MEDIA_TYPE, document.body, document.etag, known, headers)


Headers = tuple[tuple[str, str], ...]


def _reply(media_type: str, body: bytes, etag: str, known: str, headers: Headers) -> Reply:
    # The browser shall ask each time, and take no attachment for a script.
    headers = (
        *headers,
        ("ETag", etag),
        ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
    )
    if etag in (part.strip() for part in known.split(",")):
        status = HTTPStatus.NOT_MODIFIED
        return Reply(f"{status:d} {status.phrase}", headers, [], 0)
    return _sized(HTTPStatus.OK, media_type, headers, body)


def _sized(status: HTTPStatus, media_type: str, headers: Headers, body: bytes) -> Reply:
    described = (("Content-Type", media_type), ("Content-Length", str(len(body))), *headers)
    return Reply(f"{status:d} {status.phrase}", described, [body], len(body))
