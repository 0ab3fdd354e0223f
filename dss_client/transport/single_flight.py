"""Work that several threads want done, and one of them does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dss_wire.cancellation import uncancellable


class SingleFlight:
    """Lets one thread do what several ask for at once; the others wait until it is done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: threading.Event | None = None
        self._worker = 0

    def run(self, work: Callable[[], object], timeout: float) -> bool:
        """Do the work, or wait for the thread that is doing it.

        What the work raises reaches the thread that did it; the others see what came of it.

        Args:
            longest: seconds to wait for another thread.

        Returns:
            False if the work is not done: another thread took too long, or this very thread asked
            for it in the middle of doing it.
        """
        mine = threading.Event()
        with self._lock:
            done, worker = self._done, self._worker
            if done is None:
                self._done, self._worker = mine, threading.get_ident()
        if done is not None:
            return worker != threading.get_ident() and done.wait(timeout)
        try:
            # Others wait for it, and a token is spent by half of it.
            with uncancellable():
                work()
        finally:
            with self._lock:
                self._done = None
            mine.set()
        return True
