"""Answers without a network, values for every class, and small servers on the loopback."""

from __future__ import annotations

import io
import socket
import threading
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType

import attrs
import hypothesis.strategies as st
import urllib3
from hypothesis import settings
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request as WsgiRequest

from dss_api import OPERATIONS, Operation, OperationRequest, Request, Response
from dss_api.contract import CONTRACT

AnyOperation = Operation[OperationRequest, object]

calm = settings(max_examples=40, deadline=None, derandomize=True, print_blob=True)

BY_NAME: dict[str, AnyOperation] = {operation.name: operation for operation in OPERATIONS}

# Texts that have to survive: what CSV, JSON and forms quote, and what they do not.
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.lists(
        st.sampled_from(
            [",", '"', "'", "\r", "\n", "\r\n", " ", "\t", ";", "\\", "é", "漢", "😀", "\x01",
             "\x1c", "\u2028", "\x85", "a", "1", "None", "-1", "+", "&", "=", "%2C", "{", "}"]
        ),
        max_size=6,
    ).map("".join),
    st.sampled_from(["", " ", ",", '"', "\r", "\n", "\r\n", "\t", " a ", '""', '","', "#", "[]"]),
)  # fmt: skip
words = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
instants = st.datetimes(
    datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)
)  # fmt: skip
durations = st.timedeltas(timedelta(days=-40_000), timedelta(days=40_000))
numbers = st.floats(allow_nan=False, allow_infinity=False)


def hints(cls: type) -> dict[str, object]:
    """The types of the fields of a class."""
    return typing.get_type_hints(cls)


def values(kind: object, whole: timedelta | None = None) -> st.SearchStrategy[object]:
    """Values of a type of the contract.

    Args:
        whole: of which times are whole multiples; None for any time.
    """
    parts = typing.get_args(kind)
    if typing.get_origin(kind) in (typing.Union, UnionType):
        return st.one_of([values(part, whole) for part in parts])
    if typing.get_origin(kind) is tuple:
        return st.lists(values(parts[0], whole), max_size=3).map(tuple)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if isinstance(kind, type) and attrs.has(kind):
        return records(kind, whole is not None)
    seconds = st.integers(-(10**9), 10**10)
    multiples = st.integers(-(10**6), 10**6)
    simple: dict[object, st.SearchStrategy[object]] = {
        NoneType: st.none(),
        datetime: seconds.map(lambda n: datetime.fromtimestamp(n, UTC)) if whole else instants,
        timedelta: multiples.map(whole.__mul__) if whole else durations,
        str: texts,
        int: st.integers(-(10**12), 10**12),
        float: numbers,
        bool: st.booleans(),
    }
    return simple[kind]


def records(cls: type, whole: bool, *, in_csv: bool = False) -> st.SearchStrategy[object]:
    """Objects of a class of answers.

    Args:
        whole: whether times on the wire are numbers, some of them whole.
        in_csv: whether they stand there in CSV, where minutes always are.
    """
    kinds = hints(cls)
    fields: dict[str, st.SearchStrategy[object]] = {}
    for field in attrs.fields(cls):
        form = CONTRACT.records.durations.get(cls, {}).get(field.name)
        unit = None
        if whole:
            unit = timedelta(seconds=1) if form is None else form.unit if form.is_integer else None
        fields[field.name] = values(kinds[field.name], unit)
        if form and not form.has_text and not whole:
            minutes = values(kinds[field.name], form.unit)
            fields[field.name] = minutes if in_csv else st.none()
        if whole and unit is None and form:
            # Not a whole number, but still a float: what a float can hold.
            fields[field.name] = values(kinds[field.name], timedelta(milliseconds=1))
    return st.builds(cls, **fields)


class FakeBody:
    """The bytes of an answer that have arrived already."""

    def __init__(self, content: bytes) -> None:
        self._stream = io.BytesIO(content)
        self.closed = False

    def read(self, size: int | None = None, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def close(self) -> None:
        self.closed = True


def request_of(operation: AnyOperation, session: str = "") -> Request:
    """A request of an operation, with its path as it is in the contract."""
    request = Request(operation, operation.path)
    return request.with_session(session) if session else request


def answer_to(
    request: Request,
    status: int,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    reason: str = "Reason",
) -> Response:
    """An answer with no network behind it."""
    found = urllib3.HTTPHeaderDict(headers or {})
    return Response(request, status, reason, found, FakeBody(body))


@contextmanager
def raw_server(*answers: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does with each connection, one after the other, what it is told."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)
    done = threading.Event()

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                answer(connection)
                if answer is silence:
                    done.wait(10)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        done.set()
        listening.close()
        thread.join(10)
        assert not thread.is_alive()


def silence(connection: socket.socket) -> None:
    """Say nothing, and keep the connection until the test is over."""


def says(content: bytes) -> Callable[[socket.socket], None]:
    """Read the head of the request, answer with these bytes, and close."""

    def answer(connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass  # so that what was sent is not lost in a reset

    return answer


def parsed(body: bytes, content_type: str) -> tuple[dict[str, str], str, bytes]:
    """Fields, file name and file of a multipart body, as a middleware reads them."""
    environ = EnvironBuilder(
        method="POST",
        input_stream=io.BytesIO(body),
        content_type=content_type,
        content_length=len(body),
    ).get_environ()
    with WsgiRequest(environ) as arrived:
        fields = arrived.form.to_dict()
        [file] = arrived.files.values()
        return fields, file.filename or "", file.stream.read()
