"""What all parts of the state stand on: one lock, one clock, one source of chance."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable


class Ground:
    """Lock, clock and chance.

    Args:
        clock: gives the Unix time in seconds.
        seed: of the tokens, sessions and names that are made up, which are the same in each run.

    Attributes:
        lock: to be held by whatever reads or changes the state, and never while files are read,
            written or removed.
    """

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._seed = seed
        self.restart()

    def restart(self) -> None:
        """Let chance begin anew."""
        self._random = random.Random(self._seed)  # noqa: S311  # reproducible on purpose

    def now(self) -> int:
        """The time in whole seconds, as the middleware keeps it."""
        return int(self._clock())

    def hex(self, digits: int) -> str:
        """A made-up hexadecimal number."""
        with self.lock:
            return f"{self._random.getrandbits(4 * digits):0{digits}x}"
