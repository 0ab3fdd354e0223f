"""The state as one object."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from ..files import Folder
from .accounts import Accounts
from .catalogue import Catalogue
from .ground import Ground
from .tickets import Tickets


class State:
    """All that the mock middleware knows; safe to use from several threads.

    To be closed, also as a context manager, which removes the files.

    Args:
        clock: gives the Unix time in seconds.
        seed: of the tokens, sessions and names that are made up, which are the same in each run.

    Attributes:
        accounts: users and sessions.
        catalogue: providers and services.
        tickets: tickets with their files, logs and attachments.
        folder: where the files lie.
    """

    def __init__(self, clock: Callable[[], float] = time.time, seed: int = 0) -> None:
        self._ground = Ground(clock, seed)
        self.folder = Folder()
        self.accounts = Accounts(self._ground)
        self.catalogue = Catalogue(self._ground)
        self.tickets = Tickets(self._ground, self.catalogue)

    def reset(self) -> None:
        """Forget everything; ids and names begin anew."""
        with self._ground.lock:
            self._ground.restart()
            self.accounts.clear()
            self.catalogue.clear()
            self.tickets.clear()
        self.folder.clear()

    def close(self) -> None:
        """Remove the files."""
        self.folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
