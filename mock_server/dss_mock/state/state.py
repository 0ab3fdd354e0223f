"""The state as one object."""

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
"""The file in a data folder that holds all but the files."""


class State:
    """All that the mock middleware knows; safe to use from several threads.

    To be closed, also as a context manager. It is forgotten then, unless it was made by `open()`.

    Args:
        clock: the time that all goes by; one of its own, with the real time, if there is none.
        seed: of the tokens and names that are made up, which are the same in each run.
        folder: where the files lie, closed with this; a temporary one if there is none.

    Attributes:
        clock: the time that all goes by.
        accounts: users and sessions.
        catalogue: providers and services.
        register: which tickets there are, and who may do what with them.
        queues: the tickets that wait to be claimed.
        logbook: what was logged about tickets, with its attachments.
        areas: the files of tickets.
        progress: how far the work on tickets is.
        outcomes: what became of tickets.
        tickets: the life of tickets, which moves them through all these.
        folder: where the files lie.
        restored: whether it was taken up again.
        life: a text that is another one after each start and reset.
    """

    def __init__(
        self, clock: Clock | None = None, seed: int = 0, file_store: FileStore | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.file_store = file_store or FileStore()
        self.restored = False
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
        """A state that lies in a folder; one that was closed or killed is taken up again.

        All that changes is saved about a second later. Sessions live on, and the clock is set as
        it was.

        Args:
            data_dir: made if need be.

        Raises:
            DataDirError: the folder cannot be used, or another mock uses it.
        """
        # Whoever wants nothing saved need not wait until all this is loaded.
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
                        f"{path} is gone, but the files of its tickets are not; "
                        f"put back a copy of it, or remove {data_dir} to begin anew"
                    )
                database = Database(path)
                opened.callback(database.close)
                loader = Loader(database, state.file_store)
                settings = loader.read_settings()
                run = 0
                if settings is None:
                    # Whoever left files here was killed before anything was saved.
                    state.file_store.keep_only([])
                else:
                    # What lies a day back is forgotten while it is loaded.
                    with database.translate_errors():
                        state.clock.setting = settings.clock
                    loader.load(state.accounts, state.catalogue, state.tickets, state.file_areas)
                    state.restored = True
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
        """To be held while things are read that belong together, and not for longer."""
        return self._foundation.lock

    def save(self) -> None:
        """Save what changed now; nothing is saved if there is no folder for it.

        Raises:
            DataDirError: that failed.
        """
        if self._saver is not None:
            self._saver.save()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside is saved as a whole; if it fails, nothing is saved from then on."""
        with self._saver.transaction() if self._saver is not None else nullcontext():
            yield

    @property
    def dialect(self) -> Dialect:
        """The version of the middleware whose part this plays."""
        return self._foundation.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._foundation.dialect = dialect

    def reset(self, *, seed: int | None = None) -> None:
        """Forget everything; ids and names begin anew, and the clock goes with the real time.

        Args:
            seed: the one that the state was made with if not given.
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
            # What comes from now on belongs to what comes now.
            first = self.file_store.allocate_path()
        self._foundation.remove(self.file_store.list_files_before(first))

    def close(self) -> None:
        """Save what changed, or remove the files if nothing is saved.

        Raises:
            DataDirError: it could not be saved, and is lost.
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
    # Not reproducible, unlike all else that is made up: two lives must not be taken for one.
    return secrets.token_hex(8)


def _check_data_dir(data_dir: Path) -> None:
    """Take no folder that holds something else, which somebody might come to remove with it."""
    names = {path.name for path in data_dir.iterdir()} if data_dir.is_dir() else set[str]()
    if names - {LOCK_FILE} and not names & {DATABASE, FILES_FOLDER}:
        raise DataDirError(
            f"{data_dir} holds other things than a mock's; name a folder that is new or empty"
        )
