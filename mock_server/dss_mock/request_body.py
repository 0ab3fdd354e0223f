"""The query string and body of a request: parameters and uploaded files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self
from urllib.parse import parse_qsl

import attrs
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from dss_api.constants import FILENAME_LENGTH, PARTS
from dss_wire.scalars import DecodingError

from .file_store import FileStore, StoredFile, remove_files

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_CHUNK = 1 << 20


@attrs.define(eq=False)
class UploadedFile:
    """An uploaded file. It is deleted at the end of the request unless `keep()` is called.

    Attributes:
        filename: the file name that the client sent.
        path: the path of the received bytes.
        size: the number of bytes.
        is_kept: whether the file is kept after the request.
    """

    filename: str
    path: Path
    size: int
    is_kept: bool = False

    @property
    def name(self) -> str:
        """The last part of the file name, after forward or backward slashes."""
        return self.filename.replace("\\", "/").rpartition("/")[2]

    @property
    def is_named(self) -> bool:
        """Whether a file can have this name."""
        return (
            self.name not in ("", ".", "..")
            and "\0" not in self.name
            and len(self.name.encode()) <= FILENAME_LENGTH
        )

    def to_stored_file(self) -> StoredFile:
        """Return the file as a ticket stores it."""
        return StoredFile(self.name, self.path, self.size)

    def keep(self) -> None:
        """Keep the file after the request."""
        self.is_kept = True


@attrs.frozen
class _Parameters(Mapping[str, str]):
    """The text parameters of a request.

    If a client uploads a file instead of a string, the parameter is Python's `repr` of its bytes.
    """

    texts: Mapping[str, str]
    files: Mapping[str, UploadedFile]

    def __getitem__(self, name: str) -> str:
        if name in self.files:
            return repr(self.files[name].path.read_bytes())
        return self.texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.texts, **self.files})

    def __len__(self) -> int:
        return len({*self.texts, *self.files})


@attrs.frozen
class _Content:
    parameters: Mapping[str, str]
    files: Mapping[str, UploadedFile] = attrs.field(factory=dict)


class RequestBody:
    """The query string and body of a request. Close it after use.

    The body is read when its content is first needed, because the request can be refused before
    that. The bytes of files are written to the file store as they arrive.
    """

    def __init__(self, environ: WSGIEnvironment, file_store: FileStore) -> None:
        self._environ = environ
        self._file_store = file_store
        self._streams: list[BinaryIO] = []
        self._content: _Content | None = None

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters of query and body.

        The body overrides the query, the last of several equal names wins, and files override
        strings.

        Raises:
            DecodingError: the body does not arrive completely, or its text has the wrong encoding.
        """
        return self._read().parameters

    @property
    def files(self) -> Mapping[str, UploadedFile]:
        """The uploaded files by the names of their fields.

        Raises:
            DecodingError: the body does not arrive completely, or its text has the wrong encoding.
        """
        return self._read().files

    def _read(self) -> _Content:
        if self._content is None:
            query = _parse_form(self._environ.get("QUERY_STRING", ""))
            if self._environ["REQUEST_METHOD"] != "POST":
                self._content = _Content(query)
            # Any other content type is read as a form.
            elif self._environ.get("CONTENT_TYPE", "").lower().startswith("multipart/"):
                self._content = self._read_multipart(query)
            else:
                with _translate_errors():
                    text = self._environ["wsgi.input"].read()
                self._content = _Content({**query, **_parse_form(_decode(text, "utf-8"))})
        return self._content

    def _read_multipart(self, query: Mapping[str, str]) -> _Content:
        kind, options = parse_options_header(self._environ["CONTENT_TYPE"])
        if kind != "multipart/form-data":
            return _Content(query)
        form: dict[str, str] = {}
        files: dict[str, UploadedFile] = {}
        charset = options.get("charset", "utf-8")
        try:
            parser = PushMultipartParser(
                options.get("boundary", ""),
                content_length=_get_length(self._environ),
                max_segment_count=PARTS,
                header_charset=charset,
            )
            events = parser.parse_blocking(self._read_piece, _CHUNK)
            for event in events:
                assert isinstance(event, MultipartSegment)
                name, filename = event.name or "", event.filename
                if filename:
                    files[name] = self._receive(filename, _read_part(events))
                else:
                    text = b"".join(_read_part(events))
                    form[name] = _decode(text, event.charset or charset)
        except MultipartError:
            # Parts before the mistake count.
            pass
        return _Content(_Parameters({**query, **form}, files), files)

    def _read_piece(self, size: int) -> bytes:
        stream = self._environ["wsgi.input"]
        # Take what has arrived, if the stream can, instead of waiting for a full block.
        read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        with _translate_errors():
            return read(size)

    def _receive(self, filename: str, content: Iterator[bytes | bytearray]) -> UploadedFile:
        file = self._file_store.create_file()
        self._streams.append(file)
        for chunk in content:
            file.write(chunk)
        size = file.tell()
        file.flush()
        return UploadedFile(filename, Path(file.name), size)

    def close(self) -> None:
        """Close the files, and delete the files that are not kept."""
        incoming = self._content.files.values() if self._content else ()
        kept = {file.path for file in incoming if file.is_kept}
        for stream in self._streams:
            stream.close()
        remove_files({Path(stream.name) for stream in self._streams} - kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _read_part(
    events: Iterator[MultipartSegment | bytearray | bytes | None],
) -> Iterator[bytes | bytearray]:
    """Yield the bytes of one part, up to its end."""
    while isinstance(event := next(events), bytes | bytearray):
        yield event


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise DecodingError(f"the body does not arrive: {error}") from error


def _get_length(environ: WSGIEnvironment) -> int:
    """Return the number of bytes of the body, or -1 if the headers do not give it."""
    is_chunked = environ.get("wsgi.input_terminated")
    return -1 if is_chunked else int(environ.get("CONTENT_LENGTH") or -1)


def _decode(text: bytes, charset: str) -> str:
    try:
        return text.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise DecodingError(f"the text is not {charset}: {error}") from error


def _parse_form(text: str) -> dict[str, str]:
    # Percent-encoded bytes that are not UTF-8 become replacement characters.
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace"))
