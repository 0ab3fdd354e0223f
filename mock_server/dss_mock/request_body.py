"""What a request says: its parameters and its files."""

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
    """An uploaded file, which is removed with the request unless somebody takes it.

    Attributes:
        filename: as the client sent it.
        path: where its bytes lie.
    """

    filename: str
    path: Path
    size: int
    is_kept: bool = False

    @property
    def name(self) -> str:
        """The last part of the name, whether it has forward or backward slashes."""
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
        """The file as a ticket holds it."""
        return StoredFile(self.name, self.path, self.size)

    def keep(self) -> None:
        """Keep the file after the request."""
        self.is_kept = True


@attrs.frozen
class _Parameters(Mapping[str, str]):
    """What a request says in texts.

    A file where a text is expected is one as well: that with which Python shows bytes.
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
    """What stands in the query string and the body of a request; to be closed.

    It is read when somebody first asks what it says, for until then it may as well be refused. The
    bytes of files go into the folder as they arrive.
    """

    def __init__(self, environ: WSGIEnvironment, file_store: FileStore) -> None:
        self._environ = environ
        self._file_store = file_store
        self._streams: list[BinaryIO] = []
        self._content: _Content | None = None

    @property
    def parameters(self) -> Mapping[str, str]:
        """Those in both, where the body wins, and the last of those with the same name.

        In the body, files win, and are read when they are asked for.

        Raises:
            DecodingError: the body is not complete, or its text has another encoding than
                it should have.
        """
        return self._read().parameters

    @property
    def files(self) -> Mapping[str, UploadedFile]:
        """The files by the names of their fields.

        Raises:
            DecodingError: the body is not complete, or its text has another encoding than
                it should have.
        """
        return self._read().files

    def _read(self) -> _Content:
        if self._content is None:
            query = _parse_form(self._environ.get("QUERY_STRING", ""))
            if self._environ["REQUEST_METHOD"] != "POST":
                self._content = _Content(query)
            # Whatever does not call itself multipart is read as a form.
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
            # What came before the fault counts.
            pass
        return _Content(_Parameters({**query, **form}, files), files)

    def _read_piece(self, size: int) -> bytes:
        stream = self._environ["wsgi.input"]
        # Whatever has come, if it can be had, rather than so and so much in one piece.
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
        """Close the files and remove those that nobody took."""
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
    """The bytes of one part, up to its end."""
    while isinstance(event := next(events), bytes | bytearray):
        yield event


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise DecodingError(f"the body does not come: {error}") from error


def _get_length(environ: WSGIEnvironment) -> int:
    """How many bytes the body has; -1 if that is not said."""
    is_chunked = environ.get("wsgi.input_terminated")
    return -1 if is_chunked else int(environ.get("CONTENT_LENGTH") or -1)


def _decode(text: bytes, charset: str) -> str:
    try:
        return text.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise DecodingError(f"this is no {charset}: {error}") from error


def _parse_form(text: str) -> dict[str, str]:
    # What is no UTF-8 behind a % becomes a sign that says so.
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace"))
