"""Requests and responses without a network."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
import urllib3
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request as IncomingRequest

from dss_api import (
    OPERATIONS,
    AnswerError,
    FileArea,
    Operation,
    OperationRequest,
    Request,
    Response,
)
from dss_api.requests import DownloadTicketFileRequest
from dss_api.routes import LIST_PROVIDERS
from dss_wire.codec import decode_answer, encode_request

AnyOperation = Operation[OperationRequest, object]

OPERATIONS_BY_NAME: dict[str, AnyOperation] = {
    operation.name: operation for operation in OPERATIONS
}

LIST_REQUEST = encode_request(LIST_PROVIDERS, LIST_PROVIDERS.request())
DOWNLOAD_PARAMETERS = DownloadTicketFileRequest(ticket_id=1, area=FileArea.INPUT, index=0)
WEB_PAGE = b"<!DOCTYPE html>\n<html><body><h1>Sign in to the network</h1></body></html>"


class BufferedBody:
    """The body of a response that has arrived."""

    def __init__(self, content: bytes) -> None:
        self._stream = io.BytesIO(content)
        self.closed = False

    def read(self, size: int | None = None, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def close(self) -> None:
        self.closed = True


def make_request(operation: AnyOperation, session: str = "") -> Request:
    """Return a request of an operation; its path keeps the parameters in braces."""
    request = Request(operation, operation.path)
    return request.with_session(session) if session else request


def make_response(
    request: Request,
    status: int,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    reason: str = "Reason",
) -> Response:
    """Return a response that did not come from a network."""
    return Response(
        request, status, reason, urllib3.HTTPHeaderDict(headers or {}), BufferedBody(body)
    )


def catch_error(
    operation: AnyOperation,
    status: int,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    session: str = "",
) -> AnswerError:
    """Return the error that decoding a response raises."""
    with pytest.raises(AnswerError) as caught:
        decode_answer(
            operation, make_response(make_request(operation, session), status, body, headers)
        )
    return caught.value


def parse_multipart(body: bytes, content_type: str) -> tuple[dict[str, str], str, bytes]:
    """Return fields, file name and file of a multipart body as a middleware reads them."""
    environ = EnvironBuilder(
        method="POST",
        input_stream=io.BytesIO(body),
        content_type=content_type,
        content_length=len(body),
    ).get_environ()
    with IncomingRequest(environ) as request:
        fields = request.form.to_dict()
        [file] = request.files.values()
        return fields, file.filename or "", file.stream.read()
