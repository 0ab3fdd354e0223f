"""The files of tickets."""

from __future__ import annotations

from pathlib import Path

from dss_api import FileArea, FileNotFound, TicketStatus

from ..errors import RequestRefused
from ..file_store import StoredFile
from .entities import StrayFiles, Ticket, User
from .foundation import Foundation
from .ticket_registry import TicketRegistry


class FileAreas:
    """What lies in the areas of each ticket: what the user gave, and what the provider made."""

    def __init__(self, foundation: Foundation, registry: TicketRegistry) -> None:
        self._foundation = foundation
        self._registry = registry
        self.clear()

    def clear(self) -> None:
        """Forget the files that belong to no ticket."""
        with self._foundation.lock:
            # What sysadmins put where there is no ticket, by the id that one would have.
            self._stray_files: dict[int, StrayFiles] = {}

    def restore(self, stray_files: StrayFiles) -> None:
        """Put in files of no ticket that were there before."""
        with self._foundation.lock:
            self._stray_files[stray_files.id] = stray_files

    def list_files(self, ticket_id: int, area: FileArea) -> list[StoredFile]:
        """The files of a ticket that can be seen, in the order in which they were written."""
        with self._foundation.lock:
            files = self._find_holder(_normalise_id(ticket_id)).files[area]
            return [file for name, file in files.items() if name[0] != "."]

    def get_file(self, ticket_id: int, area: FileArea, index: int) -> StoredFile:
        """A file by its place in the list.

        Raises:
            RequestRefused: there is none.
        """
        files = self.list_files(ticket_id, area)
        if index >= len(files):
            raise RequestRefused(FileNotFound)
        return files[index]

    def put_input(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add a file to a ticket that is not yet queued, or overwrite it.

        A sysadmin may also add one where there is no ticket; it is erased when there is one.

        Raises:
            RequestRefused: the ticket is none of the user's, or queued already.
        """
        with self._foundation.lock:
            self._registry.find_changeable(user, ticket_id, [TicketStatus.INIT])
            replaced = self._put(ticket_id, area, file)
        self._foundation.remove([replaced] if replaced else [])

    def put_result(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add a file to a ticket that the user works on, or overwrite it.

        Raises:
            RequestRefused: the ticket is not the user's to work on; the file is not taken.
        """
        with self._foundation.lock:
            self._registry.get_claimed(user, ticket_id)
            replaced = self._put(ticket_id, area, file)
        self._foundation.remove([replaced] if replaced else [])

    def erase(self, ticket: Ticket, *areas: FileArea) -> list[Path]:
        """Erase a ticket's files in some areas; gives the paths that are to be removed."""
        with self._foundation.lock:
            erased = [file.path for area in areas for file in ticket.files[area].values()]
            for area in areas:
                ticket.files[area].clear()
            self._foundation.note_change(ticket)
            return erased

    def erase_stray_files(self, ticket: Ticket) -> list[Path]:
        """Erase what lay there before there was this ticket; gives the paths to be removed."""
        with self._foundation.lock:
            stray_files = self._stray_files.pop(ticket.id, None)
            if stray_files is None:
                return []
            erased = stray_files.paths
            stray_files.files.clear()
            self._foundation.note_change(stray_files)
            return erased

    # -------------------------------------------------------- with the lock held by the caller

    def _find_holder(self, number: int) -> Ticket | StrayFiles:
        """What holds the files of a ticket, or those that lie where it would be."""
        return self._registry.get(number) or self._stray_files.get(number) or StrayFiles(number)

    def _put(self, ticket_id: int, area: FileArea, file: StoredFile) -> Path | None:
        """Add a file; the path of the one that it replaces."""
        holder = self._find_holder(_normalise_id(ticket_id))
        # Taken out first, so that what was written last stands last.
        replaced = holder.files[area].pop(file.name, None)
        holder.files[area][file.name] = file
        if isinstance(holder, StrayFiles):
            self._stray_files[holder.id] = holder
        self._foundation.note_change(holder)
        return replaced.path if replaced else None


def _normalise_id(ticket_id: int) -> int:
    # Written in digits of another script, the id of a ticket is none, but names its folder.
    return abs(ticket_id)
