"""The files of the page to watch."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import attrs

INDEX = "index.html"
_MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@attrs.frozen
class PageFile:
    """A file of the page; `etag` is the same for the same bytes."""

    media_type: str
    body: bytes
    etag: str


def load_page() -> dict[str, PageFile]:
    """The files of the page by their names, of which `INDEX` is the page itself."""
    found: dict[str, PageFile] = {}
    for file in (files("dss_mock.dashboard") / "page").iterdir():
        media_type = _MEDIA_TYPES.get(file.name.rpartition(".")[2])
        if media_type is not None:
            body = file.read_bytes()
            etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
            found[file.name] = PageFile(media_type, body, etag)
    return found
