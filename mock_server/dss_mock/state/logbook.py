"""The logs of tickets, and the files attached to them."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from dss_api import BlobErased, BlobNotFound, LogCategory, LogEntryNotFound, MiddlewareFault
from dss_api.constants import BLOB_LENGTH, SHORT_BLOB_LENGTH

from ..errors import RequestRefused
from .entities import Attachment, LogEntry, Ticket, User
from .foundation import Foundation
from .ticket_registry import TicketRegistry


class Logbook:
    """The logs of all tickets. Lines and attachments are each numbered across all tickets."""

    def __init__(self, foundation: Foundation, registry: TicketRegistry) -> None:
        self._foundation = foundation
        self._registry = registry
        self.clear()

    def clear(self) -> None:
        """Remove all lines and attachments."""
        with self._foundation.lock:
            self._entries: dict[int, tuple[Ticket, LogEntry]] = {}
            self._attachments: dict[str, tuple[Ticket, Attachment]] = {}
            self._last_entry = 0
            self._last_attachment = 0

    def restore(self, ticket: Ticket) -> None:
        """Add the log of a saved ticket."""
        with self._foundation.lock:
            for entry in ticket.log:
                self._entries[entry.id] = ticket, entry
                self._last_entry = max(self._last_entry, entry.id)
            for attachment in ticket.attachments:
                self._attachments[attachment.short_blob] = ticket, attachment
                self._last_attachment = max(self._last_attachment, attachment.id)

    # --------------------------------------------------------------------------- writing

    def write(self, user: User, ticket_id: int, category: LogCategory, message: str) -> LogEntry:
        """Add a line to a ticket's log, and link the waiting attachments to the line.

        Raises:
            RequestRefused: the user has not claimed the ticket.
        """
        with self._foundation.lock:
            return self._add(self._registry.get_claimed(user, ticket_id), category, message)

    def note(self, ticket: Ticket, message: str) -> None:
        """Add a line that the middleware itself writes about a change of a ticket."""
        with self._foundation.lock:
            self._add(ticket, LogCategory.INFO, message)

    def attach(
        self, user: User, ticket_id: int, description: str, mime_type: str, path: Path
    ) -> Attachment:
        """Attach a file to the next line of a ticket's log.

        Raises:
            RequestRefused: the user has not claimed the ticket.
        """
        with self._foundation.lock:
            ticket = self._registry.get_claimed(user, ticket_id)
            blob = self._make_blob()
            self._last_attachment += 1
            attachment = Attachment(self._last_attachment, description, mime_type, blob, path)
            self._attachments[attachment.short_blob] = ticket, attachment
            ticket.unlinked.append(attachment)
            self._foundation.note_change(ticket)
            return attachment

    def erase_attachments(self, ticket: Ticket) -> list[Path]:
        """Erase a ticket's attachments, and return the paths to delete."""
        with self._foundation.lock:
            erased: list[Path] = []
            for attachment in ticket.attachments:
                if attachment.path is not None:
                    erased.append(attachment.path)
                    attachment.path = None
            self._foundation.note_change(
                ticket, *(entry for entry in ticket.log if entry.attachments)
            )
            return erased

    # --------------------------------------------------------------------------- reading

    def list_entries(self, ticket: Ticket, since: float) -> list[LogEntry]:
        """Return the lines of a ticket's log with ids greater than `since`."""
        with self._foundation.lock:
            return ticket.log[bisect_right(ticket.log, since, key=lambda entry: entry.id) :]

    def list_attachments(self, user: User, log_id: int) -> tuple[Attachment, ...]:
        """Return the attachments of a log line. The line must be in the log of a user's ticket.

        Raises:
            RequestRefused: the line does not exist.
        """
        ticket, entry = self._entries.get(log_id, (None, None))
        if ticket is None or entry is None or ticket.user is not user:
            raise RequestRefused(LogEntryNotFound, log_id=log_id, user_id=user.id)
        return entry.attachments

    def find_attachment(self, blob: str) -> Attachment:
        """Return an attachment by its name on the wire or its full name.

        Raises:
            RequestRefused: the attachment does not exist or was erased.
        """
        with self._foundation.lock:
            ticket, attachment = self._attachments.get(blob[:SHORT_BLOB_LENGTH], (None, None))
            if (
                ticket is None
                or attachment is None
                or blob not in (attachment.short_blob, attachment.blob)
            ):
                raise RequestRefused(BlobNotFound, blob=blob)
            if attachment.path is None:
                # The middleware's error depends on whether the ticket's folder exists again, as it
                # does after later attachments.
                others = any(other.path is not None for other in ticket.attachments)
                raise (
                    RequestRefused(BlobErased, blob=blob)
                    if others
                    else RequestRefused(MiddlewareFault)
                )
        return attachment

    # -------------------------------------------------------- the caller holds the lock

    def _make_blob(self) -> str:
        while True:
            blob = self._foundation.make_hex("blob", BLOB_LENGTH)
            # A blob with the same first digits would hide an earlier blob.
            if blob[:SHORT_BLOB_LENGTH] not in self._attachments:
                return blob

    def _add(self, ticket: Ticket, category: LogCategory, message: str) -> LogEntry:
        self._last_entry += 1
        entry = LogEntry(
            self._last_entry,
            ticket.id,
            self._foundation.now(),
            category,
            message,
            tuple(ticket.unlinked),
        )
        # In this order, a reader without the lock sees the attachments at least once.
        ticket.log.append(entry)
        ticket.unlinked.clear()
        self._entries[entry.id] = ticket, entry
        self._foundation.note_change(ticket, entry)
        return entry
