"""The page at `/`, its files, the state as JSON, and downloads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from importlib.resources import files
from urllib.parse import quote

import attrs

from ..faults import ActiveFault
from ..response import MockResponse, read_blocks
from ..routing import MOCK_PREFIX
from ..state import State
from .downloads import ATTACHMENTS, TICKETS, DownloadNotFound, find_download
from .query import StateQuery
from .state_document import write_state_document

HOME = "/"
"""The path of the page."""
STATE = f"{MOCK_PREFIX}state"
"""The path of the state as JSON."""
PAGE_FILES = f"{MOCK_PREFIX}page/"
STYLE = f"{PAGE_FILES}dashboard.css"
ICON = f"{PAGE_FILES}icon.svg"

TIME_HEADER = "DSS-Mock-Time"
"""The time of the mock's clock; a 304 has it too."""

_NO_SNIFFING = ("X-Content-Type-Options", "nosniff")

_PAGE_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
)

_DOWNLOAD_HEADERS = (
    # Providers and users send these files, so a browser must never run them.
    ("Content-Security-Policy", "sandbox; default-src 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    _NO_SNIFFING,
)

_MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@attrs.frozen
class PageFile:
    """A file of the page."""

    media_type: str
    body: bytes
    etag: str


class Dashboard:
    """The dashboard: a web page that shows the mock's state, and a path with that state as JSON.

    Args:
        faults: a function that returns the active faults.
        noauth: whether every client is signed in as an administrator.
    """

    def __init__(
        self,
        state: State,
        faults: Callable[[], Iterable[ActiveFault]] = tuple,
        *,
        noauth: bool = False,
    ) -> None:
        self._state = state
        self._faults = faults
        self._noauth = noauth

    def has_path(self, path: str) -> bool:
        """Return whether the dashboard serves a path."""
        return path == STATE or path.startswith((ATTACHMENTS, TICKETS)) or path in self._page

    @cached_property
    def _page(self) -> Mapping[str, PageFile]:
        page: dict[str, PageFile] = {}
        for file in (files("dss_mock.dashboard") / "page").iterdir():
            if media_type := _MEDIA_TYPES.get(file.name.rpartition(".")[2]):
                path = HOME if file.name == "index.html" else f"{PAGE_FILES}{file.name}"
                body = file.read_bytes()
                etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
                page[path] = PageFile(media_type, body, etag)
        return page

    def respond(self, path: str, query: str = "", known: str = "") -> MockResponse:
        """Answer a GET.

        Args:
            path: a path that the dashboard serves; see `has_path`.
            query: the query string; see `StateQuery`.
            known: the `If-None-Match` header.

        Raises:
            QueryError: the query string is invalid.
            DownloadNotFound: the file does not exist, or was erased.
        """
        if path == STATE:
            return self._respond_state(query, known)
        if path in self._page:
            file = self._page[path]
            return _cacheable(file.media_type, file.body, file.etag, known, _PAGE_HEADERS)
        return self._respond_download(path)

    def _respond_state(self, query: str, known: str) -> MockResponse:
        document = write_state_document(
            self._state, StateQuery.parse(query), self._faults(), noauth=self._noauth
        )
        headers = ((TIME_HEADER, document.time),)
        return _cacheable("application/json", document.body, document.etag, known, headers)

    def _respond_download(self, path: str) -> MockResponse:
        download = find_download(self._state, path)
        try:
            body = read_blocks(download.path)
        except FileNotFoundError as error:
            raise DownloadNotFound("This file was erased.") from error
        headers = (
            ("Content-Type", download.media_type),
            ("Content-Length", str(download.size)),
            ("Content-Disposition", _disposition(download.name)),
            *_DOWNLOAD_HEADERS,
        )
        return MockResponse("200 OK", headers, body, download.size)


Headers = tuple[tuple[str, str], ...]


def _cacheable(
    media_type: str, body: bytes, etag: str, known: str, headers: Headers
) -> MockResponse:
    # `no-cache` lets the browser store the body, but makes it ask every time.
    headers = (*headers, ("ETag", etag), ("Cache-Control", "no-cache"), _NO_SNIFFING)
    if etag in (part.strip() for part in known.split(",")):
        return MockResponse("304 Not Modified", headers, [], 0)
    headers = (("Content-Type", media_type), ("Content-Length", str(len(body))), *headers)
    return MockResponse("200 OK", headers, [body], len(body))


def _disposition(name: str) -> str:
    """Return a header that offers a file for saving, with an ASCII name for old programs."""
    ascii_name = re.sub(r"[^\w .()+-]", "_", name, flags=re.ASCII)
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{encoded}"
