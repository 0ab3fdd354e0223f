{% include "header" %}
"""From an operation's parameters to a request, and from a response to what it means; and back.

The client uses one direction and a middleware, such as a mock of it, the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar
from urllib.parse import quote, quote_plus, urlencode

import attrs

from .errors import (
    AnswerError,
    MiddlewareFault,
    MiddlewareUnavailable,
    OutcomeUnknown,
    ProxyPage,
    Redirected,
    UnexpectedAnswer,
    UploadTooLarge,
)
from .forms import JsonForm, NotTheAnswer, OneOf, is_page
from .multipart import Multipart
from .operation import Operation, OperationRequest
from .transport import LONGEST_REFUSAL, REDIRECTS, Request, Response, Transport, Upload
from .wire import PLACE, WIRE_NAME, read, write_parameter

A = TypeVar("A")
R = TypeVar("R", bound=OperationRequest)

GATEWAY = (502, 503, 504)
"""The statuses by which a gateway says that the middleware does not answer."""


# The errors of answers that do not say whether the middleware did what it was asked.
_TELL_NOTHING = (MiddlewareFault, MiddlewareUnavailable, ProxyPage, UnexpectedAnswer)


def call(transport: Transport, operation: Operation[R, A], parameters: OperationRequest) -> A:
    """Ask the middleware and give its answer.

    Raises:
        DssError: there was no answer, or not the one hoped for.
    """
    return decode_answer(operation, transport.send(encode_request(operation, parameters)))


def encode_request(
    operation: Operation[OperationRequest, object], parameters: OperationRequest
) -> Request:
    """The request that asks for an operation; for JSON, where the answer can be JSON.

    Raises:
        ValueError: a parameter cannot be sent.
        TypeError: a parameter that is needed is None.
    """
    path: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    form: list[tuple[str, str]] = []
    file: tuple[str, Upload] | None = None
    secrets: list[str] = []
    for field, value in _given(operation, parameters):
        name = field.metadata.get(WIRE_NAME, field.name)
        if isinstance(value, Upload):
            file = (name, value)
            continue
        text = write_parameter(value)
        if not field.repr:
            secrets += [text, quote_plus(text)]
        match field.metadata[PLACE]:
            case "path":
                path[name] = text
            case "query":
                query.append((name, text))
            case _:
                form.append((name, text))
    if operation.format_parameter and _has_json(operation):
        query.append((operation.format_parameter, "json"))
    body, headers = _body(operation, tuple(form), file)
    target = _path(operation, path)
    if query:
        target += f"?{urlencode(query)}"
    return Request(operation, target, headers, body, tuple(secrets))


def _body(
    operation: Operation[OperationRequest, object],
    form: tuple[tuple[str, str], ...],
    file: tuple[str, Upload] | None,
) -> tuple[bytes | Multipart | None, dict[str, str]]:
    """The body of a request, and the headers that say what it is."""
    if file is not None:
        body = Multipart(form, *file)
        return body, {"Content-Type": body.content_type}
    if operation.method == "POST":
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return None, {}


def _given(
    operation: Operation[OperationRequest, object], parameters: OperationRequest
) -> Iterator[tuple[attrs.Attribute[object], object]]:
    """The parameters that are sent, with their fields.

    Raises:
        TypeError: one that is needed is None, or a file is no `Upload`.
    """
    for field in attrs.fields(type(parameters)):
        value: object = getattr(parameters, field.name)
        if value is None:
            if field.default is attrs.NOTHING:
                raise TypeError(f"{operation.name} needs {field.name}; it must not be None.")
        elif field.metadata[PLACE] == "file" and not isinstance(value, Upload):
            raise TypeError(
                f"{operation.name} needs an Upload as {field.name}, such as "
                f"Upload.of(path, stream), not {type(value).__name__}."
            )
        else:
            yield field, value


def _path(operation: Operation[OperationRequest, object], values: Mapping[str, str]) -> str:
    """The path of an operation, quoted.

    Raises:
        ValueError: the middleware has no such path, or it would lead to another operation.
    """
    plain = operation.path.format_map(values)
    # In an address these two are read as steps.
    if not operation.pattern.fullmatch(plain) or {".", ".."} & set(values.values()):
        given = ", ".join(f"{name}={text!r}" for name, text in values.items())
        raise ValueError(f"{operation.name} cannot be asked with {given}; nothing was sent.")
    return operation.path.format_map({name: quote(t, safe="") for name, t in values.items()})


def decode_request(
    operation: Operation[R, object],
    path: Mapping[str, str],
    values: Mapping[str, str],
    file: Upload | None = None,
) -> R:
    """What an operation is asked with, from what arrived.

    Args:
        path: the parameters in the path, by name, unquoted.
        values: those in the query and the form, by their names on the wire.
        file: the file in the body.

    Raises:
        Unreadable: a parameter is missing or malformed.
    """
    found: dict[str, object] = {}
    for field in attrs.fields(operation.request):
        name = field.metadata.get(WIRE_NAME, field.name)
        place = field.metadata[PLACE]
        source: Mapping[str, object] = path if place == "path" else values
        if place == "file":
            source = {} if file is None else {name: file}
        if name in source:
            found[field.name] = source[name]
    return read(found, operation.request, "the request")


def decode_answer(operation: Operation[OperationRequest, A], response: Response) -> A:
    """What a response means.

    Raises:
        AnswerError: the middleware refused or failed, or this is no answer of it.
        TransportError: the answer did not arrive as a whole.
    """
    if response.status != operation.answer.status:
        raise failure(response)
    try:
        return operation.answer.decode(response)
    except NotTheAnswer as error:
        kind = ProxyPage if error.page else UnexpectedAnswer
        why = f"{error}".rstrip(".") + "."
        garbled = _error(kind, response, error.text, why)
    # Not from what told it, which may quote what is secret.
    if operation.repeatable or kind is ProxyPage:
        raise garbled
    request = response.request
    where = f" at {response.server}" if response.server else ""
    raise OutcomeUnknown(
        f"It is not known whether {request.method} {request.path}{where} took effect, for its "
        f"answer cannot be read: {request.struck(why)} If the server's address is that of a DSS "
        f"middleware: {operation.when_unknown}",
        method=request.method,
        path=request.path,
    ) from garbled


def failure(response: Response, detail: str = "") -> AnswerError:
    """The error that a response without success means; reads the response.

    Args:
        detail: a sentence on the case at hand, for the message if the contract knows the error.
    """
    request = response.request
    text = response.read_text()
    location = response.headers.get("Location", "").partition("?")[0]
    if response.status in REDIRECTS and location:
        # A redirect may well have a web page as its body, for those who do not follow it.
        return _error(Redirected, response, text, f"It points to {location}.")
    for known in request.operation.failures:
        if known.means(response.status, text, request.carries_session):
            return _error(known.error, response, text, detail)
    if response.status in GATEWAY:
        return _error(MiddlewareUnavailable, response, text)
    if response.status == 413:
        return _error(UploadTooLarge, response, text)
    if is_page(text):
        return _error(ProxyPage, response, text)
    return _error(UnexpectedAnswer, response, text)


def _error(
    kind: type[AnswerError], response: Response, text: str, detail: str = ""
) -> AnswerError:
    request = response.request
    operation = request.operation
    if operation.secret and response.status == operation.answer.status:
        text, detail = "(not shown, it may be a secret)", ""
    if operation.when_unknown and kind in _TELL_NOTHING:
        detail += f" It is not known whether the request took effect. {operation.when_unknown}"
    return kind.answered(
        request.method,
        request.path,
        response.status,
        request.struck(response.reason),
        request.struck(text)[:LONGEST_REFUSAL],
        request.struck(detail.strip()),
        server=response.server,
    )


def _has_json(operation: Operation[OperationRequest, object]) -> bool:
    answer = operation.answer
    return isinstance(answer, OneOf) and any(isinstance(f, JsonForm) for f in answer.forms)
