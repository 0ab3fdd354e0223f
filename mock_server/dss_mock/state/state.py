"""The state as one object."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dss_api import Dialect

from ..files import FILES, DataDirError, Folder
from ..folder_lock import NAME as LOCK
from .accounts import Accounts
from .areas import Areas
from .catalogue import Catalogue
from .clock import Clock
from .ground import Ground
from .logbook import Logbook
from .outcomes import Outcomes
from .progress import Progress
from .ready_queues import ReadyQueues
from .register import Register
from .tickets import Tickets

if TYPE_CHECKING:
    from .saving import Saver

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
        self, clock: Clock | None = None, seed: int = 0, folder: Folder | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.folder = folder or Folder()
        self.restored = False
        self.life = _new_life()
        self._ground = Ground(self.clock, seed)
        self._saver: Saver | None = None
        self.accounts = Accounts(self._ground)
        self.catalogue = Catalogue(self._ground)
        self.register = Register(self._ground, self.catalogue)
        self.queues = ReadyQueues(self._ground)
        self.logbook = Logbook(self._ground, self.register)
        self.areas = Areas(self._ground, self.register)
        self.progress = Progress(self._ground, self.catalogue, self.register)
        self.outcomes = Outcomes(self._ground, self.queues)
        self.tickets = Tickets(
            self._ground,
            catalogue=self.catalogue,
            register=self.register,
            queues=self.queues,
            logbook=self.logbook,
            areas=self.areas,
            progress=self.progress,
            outcomes=self.outcomes,
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
        from .saving import Loader, Saver  # noqa: PLC0415
        from .store import Store  # noqa: PLC0415

        with ExitStack() as opened:
            try:
                _check_ours(data_dir)
                state = cls(clock, seed, Folder(data_dir))
                opened.callback(state.close)
                path = data_dir / DATABASE
                if state.folder.numbered() and not path.exists():
                    raise DataDirError(
                        f"{path} is gone, but the files of its tickets are not; "
                        f"put back a copy of it, or remove {data_dir} to begin anew"
                    )
                store = Store(path)
                opened.callback(store.close)
                loader = Loader(store, state.folder)
                settings = loader.settings()
                run = 0
                if settings is None:
                    # Whoever left files here was killed before anything was saved.
                    state.folder.keep([])
                else:
                    # What lies a day back is forgotten while it is loaded.
                    with store.reading():
                        state.clock.setting = settings.clock
                    loader.load(state.accounts, state.catalogue, state.tickets, state.areas)
                    state.restored = True
                    run = settings.run + 1
                    state._ground.restart(run=run)
                saver = Saver(state._ground, store, run)
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
        return self._ground.lock

    def save(self) -> None:
        """Save what changed now; nothing is saved if there is no folder for it.

        Raises:
            DataDirError: that failed.
        """
        if self._saver is not None:
            self._saver.save()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is done inside is saved as a whole; if it fails, nothing is saved from then on."""
        with self._saver.together() if self._saver is not None else nullcontext():
            yield

    @property
    def dialect(self) -> Dialect:
        """The version of the middleware whose part this plays."""
        return self._ground.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._ground.dialect = dialect

    def reset(self, *, seed: int | None = None) -> None:
        """Forget everything; ids and names begin anew, and the clock goes with the real time.

        Args:
            seed: the one that the state was made with if not given.
        """
        with self._ground.lock:
            self.life = _new_life()
            self._ground.restart(seed)
            self._ground.changes.forget_all()
            self.clock.reset()
            self.accounts.clear()
            self.catalogue.clear()
            self.register.clear()
            self.queues.clear()
            self.logbook.clear()
            self.areas.clear()
            self.outcomes.clear()
            # What comes from now on belongs to what comes now.
            first = self.folder.new_path()
        self._ground.remove(self.folder.numbered_before(first))

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
            self.folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _new_life() -> str:
    # Not reproducible, unlike all else that is made up: two lives must not be taken for one.
    return secrets.token_hex(8)


def _check_ours(data_dir: Path) -> None:
    """Take no folder that holds something else, which somebody might come to remove with it."""
    names = {path.name for path in data_dir.iterdir()} if data_dir.is_dir() else set[str]()
    if names - {LOCK} and not names & {DATABASE, FILES}:
        raise DataDirError(
            f"{data_dir} holds other things than a mock's; name a folder that is new or empty"
        )
