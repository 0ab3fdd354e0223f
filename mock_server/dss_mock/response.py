"""The response to a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path

import attrs

from dss_api import ELSEWHERE, Dialect, FileNotServable, MiddlewareFault
from dss_wire.codec import encode_answer
from dss_wire.forms import Empty, File
from dss_wire.operation import Failure

from .errors import RequestRefused
from .request import MockRequest
from .routing import AnyOperation

# Larger blocks are slower, because their memory is returned to the system after each block.
_BLOCK = 1 << 17


@attrs.frozen
class FileResponse:
    """A file that a handler returns.

    Attributes:
        media_type: the content type. `None` takes the content type of the contract.
        filename: the name under which a browser saves the file. `None` sends no name.
        sized: whether the response gives the number of bytes. If not, cheroot sends it in chunks.
    """

    path: Path
    media_type: str | None = None
    filename: str | None = None
    sized: bool = False


@attrs.frozen
class MockResponse:
    """A response that is not sent yet.

    Attributes:
        status: the code with its reason phrase.
        body: the blocks of the body, which can be read once.
        size: the number of bytes of the body, if known.
        has_session: whether the response sets the session cookie. Responses that the HTTP server
            sends itself do not set the cookie.
        sent_by_server: whether the HTTP server must send the response itself.
    """

    status: str
    headers: Sequence[tuple[str, str]]
    body: Iterable[bytes]
    size: int | None = None
    has_session: bool = True
    sent_by_server: bool = False

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status.partition(" ")[0])

    @property
    def promised_size(self) -> int:
        """The number of bytes that the headers promise, or 0."""
        lengths = (value for name, value in self.headers if name.lower() == "content-length")
        return int(next(lengths, "0"))

    def with_header(self, name: str, value: str) -> MockResponse:
        """Return the response with one more header at the end."""
        return attrs.evolve(self, headers=[*self.headers, (name, value)])


def make_success(request: MockRequest, answer: object, dialect: Dialect) -> MockResponse:
    """Return the response of a successful operation.

    Raises:
        RequestRefused: the file to send no longer exists.
        EncodingError: this version of the middleware fails to write the answer.
    """
    operation = request.operation
    line = _format_status(operation.answer.status or HTTPStatus.OK)
    if isinstance(answer, FileResponse):
        return _make_file_response(line, operation, answer)
    name = operation.format_parameter
    as_json = bool(name) and request.parameters.get(name) == "json"
    media_type, body = encode_answer(operation, answer, as_json=as_json, dialect=dialect)
    headers = [("Content-Type", media_type)] if media_type else []
    if isinstance(operation.answer, Empty):
        headers.append(("Location", f"{request.server}/"))
    return MockResponse(line, headers, [body], len(body))


def make_failure(row: Failure, text: str) -> MockResponse:
    """Return the response of a failed operation."""
    status = _format_failure_status(row)
    if row.error is FileNotServable:
        return MockResponse(status, [], [], 0, has_session=False, sent_by_server=True)
    return make_page(status, row.media_type, text)


def make_page(status: int | str, media_type: str, text: str) -> MockResponse:
    """Return a response with a text."""
    headers = [("Content-Type", media_type)] if media_type else []
    line = _format_status(status) if isinstance(status, int) else status
    body = text.encode()
    return MockResponse(line, headers, [body], len(body))


def make_not_found() -> MockResponse:
    """Return the response for an unknown path."""
    row = ELSEWHERE[HTTPStatus.NOT_FOUND]
    return make_failure(row, row.text)


def make_method_not_allowed(methods: Iterable[str]) -> MockResponse:
    """Return the response for a method that the path does not support."""
    row = ELSEWHERE[HTTPStatus.METHOD_NOT_ALLOWED]
    return make_failure(row, row.text).with_header("Allow", ", ".join(sorted(methods)))


def _format_status(status: int) -> str:
    return f"{int(status)} {HTTPStatus(status).phrase}"


def _format_failure_status(row: Failure) -> str:
    """Return the status code and reason phrase of a failure."""
    # The middleware's own failures lack a content type, and their reason phrase is in lower case.
    phrase = HTTPStatus(row.status).phrase
    return f"{row.status} {phrase if row.media_type else phrase.lower()}"


def _make_file_response(line: str, operation: AnyOperation, answer: FileResponse) -> MockResponse:
    try:
        size = answer.path.stat().st_size
        body = read_blocks(answer.path)
    except FileNotFoundError as error:
        # Another request has deleted the file.
        raise RequestRefused(MiddlewareFault) from error
    media_type = answer.media_type
    if media_type is None:
        assert isinstance(operation.answer, File)
        media_type = operation.answer.media_type
    headers = [("Content-Type", media_type)]
    if answer.filename is not None:
        headers.insert(0, ("Content-Disposition", f'attachment; filename="{answer.filename}"'))
        if answer.sized:
            headers.append(("Content-Length", str(size)))
        headers.append(("Content-transfer-encoding", "binary"))
    return MockResponse(line, headers, body, size)


def read_blocks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file in blocks. The file can be deleted while it is read.

    The file stays open until its end, or until the iterator is discarded.

    Raises:
        FileNotFoundError: the file does not exist.
    """
    blocks = _open_blocks(path)
    # The first step opens the file now. The generator closes it, even if it is never read.
    next(blocks)
    return blocks


def _open_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield b""
        while block := stream.read(_BLOCK):
            yield block
