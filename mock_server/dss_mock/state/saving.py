"""How the state gets into a database and back."""

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

from ..files import DataDirError, Folder, remove
from .accounts import Accounts
from .areas import Areas
from .catalogue import Catalogue
from .changes import Thing
from .documents import (
    KINDS,
    Document,
    Known,
    LogEntryDocument,
    ProviderDocument,
    ServiceDocument,
    SessionDocument,
    Settings,
    StraysDocument,
    TicketDocument,
    UserDocument,
    document,
    key,
    make_converter,
)
from .ground import Ground
from .store import Row, Store
from .tickets import Tickets

PERIOD = 1.0
"""How many seconds pass between two savings."""

_FIRST_BATCH = 100
_SETTINGS = ("settings", 0)
_LOG = logging.getLogger(__name__)

D = TypeVar("D", bound=Document)
T = TypeVar("T")


class Saver:
    """Saves what changed in the state: in the background, and at the end.

    Only what changed is written, so that this costs the same however much there is. What is saved
    is the whole state as it was at one moment.

    Args:
        store: where to; closed with this.
        run: how often the state was taken up again, this time included.
    """

    def __init__(self, ground: Ground, store: Store, run: int = 0) -> None:
        self._ground = ground
        self._store = store
        self._run = run
        self._converter = make_converter()
        # A state to which nothing has happened is as good as none, and not saved.
        self._saved_settings = Settings(0, ground.clock.setting)
        self._saving = threading.Lock()
        self._given_up = False
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._save_now_and_then, name="dss_mock_saver", daemon=True
        )

    def start(self) -> None:
        """Begin.

        Raises:
            DataDirError: nothing can be saved.
        """
        with self._ground.lock:
            self._ground.changes.wanted = True
        self.save()
        self._thread.start()

    def save(self) -> None:
        """Save what changed.

        Raises:
            DataDirError: that failed. It will be saved the next time.
        """
        with self._saving:
            if self._given_up:
                return
            settings = Settings(self._run, self._ground.clock.setting)
            if not self._ground.changes and settings == self._saved_settings:
                return
            try:
                self._write(settings)
            except sqlite3.Error as error:
                raise DataDirError(f"cannot write {self._store.path}: {error}") from error
            self._saved_settings = settings

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is done inside is saved as a whole; if it fails, nothing is saved from then on."""
        with self._saving:
            try:
                yield
            except BaseException:
                self._given_up = True
                self._ground.changes.wanted = False
                raise

    def close(self) -> None:
        """Save what changed, and let go of the database.

        Raises:
            DataDirError: that failed, and is lost.
        """
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            self.save()
        finally:
            self._ground.changes.wanted = False
            self._store.close()

    def _save_now_and_then(self) -> None:
        failed = False
        while not self._closing.wait(PERIOD):
            try:
                self.save()
            except Exception:  # noqa: BLE001  # logged, and tried again
                # The disk may have room again a second later, and at the end somebody is told.
                if not failed:
                    _LOG.exception("The state of the mock cannot be saved for now")
                failed = True
            else:
                if failed:
                    _LOG.warning("The state of the mock is saved again")
                failed = False

    def _write(self, settings: Settings) -> None:
        taken: list[Thing] = []
        erased: list[Path] = []
        all_forgotten = False
        try:
            with self._store.transaction():
                self._store.write([(*_SETTINGS, self._encode(settings))])
                for forgotten, things, documents in self._take(erased):
                    if forgotten:
                        # What was taken before is no longer there, and must not come back.
                        taken, all_forgotten = [], True
                        self._store.remove(KINDS)
                    taken += things
                    self._store.write(self._rows(things, documents))
        except BaseException:
            with self._ground.lock:
                self._ground.changes.put_back(taken, everything=all_forgotten)
                self._ground.changes.erased += erased
            raise
        remove(erased)

    def _take(
        self, erased: list[Path]
    ) -> Iterator[tuple[bool, list[Thing], list[Document | None]]]:
        """What changed, with its documents, in parts, so that nobody waits long for the lock.

        What changes in the meantime is taken too: in the end, no document is older than another.
        As each part may be twice as large as the one before, there is an end.

        Args:
            erased: gets the files to be removed when all this is saved.
        """
        count = _FIRST_BATCH
        while self._ground.changes:
            with self._ground.lock:
                forgotten = self._ground.changes.take_everything()
                things = self._ground.changes.take(count)
                erased += self._ground.changes.take_erased()
                documents = [document(thing) for thing in things]
            yield forgotten, things, documents
            count *= 2

    def _rows(self, things: list[Thing], documents: list[Document | None]) -> Iterator[Row]:
        for thing, found in zip(things, documents, strict=True):
            yield *key(thing), None if found is None else self._encode(found)

    def _encode(self, found: Document | Settings) -> str:
        return json.dumps(self._converter.unstructure(found), separators=(",", ":"))


class Loader:
    """Puts what was saved into an empty state.

    Raises:
        DataDirError: what was saved is damaged.
    """

    def __init__(self, store: Store, folder: Folder) -> None:
        self._store = store
        self._folder = folder
        self._converter = make_converter()

    def settings(self) -> Settings | None:
        """What there is one of; `None` if nothing was saved yet."""
        with self._store.reading():
            for text in self._store.read(_SETTINGS[0]):
                return self._decode(text, Settings)
            return None

    def load(
        self, accounts: Accounts, catalogue: Catalogue, tickets: Tickets, areas: Areas
    ) -> None:
        """Put in everything; files that nothing refers to are removed."""
        known = Known(accounts.users, catalogue.services, self._folder.path)
        with self._store.reading():
            for user in self._read(UserDocument):
                accounts.restore(user.thing(known))
            for service in self._read(ServiceDocument):
                catalogue.restore_service(service.thing(known))
            for provider in self._read(ProviderDocument):
                catalogue.restore_provider(provider.thing(known))
            for session in self._read(SessionDocument):
                accounts.restore_session(session.thing(known))
            found = {saved.id: saved.thing(known) for saved in self._read(TicketDocument)}
            for entry in self._read(LogEntryDocument):
                found[entry.ticket_id].log.append(entry.thing(known))
            for ticket in found.values():
                tickets.restore(ticket)
            strays = [saved.thing(known) for saved in self._read(StraysDocument)]
            for holder in strays:
                areas.restore(holder)
        kept = [path for ticket in found.values() for path in ticket.paths]
        self._folder.keep(kept + [path for holder in strays for path in holder.paths])

    def _read(self, kind: type[D]) -> Iterator[D]:
        for text in self._store.read(kind.kind):
            yield self._decode(text, kind)

    def _decode(self, text: str, kind: type[T]) -> T:
        try:
            return self._converter.structure(json.loads(text), kind)
        except ForbiddenExtraKeysError as error:
            raise ValueError(f"{error}") from error
