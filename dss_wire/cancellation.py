{% include "header" %}
"""Stopping what a thread does at the network, from another thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Step = Callable[[], object]
"""Something that is done without arguments."""


class Stopped(Exception):
    """Another thread stopped what this one did at the network."""


class Stopper:
    """Stops threads that wait for the network, or before they ask again; once and for all.

    Each of the threads does its work within `with stopper.applied():`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: set[Step] = set()
        self._stopped = threading.Event()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within it, what this thread does at the network can be stopped."""
        before = _current.set(self)
        try:
            yield
        finally:
            _current.reset(before)

    def stop(self) -> None:
        """Let no thread wait any longer; what it waited for breaks off."""
        with self._lock:
            self._stopped.set()
            for end in self._ends:
                end()

    def sleep(self, seconds: float) -> None:
        """Wait, but not once the threads are stopped.

        Raises:
            Stopped: they are.
        """
        if self._stopped.wait(seconds):
            raise Stopped

    def watch(self, end: Step) -> Step:
        """See `watch`, for the threads of this one."""

        def forget() -> None:
            with self._lock:
                self._ends.discard(end)

        with self._lock:
            if self._stopped.is_set():
                raise Stopped
            self._ends.add(end)
        return forget


_current: ContextVar[Stopper | None] = ContextVar("stopper", default=None)


def watch(end: Step) -> Step:
    """Say how that is ended, without waiting, which this thread is about to wait for.

    Returns:
        What is to be called before it serves another thread.

    Raises:
        Stopped: this thread is to wait for nothing any more.
    """
    stopper = _current.get()
    return stopper.watch(end) if stopper else _nothing


@contextmanager
def spared() -> Iterator[None]:
    """Within it, this thread is not stopped: for what must not be done by half."""
    before = _current.set(None)
    try:
        yield
    finally:
        _current.reset(before)


def sleep(seconds: float) -> None:
    """Wait, unless this thread is stopped.

    Raises:
        Stopped: it is.
    """
    stopper = _current.get()
    if stopper:
        stopper.sleep(seconds)
    else:
        time.sleep(seconds)


def _nothing() -> None:
    """Nobody stops this thread."""
