"""What all parts of the state stand on: one lock, one clock, one source of chance."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from pathlib import Path

from dss_api import Dialect
from dss_api.enums import NEWEST

from ..file_store import remove_files
from .changes import Changes
from .clock import Clock
from .entities import Entity, Ticket


class Foundation:
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
        self.reseed()

    def reseed(self, seed: int | None = None, run: int = 0) -> None:
        """Let chance begin anew.

        Args:
            seed: the one that all began with if not given.
            run: how often the state was taken up again. Each time, other names are made up: a
                process that was killed may have given out more of them than it saved, and none
                must be given to somebody else, too.
        """
        with self.lock:
            self._current_seed = self._seed if seed is None else seed
            self._run = run
            self._streams: dict[str, random.Random] = {}

    def now(self) -> float:
        """The time in seconds as the middleware keeps it, whole or with microseconds."""
        now = self.clock.now()
        return round(now, 6) if self.dialect is Dialect.V2020 else int(now)

    def make_hex(self, kind: str, digits: int) -> str:
        """A made-up hexadecimal number.

        Args:
            kind: what it is for. Each kind has a sequence of its own, so that one user more
                lets no attachment have another name.
        """
        with self.lock:
            if kind not in self._streams:
                # What is made up is to be reproducible, not secret.
                seed = f"{self._current_seed}/{self._run}/{kind}"
                self._streams[kind] = random.Random(seed)  # noqa: S311
            return f"{self._streams[kind].getrandbits(4 * digits):0{digits}x}"

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove files to which nothing refers any more; without the lock.

        They stay until that is saved, if anything is: whoever is killed before finds them again.
        """
        with self.lock:
            if self.changes.is_recording:
                self.changes.erased += paths
                return
        remove_files(paths)

    def note_change(self, *entities: Entity) -> None:
        """Note that things are new or changed; with the lock held by the caller."""
        for entity in entities:
            if isinstance(entity, Ticket):
                entity.last_activity = self.now()
            self.changes.add(entity)
