"""Files that come in and go out, the same for users and providers."""

from __future__ import annotations

from dss_api import FileNotFound, FileNotServable, TicketFile, UploadRefused

from ..errors import RequestRefused
from ..file_store import StoredFile
from ..request import MockRequest
from ..request_body import UploadedFile
from ..response import FileResponse


def list_files(files: list[StoredFile]) -> list[TicketFile]:
    """Files as a list shows them."""
    return [TicketFile(index=index, filename=file.name) for index, file in enumerate(files)]


def get_named_upload(request: MockRequest) -> UploadedFile:
    """The file that was sent.

    Raises:
        RequestRefused: there is none, or none with a usable name.
    """
    upload = request.upload
    if upload is None or not upload.is_named:
        raise RequestRefused(UploadRefused)
    return upload


def serve_file(file: StoredFile, *, sized: bool) -> FileResponse:
    """A file as it is sent.

    Raises:
        RequestRefused: its name does not fit into a header.
    """
    if not is_one_line(file.name):
        raise RequestRefused(FileNotFound)
    if not fits_header(file.name):
        raise RequestRefused(FileNotServable)
    return FileResponse(file.path, filename=file.name, sized=sized)


def is_one_line(text: str) -> bool:
    """Whether there is no line end in a text, which would end a header."""
    return "\n" not in text and "\r" not in text


def fits_header(text: str) -> bool:
    """Whether a text can stand in a header."""
    return is_one_line(text) and all(ord(character) < 256 for character in text)
