"""What a request says: its parameters and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Self
from urllib.parse import parse_qsl

import attrs
from werkzeug.datastructures import Headers
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_content_length, get_input_stream

from dss_api.constants import FILENAME_LENGTH

from .files import Folder, StoredFile, remove

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_CHUNK = 1 << 18
_FILENAME = re.compile(r'\bfilename=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^";\s]+))')


@attrs.define(eq=False)
class Incoming:
    """An uploaded file, which is removed with the request unless somebody takes it.

    Attributes:
        filename: as the client sent it.
        path: where its bytes lie.
    """

    filename: str
    path: Path
    size: int
    taken: bool = False

    @property
    def name(self) -> str:
        """The last part of the name, whether it has forward or backward slashes."""
        return self.filename.replace("\\", "/").rpartition("/")[2]

    @property
    def is_named(self) -> bool:
        """Whether a file can have this name."""
        return (
            self.name not in ("", ".", "..")
            # The second stands for what was no UTF-8.
            and not {"\0", "\ufffd"} & set(self.name)
            and len(self.name) <= FILENAME_LENGTH
        )

    def stored(self) -> StoredFile:
        """The file as a ticket holds it."""
        return StoredFile(self.name, self.path, self.size)

    def take(self) -> None:
        """Keep the file after the request."""
        self.taken = True


@attrs.define(eq=False)
class Body:
    """What stands in the query string and the body of a request; to be closed.

    Attributes:
        parameters: of both, where the body wins, and the last of those with the same name.
        files: by the names of their fields.
    """

    parameters: Mapping[str, str]
    files: Mapping[str, Incoming] = attrs.field(factory=dict)
    _opened: list[BinaryIO] = attrs.field(factory=list)

    @classmethod
    def read(cls, environ: WSGIEnvironment, folder: Folder) -> Self:
        """Read a request; the bytes of files go into the folder as they arrive."""
        query = _parse_form(environ.get("QUERY_STRING", "").encode("latin-1"))
        if environ["REQUEST_METHOD"] != "POST":
            return cls(query)
        media_type, options = parse_options_header(environ.get("CONTENT_TYPE"))
        stream = get_input_stream(environ)
        if media_type == "multipart/form-data":
            boundary = options.get("boundary", "")
            length = get_content_length(environ)
            return cls._read_multipart(stream, length, boundary, query, folder)
        if media_type in ("", "application/x-www-form-urlencoded"):
            return cls({**query, **_parse_form(stream.read())})
        return cls(query)

    @classmethod
    def _read_multipart(
        cls,
        stream: IO[bytes],
        length: int | None,
        boundary: str,
        query: Mapping[str, str],
        folder: Folder,
    ) -> Self:
        body = cls(query)

        # Werkzeug gives these by their names.
        def new_file(
            total_content_length: int | None,
            content_type: str | None,
            filename: str | None,
            content_length: int | None = None,
        ) -> IO[bytes]:
            body._opened.append(folder.new_file())
            return body._opened[-1]

        try:
            parser = MultiPartParser(new_file, buffer_size=_CHUNK)
            # What is no multipart after all holds no parameters.
            with suppress(ValueError):
                fields, files = parser.parse(stream, boundary.encode(), length)
                body.parameters = {**query, **{name: found[-1] for name, found in fields.lists()}}
                body.files = {
                    name: _incoming(_filename(found[-1].headers), found[-1].stream)
                    for name, found in files.lists()
                }
        except BaseException:
            body.close()
            raise
        return body

    def close(self) -> None:
        """Close the files and remove those that nobody took."""
        taken = {incoming.path for incoming in self.files.values() if incoming.taken}
        for stream in self._opened:
            stream.close()
        remove({Path(stream.name) for stream in self._opened} - taken)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _incoming(filename: str, stream: IO[bytes]) -> Incoming:
    size = stream.seek(0, 2)
    stream.seek(0)
    return Incoming(filename, Path(stream.name), size)


def _filename(headers: Headers) -> str:
    """The name of a file in the header of its part; empty if there is none.

    A general parser of headers takes each backslash for an escape, and a Windows path apart.
    """
    match = _FILENAME.search(headers.get("Content-Disposition", ""))
    if match is None:
        return ""
    if match["bare"] is not None:
        return match["bare"]
    escaped = re.sub(r'\\(["\\])', r"\1", match["quoted"])
    # Browsers write quotes and line ends like this; anything else with a % is meant.
    return re.sub("%(22|0A|0D)", lambda code: chr(int(code[1], 16)), escaped)


def _parse_form(text: bytes) -> dict[str, str]:
    pairs = parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    return dict(pairs)
