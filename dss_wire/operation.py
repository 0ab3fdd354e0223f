"""Rows of the table of routes. Each row has all facts of the contract about one operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Generic, TypeVar

import attrs

from .dialects import WireDialect
from .errors import AnswerError
from .forms import Answer
from .record_codec import RecordCodec
from .records import Record
from .text_templates import compile_template

_PARAMETER = re.compile(r"\{(\w+):((?:[^{}]|\{[\d,]+\})+)\}")


@attrs.frozen(eq=False, repr=False)
class OperationRequest(Record):
    """Base class of the classes that contain the parameters of an operation."""


R_co = TypeVar("R_co", bound=OperationRequest, covariant=True)
A_co = TypeVar("A_co", covariant=True)


@attrs.frozen(kw_only=True, eq=False)
class Contract:
    """Facts of a contract that concern all operations.

    Attributes:
        session_cookie: the name of the cookie that carries the session.
        versions: the known versions of the middleware, the oldest first.
        records: the codec that reads and writes the classes of the contract.
    """

    session_cookie: str
    versions: tuple[WireDialect, ...]
    records: RecordCodec

    @property
    def newest(self) -> WireDialect:
        """The newest version of the middleware."""
        return self.versions[-1]


def _get_all_versions(operation: Operation[OperationRequest, object]) -> tuple[WireDialect, ...]:
    return operation.contract.versions


@attrs.frozen(eq=False, repr=False)
class Failure(Record):
    """A known error of an operation, and the response that means it.

    Attributes:
        status: the HTTP status.
        text: the body, with `{field}` for each part that varies.
        error: the class of the error.
        versions: the versions of the middleware that have it.
        media_type: the Content-Type; empty if the header is missing.
        session: whether only a request with a session can cause it.
    """

    status: int
    text: str
    error: type[AnswerError]
    versions: tuple[WireDialect, ...]
    media_type: str = ""
    session: bool = False

    def matches(self, status: int, text: str, carried_session: bool) -> bool:
        """Check whether a response means this failure."""
        return (
            status == self.status
            and (carried_session or not self.session)
            and compile_template(self.text.strip()).fullmatch(text.strip()) is not None
        )


# Without slots because of the cached properties.
@attrs.frozen(kw_only=True, eq=False, slots=False)
class Route:
    r"""A method and the paths that it accepts.

    Attributes:
        route: method and path, such as `GET /api/tickets/{ticket_id:\d+}/status`. A parameter is
            followed by the regular expression of its values.
    """

    route: str

    @cached_property
    def method(self) -> str:
        """`GET` or `POST`."""
        return self.route.partition(" ")[0]

    @cached_property
    def path(self) -> str:
        """The path, with its parameters in braces."""
        return _PARAMETER.sub(r"{\1}", self.route.partition(" ")[2])

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The complete path as a regular expression with named groups."""
        return _compile_path(self.route.partition(" ")[2])


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Operation(Route, Generic[R_co, A_co]):
    """One operation of the middleware.

    Attributes:
        contract: the facts that concern all operations.
        name: the name of the method, in snake case.
        group: the group of methods that the operation belongs to.
        request: the class that holds the parameters.
        query: the parameters that are sent in the query.
        form: the parameters that are sent in the body.
        file: the parameter for the file in the body; empty if the operation does not take a file.
        wire_names: the names on the wire, for parameters whose name in Python is different.
        answer: the successful answer, in all its forms.
        failures: the known errors; the first match counts.
        versions: the versions of the middleware that have it; by default all of the contract.
        repeatable: whether sending the request twice is harmless.
        repeat_effect: the effect of sending the request twice.
        when_unknown: what to do if it is not known whether a request took effect; empty for
            operations that are harmless to repeat.
        broken: what does not work in the middleware; empty if all works.
        logs: what the middleware itself writes to the ticket's log, with `{field}` for each part
            that varies.
        needs_session: whether the request carries the session.
        format_parameter: the parameter that asks for JSON; empty if there is only one form.
        secret: whether the answer is a secret that messages must not show.
    """

    contract: Contract
    name: str
    group: str
    request: type[R_co]
    query: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    file: str = ""
    wire_names: Mapping[str, str] = attrs.field(factory=dict)
    answer: Answer[A_co]
    failures: tuple[Failure, ...]
    versions: tuple[WireDialect, ...] = attrs.field(
        default=attrs.Factory(_get_all_versions, takes_self=True)
    )
    repeatable: bool = False
    repeat_effect: str
    when_unknown: str = ""
    broken: str = ""
    logs: str = ""
    needs_session: bool = True
    format_parameter: str = ""
    secret: bool = False

    def wire_name(self, parameter: str) -> str:
        """Return the name of a parameter on the wire."""
        return self.wire_names.get(parameter, parameter)


@attrs.frozen(kw_only=True, eq=False, slots=False)
class FormerPath(Route):
    """A path that some versions of the middleware route, and answer with errors only.

    Attributes:
        failures: the errors; the first one is for a signed-in user.
        versions: the versions of the middleware that have it.
    """

    failures: tuple[Failure, ...]
    versions: tuple[WireDialect, ...]


def _compile_path(template: str) -> re.Pattern[str]:
    pieces = _PARAMETER.split(template)  # plain text, name, expression, plain text, ...
    expression = re.escape(pieces[0])
    for name, values, plain in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        expression += f"(?P<{name}>{values}){re.escape(plain)}"
    return re.compile(expression)
