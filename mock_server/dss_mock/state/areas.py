"""The files of tickets."""

from __future__ import annotations

from pathlib import Path

from dss_api import FileArea, FileNotFound, TicketStatus

from ..files import StoredFile, remove
from ..refusal import Refused
from .entities import Ticket, User
from .ground import Ground
from .register import Register


class Areas:
    """What lies in the areas of each ticket: what the user gave, and what the provider made."""

    def __init__(self, ground: Ground, register: Register) -> None:
        self._ground = ground
        self._register = register

    def files(self, ticket: Ticket, area: FileArea) -> list[StoredFile]:
        """The files of a ticket that can be seen, in the order in which they were written."""
        with self._ground.lock:
            return [file for name, file in ticket.files[area].items() if name[0] != "."]

    def file(self, ticket: Ticket, area: FileArea, index: int) -> StoredFile:
        """A file by its place in the list.

        Raises:
            Refused: there is none.
        """
        files = self.files(ticket, area)
        if index >= len(files):
            raise Refused(FileNotFound)
        return files[index]

    def put_input(
        self, user: User, ticket_id: int, area: FileArea, file: StoredFile
    ) -> Ticket | None:
        """Add a file to a ticket that is not yet queued, or overwrite it.

        A sysadmin may add one to a ticket that does not exist, which keeps nothing: `None`.

        Raises:
            Refused: the ticket is none of the user's, or queued already; the file is not taken.
        """
        with self._ground.lock:
            ticket = self._register.changeable(user, ticket_id, [TicketStatus.INIT])
            replaced = ticket and self._put(ticket, area, file)
        remove([replaced] if replaced else [])
        return ticket

    def put_result(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add a file to a ticket that the user works on, or overwrite it.

        Raises:
            Refused: the ticket is not the user's to work on; the file is not taken.
        """
        with self._ground.lock:
            replaced = self._put(self._register.claimed(user, ticket_id), area, file)
        remove([replaced] if replaced else [])

    def erase(self, ticket: Ticket, *areas: FileArea) -> list[Path]:
        """Erase a ticket's files in some areas; gives the paths that are to be removed."""
        with self._ground.lock:
            erased = [file.path for area in areas for file in ticket.files[area].values()]
            for area in areas:
                ticket.files[area].clear()
            self._ground.changed(ticket)
            return erased

    def _put(self, ticket: Ticket, area: FileArea, file: StoredFile) -> Path | None:
        """Add a file; the path of the one that it replaces."""
        # Taken out first, so that what was written last stands last.
        replaced = ticket.files[area].pop(file.name, None)
        ticket.files[area][file.name] = file
        self._ground.changed(ticket)
        return replaced.path if replaced else None
