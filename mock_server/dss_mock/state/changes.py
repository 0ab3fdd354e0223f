"""The changes that are not saved yet."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from .entities import Entity


class Changes:
    """The changed entities, in the order of their first change. The caller holds the lock.

    Attributes:
        is_recording: whether changes are kept. This is so if the state is saved.
        all_forgotten: whether a reset has removed all earlier entities.
        erased: the files to delete once the references to them are deleted in the database.
    """

    def __init__(self) -> None:
        self.is_recording = False
        self.all_forgotten = False
        self.erased: list[Path] = []
        self._entities: dict[Entity, None] = {}

    def __bool__(self) -> bool:
        return self.all_forgotten or bool(self._entities) or bool(self.erased)

    def add(self, entity: Entity) -> None:
        """Note that an entity is new or changed."""
        if self.is_recording:
            self._entities[entity] = None

    def forget_all(self) -> None:
        """Note that all entities were removed."""
        self._entities.clear()
        self.all_forgotten = self.is_recording

    def take(self, count: int) -> list[Entity]:
        """Return the entities that changed first, and remove them from the changes."""
        if count >= len(self._entities):
            taken, self._entities = list(self._entities), {}
            return taken
        taken = list(islice(self._entities, count))
        for entity in taken:
            del self._entities[entity]
        return taken

    def take_all_forgotten(self) -> bool:
        """Return whether a reset has removed all entities, and clear that flag."""
        taken, self.all_forgotten = self.all_forgotten, False
        return taken

    def take_erased(self) -> list[Path]:
        """Return the files to delete, and clear the list."""
        taken, self.erased = self.erased, []
        return taken

    def put_back(self, entities: Iterable[Entity], *, all_forgotten: bool) -> None:
        """Add the changes again after saving them failed."""
        # Changes from before a reset no longer matter.
        if not self.all_forgotten:
            self.all_forgotten = all_forgotten
            self._entities = dict.fromkeys([*entities, *self._entities])
