# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""A `multipart/form-data` body with one file, as a stream of known size."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .errors import UploadChanged

if TYPE_CHECKING:
    from .transport import Upload


class Multipart:
    """Form fields and a file, read piece by piece; the file is never in memory as a whole.

    Attributes:
        content_type: with the boundary between the parts.
        size: the number of bytes of the whole body.
    """

    def __init__(self, fields: tuple[tuple[str, str], ...], field: str, upload: Upload) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        head = "".join(
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
            f"{value}\r\n"
            for name, value in fields
        )
        head += (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{_quoted(field)}"; '
            f'filename="{_quoted(upload.filename)}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        self._head = head.encode("utf-8", errors="surrogateescape")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._upload = upload
        self._start = upload.stream.tell()
        self._left = upload.size
        self.size = len(self._head) + upload.size + len(self._tail)
        self._before, self._after = self._head, self._tail

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; empty at the end.

        Raises:
            UploadChanged: the file is shorter than it was, or cannot be read.
        """
        if size < 0:
            return b"".join(self)
        if self._before:
            taken, self._before = self._before[:size], self._before[size:]
            return taken
        if self._left:
            return self._read_file(min(size, self._left))
        taken, self._after = self._after[:size], self._after[size:]
        return taken

    def __iter__(self) -> Iterator[bytes]:
        """The whole body from here on, piece by piece."""
        while piece := self.read(1 << 17):
            yield piece

    def rewind(self) -> None:
        """Begin anew, for sending it again."""
        self._upload.stream.seek(self._start)
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


def _quoted(name: str) -> str:
    """A name as browsers write it between quotation marks."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
