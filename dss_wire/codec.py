"""Codec of operations: parameters and requests, responses and their values, in both directions.

A client writes requests and reads responses. A middleware, such as a mock, does the reverse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar
from urllib.parse import quote, quote_plus, urlencode

import attrs

from .dialects import WireDialect
from .errors import (
    AnswerError,
    MiddlewareUnavailable,
    OutcomeUnknown,
    ProxyPage,
    Redirected,
    UnexpectedAnswer,
    UploadTooLarge,
)
from .files import Upload
from .forms import JsonForm, OneOf, UnknownForm, is_page
from .multipart import Multipart
from .operation import Operation, OperationRequest
from .scalars import write_parameter
from .transport import MAX_ERROR_BODY, REDIRECT_STATUSES, Request, Response, Transport

A = TypeVar("A")
R = TypeVar("R", bound=OperationRequest)

GATEWAY_STATUSES = (502, 503, 504)
"""The statuses of a gateway that cannot reach the middleware."""


def call(transport: Transport, operation: Operation[R, A], parameters: OperationRequest) -> A:
    """Call an operation and return its answer.

    Raises:
        DssError: the answer is missing, or is not a success.
    """
    return decode_answer(operation, transport.send(encode_request(operation, parameters)))


def encode_request(
    operation: Operation[OperationRequest, object], parameters: OperationRequest
) -> Request:
    """Return the request of an operation. The request asks for JSON if the answer can be JSON.

    Raises:
        ValueError: a parameter cannot be sent.
        TypeError: a required parameter is None.
    """
    path: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    form: list[tuple[str, str]] = []
    file: tuple[str, Upload] | None = None
    secrets: list[str] = []
    path_names = operation.pattern.groupindex
    for field, value in _iterate_given(operation, parameters):
        name = operation.wire_name(field.name)
        if isinstance(value, Upload):
            file = (name, value)
            continue
        text = write_parameter(value)
        if not field.repr:
            secrets += [text, quote_plus(text)]
        if field.name in path_names:
            path[name] = text
        elif field.name in operation.query:
            query.append((name, text))
        else:
            form.append((name, text))
    if operation.format_parameter and _has_json(operation):
        query.append((operation.format_parameter, "json"))
    body, headers = _encode_body(operation, tuple(form), file)
    target = _encode_path(operation, path)
    if query:
        target += f"?{urlencode(query)}"
    return Request(operation, target, headers, body, tuple(secrets))


def _encode_body(
    operation: Operation[OperationRequest, object],
    form: tuple[tuple[str, str], ...],
    file: tuple[str, Upload] | None,
) -> tuple[bytes | Multipart | None, dict[str, str]]:
    """Return the body of a request, and the headers that describe it."""
    if file is not None:
        body = Multipart(form, *file)
        return body, {"Content-Type": body.content_type}
    if operation.method == "POST":
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return None, {}


def _iterate_given(
    operation: Operation[OperationRequest, object], parameters: OperationRequest
) -> Iterator[tuple[attrs.Attribute[object], object]]:
    """Yield the fields and values of the parameters to send.

    Raises:
        TypeError: a required parameter is None, or a file is not an `Upload`.
    """
    for field in attrs.fields(type(parameters)):
        value: object = getattr(parameters, field.name)
        if value is None:
            if field.default is attrs.NOTHING:
                raise TypeError(f"{operation.name} needs {field.name}; it must not be None.")
        elif field.name == operation.file and not isinstance(value, Upload):
            raise TypeError(
                f"{operation.name} needs an Upload as {field.name}, such as "
                f"Upload.of(path, stream), not {type(value).__name__}."
            )
        else:
            yield field, value


def _encode_path(operation: Operation[OperationRequest, object], values: Mapping[str, str]) -> str:
    """Return the quoted path of an operation.

    Raises:
        ValueError: a value does not match its pattern in the path, or the path would be the path of
            a different operation.
    """
    plain = operation.path.format_map(values)
    # `.` and `..` would change the path of an address.
    if not operation.pattern.fullmatch(plain) or {".", ".."} & set(values.values()):
        given = ", ".join(f"{name}={text!r}" for name, text in values.items())
        raise ValueError(
            f"{operation.name} cannot be called with {given}: this does not fit the path "
            f"{operation.path}. Nothing was sent. Correct the value."
        )
    return operation.path.format_map({name: quote(t, safe="") for name, t in values.items()})


def decode_request(
    operation: Operation[R, object],
    path: Mapping[str, str],
    values: Mapping[str, str],
    file: Upload | None = None,
) -> R:
    """Return the parameters of an operation from a request that arrived.

    Args:
        path: the parameters in the path, by name, with percent codes such as `%20` decoded.
        values: the parameters in the query and the form, by their names on the wire.
        file: the file in the body.

    Raises:
        DecodingError: a parameter is missing or malformed.
    """
    found: dict[str, object] = {}
    path_names = operation.pattern.groupindex
    for field in attrs.fields(operation.request):
        name = operation.wire_name(field.name)
        source: Mapping[str, object] = path if field.name in path_names else values
        if field.name == operation.file:
            source = {} if file is None else {name: file}
        if name in source:
            found[field.name] = source[name]
    return operation.contract.records.read(found, operation.request, "the request")


def encode_answer(
    operation: Operation[OperationRequest, object],
    answer: object,
    *,
    as_json: bool = False,
    dialect: WireDialect | None = None,
) -> tuple[str, bytes]:
    """Return Content-Type (empty if it is not sent) and body of an answer.

    Args:
        as_json: whether the request asked for JSON.
        dialect: the version of the middleware that writes the answer; the newest if None.

    Raises:
        ValueError: the contract does not define a form for such an answer.
        EncodingError: this version of the middleware fails to write the answer.
    """
    contract = operation.contract
    chosen = contract.newest if dialect is None else dialect
    return operation.answer.encode(answer, chosen, contract.records, as_json=as_json)


def decode_answer(operation: Operation[OperationRequest, A], response: Response) -> A:
    """Return the value of a response.

    Raises:
        AnswerError: the middleware refused or failed, or the response is not from a middleware.
        TransportError: the response did not arrive completely.
    """
    if response.status != operation.answer.status:
        raise decode_error(response)
    try:
        return operation.answer.decode(response, operation.contract.records)
    except UnknownForm as error:
        kind = ProxyPage if error.is_page else UnexpectedAnswer
        why = f"{error}".rstrip(".") + "."
        unreadable = _make_error(kind, response, error.text, why)
    # Raised outside the `except` because the original error may quote a secret.
    if operation.repeatable or kind is ProxyPage:
        raise unreadable
    request = response.request
    where = f" at {response.server}" if response.server else ""
    raise OutcomeUnknown(
        f"It is not known whether {request.method} {request.path}{where} took effect, because its "
        f"answer cannot be read: {request.redact(why)} If the server's address belongs to a DSS "
        f"middleware: {operation.when_unknown}",
        method=request.method,
        path=request.path,
    ) from unreadable


def decode_error(response: Response, detail: str = "") -> AnswerError:
    """Return the error that a response means. The response is not a success.

    Args:
        detail: one more sentence for the message, if the contract knows the error.
    """
    request = response.request
    text = response.read_text()
    location = response.headers.get("Location", "").partition("?")[0]
    if response.status in REDIRECT_STATUSES and location:
        # The body of a redirect is often a web page, for clients that do not follow it.
        return _make_error(Redirected, response, text, f"It points to {location}.")
    for known in request.operation.failures:
        if known.matches(response.status, text, request.carries_session):
            return _make_error(known.error, response, text, detail)
    if response.status in GATEWAY_STATUSES:
        return _make_error(MiddlewareUnavailable, response, text)
    if response.status == 413:
        return _make_error(UploadTooLarge, response, text)
    if is_page(text):
        return _make_error(ProxyPage, response, text)
    return _make_error(UnexpectedAnswer, response, text)


def _make_error(
    kind: type[AnswerError], response: Response, text: str, detail: str = ""
) -> AnswerError:
    request = response.request
    operation = request.operation
    if operation.secret and response.status == operation.answer.status:
        text, detail = "(not shown because it can be a secret)", ""
    if operation.when_unknown and kind.leaves_outcome_unknown:
        detail += f" It is not known whether the request took effect. {operation.when_unknown}"
    return kind.from_response(
        request.method,
        request.path,
        response.status,
        reason=request.redact(response.reason),
        text=request.redact(text)[:MAX_ERROR_BODY],
        detail=request.redact(detail.strip()),
        server=response.server,
    )


def _has_json(operation: Operation[OperationRequest, object]) -> bool:
    answer = operation.answer
    return isinstance(answer, OneOf) and any(isinstance(f, JsonForm) for f in answer.forms)
