"""Attachments and files of tickets, for download from the dashboard."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from urllib.parse import quote

import attrs

from dss_api import BlobNotFound, FileArea

from ..errors import RequestRefused
from ..routing import MOCK_PREFIX
from ..state import Attachment, State

ATTACHMENTS = f"{MOCK_PREFIX}attachments/"
TICKETS = f"{MOCK_PREFIX}tickets/"

_AREAS = "|".join(FileArea)
_FILE = re.compile(rf"{TICKETS}([0-9]{{1,18}})/({_AREAS})/(.+)", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,99}/[\w.+-]{1,99}", re.ASCII)
_UNKNOWN_TYPE = "application/octet-stream"


class DownloadNotFound(LookupError):
    """A download that does not exist or was erased. The text says which of the two."""


@attrs.frozen
class Download:
    """A file to send.

    Attributes:
        name: the file name for the browser to save under.
        size: in bytes.
    """

    path: Path
    media_type: str
    name: str
    size: int


def attachment_url(attachment: Attachment) -> str:
    """Return the URL path under which the mock serves an attachment."""
    return f"{ATTACHMENTS}{attachment.short_blob}"


def file_url(ticket_id: int, area: FileArea, name: str) -> str:
    """Return the URL path under which the mock serves a file of a ticket."""
    return f"{TICKETS}{ticket_id}/{area}/{quote(_encode_name(name), safe='')}"


def find_download(state: State, path: str) -> Download:
    """Return the file at a URL path of the mock.

    Args:
        path: the bytes of the URL path, decoded as Latin-1 as in WSGI.

    Raises:
        DownloadNotFound: the file does not exist, or was erased.
    """
    if path.startswith(ATTACHMENTS):
        return _find_attachment(state, path.removeprefix(ATTACHMENTS))
    match = _FILE.fullmatch(path)
    if match is None:
        example = file_url(7, FileArea.INPUT, "NAME")
        raise DownloadNotFound(f"The address of a ticket's file looks like {example}")
    ticket_id, area, name = match.groups()
    return _find_file(state, int(ticket_id), FileArea(area), name)


def _find_attachment(state: State, blob: str) -> Download:
    try:
        attachment = state.logbook.find_attachment(blob)
    except RequestRefused as refused:
        raise DownloadNotFound(
            "This attachment does not exist."
            if refused.error is BlobNotFound
            else "This attachment was erased with its ticket."
        ) from refused
    given = attachment.mime_type.partition(";")[0].strip().lower()
    media_type = given if _MEDIA_TYPE.fullmatch(given) else _UNKNOWN_TYPE
    suffix = mimetypes.guess_extension(media_type) or ""
    # Another request can erase the attachment now and set `path` to None, so it is read once.
    path = attachment.path
    size = read_size(path)
    if path is None or size is None:
        raise DownloadNotFound("This attachment was erased with its ticket.")
    return Download(path, media_type, f"attachment-{attachment.id}{suffix}", size)


def _find_file(state: State, ticket_id: int, area: FileArea, name: str) -> Download:
    encoded = name.encode("latin-1")
    for file in state.file_areas.list_files(ticket_id, area):
        if _encode_name(file.name) == encoded and read_size(file.path) is not None:
            return Download(file.path, _UNKNOWN_TYPE, file.name, file.size)
    raise DownloadNotFound(
        f"This file is not in the area {area} of ticket {ticket_id}. "
        "Perhaps it was erased or overwritten."
    )


def _encode_name(name: str) -> bytes:
    # A file name can contain lone surrogates.
    return name.encode("utf-8", "surrogatepass")


def read_size(path: Path | None) -> int | None:
    """Return the size of a file in bytes; `None` if it was erased."""
    try:
        return path.stat().st_size if path else None
    except FileNotFoundError:
        return None
