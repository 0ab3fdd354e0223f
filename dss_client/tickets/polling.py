"""Repeated requests until there is a result or the time is over."""

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
"""The time between two updates of the progress bar, in seconds."""

GRACE_PERIOD = 5.0
"""The time that a request can continue after the end of the wait, in seconds."""

_TEMPORARY_ERRORS = (TransportError, MiddlewareUnavailable, MiddlewareFault)
_PERMANENT_ERRORS = (OutcomeUnknown, LastingFailure)

_log = logging.getLogger(__name__)


class Wait:
    """One wait, which continues after a short failure of the network.

    Args:
        timeout: the length of the wait, in seconds.
        interval: the time between two attempts, in seconds.
    """

    def __init__(self, timeout: float, interval: float) -> None:
        self._interval = interval
        self._deadline = time.monotonic() + timeout
        self._has_single_attempt = timeout == 0
        self._is_first = True
        self._last_error: DssError | None = None

    def try_request(self, request: Callable[[], T]) -> T | None:
        """Send a request that is safe to repeat; return `None` if the request fails temporarily.

        The request is cancelled a few seconds after the end of the wait. A failure of the first
        request is raised, because the address may be wrong. A later failure is logged, because the
        next request may succeed.

        Raises:
            DssError: the middleware refused, or the first request failed.
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
            _log.warning("%s Retrying in %.0f s.", error, self._interval)
            return None
        self._is_first, self._last_error = False, None
        return answer

    def raise_last_error(self) -> None:
        """Raise the failure of the last request, if it failed.

        Raises:
            DssError: the last request failed.
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
            # Only the first request is retried: the later ones are repeated by the wait itself.
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
    """Repeat an attempt until it returns a result; return `None` if the time ends first.

    The first attempt is made immediately, the next every `interval` seconds, and the last one after
    `timeout` seconds. If the timeout is 0, there is one attempt. Never sleeps past the timeout.

    Args:
        timeout: the length of the wait, in seconds; can be infinite.
        interval: the time between two attempts, in seconds.
        advance: a function that is called with the seconds since its last call.

    Raises:
        DssError: the middleware refused an attempt, or the last attempt failed.
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
