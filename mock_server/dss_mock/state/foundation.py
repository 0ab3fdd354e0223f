"""The shared parts of the state: the lock, the clock, random names and unsaved changes."""

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
    """The lock, the clock, the random names and the unsaved changes of a state.

    Args:
        clock: the clock of the state.
        seed: the seed of random tokens and names, which makes them equal in each run.

    Attributes:
        lock: held by all code that reads or changes the state. Files are read, written and deleted
            without it.
        clock: the clock of the state.
        changes: the changes to save.
        dialect: the version of the middleware, which sets the precision of times.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.changes = Changes()
        self.dialect = NEWEST
        self._seed = seed
        self.reseed()

    def reseed(self, seed: int | None = None, run: int = 0) -> None:
        """Restart the random sequences.

        Args:
            seed: the new seed. The default is the seed of this object.
            run: how many times the state was restored. Each run has different random names: a
                killed process may have given out names that it did not save, and no other user
                must get them.
        """
        with self.lock:
            self._current_seed = self._seed if seed is None else seed
            self._run = run
            self._streams: dict[str, random.Random] = {}

    def now(self) -> float:
        """Return the time in the middleware's precision: whole seconds or microseconds."""
        now = self.clock.now()
        return round(now, 6) if self.dialect is Dialect.V2020 else int(now)

    def make_hex(self, kind: str, digits: int) -> str:
        """Return a random hexadecimal number.

        Args:
            kind: the use of the number. Each kind has its own random sequence, so that one more
                user does not change the names of attachments.
        """
        with self.lock:
            if kind not in self._streams:
                # Reproducible on purpose. It need not be secret.
                seed = f"{self._current_seed}/{self._run}/{kind}"
                self._streams[kind] = random.Random(seed)  # noqa: S311
            return f"{self._streams[kind].getrandbits(4 * digits):0{digits}x}"

    def remove(self, paths: Iterable[Path]) -> None:
        """Delete files that are no longer referred to. Call it without the lock.

        If the state has a data folder, the files are deleted only after the next save, so that a
        killed process finds them again.
        """
        with self.lock:
            if self.changes.is_recording:
                self.changes.erased += paths
                return
        remove_files(paths)

    def note_change(self, *entities: Entity) -> None:
        """Note that entities are new or changed. The caller holds the lock."""
        for entity in entities:
            if isinstance(entity, Ticket):
                entity.last_activity = self.now()
            self.changes.add(entity)
