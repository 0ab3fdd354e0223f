"""What all parts of the state stand on: one lock, one clock, one source of chance."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from pathlib import Path

from dss_api import Dialect
from dss_api.enums import NEWEST

from ..files import remove
from .changes import Changes, Thing
from .clock import Clock
from .entities import Ticket


class Ground:
    """Lock, clock and chance, and note of what changed.

    Args:
        clock: the time that all goes by.
        seed: of the tokens and names that are made up, which are the same in each run.

    Attributes:
        lock: to be held by whatever reads or changes the state, and never while files are read,
            written or removed.
        clock: the time that all goes by.
        changes: what is to be saved.
        dialect: the version of the middleware, which decides how exactly it keeps times.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.changes = Changes()
        self.dialect = NEWEST
        self._seed = seed
        self.restart()

    def restart(self, seed: int | None = None, run: int = 0) -> None:
        """Let chance begin anew.

        Args:
            seed: the one that all began with if not given.
            run: how often the state was taken up again. Each time, other names are made up: a
                process that was killed may have given out more of them than it saved, and none
                must be given to somebody else, too.
        """
        with self.lock:
            self._chosen = self._seed if seed is None else seed
            self._run = run
            self._streams: dict[str, random.Random] = {}

    def now(self) -> float:
        """The time in seconds as the middleware keeps it, whole or with microseconds."""
        now = self.clock.now()
        return round(now, 6) if self.dialect is Dialect.V2020 else int(now)

    def hex(self, kind: str, digits: int) -> str:
        """A made-up hexadecimal number.

        Args:
            kind: what it is for. Each kind has a sequence of its own, so that one user more
                lets no attachment have another name.
        """
        with self.lock:
            if kind not in self._streams:
                # What is made up is to be reproducible, not secret.
                seed = f"{self._chosen}/{self._run}/{kind}"
                self._streams[kind] = random.Random(seed)  # noqa: S311
            return f"{self._streams[kind].getrandbits(4 * digits):0{digits}x}"

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove files to which nothing refers any more; without the lock.

        They stay until that is saved, if anything is: whoever is killed before finds them again.
        """
        with self.lock:
            if self.changes.wanted:
                self.changes.erased += paths
                return
        remove(paths)

    def changed(self, *things: Thing) -> None:
        """Note that things are new or changed; with the lock held by the caller."""
        for thing in things:
            if isinstance(thing, Ticket):
                thing.last_activity = self.now()
            self.changes.add(thing)
