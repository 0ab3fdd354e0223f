"""Attachments and the files of tickets, for those who watch.

Whatever they hold is bytes to keep, and never a page: a browser runs none of it here.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from urllib.parse import quote

import attrs

from dss_api import BlobNotFound, FileArea

from ..errors import RequestRefused
from ..state import Attachment, State
from .dashboard import ATTACHMENTS, TICKETS

_AREAS = "|".join(FileArea)
_FILE = re.compile(rf"{TICKETS}([0-9]{{1,18}})/({_AREAS})/(.+)", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,99}/[\w.+-]{1,99}", re.ASCII)
_UNKNOWN = "application/octet-stream"


class NothingThereError(LookupError):
    """There is nothing to download; the text says why."""


@attrs.frozen
class Download:
    """A file on its way to a reader.

    Attributes:
        name: under which it is to be kept.
        size: in bytes.
    """

    path: Path
    media_type: str
    name: str
    size: int


def attachment_url(attachment: Attachment) -> str:
    """Where an attachment is."""
    return f"{ATTACHMENTS}{attachment.short_blob}"


def file_url(ticket_id: int, area: FileArea, name: str) -> str:
    """Where a file of a ticket is."""
    return f"{TICKETS}{ticket_id}/{area}/{quote(_encoded(name), safe='')}"


def find_download(state: State, path: str) -> Download:
    """What is at a path.

    Args:
        path: its bytes as characters, as WSGI has them.

    Raises:
        NothingThereError: nothing is, or nothing any more.
    """
    if path.startswith(ATTACHMENTS):
        return _find_attachment(state, path.removeprefix(ATTACHMENTS))
    match = _FILE.fullmatch(path)
    if match is None:
        raise NothingThereError(f"{TICKETS} has files as in {file_url(7, FileArea.INPUT, 'NAME')}")
    number, area, name = match.groups()
    return _find_file(state, int(number), FileArea(area), name)


def _find_attachment(state: State, blob: str) -> Download:
    try:
        attachment = state.logbook.find_attachment(blob)
    except RequestRefused as refused:
        raise NothingThereError(
            "There is no such attachment."
            if refused.error is BlobNotFound
            else "This attachment was erased with its ticket."
        ) from refused
    given = attachment.mime_type.partition(";")[0].strip().lower()
    media_type = given if _MEDIA_TYPE.fullmatch(given) else _UNKNOWN
    ending = mimetypes.guess_extension(media_type) or ""
    # Read once, for it may be erased meanwhile.
    path = attachment.path
    size = None if path is None else _size(path)
    if path is None or size is None:
        raise NothingThereError("This attachment was erased with its ticket.")
    return Download(path, media_type, f"attachment-{attachment.id}{ending}", size)


def _find_file(state: State, ticket_id: int, area: FileArea, name: str) -> Download:
    encoded = name.encode("latin-1")
    for file in state.file_areas.list_files(ticket_id, area):
        if _encoded(file.name) == encoded and _size(file.path) is not None:
            return Download(file.path, _UNKNOWN, file.name, file.size)
    raise NothingThereError(
        f"There is no such file in the area {area} of ticket {ticket_id}; "
        "it may have been erased or overwritten."
    )


def _encoded(name: str) -> bytes:
    # Names are any texts, with halves of characters too.
    return name.encode("utf-8", "surrogatepass")


def _size(path: Path) -> int | None:
    """The number of bytes of a file; `None` if it is gone."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
