"""A `multipart/form-data` body with one file, as a stream of known size."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from .errors import UploadChanged
from .files import Upload

ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}
"""The escapes of characters in a file name. The receiver cannot tell an escape from plain text."""


class Multipart:
    """Form fields and a file, read in pieces. The complete file is never in memory.

    Attributes:
        content_type: the Content-Type, with the boundary between the parts.
        size: the number of bytes of the complete body.
    """

    def __init__(self, fields: tuple[tuple[str, str], ...], field: str, upload: Upload) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        head = "".join(
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{_escape(name)}"\r\n\r\n'
            f"{value}\r\n"
            for name, value in fields
        )
        head += (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{_escape(field)}"; '
            f'filename="{_escape(upload.filename)}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        self._head = head.encode("utf-8", errors="surrogateescape")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._upload = upload
        self._start = upload.stream.tell()
        self._state = _stat(upload.stream)
        self._left = upload.size
        self.size = len(self._head) + upload.size + len(self._tail)
        self._before, self._after = self._head, self._tail

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`; empty at the end.

        If the file has changed, the end is not sent. The server then knows that the upload is not
        complete.

        Raises:
            UploadChanged: the file has changed, or cannot be read.
        """
        if size < 0:
            return b"".join(self)
        if self._before:
            taken, self._before = self._before[:size], self._before[size:]
            return taken
        if self._left:
            return self._read_file(min(size, self._left))
        if self._after is self._tail:
            self._check()
        taken, self._after = self._after[:size], self._after[size:]
        return taken

    def __iter__(self) -> Iterator[bytes]:
        """Yield the rest of the body in pieces."""
        while piece := self.read(1 << 17):
            yield piece

    def rewind(self) -> None:
        """Go back to the beginning, to send the body again.

        Raises:
            UploadChanged: a part was read, and the file cannot be read a second time.
        """
        if self._before is self._head:
            return
        try:
            self._upload.stream.seek(self._start)
        except (OSError, ValueError) as error:
            raise UploadChanged(
                f"The file {self._upload.filename!r} cannot be read a second time: {error}. "
                "Open it again, and send it again."
            ) from error
        self._left = self._upload.size
        self._before, self._after = self._head, self._tail

    def _read_file(self, size: int) -> bytes:
        name = self._upload.filename
        try:
            taken = self._upload.stream.read(size)
        except OSError as error:
            raise UploadChanged(
                f"The file {name!r} could not be read while it was being sent: {error}. "
                "Check the disk, and send it again."
            ) from error
        if not taken:
            raise UploadChanged(
                f"The file {name!r} became shorter while it was being sent: {self._left} of "
                f"{self._upload.size} bytes are missing. Send it again when it is complete."
            )
        self._left -= len(taken)
        return taken

    def _check(self) -> None:
        """Check that the file is unchanged.

        Raises:
            UploadChanged: the file has changed.
        """
        state = _stat(self._upload.stream)
        if state != self._state:
            what = "was removed or replaced" if state and not state[-1] else "changed"
            raise UploadChanged(
                f"The file {self._upload.filename!r} {what} while it was being sent. "
                "Send it again when no program writes to it."
            )


def _stat(stream: BinaryIO) -> tuple[int, int, bool] | None:
    """Return size, modification time, and whether the file has a name.

    The result is `None` if the stream is not a file on disk.
    """
    try:
        status = os.fstat(stream.fileno())
    except (AttributeError, OSError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_nlink > 0


def _escape(name: str) -> str:
    """Escape a name as browsers do between quotation marks."""
    for character, escape in ESCAPES.items():
        name = name.replace(character, escape)
    return name
