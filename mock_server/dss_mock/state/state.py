"""The state as one object."""

from __future__ import annotations

from typing import Self

from ..files import Folder
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


class State:
    """All that the mock middleware knows; safe to use from several threads.

    To be closed, also as a context manager.

    Args:
        clock: the time that all goes by; one of its own, with the real time, if there is none.
        seed: of the tokens, sessions and names that are made up, which are the same in each run.
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
    """

    def __init__(
        self, clock: Clock | None = None, seed: int = 0, folder: Folder | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.folder = folder or Folder()
        self._ground = Ground(self.clock, seed)
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
            register=self.register,
            queues=self.queues,
            logbook=self.logbook,
            areas=self.areas,
            progress=self.progress,
            outcomes=self.outcomes,
        )

    def reseed(self, seed: int) -> None:
        """Let tokens, sessions and names be made up anew, from another seed."""
        self._ground.restart(seed)

    def reset(self, *, seed: int | None = None) -> None:
        """Forget everything; ids and names begin anew, and the clock goes with the real time.

        Args:
            seed: replaces the one there was, if given.
        """
        with self._ground.lock:
            self._ground.restart(seed)
            self._ground.changes.forget_all()
            self.clock.reset()
            self.accounts.clear()
            self.catalogue.clear()
            self.register.clear()
            self.queues.clear()
            self.logbook.clear()
            self.outcomes.clear()
        self.folder.clear()

    def close(self) -> None:
        """Remove the files."""
        self.folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
