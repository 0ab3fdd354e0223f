"""Asking again and again until there is something, or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from dss_client.progress import seconds_bar

T = TypeVar("T")

TICK = 1.0
"""How often the progress bar moves, in seconds."""


def wait_for(
    ask: Callable[[], T | None], timeout: float, interval: float, description: str
) -> T | None:
    """As `ask_until`, with a progress bar of the time waited once there was no answer at first."""
    if (answer := ask()) is not None or timeout == 0:
        return answer
    with seconds_bar(description, timeout) as advance:
        return _ask_again(ask, timeout, interval, advance)


def ask_until(ask: Callable[[], T | None], timeout: float, interval: float) -> T | None:
    """What `ask` gives as soon as it gives something; `None` if it does not in time.

    Asks at once, then every `interval` seconds, and a last time when `timeout` seconds have passed;
    with a timeout of 0, just once. Never sleeps past the timeout, which may be infinite.
    """
    if (answer := ask()) is not None or timeout == 0:
        return answer
    return _ask_again(ask, timeout, interval, lambda seconds: None)


def _ask_again(
    ask: Callable[[], T | None],
    timeout: float,
    interval: float,
    advance: Callable[[float], object],
) -> T | None:
    start = time.monotonic()
    shown = 0.0
    next_time = interval
    while shown < timeout:
        goal = min(next_time, timeout)
        waited = time.monotonic() - start
        if waited < goal:
            time.sleep(min(TICK, goal - waited))
        waited = min(time.monotonic() - start, timeout)
        advance(waited - shown)
        shown = waited
        if waited >= goal:
            if (answer := ask()) is not None:
                return answer
            next_time = max(goal, time.monotonic() - start) + interval
    return None
