"""Sending a request again after a failure, where the contract says that this is harmless."""

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
"""How many bytes an answer has at most that is no file: 64 MiB, far more than any of them."""

_log = logging.getLogger(__name__)


@attrs.frozen
class Retries:
    """How often a request is sent again, and when.

    Only requests that are harmless to repeat, and those that certainly never reached the
    middleware. The time between two doubles each time, and is shortened by chance, by half at most,
    so that many clients do not come back all at once.

    A kept connection that the middleware closes just when a request comes is replaced at once; that
    is no attempt, for it says only that the middleware had waited long enough.

    Attributes:
        attempts: how often a request is sent at most; 1 for never again.
        first_delay: seconds before the second time.
        longest_delay: seconds between two, at most.
        longest_wait: seconds to wait, at most, if the middleware says when to come back.

    Raises:
        ValueError: a number that cannot be.
    """

    attempts: int = attrs.field(default=5, validator=attrs.validators.ge(1))
    first_delay: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    longest_delay: float = attrs.field(default=30.0, validator=attrs.validators.ge(0))
    longest_wait: float = attrs.field(default=300.0, validator=attrs.validators.ge(0))

    def delays(self) -> Iterator[float]:
        """The seconds before each further attempt; ends with the last."""
        for number in range(self.attempts - 1):
            # In steps, for two to the power of a thousand is too large for a float.
            longest = min(self.first_delay * 2 ** min(number, 64), self.longest_delay)
            yield longest * random.uniform(0.5, 1)  # noqa: S311  # nothing secret hangs on it


_retries_disabled: ContextVar[bool] = ContextVar("retries_disabled", default=False)


@contextmanager
def disable_retries() -> Iterator[None]:
    """Within it, this thread sends nothing again, for whoever asks will ask again."""
    before = _retries_disabled.set(True)
    try:
        yield
    finally:
        _retries_disabled.reset(before)


class RetryingTransport:
    """A transport that sends a request again, where that is harmless, until there is an answer.

    Harmless to repeat is what the contract says so of, and what certainly never reached the
    middleware. Of another request nobody knows whether it took effect if no answer came; it is not
    sent again. Files are sent again from their beginning. The body of an answer that is no file is
    read at once, so that one that breaks off is asked for again. May be shared by threads.
    """

    def __init__(self, inner: Transport, retries: Retries, server: str = "") -> None:
        self._inner = inner
        self._retries = retries
        self._where = f" at {server}" if server else ""

    def __repr__(self) -> str:
        return f"RetryingTransport({self._inner!r})"

    def send(self, request: Request) -> Response:
        """Send a request; see `dss_api.Transport`.

        Raises:
            OutcomeUnknown: it must not be repeated, and perhaps it took effect.
            UploadChanged: a file could not be sent as it was, or not a second time.
            Cancelled: another thread cancelled this one.
        """
        delays = self._retries.delays()
        while True:
            outcome = self._send_once(request)
            if isinstance(outcome, Response) and outcome.status not in GATEWAY_STATUSES:
                return outcome
            self._check_repeatable(request, outcome)
            pause = self._choose_delay(outcome, next(delays, None))
            if pause is None:
                break
            _log.warning(
                "%s %s is sent again in %.1f s, for %s.",
                request.method,
                request.path,
                pause,
                _describe_failure(outcome),
            )
            sleep(pause)
        if isinstance(outcome, Response):
            return outcome
        raise outcome

    def _check_repeatable(self, request: Request, outcome: Response | TransportError) -> None:
        """See whether a request that had no answer of the middleware may be sent again.

        Raises:
            OutcomeUnknown: it may not, and perhaps it took effect.
        """
        operation = request.operation
        cause = outcome if isinstance(outcome, TransportError) else None
        if operation.repeatable or (cause and not cause.sent):
            return
        what = f"{request.method} {request.path}{self._where}"
        raise OutcomeUnknown(
            f"It is not known whether {what} took effect, for {_describe_failure(outcome)}. "
            f"It was not sent again, for sent twice it means that {operation.repeat_effect}. "
            f"{operation.when_unknown}",
            method=request.method,
            path=request.path,
        ) from cause

    def _send_once(self, request: Request) -> Response | TransportError:
        """The answer, or why there is none."""
        if isinstance(request.body, Multipart):
            request.body.rewind()
        try:
            return _read_body(self._inner.send(request))
        except TransportError as error:
            return error

    def _choose_delay(
        self, outcome: Response | TransportError, delay: float | None
    ) -> float | None:
        """How many seconds to wait before the next attempt; `None` if there shall be none."""
        if isinstance(outcome, LastingFailure) or _retries_disabled.get():
            return None
        if delay is None or isinstance(outcome, TransportError):
            return delay
        asked = _parse_retry_after(outcome)
        return None if asked > self._retries.longest_wait else max(delay, asked)


def _read_body(response: Response) -> Response:
    """A response whose body has arrived, unless it is a file.

    Raises:
        TransportError: it did not arrive.
        AnswerUnusable: it is longer than any answer can be.
    """
    answer = response.request.operation.answer
    if response.status == answer.status and isinstance(answer, File):
        return response
    with response:
        if response.status != answer.status:
            # What is refused is not long, and if it is, nobody reads all of it.
            content = _read_up_to(response, MAX_ERROR_BODY)
        else:
            content = _read_up_to(response, MAX_BODY + 1)
            _check_length(response, content)
        return response.with_body(io.BytesIO(content))


def _read_up_to(response: Response, size: int) -> bytes:
    """The first bytes of a body, or all if there are not so many.

    Raises:
        TransportError: it broke off before.
    """
    pieces: list[bytes] = []
    while size and (piece := response.body.read(min(size, MAX_ERROR_BODY))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _check_length(response: Response, content: bytes) -> None:
    """See whether an answer is of a length that it can have.

    Raises:
        AnswerUnusable: it is not.
    """
    request = response.request
    if len(content) > MAX_BODY:
        raise AnswerUnusable(
            f"The answer to {request.method} {request.path} has no end within {MAX_BODY >> 20} "
            "MiB, and no more of it was read. Check that the server's address is that of a DSS "
            "middleware.",
            method=request.method,
            path=request.path,
        )


def _parse_retry_after(response: Response) -> float:
    """In how many seconds the other side wants to be asked again; 0 if it does not say."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    # Few answers have a date there, and it takes the network's modules to read one.
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0
    # A date without a zone is one of universal time.
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0, (when - datetime.now(UTC)).total_seconds())


_FAILURE_TEXTS = {
    AnswerTimeout: "no answer came in time",
    AnswerCutShort: "the answer broke off",
    AnswerUnusable: "the answer has no end",
    ClientClosed: "the client was closed",
}


def _describe_failure(outcome: Response | TransportError) -> str:
    if isinstance(outcome, Response):
        return f"a gateway answered {outcome.status} in place of the middleware"
    if not outcome.sent:
        return "no connection could be made"
    return _FAILURE_TEXTS.get(type(outcome), "the connection broke before an answer came")
