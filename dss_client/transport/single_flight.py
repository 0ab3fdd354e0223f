"""Work that several threads ask for at the same time, and one of them does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dss_wire.cancellation import uncancellable


class SingleFlight:
    """Runs work in one thread while the other threads that ask for it wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: threading.Event | None = None
        self._worker = 0

    def run(self, work: Callable[[], object], timeout: float) -> bool:
        """Do the work, or wait for the thread that is doing it.

        If the work raises an error, only the thread that does the work raises it. The waiting
        threads return True.

        Args:
            timeout: seconds to wait for another thread.

        Returns:
            True if the work has ended. False if another thread took too long, or if this thread is
            doing the work already and asked for it again.
        """
        mine = threading.Event()
        with self._lock:
            done, worker = self._done, self._worker
            if done is None:
                self._done, self._worker = mine, threading.get_ident()
        if done is not None:
            return worker != threading.get_ident() and done.wait(timeout)
        try:
            # Other threads wait for the work, and an interrupted sign-in would waste its token.
            with uncancellable():
                work()
        finally:
            with self._lock:
                self._done = None
            mine.set()
        return True
