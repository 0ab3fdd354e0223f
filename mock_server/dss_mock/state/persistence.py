"""Saving the state to a database, and loading it."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from cattrs.errors import ForbiddenExtraKeysError

from ..errors import DataDirError
from ..file_store import FileStore, remove_files
from .accounts import Accounts
from .catalogue import Catalogue
from .database import Database, Row
from .documents import (
    KINDS,
    Document,
    LogEntryDocument,
    ProviderDocument,
    References,
    ServiceDocument,
    SessionDocument,
    Settings,
    StrayFilesDocument,
    TicketDocument,
    UserDocument,
    get_key,
    make_converter,
    make_document,
)
from .entities import Entity
from .file_areas import FileAreas
from .foundation import Foundation
from .tickets import Tickets

SAVE_INTERVAL = 1.0
"""Seconds between two saves."""

_FIRST_BATCH = 100
_SETTINGS = ("settings", 0)
_LOG = logging.getLogger(__name__)

D = TypeVar("D", bound=Document)
T = TypeVar("T")


class Saver:
    """A background thread that saves the changes of a state regularly, and when it is closed.

    Only changes are written, so the cost does not depend on the size of the state. Each save is a
    snapshot of one moment.

    Args:
        database: the database, which `close()` also closes.
        run: how many times the state was restored, including this time.
    """

    def __init__(self, foundation: Foundation, database: Database, run: int = 0) -> None:
        self._foundation = foundation
        self._database = database
        self._run = run
        self._converter = make_converter()
        # A state that never changed is not saved, as if it did not exist.
        self._saved_settings = Settings(0, foundation.clock.setting)
        self._saving = threading.Lock()
        self._given_up = False
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._save_periodically, name="dss_mock_saver", daemon=True
        )

    def start(self) -> None:
        """Save the state once, and start the thread that saves it from then on.

        Raises:
            DataDirError: the state cannot be saved.
        """
        with self._foundation.lock:
            self._foundation.changes.is_recording = True
        self.save()
        self._thread.start()

    def save(self) -> None:
        """Save the changes.

        Raises:
            DataDirError: saving failed. The next save tries again.
        """
        with self._saving:
            if self._given_up:
                return
            settings = Settings(self._run, self._foundation.clock.setting)
            if not self._foundation.changes and settings == self._saved_settings:
                return
            try:
                self._write(settings)
            except sqlite3.Error as error:
                raise DataDirError(f"cannot write {self._database.path}: {error}") from error
            self._saved_settings = settings

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Save the changes of the `with` block together. If the block fails, never save again."""
        with self._saving:
            try:
                yield
            except BaseException:
                self._given_up = True
                self._foundation.changes.is_recording = False
                raise

    def close(self) -> None:
        """Save the changes, and close the database.

        Raises:
            DataDirError: saving failed. The changes are lost.
        """
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            self.save()
        finally:
            self._foundation.changes.is_recording = False
            self._database.close()

    def _save_periodically(self) -> None:
        failed = False
        while not self._closing.wait(SAVE_INTERVAL):
            try:
                self.save()
            except Exception:  # noqa: BLE001  # logged, and tried again
                # The disk may have space again a second later. `close()` reports a lasting failure.
                if not failed:
                    _LOG.exception("The state of the mock cannot be saved at the moment")
                failed = True
            else:
                if failed:
                    _LOG.warning("The state of the mock is saved again")
                failed = False

    def _write(self, settings: Settings) -> None:
        taken: list[Entity] = []
        erased: list[Path] = []
        all_forgotten = False
        try:
            with self._database.transaction():
                self._database.write([(*_SETTINGS, self._encode(settings))])
                for forgotten, entities, documents in self._take(erased):
                    if forgotten:
                        # Changes from before a reset must not come back.
                        taken, all_forgotten = [], True
                        self._database.remove(KINDS)
                    taken += entities
                    self._database.write(self._rows(entities, documents))
        except BaseException:
            with self._foundation.lock:
                self._foundation.changes.put_back(taken, all_forgotten=all_forgotten)
                self._foundation.changes.erased += erased
            raise
        remove_files(erased)

    def _take(
        self, erased: list[Path]
    ) -> Iterator[tuple[bool, list[Entity], list[Document | None]]]:
        """Yield the changes and their documents in batches, so that the lock is held only briefly.

        Changes during the loop are included, so that no document is older than the others. Each
        batch can be twice as large as the batch before, so the loop ends.

        Args:
            erased: the list to fill with the files to delete after the save.
        """
        count = _FIRST_BATCH
        while self._foundation.changes:
            with self._foundation.lock:
                forgotten = self._foundation.changes.take_all_forgotten()
                entities = self._foundation.changes.take(count)
                erased += self._foundation.changes.take_erased()
                documents = [make_document(entity) for entity in entities]
            yield forgotten, entities, documents
            count *= 2

    def _rows(self, entities: list[Entity], documents: list[Document | None]) -> Iterator[Row]:
        for entity, found in zip(entities, documents, strict=True):
            yield *get_key(entity), None if found is None else self._encode(found)

    def _encode(self, found: Document | Settings) -> str:
        return json.dumps(self._converter.unstructure(found), separators=(",", ":"))


class Loader:
    """A loader that fills an empty state from a database.

    Raises:
        DataDirError: the database is damaged.
    """

    def __init__(self, database: Database, file_store: FileStore) -> None:
        self._database = database
        self._file_store = file_store
        self._converter = make_converter()

    def read_settings(self) -> Settings | None:
        """Return the saved settings, or `None` if nothing was saved yet."""
        with self._database.translate_errors():
            for text in self._database.read(_SETTINGS[0]):
                return self._decode(text, Settings)
            return None

    def load(
        self, accounts: Accounts, catalogue: Catalogue, tickets: Tickets, file_areas: FileAreas
    ) -> None:
        """Add everything that was saved, and delete files that no saved object uses."""
        references = References(accounts.users, catalogue.services, self._file_store.path)
        with self._database.translate_errors():
            for user in self._read(UserDocument):
                accounts.restore(user.restore(references))
            for service in self._read(ServiceDocument):
                catalogue.restore_service(service.restore(references))
            for provider in self._read(ProviderDocument):
                catalogue.restore_provider(provider.restore(references))
            for session in self._read(SessionDocument):
                accounts.restore_session(session.restore(references))
            found = {saved.id: saved.restore(references) for saved in self._read(TicketDocument)}
            for entry in self._read(LogEntryDocument):
                found[entry.ticket_id].log.append(entry.restore(references))
            for ticket in found.values():
                tickets.restore(ticket)
            stray_files = [saved.restore(references) for saved in self._read(StrayFilesDocument)]
            for holder in stray_files:
                file_areas.restore(holder)
        kept = [path for ticket in found.values() for path in ticket.paths]
        self._file_store.keep_only(kept + [path for holder in stray_files for path in holder.paths])

    def _read(self, kind: type[D]) -> Iterator[D]:
        for text in self._database.read(kind.kind):
            yield self._decode(text, kind)

    def _decode(self, text: str, kind: type[T]) -> T:
        try:
            return self._converter.structure(json.loads(text), kind)
        except ForbiddenExtraKeysError as error:
            raise ValueError(f"{error}") from error
