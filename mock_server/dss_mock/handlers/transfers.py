"""Uploads and downloads, which users and providers share."""

from __future__ import annotations

from dss_api import FileNotFound, FileNotServable, TicketFile, UploadRefused

from ..errors import RequestRefused
from ..file_store import StoredFile
from ..request import MockRequest
from ..request_body import UploadedFile
from ..response import FileResponse


def list_files(files: list[StoredFile]) -> list[TicketFile]:
    """Return files as entries of a list."""
    return [TicketFile(index=index, filename=file.name) for index, file in enumerate(files)]


def get_named_upload(request: MockRequest) -> UploadedFile:
    """Return the uploaded file.

    Raises:
        RequestRefused: the request has no file, or the name of the file is not usable.
    """
    upload = request.upload
    if upload is None or not upload.is_named:
        raise RequestRefused(UploadRefused)
    return upload


def serve_file(file: StoredFile, *, sized: bool) -> FileResponse:
    """Return a file to send.

    Raises:
        RequestRefused: the name of the file does not fit into a header.
    """
    if not is_one_line(file.name):
        raise RequestRefused(FileNotFound)
    if not fits_header(file.name):
        raise RequestRefused(FileNotServable)
    return FileResponse(file.path, filename=file.name, sized=sized)


def is_one_line(text: str) -> bool:
    """Return whether a text is without line breaks, which would end a header."""
    return "\n" not in text and "\r" not in text


def fits_header(text: str) -> bool:
    """Return whether a header can hold a text."""
    return is_one_line(text) and all(ord(character) < 256 for character in text)
