"""Asking again and again until there is something, or time is up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import TIMEOUT_MAX, Timer
from typing import TypeVar

from dss_api import (
    DssError,
    LastingFailure,
    MiddlewareFault,
    MiddlewareUnavailable,
    OutcomeUnknown,
    TransportError,
)
from dss_client.transport.retries import disable_retries
from dss_wire.cancellation import Cancelled, Canceller

T = TypeVar("T")

PROGRESS_INTERVAL = 1.0
"""How often the progress bar moves, in seconds."""

GRACE_PERIOD = 5.0
"""For how many seconds after its time a question is still waited for."""

_TEMPORARY_ERRORS = (TransportError, MiddlewareUnavailable, MiddlewareFault)
_PERMANENT_ERRORS = (OutcomeUnknown, LastingFailure)

_log = logging.getLogger(__name__)


class Wait:
    """One wait, which a bad moment of the network does not end.

    Args:
        timeout: for how many seconds.
        interval: how many seconds are between two attempts.
    """

    def __init__(self, timeout: float, interval: float) -> None:
        self._interval = interval
        self._deadline = time.monotonic() + timeout
        self._has_single_attempt = timeout == 0
        self._is_first = True
        self._last_error: DssError | None = None

    def try_request(self, request: Callable[[], T]) -> T | None:
        """The answer to a question that is harmless to ask; `None` if there is none just now.

        It is given up some seconds after the end of the wait. The first time, a failure is told,
        for the address may be wrong; later on it is not, for the next time may be better.

        Raises:
            DssError: the middleware refused, or does not answer at the first time.
        """
        if self._has_single_attempt:
            return request()
        try:
            with self._limit_time():
                answer = request()
        except Cancelled:
            return None
        except _TEMPORARY_ERRORS as error:
            if self._is_first or isinstance(error, _PERMANENT_ERRORS):
                raise
            self._last_error = error
            _log.warning("%s Asking again in %.0f s.", error, self._interval)
            return None
        self._is_first, self._last_error = False, None
        return answer

    def raise_last_error(self) -> None:
        """Time is up.

        Raises:
            DssError: the last question had no answer, for this reason.
        """
        if self._last_error is not None:
            raise self._last_error

    @contextmanager
    def _limit_time(self) -> Iterator[None]:
        canceller = Canceller()
        seconds = max(0.0, self._deadline + GRACE_PERIOD - time.monotonic())
        timer = Timer(min(seconds, TIMEOUT_MAX), canceller.cancel)
        timer.daemon = True
        timer.start()
        try:
            # Between the later questions there are pauses already.
            with canceller.applied(), nullcontext() if self._is_first else disable_retries():
                yield
        finally:
            timer.cancel()


def poll_until_result(
    attempt: Callable[[Wait], T | None],
    timeout: float,
    interval: float,
    advance: Callable[[float], object] = lambda seconds: None,
) -> T | None:
    """What an attempt gives as soon as it gives something; `None` if none does in time.

    The first is made at once, the next every `interval` seconds, and a last one when `timeout`
    seconds have passed; with a timeout of 0 there is just one. Never sleeps past the timeout.

    Args:
        timeout: in seconds; may be infinite.
        advance: is told of the seconds that have passed.

    Raises:
        DssError: an attempt failed for good, or the last one did.
    """
    wait = Wait(timeout, interval)
    if (answer := attempt(wait)) is not None or timeout == 0:
        return answer
    start = time.monotonic()
    shown = 0.0
    next_time = interval
    while shown < timeout:
        goal = min(next_time, timeout)
        waited = time.monotonic() - start
        if waited < goal:
            time.sleep(min(PROGRESS_INTERVAL, goal - waited))
        waited = min(time.monotonic() - start, timeout)
        advance(waited - shown)
        shown = waited
        if waited >= goal:
            if (answer := attempt(wait)) is not None:
                return answer
            next_time = max(goal, time.monotonic() - start) + interval
    wait.raise_last_error()
    return None
