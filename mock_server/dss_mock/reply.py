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

from .call import Call, FileAnswer
from .refusal import Refused, status_line
from .routing import AnyOperation

# Larger pieces are slower: their memory goes back to the system with each, and comes anew.
_CHUNK = 1 << 17


@attrs.frozen
class Reply:
    """An answer on its way to the client.

    Attributes:
        status: the code with its reason.
        body: taken once.
        size: of the body in bytes, where it is known.
        has_session: whether the answer renews the session cookie; those that the server beneath
            the middleware sends itself do not.
        by_carrier: whether that server, which carries this one too, is to send the answer itself.
    """

    status: str
    headers: Sequence[tuple[str, str]]
    body: Iterable[bytes]
    size: int | None = None
    has_session: bool = True
    by_carrier: bool = False

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status.partition(" ")[0])

    @property
    def promised(self) -> int:
        """How many bytes the headers say that the body has; 0 if they do not."""
        lengths = (value for name, value in self.headers if name.lower() == "content-length")
        return int(next(lengths, "0"))

    def with_header(self, name: str, value: str) -> Reply:
        """The same with one more header, behind the others."""
        return attrs.evolve(self, headers=[*self.headers, (name, value)])


def success(call: Call, answer: object, dialect: Dialect) -> Reply:
    """What an operation answers when it was done.

    Raises:
        Refused: the file that it answers with is no longer there.
        EncodingError: this version of the middleware fails at the answer.
    """
    operation = call.operation
    line = _line(operation.answer.status or HTTPStatus.OK)
    if isinstance(answer, FileAnswer):
        return _file(line, operation, answer)
    name = operation.format_parameter
    as_json = bool(name) and call.parameters.get(name) == "json"
    media_type, body = encode_answer(operation, answer, as_json=as_json, dialect=dialect)
    headers = [("Content-Type", media_type)] if media_type else []
    if isinstance(operation.answer, Empty):
        headers.append(("Location", f"{call.server}/"))
    return Reply(line, headers, [body], len(body))


def failure(row: Failure, text: str) -> Reply:
    """What an operation answers when it was not done."""
    if row.error is FileNotServable:
        return Reply(status_line(row), [], [], 0, has_session=False, by_carrier=True)
    return page(status_line(row), row.media_type, text)


def page(status: int | str, media_type: str, text: str) -> Reply:
    """A text."""
    headers = [("Content-Type", media_type)] if media_type else []
    line = _line(status) if isinstance(status, int) else status
    body = text.encode()
    return Reply(line, headers, [body], len(body))


def not_found() -> Reply:
    """What is answered at a path that is none."""
    row = ELSEWHERE[HTTPStatus.NOT_FOUND]
    return failure(row, row.text)


def method_not_allowed(methods: Iterable[str]) -> Reply:
    """What is answered to a method that a path does not have."""
    row = ELSEWHERE[HTTPStatus.METHOD_NOT_ALLOWED]
    return failure(row, row.text).with_header("Allow", ", ".join(sorted(methods)))


def _line(status: int) -> str:
    return f"{int(status)} {HTTPStatus(status).phrase}"


def _file(line: str, operation: AnyOperation, answer: FileAnswer) -> Reply:
    try:
        size = answer.path.stat().st_size
        body = chunks(answer.path)
    except FileNotFoundError as error:
        # It was deleted just now.
        raise Refused(MiddlewareFault) from error
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
    return Reply(line, headers, body, size)


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, piece by piece; whoever erases it meanwhile does not disturb that.

    It is open until its end, or until nobody takes from it any more.

    Raises:
        FileNotFoundError: there is no such file.
    """
    reading = _read(path)
    # Opened here and now, but closed with the generator, whether or not anybody takes from it.
    next(reading)
    return reading


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield b""
        while chunk := stream.read(_CHUNK):
            yield chunk
