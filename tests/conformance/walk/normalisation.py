"""Comparison of two responses to the same request, without values that always differ."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import attrs

from dss_api import SESSION_COOKIE

from ..http_connection import Response
from .step_runner import StepRunner

_INSTANT = rb"\b(1[0-9]{9})\b"
_MINUTES = rb'(?:,|"duration": )([0-9]+\.[0-9])(?=\r|\})'
_LAST_HEARD_FROM = rb'(-?[0-9]+)(?:,|, "queue_length": )[0-9]+(?:\r\n|\}\]\})\Z'
_MEAN_DURATION = (
    rb'\A(?:\{"result": \[\{"n_success": )?[0-9]+(?:,|, "n_failed": )[0-9]+'
    rb'(?:,|, "avg_duration": )(-?[0-9]+\.[0-9]+)'
)


@attrs.frozen
class _VaryingNumber:
    """A number that depends on the clock, in the responses to some paths.

    Attributes:
        path: the pattern of the paths.
        pattern: the pattern of the number in the body.
        tolerance: the accepted difference in addition to the duration of the steps; `None` accepts
            every number.
        instants: whether the number is a time by the clock of the middleware.
    """

    path: re.Pattern[bytes]
    pattern: re.Pattern[bytes]
    tolerance: float | None = 0.0
    instants: bool = False


_VARYING_NUMBERS = (
    _VaryingNumber(re.compile(rb"/log|/detail"), re.compile(_INSTANT), instants=True),
    _VaryingNumber(re.compile(rb"/admin/tickets"), re.compile(_MINUTES), tolerance=1.0),
    _VaryingNumber(re.compile(rb"/stats"), re.compile(_LAST_HEARD_FROM)),
    # The mean differs if tickets end in the same second.
    _VaryingNumber(re.compile(rb"/stats"), re.compile(_MEAN_DURATION), tolerance=None),
)


@attrs.frozen
class NormalisedResponse:
    """A response without the values that differ between middlewares.

    Attributes:
        numbers: the removed numbers that depend on the clock, each with its tolerance.
    """

    version: str
    status_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    closed: bool
    numbers: tuple[tuple[float, float | None], ...] = attrs.field(eq=False)


def normalise_response(response: Response, target: bytes, runner: StepRunner) -> NormalisedResponse:
    """Remove the values that differ between middlewares from a response."""
    numbers: list[tuple[float, float | None]] = []
    body = response.body
    for index, blob in enumerate(runner.blobs):
        body = body.replace(b"/blobs/" + blob, b"/blobs/<%d>" % index)
        body = body.replace(b"Resource " + blob, b"Resource <%d>" % index)
    path = target.partition(b"?")[0]
    for varying in _VARYING_NUMBERS:
        if not varying.path.search(path):
            continue

        def replace_number(match: re.Match[bytes], varying: _VaryingNumber = varying) -> bytes:
            number = float(match[1])
            if varying.instants:
                number -= time.time() + runner.middleware.clock_offset
            numbers.append((number, varying.tolerance))
            start, end = match.span(1)
            text = match[0]
            at = match.start()
            return text[: start - at] + b"<number>" + text[end - at :]

        body = varying.pattern.sub(replace_number, body)
    headers = tuple(
        (name, _normalise_header(name, value, runner)) for name, value in response.headers
    )
    return NormalisedResponse(
        response.version, response.status_line, headers, body, response.closed, tuple(numbers)
    )


def _normalise_header(name: str, value: str, runner: StepRunner) -> str:
    if name == "Date":
        parsedate_to_datetime(value)
        return "<now>"
    if name == "Set-Cookie":
        value = re.sub(
            rf"{SESSION_COOKIE}=([0-9a-f]{{40}})",
            lambda match: "<same>" if match[1] == runner.sent_cookie else "<new>",
            value,
        )
        value = re.sub(r"expires=[^;]{29}(?=;)", "expires=<long ago>", value)
    return value


def find_differences(
    one: NormalisedResponse, other: NormalisedResponse, slack: float
) -> Mapping[str, tuple[object, object]]:
    """Return the fields that differ between two responses, with both values.

    Args:
        one: a response of the mock.
        other: the response of the real middleware.
        slack: the accepted difference of times in seconds.
    """
    differences: dict[str, tuple[object, object]] = {}
    for field in attrs.fields(NormalisedResponse):
        if field.eq and getattr(one, field.name) != getattr(other, field.name):
            differences[field.name] = getattr(one, field.name), getattr(other, field.name)
    if len(one.numbers) != len(other.numbers) or any(
        tolerance is not None and abs(mine - others) > tolerance + slack
        for (mine, tolerance), (others, _) in zip(one.numbers, other.numbers, strict=False)
    ):
        differences["numbers"] = one.numbers, other.numbers
    return differences
