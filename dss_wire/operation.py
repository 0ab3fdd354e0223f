{% include "header" %}
"""A row of the table of routes: all that the contract says of one operation."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Generic, TypeVar

import attrs

from .enums import Dialect
from .errors import Failure
from .forms import Answer
from .record import Record


@attrs.frozen(eq=False, repr=False)
class OperationRequest(Record):
    """Base of the classes that hold what an operation is asked with."""


R_co = TypeVar("R_co", bound=OperationRequest, covariant=True)
A_co = TypeVar("A_co", covariant=True)


# Without slots, for the property that is kept.
@attrs.frozen(kw_only=True, eq=False, slots=False)
class Operation(Generic[R_co, A_co]):
    """One operation of the middleware.

    Attributes:
        name: in snake case; the name of its method.
        group: which group of methods it belongs to.
        method: `GET` or `POST`.
        path: with its parameters in braces.
        regex: the same as a regular expression with named groups, for a whole path.
        request: the class of what it is asked with.
        answer: the forms of its answer.
        failures: the errors that it is known for; the first that fits counts.
        since: the oldest version of the middleware that has it.
        versions: all that have it.
        repeatable: whether sending it twice is harmless.
        repeat_effect: what sending it twice does.
        when_unknown: what to do when nobody knows whether a request that must not be sent twice
            took effect; empty for the others.
        broken: what does not work in the middleware; empty if all does.
        logs: what the middleware itself writes to the ticket's log, with `{field}` for what varies.
        needs_session: whether the request carries the session.
        format_parameter: the parameter by which JSON is asked for; empty if there is no choice.
        secret: whether its answer is a secret, which no message may show.
    """

    name: str
    group: str
    method: str
    path: str
    regex: str
    request: type[R_co]
    answer: Answer[A_co]
    failures: tuple[Failure, ...]
    since: str
    repeatable: bool
    repeat_effect: str
    when_unknown: str = ""
    versions: tuple[Dialect, ...] = tuple(Dialect)
    broken: str = ""
    logs: str = ""
    needs_session: bool = True
    format_parameter: str = ""
    secret: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The regular expression; a program needs few of them, and each takes its time."""
        return re.compile(self.regex)


@attrs.frozen(kw_only=True)
class FormerPath:
    """A path that some versions of the middleware route, and answer with errors only.

    Attributes:
        method: `GET` or `POST`.
        path: with its parameters in braces.
        pattern: the same as a regular expression with named groups, for a whole path.
        failures: the errors; the first is for who is signed in.
        versions: of the middleware, that have it.
    """

    method: str
    path: str
    pattern: re.Pattern[str]
    failures: tuple[Failure, ...]
    versions: tuple[Dialect, ...]
