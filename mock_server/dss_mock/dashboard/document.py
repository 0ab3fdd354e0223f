"""What there is to see, as JSON."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

import attrs

from .view import View


@attrs.frozen
class Document:
    """The state as JSON.

    Attributes:
        body: the document, in which `time` says when it was made, by the clock of the mock.
        etag: the same for documents that differ in nothing but that time.
    """

    body: bytes
    etag: str


def make_document(view: View, time: datetime) -> Document:
    """Write down what was seen, and when."""
    text = json.dumps(attrs.asdict(view, value_serializer=_plain), allow_nan=False)
    # A document is an object that is not empty, so its time can be put before all else.
    body = f'{{"time": {json.dumps(iso(time))}, {text[1:]}'
    return Document(body.encode("ascii"), _etag(text))


def iso(time: datetime) -> str:
    """An instant in UTC, as in `2026-11-23T14:05:31Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _etag(text: str) -> str:
    return f'"{hashlib.blake2b(text.encode("ascii"), digest_size=12).hexdigest()}"'


def _plain(_: type, __: object, value: object) -> object:
    return iso(value) if isinstance(value, datetime) else value
