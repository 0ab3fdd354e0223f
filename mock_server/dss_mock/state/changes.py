"""What changed since it was last saved."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from .entities import LogEntry, Provider, Service, Session, Strays, Ticket, User

Thing = User | Session | Service | Provider | Ticket | LogEntry | Strays


class Changes:
    """The things that changed, in the order in which they first did; for the holder of the lock.

    Nothing is kept until somebody wants it.

    Attributes:
        wanted: whether somebody saves what changed.
        everything: whether all that there was before was forgotten.
        erased: the files to be removed once it is saved that nothing refers to them any more.
    """

    def __init__(self) -> None:
        self.wanted = False
        self.everything = False
        self.erased: list[Path] = []
        self._things: dict[Thing, None] = {}

    def __bool__(self) -> bool:
        return self.everything or bool(self._things) or bool(self.erased)

    def add(self, thing: Thing) -> None:
        """Note that a thing is new or changed."""
        if self.wanted:
            self._things[thing] = None

    def forget_all(self) -> None:
        """Note that all is forgotten."""
        self._things.clear()
        self.everything = self.wanted

    def take(self, count: int) -> list[Thing]:
        """Those that changed first, which then no longer count as changed."""
        if count >= len(self._things):
            taken, self._things = list(self._things), {}
            return taken
        taken = list(islice(self._things, count))
        for thing in taken:
            del self._things[thing]
        return taken

    def take_everything(self) -> bool:
        """Whether all was forgotten, which then no longer counts as a change."""
        taken, self.everything = self.everything, False
        return taken

    def take_erased(self) -> list[Path]:
        """The files to be removed, which are then left to the caller."""
        taken, self.erased = self.erased, []
        return taken

    def put_back(self, things: Iterable[Thing], *, everything: bool) -> None:
        """Let what was taken count as changed after all."""
        # What was taken before all was forgotten is no longer of interest.
        if not self.everything:
            self.everything = everything
            self._things = dict.fromkeys([*things, *self._things])
