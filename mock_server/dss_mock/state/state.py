"""The complete state of a mock."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dss_api import Dialect

from ..errors import DataDirError
from ..file_store import FILES_FOLDER, LOCK_FILE, FileStore
from .accounts import Accounts
from .catalogue import Catalogue
from .clock import Clock
from .file_areas import FileAreas
from .foundation import Foundation
from .logbook import Logbook
from .progress import Progress
from .ready_queues import ReadyQueues
from .service_statistics import ServiceStatistics
from .ticket_registry import TicketRegistry
from .tickets import Tickets

if TYPE_CHECKING:
    from .persistence import Saver

DATABASE = "state.sqlite"
"""The file of the database in a data folder. Uploaded files are in a folder beside it."""


class State:
    """The state of a mock middleware. Threads can share the state.

    Close it after use, for example with `with`. `close()` discards the state unless it comes from
    `open()`.

    Args:
        clock: the clock of the state. The default shows the real time.
        seed: the seed of random tokens and names, which makes them equal in each run.
        file_store: the folder of uploaded files, closed with the state. The default is a temporary
            folder.

    Attributes:
        clock: the clock of the state.
        accounts: users and sessions.
        catalogue: providers and services.
        ticket_registry: all tickets, and the rights to them.
        ready_queues: the tickets that wait for a claim.
        logbook: the logs of tickets, with attachments.
        file_areas: the files of tickets.
        progress: the progress of tickets.
        service_statistics: the outcomes of tickets, by service.
        tickets: the life of tickets, which uses all parts above.
        file_store: the folder of uploaded files.
        is_restored: whether the state was loaded from a folder.
        life: a string that differs after each start and reset.
    """

    def __init__(
        self, clock: Clock | None = None, seed: int = 0, file_store: FileStore | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.file_store = file_store or FileStore()
        self.is_restored = False
        self.life = _make_life()
        self._foundation = Foundation(self.clock, seed)
        self._saver: Saver | None = None
        self.accounts = Accounts(self._foundation)
        self.catalogue = Catalogue(self._foundation)
        self.ticket_registry = TicketRegistry(self._foundation, self.catalogue)
        self.ready_queues = ReadyQueues(self._foundation)
        self.logbook = Logbook(self._foundation, self.ticket_registry)
        self.file_areas = FileAreas(self._foundation, self.ticket_registry)
        self.progress = Progress(self._foundation, self.catalogue, self.ticket_registry)
        self.service_statistics = ServiceStatistics(self._foundation, self.ready_queues)
        self.tickets = Tickets(
            self._foundation,
            catalogue=self.catalogue,
            registry=self.ticket_registry,
            queues=self.ready_queues,
            logbook=self.logbook,
            file_areas=self.file_areas,
            progress=self.progress,
            statistics=self.service_statistics,
        )

    @classmethod
    def open(cls, data_dir: Path, *, clock: Clock | None = None, seed: int = 0) -> Self:
        """Open the state in a folder. A state that was closed or killed is restored.

        Changes are saved about a second later. Sessions and the setting of the clock are restored
        too.

        Args:
            data_dir: the folder, which is created if needed.

        Raises:
            DataDirError: the folder cannot be used, or another mock uses it.
        """
        # A state that is not saved does not need these imports.
        from .database import Database  # noqa: PLC0415
        from .persistence import Loader, Saver  # noqa: PLC0415

        with ExitStack() as opened:
            try:
                _check_data_dir(data_dir)
                state = cls(clock, seed, FileStore(data_dir))
                opened.callback(state.close)
                path = data_dir / DATABASE
                if state.file_store.list_files() and not path.exists():
                    raise DataDirError(
                        f"{path} is missing, but the files of its tickets exist. "
                        f"Restore a copy of it, or delete {data_dir} to start from the beginning."
                    )
                database = Database(path)
                opened.callback(database.close)
                loader = Loader(database, state.file_store)
                settings = loader.read_settings()
                run = 0
                if settings is None:
                    # Files without a database entry: the process was killed before its first save.
                    state.file_store.keep_only([])
                else:
                    # The clock comes first, because loading ignores outcomes older than 24 hours.
                    with database.translate_errors():
                        state.clock.setting = settings.clock
                    loader.load(state.accounts, state.catalogue, state.tickets, state.file_areas)
                    state.is_restored = True
                    run = settings.run + 1
                    state._foundation.reseed(run=run)
                saver = Saver(state._foundation, database, run)
                saver.start()
            except (OSError, sqlite3.Error) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                raise DataDirError(f"cannot use {data_dir}: {reason}") from error
            state._saver = saver
            opened.pop_all()
            return state

    @property
    def lock(self) -> AbstractContextManager[object]:
        """The lock of the state. Hold the lock only while reading values that belong together."""
        return self._foundation.lock

    def save(self) -> None:
        """Save the changes now. A state without a folder is not saved.

        Raises:
            DataDirError: saving failed.
        """
        if self._saver is not None:
            self._saver.save()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Save the changes of the `with` block together. If the block fails, never save again."""
        with self._saver.transaction() if self._saver is not None else nullcontext():
            yield

    @property
    def dialect(self) -> Dialect:
        """The version of the middleware that the mock imitates."""
        return self._foundation.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._foundation.dialect = dialect

    def reset(self, *, seed: int | None = None) -> None:
        """Remove everything. Ids and random names start again, and the clock shows the real time.

        Args:
            seed: the new seed of random names. The default is the seed of the state.
        """
        with self._foundation.lock:
            self.life = _make_life()
            self._foundation.reseed(seed)
            self._foundation.changes.forget_all()
            self.clock.reset()
            self.accounts.clear()
            self.catalogue.clear()
            self.ticket_registry.clear()
            self.ready_queues.clear()
            self.logbook.clear()
            self.file_areas.clear()
            self.service_statistics.clear()
            # Files from now on belong to the new content.
            first = self.file_store.allocate_path()
        self._foundation.remove(self.file_store.list_files_before(first))

    def close(self) -> None:
        """Save the changes, or delete the files if the state is not saved.

        Raises:
            DataDirError: saving failed. The changes are lost.
        """
        saver, self._saver = self._saver, None
        try:
            if saver is not None:
                saver.close()
        finally:
            self.file_store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _make_life() -> str:
    # Truly random, unlike the other random values: two lives must never be equal.
    return secrets.token_hex(8)


def _check_data_dir(data_dir: Path) -> None:
    """Refuse a folder with files of other programs, because a user may later delete the folder."""
    names = {path.name for path in data_dir.iterdir()} if data_dir.is_dir() else set[str]()
    if names - {LOCK_FILE} and not names & {DATABASE, FILES_FOLDER}:
        raise DataDirError(f"{data_dir} holds other files. Choose a new or an empty folder.")
