"""What two answers to the same request must have in common."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import attrs

from dss_api import SESSION_COOKIE

from ..raw import Answer
from .player import Player

_INSTANT = rb"\b(1[0-9]{9})\b"
_MINUTES = rb'(?:,|"duration": )([0-9]+\.[0-9])(?=\r|\})'
_HEARD = rb'(-?[0-9]+)(?:,|, "queue_length": )[0-9]+(?:\r\n|\}\]\})\Z'
_MEAN = (
    rb'\A(?:\{"result": \[\{"n_success": )?[0-9]+(?:,|, "n_failed": )[0-9]+'
    rb'(?:,|, "avg_duration": )(-?[0-9]+\.[0-9]+)'
)


@attrs.frozen
class _Varying:
    """Numbers in the answers at some paths that follow the clock.

    Attributes:
        tolerance: by how much they may differ in addition to what the steps took; `None` if it is
            enough that there is a number.
        instants: whether they say when something was, by the clock of the middleware.
    """

    path: re.Pattern[bytes]
    pattern: re.Pattern[bytes]
    tolerance: float | None = 0.0
    instants: bool = False


_VARYING = (
    _Varying(re.compile(rb"/log|/detail"), re.compile(_INSTANT), instants=True),
    _Varying(re.compile(rb"/admin/tickets"), re.compile(_MINUTES), tolerance=1.0),
    _Varying(re.compile(rb"/stats"), re.compile(_HEARD)),
    # It depends on which of several successes fell into the same second.
    _Varying(re.compile(rb"/stats"), re.compile(_MEAN), tolerance=None),
)


@attrs.frozen
class Normal:
    """An answer without what cannot be the same.

    Attributes:
        numbers: what was taken out and follows the clock, with the tolerance of each.
    """

    version: str
    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    closed: bool
    numbers: tuple[tuple[float, float | None], ...] = attrs.field(eq=False)


def normal(answer: Answer, target: bytes, player: Player) -> Normal:
    """An answer that a player got, without what cannot be the same."""
    numbers: list[tuple[float, float | None]] = []
    body = answer.body
    for index, blob in enumerate(player.blobs):
        body = body.replace(b"/blobs/" + blob, b"/blobs/<%d>" % index)
        body = body.replace(b"Resource " + blob, b"Resource <%d>" % index)
    path = target.partition(b"?")[0]
    for varying in _VARYING:
        if not varying.path.search(path):
            continue

        def taken(match: re.Match[bytes], varying: _Varying = varying) -> bytes:
            number = float(match[1])
            if varying.instants:
                number -= time.time() + player.middleware.ahead
            numbers.append((number, varying.tolerance))
            start, end = match.span(1)
            whole = match[0]
            at = match.start()
            return whole[: start - at] + b"<number>" + whole[end - at :]

        body = varying.pattern.sub(taken, body)
    headers = tuple((name, _header(name, value, player)) for name, value in answer.headers)
    return Normal(answer.version, answer.line, headers, body, answer.closed, tuple(numbers))


def _header(name: str, value: str, player: Player) -> str:
    if name == "Date":
        parsedate_to_datetime(value)
        return "<now>"
    if name == "Set-Cookie":
        value = re.sub(
            rf"{SESSION_COOKIE}=([0-9a-f]{{40}})",
            lambda match: "<same>" if match[1] == player.sent_cookie else "<new>",
            value,
        )
        value = re.sub(r"expires=[^;]{29}(?=;)", "expires=<long ago>", value)
    return value


def differing(one: Normal, other: Normal, slack: float) -> Mapping[str, tuple[object, object]]:
    """In what two answers differ, with what each has.

    Args:
        slack: seconds by which times may differ.
    """
    found: dict[str, tuple[object, object]] = {}
    for field in attrs.fields(Normal):
        if field.eq and getattr(one, field.name) != getattr(other, field.name):
            found[field.name] = getattr(one, field.name), getattr(other, field.name)
    if len(one.numbers) != len(other.numbers) or any(
        tolerance is not None and abs(mine - others) > tolerance + slack
        for (mine, tolerance), (others, _) in zip(one.numbers, other.numbers, strict=False)
    ):
        found["numbers"] = one.numbers, other.numbers
    return found
