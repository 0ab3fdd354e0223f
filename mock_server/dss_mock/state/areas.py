"""The files of tickets."""

from __future__ import annotations

from pathlib import Path

from dss_api import FileArea, FileNotFound, TicketStatus

from ..files import StoredFile
from ..refusal import Refused
from .entities import Strays, Ticket, User
from .ground import Ground
from .register import Register


class Areas:
    """What lies in the areas of each ticket: what the user gave, and what the provider made."""

    def __init__(self, ground: Ground, register: Register) -> None:
        self._ground = ground
        self._register = register
        self.clear()

    def clear(self) -> None:
        """Forget the files that belong to no ticket."""
        with self._ground.lock:
            # What sysadmins put where there is no ticket, by the id that one would have.
            self._strays: dict[int, Strays] = {}

    def restore(self, strays: Strays) -> None:
        """Put in files of no ticket that were there before."""
        with self._ground.lock:
            self._strays[strays.id] = strays

    def files(self, ticket_id: int, area: FileArea) -> list[StoredFile]:
        """The files of a ticket that can be seen, in the order in which they were written."""
        with self._ground.lock:
            files = self._holder(_number(ticket_id)).files[area]
            return [file for name, file in files.items() if name[0] != "."]

    def file(self, ticket_id: int, area: FileArea, index: int) -> StoredFile:
        """A file by its place in the list.

        Raises:
            Refused: there is none.
        """
        files = self.files(ticket_id, area)
        if index >= len(files):
            raise Refused(FileNotFound)
        return files[index]

    def put_input(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add a file to a ticket that is not yet queued, or overwrite it.

        A sysadmin may also add one where there is no ticket; it is erased when there is one.

        Raises:
            Refused: the ticket is none of the user's, or queued already; the file is not taken.
        """
        with self._ground.lock:
            self._register.changeable(user, ticket_id, [TicketStatus.INIT])
            replaced = self._put(ticket_id, area, file)
        self._ground.remove([replaced] if replaced else [])

    def put_result(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add a file to a ticket that the user works on, or overwrite it.

        Raises:
            Refused: the ticket is not the user's to work on; the file is not taken.
        """
        with self._ground.lock:
            self._register.claimed(user, ticket_id)
            replaced = self._put(ticket_id, area, file)
        self._ground.remove([replaced] if replaced else [])

    def erase(self, ticket: Ticket, *areas: FileArea) -> list[Path]:
        """Erase a ticket's files in some areas; gives the paths that are to be removed."""
        with self._ground.lock:
            erased = [file.path for area in areas for file in ticket.files[area].values()]
            for area in areas:
                ticket.files[area].clear()
            self._ground.changed(ticket)
            return erased

    def erase_strays(self, ticket: Ticket) -> list[Path]:
        """Erase what lay there before there was this ticket; gives the paths to be removed."""
        with self._ground.lock:
            strays = self._strays.pop(ticket.id, None)
            if strays is None:
                return []
            erased = strays.paths
            strays.files.clear()
            self._ground.changed(strays)
            return erased

    # -------------------------------------------------------- with the lock held by the caller

    def _holder(self, number: int) -> Ticket | Strays:
        """What holds the files of a ticket, or those that lie where it would be."""
        return self._register.get(number) or self._strays.get(number) or Strays(number)

    def _put(self, ticket_id: int, area: FileArea, file: StoredFile) -> Path | None:
        """Add a file; the path of the one that it replaces."""
        holder = self._holder(_number(ticket_id))
        # Taken out first, so that what was written last stands last.
        replaced = holder.files[area].pop(file.name, None)
        holder.files[area][file.name] = file
        if isinstance(holder, Strays):
            self._strays[holder.id] = holder
        self._ground.changed(holder)
        return replaced.path if replaced else None


def _number(ticket_id: int) -> int:
    # Written in digits of another script, the id of a ticket is none, but names its folder.
    return abs(ticket_id)
