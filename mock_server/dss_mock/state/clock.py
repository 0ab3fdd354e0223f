"""The clock of the mock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import attrs

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""The range of the clock. Later dates exceed what calendars support."""


@attrs.frozen
class ClockSetting:
    """The offset of a clock from the real time.

    Attributes:
        ahead: how many seconds the clock is ahead of the real time.
        frozen_at: the Unix time of a stopped clock, or `None` if the clock runs.
    """

    ahead: float = 0.0
    frozen_at: float | None = None


class Clock:
    """A clock that shows the real time until it is set. Threads can share the clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._setting = ClockSetting()

    @property
    def setting(self) -> ClockSetting:
        """The offset from the real time. Assign a setting to change the clock.

        Raises:
            ValueError: the clock would leave its range.
        """
        return self._setting

    @setting.setter
    def setting(self, setting: ClockSetting) -> None:
        with self._lock:
            self._set(setting)

    def now(self) -> float:
        """Return the time in Unix seconds."""
        return _compute_time(self._setting)

    def advance(
        self,
        by: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Set the clock forward, whether it runs or stands still.

        Args:
            by: the time to add, on top of the other arguments.

        Raises:
            TypeError: `by` is not a timedelta.
            ValueError: the sum is negative, or the clock would leave its range.
        """
        if by is not None and not isinstance(by, timedelta):
            raise TypeError(f"{by!r} is not a timedelta. Pass a timedelta, or hours=3.")
        try:
            by = (by or timedelta(0)) + timedelta(
                days=days, hours=hours, minutes=minutes, seconds=seconds
            )
        except OverflowError as error:
            raise ValueError(f"The clock cannot go that far: {error}") from error
        if by < timedelta(0):
            raise ValueError(f"The clock cannot go back by {-by}. Give a time of 0 or more.")
        with self._lock:
            ahead, frozen_at = self._setting.ahead, self._setting.frozen_at
            if frozen_at is None:
                self._set(ClockSetting(ahead + by.total_seconds()))
            else:
                self._set(ClockSetting(ahead, frozen_at + by.total_seconds()))

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock.

        Args:
            at: the time to show from now on, which can be in the past. The default is the present
                time.

        Raises:
            TypeError: `at` is not a datetime.
            ValueError: the time lacks a time zone, or is outside the range of the clock.
        """
        if at is not None and not isinstance(at, datetime):
            raise TypeError(f"{at!r} is not a datetime")
        if at is not None and at.tzinfo is None:
            raise ValueError(f"{at} lacks a time zone. Use datetime(..., tzinfo=UTC).")
        with self._lock:
            time = _compute_time(self._setting) if at is None else at.timestamp()
            self._set(ClockSetting(frozen_at=time))

    def resume(self) -> None:
        """Let a stopped clock run again, from the time that it shows."""
        with self._lock:
            if self._setting.frozen_at is not None:
                self._setting = ClockSetting(ahead=self._setting.frozen_at - _get_real_time())

    def reset(self) -> None:
        """Show the real time again."""
        self.setting = ClockSetting()

    def _set(self, setting: ClockSetting) -> None:
        """Apply a setting. The caller holds the lock."""
        if not EARLIEST.timestamp() <= _compute_time(setting) < LATEST.timestamp():
            raise ValueError(
                f"the clock can only show the years {EARLIEST.year} to {LATEST.year - 1}"
            )
        self._setting = setting


def _compute_time(setting: ClockSetting) -> float:
    if setting.frozen_at is not None:
        return setting.frozen_at
    return _get_real_time() + setting.ahead


def _get_real_time() -> float:
    return time.time()
