"""Files to upload, and files that are being downloaded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol, Self

import attrs

CHUNK = 1 << 20
"""The number of bytes of a download that are in memory at a time."""

_FILENAME = re.compile(r'filename="(.*)"', re.DOTALL)


@attrs.frozen(eq=False)
class Upload:
    """A file to send.

    Attributes:
        filename: the name that the middleware stores.
        stream: an open file. The upload sends its bytes from the current position to the end, and
            does not close it.
        size: the number of bytes.
    """

    filename: str
    stream: BinaryIO = attrs.field(repr=False)
    size: int

    @classmethod
    def of(cls, path: Path, stream: BinaryIO) -> Self:
        """Return an upload of a complete open file under its own name.

        For example `with path.open("rb") as stream: ... Upload.of(path, stream)`.
        """
        stream.seek(0, 2)
        size = stream.tell()
        stream.seek(0)
        return cls(path.name, stream, size)


class Body(Protocol):
    """The bytes of a response as they arrive."""

    def read(self, size: int | None = None, /) -> bytes:
        """Return at most `size` bytes, or all bytes; empty at the end.

        Raises:
            TransportError: the body is not complete.
        """
        ...

    def close(self) -> None:
        """Stop reading."""
        ...


class IncomingFile(Protocol):
    """The part of a response that a download needs."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by their names in any letter case."""
        ...

    @property
    def body(self) -> Body:
        """The bytes."""
        ...

    @property
    def length(self) -> int | None:
        """The number of bytes; `None` if the headers do not state the number."""
        ...

    def read(self) -> bytes:
        """Return the complete body."""
        ...

    def close(self) -> None:
        """Stop reading."""
        ...


@attrs.frozen(eq=False)
class Download:
    """A file that is being downloaded. Inside `with`, iterate over its chunks or call `read()`."""

    response: IncomingFile = attrs.field(repr=False)

    @property
    def filename(self) -> str | None:
        """The name at the middleware; `None` for an attachment, which is sent without a name."""
        match = _FILENAME.search(self.response.headers.get("Content-Disposition", ""))
        return match[1] if match else None

    @property
    def content_type(self) -> str:
        """The MIME type of the file."""
        return self.response.headers.get("Content-Type", "")

    @property
    def size(self) -> int | None:
        """The number of bytes; `None` if the middleware does not send the number."""
        return self.response.length

    def read(self) -> bytes:
        """Return all bytes of the file.

        Raises:
            TransportError: the file did not arrive completely.
        """
        return self.response.read()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes of the file in chunks; one chunk is in memory at a time.

        Raises:
            TransportError: the file did not arrive completely.
        """
        while chunk := self.response.body.read(CHUNK):
            yield chunk

    def close(self) -> None:
        """Stop reading."""
        self.response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
