"""Files that come in and go out, the same for users and providers."""

from __future__ import annotations

from dss_api import FileNotFound, FileNotServable, TicketFile, UploadRefused

from ..body import Incoming
from ..call import Call, FileAnswer
from ..files import StoredFile
from ..refusal import Refused


def listed(files: list[StoredFile]) -> list[TicketFile]:
    """Files as a list shows them."""
    return [TicketFile(index=index, filename=file.name) for index, file in enumerate(files)]


def named_upload(call: Call) -> Incoming:
    """The file that was sent.

    Raises:
        Refused: there is none, or none with a usable name.
    """
    upload = call.upload
    if upload is None or not upload.is_named:
        raise Refused(UploadRefused)
    return upload


def served(file: StoredFile, *, sized: bool) -> FileAnswer:
    """A file as it is sent.

    Raises:
        Refused: its name does not fit into a header.
    """
    if not is_one_line(file.name):
        raise Refused(FileNotFound)
    if not fits_header(file.name):
        raise Refused(FileNotServable)
    return FileAnswer(file.path, filename=file.name, sized=sized)


def is_one_line(text: str) -> bool:
    """Whether there is no line end in a text, which would end a header."""
    return "\n" not in text and "\r" not in text


def fits_header(text: str) -> bool:
    """Whether a text can stand in a header."""
    return is_one_line(text) and all(ord(character) < 256 for character in text)
