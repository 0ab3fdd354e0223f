"""Cancellation of a thread's network calls by another thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Callback = Callable[[], object]
"""A function without arguments."""


class Cancelled(Exception):
    """Another thread cancelled the network calls of this thread."""


class Canceller:
    """A canceller of the network calls of several threads. After `cancel` it cannot be used again.

    Each thread makes its calls inside `with canceller.applied():`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._aborts: set[Callback] = set()
        self._cancelled = threading.Event()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let `cancel` abort the network calls of this thread inside the `with` block."""
        before = _current.set(self)
        try:
            yield
        finally:
            _current.reset(before)

    def cancel(self) -> None:
        """Abort the blocking calls of all threads, and refuse further ones."""
        with self._lock:
            self._cancelled.set()
            for abort in self._aborts:
                abort()

    def sleep(self, seconds: float) -> None:
        """Wait until the time is over.

        Raises:
            Cancelled: `cancel` was called, before or during the wait.
        """
        if self._cancelled.wait(seconds):
            raise Cancelled

    def on_cancel(self, abort: Callback) -> Callback:
        """Register a callback; see the function `on_cancel`."""

        def unregister() -> None:
            with self._lock:
                self._aborts.discard(abort)

        with self._lock:
            if self._cancelled.is_set():
                raise Cancelled
            self._aborts.add(abort)
        return unregister


_current: ContextVar[Canceller | None] = ContextVar("canceller", default=None)


def on_cancel(abort: Callback) -> Callback:
    """Register a callback that aborts this thread's next blocking call without waiting.

    Returns:
        A function that unregisters the callback. Call it before another thread uses the same
        connection.

    Raises:
        Cancelled: this thread was already cancelled.
    """
    canceller = _current.get()
    return canceller.on_cancel(abort) if canceller else _do_nothing


@contextmanager
def uncancellable() -> Iterator[None]:
    """Protect this thread from cancellation inside the `with` block."""
    before = _current.set(None)
    try:
        yield
    finally:
        _current.reset(before)


def sleep(seconds: float) -> None:
    """Wait until the time is over.

    Raises:
        Cancelled: this thread was cancelled, before or during the wait.
    """
    canceller = _current.get()
    if canceller:
        canceller.sleep(seconds)
    else:
        time.sleep(seconds)


def _do_nothing() -> None:
    """Unregister nothing, in a thread without a canceller."""
