"""What is answered to a request."""

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

# Larger pieces are slower: their memory goes back to the system with each, and comes anew.
_CHUNK = 1 << 17


@attrs.frozen
class FileResponse:
    """An answer that is a file.

    Attributes:
        media_type: of the answer; `None` for what the contract gives.
        filename: under which a browser would save it; `None` for none.
        sized: whether the answer says how many bytes there are.
    """

    path: Path
    media_type: str | None = None
    filename: str | None = None
    sized: bool = False


@attrs.frozen
class MockResponse:
    """An answer on its way to the client.

    Attributes:
        status: the code with its reason.
        body: taken once.
        size: of the body in bytes, where it is known.
        has_session: whether the answer renews the session cookie; those that the server beneath
            the middleware sends itself do not.
        sent_by_server: whether that server, which carries this one too, is to send it.
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
        """How many bytes the headers say that the body has; 0 if they do not."""
        lengths = (value for name, value in self.headers if name.lower() == "content-length")
        return int(next(lengths, "0"))

    def with_header(self, name: str, value: str) -> MockResponse:
        """The same with one more header, behind the others."""
        return attrs.evolve(self, headers=[*self.headers, (name, value)])


def make_success(request: MockRequest, answer: object, dialect: Dialect) -> MockResponse:
    """What an operation answers when it was done.

    Raises:
        RequestRefused: the file that it answers with is no longer there.
        EncodingError: this version of the middleware fails at the answer.
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
    """What an operation answers when it was not done."""
    status = _format_failure_status(row)
    if row.error is FileNotServable:
        return MockResponse(status, [], [], 0, has_session=False, sent_by_server=True)
    return make_page(status, row.media_type, text)


def make_page(status: int | str, media_type: str, text: str) -> MockResponse:
    """A text."""
    headers = [("Content-Type", media_type)] if media_type else []
    line = _format_status(status) if isinstance(status, int) else status
    body = text.encode()
    return MockResponse(line, headers, [body], len(body))


def make_not_found() -> MockResponse:
    """What is answered at a path that is none."""
    row = ELSEWHERE[HTTPStatus.NOT_FOUND]
    return make_failure(row, row.text)


def make_method_not_allowed(methods: Iterable[str]) -> MockResponse:
    """What is answered to a method that a path does not have."""
    row = ELSEWHERE[HTTPStatus.METHOD_NOT_ALLOWED]
    return make_failure(row, row.text).with_header("Allow", ", ".join(sorted(methods)))


def _format_status(status: int) -> str:
    return f"{int(status)} {HTTPStatus(status).phrase}"


def _format_failure_status(row: Failure) -> str:
    """Status and reason phrase of an answer that says no."""
    # What the middleware refuses itself, and thus without a type, has its reason in lower case.
    phrase = HTTPStatus(row.status).phrase
    return f"{row.status} {phrase if row.media_type else phrase.lower()}"


def _make_file_response(line: str, operation: AnyOperation, answer: FileResponse) -> MockResponse:
    try:
        size = answer.path.stat().st_size
        body = read_chunks(answer.path)
    except FileNotFoundError as error:
        # It was deleted just now.
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


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, piece by piece; whoever erases it meanwhile does not disturb that.

    It is open until its end, or until nobody takes from it any more.

    Raises:
        FileNotFoundError: there is no such file.
    """
    reading = _open_chunks(path)
    # Opened here and now, but closed with the generator, whether or not anybody takes from it.
    next(reading)
    return reading


def _open_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield b""
        while chunk := stream.read(_CHUNK):
            yield chunk
