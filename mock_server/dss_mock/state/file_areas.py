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
    """The file areas of all tickets: the input of the user and the results of the provider."""

    def __init__(self, foundation: Foundation, registry: TicketRegistry) -> None:
        self._foundation = foundation
        self._registry = registry
        self.clear()

    def clear(self) -> None:
        """Remove the files without a ticket."""
        with self._foundation.lock:
            # Files that administrators uploaded for tickets that do not exist, by the id of the
            # ticket.
            self._stray_files: dict[int, StrayFiles] = {}

    def restore(self, stray_files: StrayFiles) -> None:
        """Add saved files without a ticket."""
        with self._foundation.lock:
            self._stray_files[stray_files.id] = stray_files

    def list_files(self, ticket_id: int, area: FileArea) -> list[StoredFile]:
        """Return the visible files of a ticket, the last written file last."""
        with self._foundation.lock:
            files = self._find_holder(_normalise_id(ticket_id)).files[area]
            return [file for name, file in files.items() if name[0] != "."]

    def get_file(self, ticket_id: int, area: FileArea, index: int) -> StoredFile:
        """Return one file of a ticket, by its index (from 0) in `list_files`.

        Raises:
            RequestRefused: the index is out of range.
        """
        files = self.list_files(ticket_id, area)
        if index >= len(files):
            raise RequestRefused(FileNotFound)
        return files[index]

    def put_input(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add or overwrite a file of a ticket that is not queued yet.

        An administrator can also add files for a ticket that does not exist. They are erased when
        the ticket is created.

        Raises:
            RequestRefused: the ticket does not belong to the user, or is queued already.
        """
        with self._foundation.lock:
            self._registry.find_changeable(user, ticket_id, [TicketStatus.INIT])
            replaced = self._put(ticket_id, area, file)
        self._foundation.remove([replaced] if replaced else [])

    def put_result(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add or overwrite a file of a ticket that the user has claimed.

        Raises:
            RequestRefused: the user has not claimed the ticket.
        """
        with self._foundation.lock:
            self._registry.get_claimed(user, ticket_id)
            replaced = self._put(ticket_id, area, file)
        self._foundation.remove([replaced] if replaced else [])

    def erase(self, ticket: Ticket, *areas: FileArea) -> list[Path]:
        """Remove a ticket's files from some areas, and return the paths to delete."""
        with self._foundation.lock:
            erased = [file.path for area in areas for file in ticket.files[area].values()]
            for area in areas:
                ticket.files[area].clear()
            self._foundation.note_change(ticket)
            return erased

    def erase_stray_files(self, ticket: Ticket) -> list[Path]:
        """Remove files uploaded before the ticket existed, and return the paths to delete."""
        with self._foundation.lock:
            stray_files = self._stray_files.pop(ticket.id, None)
            if stray_files is None:
                return []
            erased = stray_files.paths
            stray_files.files.clear()
            self._foundation.note_change(stray_files)
            return erased

    # -------------------------------------------------------- the caller holds the lock

    def _find_holder(self, number: int) -> Ticket | StrayFiles:
        """Return the ticket that holds the files, or the files without a ticket."""
        return self._registry.get(number) or self._stray_files.get(number) or StrayFiles(number)

    def _put(self, ticket_id: int, area: FileArea, file: StoredFile) -> Path | None:
        """Add a file, and return the path of the file that it replaces."""
        holder = self._find_holder(_normalise_id(ticket_id))
        # Removed first, so that the file written last is last in the list.
        replaced = holder.files[area].pop(file.name, None)
        holder.files[area][file.name] = file
        if isinstance(holder, StrayFiles):
            self._stray_files[holder.id] = holder
        self._foundation.note_change(holder)
        return replaced.path if replaced else None


def _normalise_id(ticket_id: int) -> int:
    # A negative id comes from digits that are not ASCII. It means no ticket, but the middleware
    # stores the files in the folder of the positive number.
    return abs(ticket_id)
