"""What changed since it was last saved."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from .entities import Entity


class Changes:
    """The things that changed, in the order in which they first did; for the holder of the lock.

    Nothing is kept until somebody wants it.

    Attributes:
        is_recording: whether somebody saves what changed.
        all_forgotten: whether all that there was before was forgotten.
        erased: the files to be removed once it is saved that nothing refers to them any more.
    """

    def __init__(self) -> None:
        self.is_recording = False
        self.all_forgotten = False
        self.erased: list[Path] = []
        self._entities: dict[Entity, None] = {}

    def __bool__(self) -> bool:
        return self.all_forgotten or bool(self._entities) or bool(self.erased)

    def add(self, entity: Entity) -> None:
        """Note that a entity is new or changed."""
        if self.is_recording:
            self._entities[entity] = None

    def forget_all(self) -> None:
        """Note that all is forgotten."""
        self._entities.clear()
        self.all_forgotten = self.is_recording

    def take(self, count: int) -> list[Entity]:
        """Those that changed first, which then no longer count as changed."""
        if count >= len(self._entities):
            taken, self._entities = list(self._entities), {}
            return taken
        taken = list(islice(self._entities, count))
        for entity in taken:
            del self._entities[entity]
        return taken

    def take_all_forgotten(self) -> bool:
        """Whether all was forgotten, which then no longer counts as a change."""
        taken, self.all_forgotten = self.all_forgotten, False
        return taken

    def take_erased(self) -> list[Path]:
        """The files to be removed, which are then left to the caller."""
        taken, self.erased = self.erased, []
        return taken

    def put_back(self, entities: Iterable[Entity], *, all_forgotten: bool) -> None:
        """Let what was taken count as changed after all."""
        # What was taken before all was forgotten is no longer of interest.
        if not self.all_forgotten:
            self.all_forgotten = all_forgotten
            self._entities = dict.fromkeys([*entities, *self._entities])
