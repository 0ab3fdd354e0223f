"""Retries of requests that failed, if the contract marks them as safe to repeat."""

from __future__ import annotations

import io
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import attrs

from dss_api import (
    AnswerCutShort,
    AnswerTimeout,
    AnswerUnusable,
    ClientClosed,
    LastingFailure,
    OutcomeUnknown,
    Request,
    Response,
    Transport,
    TransportError,
)
from dss_wire.cancellation import sleep
from dss_wire.codec import GATEWAY_STATUSES
from dss_wire.forms import File
from dss_wire.multipart import Multipart
from dss_wire.transport import MAX_ERROR_BODY

MAX_BODY = 1 << 26
"""The largest response body in bytes that is accepted, except for files: 64 MiB."""

_log = logging.getLogger(__name__)


@attrs.frozen
class Retries:
    """Number of attempts for a request, and the delays between them.

    A request is repeated only if that is safe, or if it certainly never reached the middleware.
    The delay doubles after each attempt. Each delay is shortened at random, by half at most, so
    that many clients do not come back at the same time.

    If the middleware closes an idle connection just before a request, the client replaces the
    connection immediately. This does not count as an attempt, because the middleware closes every
    connection that is idle for too long.

    Attributes:
        attempts: the largest number of times that a request is sent; 1 disables retries.
        first_delay: seconds before the second attempt.
        longest_delay: the largest number of seconds between two attempts.
        longest_wait: the longest `Retry-After` in seconds. If the middleware asks for more, the
            request is not repeated.

    Raises:
        ValueError: a number is too small.
    """

    attempts: int = attrs.field(default=5, validator=attrs.validators.ge(1))
    first_delay: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    longest_delay: float = attrs.field(default=30.0, validator=attrs.validators.ge(0))
    longest_wait: float = attrs.field(default=300.0, validator=attrs.validators.ge(0))

    def delays(self) -> Iterator[float]:
        """Yield the seconds before each further attempt, `attempts - 1` numbers in all."""
        for number in range(self.attempts - 1):
            # The exponent is limited because 2 ** 1024 is too large for a float.
            longest = min(self.first_delay * 2 ** min(number, 64), self.longest_delay)
            yield longest * random.uniform(0.5, 1)  # noqa: S311  # not used for security


_retries_disabled: ContextVar[bool] = ContextVar("retries_disabled", default=False)


@contextmanager
def disable_retries() -> Iterator[None]:
    """Disable retries in this thread inside the `with` block; the caller repeats the request."""
    before = _retries_disabled.set(True)
    try:
        yield
    finally:
        _retries_disabled.reset(before)


class RetryingTransport:
    """A transport that retries requests if that is safe.

    It retries operations that the contract marks as safe, and requests that were never sent. If
    another request gets no response, it is not known whether it took effect, so it is not sent
    again. An upload is repeated from the beginning of its file.

    The body of a response is read immediately, except for files, so that a request is also
    repeated if its response is cut short. Several threads can share a transport.
    """

    def __init__(self, inner: Transport, retries: Retries, server: str = "") -> None:
        self._inner = inner
        self._retries = retries
        self._server_suffix = f" at {server}" if server else ""

    def __repr__(self) -> str:
        return f"RetryingTransport({self._inner!r})"

    def send(self, request: Request) -> Response:
        """Send a request; see `dss_api.Transport`.

        Raises:
            OutcomeUnknown: the request must not be repeated, and the first attempt may have taken
                effect.
            UploadChanged: a file changed, or a file cannot be read a second time.
            Cancelled: another thread cancelled this one.
        """
        delays = self._retries.delays()
        while True:
            outcome = self._send_once(request)
            if isinstance(outcome, Response) and outcome.status not in GATEWAY_STATUSES:
                return outcome
            self._check_repeatable(request, outcome)
            delay = self._choose_delay(outcome, next(delays, None))
            if delay is None:
                break
            _log.warning(
                "%s %s failed: %s. Retrying in %.1f s.",
                request.method,
                request.path,
                _describe_failure(outcome),
                delay,
            )
            sleep(delay)
        if isinstance(outcome, Response):
            return outcome
        raise outcome

    def _check_repeatable(self, request: Request, outcome: Response | TransportError) -> None:
        """Check whether a request without a response from the middleware can be sent again.

        Raises:
            OutcomeUnknown: the request must not be sent again, and it may have taken effect.
        """
        operation = request.operation
        cause = outcome if isinstance(outcome, TransportError) else None
        if operation.repeatable or (cause and not cause.sent):
            return
        raise OutcomeUnknown(
            f"It is not known whether {request.method} {request.path}{self._server_suffix} took "
            f"effect, because {_describe_failure(outcome)}. The request was not sent again, "
            f"because that could have this effect: {operation.repeat_effect}. "
            f"{operation.when_unknown}",
            method=request.method,
            path=request.path,
        ) from cause

    def _send_once(self, request: Request) -> Response | TransportError:
        """Return the response, or the error if none arrived."""
        if isinstance(request.body, Multipart):
            request.body.rewind()
        try:
            return _read_body(self._inner.send(request))
        except TransportError as error:
            return error

    def _choose_delay(
        self, outcome: Response | TransportError, delay: float | None
    ) -> float | None:
        """Return the seconds before the next attempt; `None` after the last one."""
        if isinstance(outcome, LastingFailure) or _retries_disabled.get():
            return None
        if delay is None or isinstance(outcome, TransportError):
            return delay
        wait = _parse_retry_after(outcome)
        return None if wait > self._retries.longest_wait else max(delay, wait)


def _read_body(response: Response) -> Response:
    """Read the body of a response, unless it is a file.

    Raises:
        TransportError: the body did not arrive completely.
        AnswerUnusable: the body is longer than `MAX_BODY`.
    """
    answer = response.request.operation.answer
    if response.status == answer.status and isinstance(answer, File):
        return response
    with response:
        if response.status != answer.status:
            # An error response is short; if it is not, its beginning is enough.
            content = _read_up_to(response, MAX_ERROR_BODY)
        else:
            content = _read_up_to(response, MAX_BODY + 1)
            _check_length(response, content)
        return response.with_body(io.BytesIO(content))


def _read_up_to(response: Response, size: int) -> bytes:
    """Return the first bytes of a body; all of them if it is shorter.

    Raises:
        TransportError: the connection broke before.
    """
    pieces: list[bytes] = []
    while size and (piece := response.body.read(min(size, MAX_ERROR_BODY))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _check_length(response: Response, content: bytes) -> None:
    """Check that a body is not too long.

    Raises:
        AnswerUnusable: the body is longer than `MAX_BODY`.
    """
    request = response.request
    if len(content) > MAX_BODY:
        raise AnswerUnusable(
            f"The answer to {request.method} {request.path} is longer than {MAX_BODY >> 20} MiB. "
            "The rest of it was not read. Check that the server's address belongs to a DSS "
            "middleware.",
            method=request.method,
            path=request.path,
        )


def _parse_retry_after(response: Response) -> float:
    """Return the seconds that `Retry-After` asks to wait; 0 if it is missing or not valid."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    # Dates are rare here, and the import also loads network modules.
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0
    # A date without a time zone is in UTC.
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0, (date - datetime.now(UTC)).total_seconds())


_FAILURE_TEXTS = {
    AnswerTimeout: "no answer arrived in time",
    AnswerCutShort: "the answer was cut short",
    AnswerUnusable: "the answer is too long",
    ClientClosed: "the client was closed",
}


def _describe_failure(outcome: Response | TransportError) -> str:
    """Return a clause that says why a request failed."""
    if isinstance(outcome, Response):
        return f"a gateway answered {outcome.status} in place of the middleware"
    if not outcome.sent:
        return "no connection could be made"
    return _FAILURE_TEXTS.get(type(outcome), "the connection broke before an answer arrived")
