import itertools
import time
from collections.abc import Callable

import pytest

from dss_client.waiting import wait_for


def nothing_until(call: int) -> tuple[Callable[[], str | None], list[float]]:
    """Something to ask that has an answer at the given call, and the times of its calls."""
    times: list[float] = []
    counter = itertools.count(1)

    def ask() -> str | None:
        times.append(time.monotonic())
        return "answer" if next(counter) == call else None

    return ask, times


def test_an_answer_at_once_is_given_at_once() -> None:
    ask, times = nothing_until(1)

    assert wait_for(ask, timeout=60, interval=60, description="waiting") == "answer"
    assert len(times) == 1


def test_a_timeout_of_zero_asks_just_once() -> None:
    ask, times = nothing_until(99)

    assert wait_for(ask, timeout=0, interval=0.01, description="waiting") is None
    assert len(times) == 1


def test_it_asks_again_until_there_is_an_answer() -> None:
    ask, times = nothing_until(4)

    assert wait_for(ask, timeout=60, interval=0.01, description="waiting") == "answer"
    assert len(times) == 4


def test_it_waits_the_interval_between_asking() -> None:
    ask, times = nothing_until(4)

    wait_for(ask, timeout=60, interval=0.05, description="waiting")

    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(times))


def test_it_asks_a_last_time_at_the_timeout_and_never_sleeps_past_it() -> None:
    ask, times = nothing_until(99)
    start = time.monotonic()

    # The interval is so long that sleeping it out would be noticed.
    assert wait_for(ask, timeout=0.1, interval=30, description="waiting") is None

    assert len(times) == 2
    assert times[-1] - start >= 0.1
    assert times[-1] - start < 10


def test_an_error_while_asking_ends_the_wait() -> None:
    def ask() -> str | None:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        wait_for(ask, timeout=60, interval=1, description="waiting")
