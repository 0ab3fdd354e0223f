"""The progress of tickets."""

from __future__ import annotations

from dss_api import ChunkClash

from ..errors import RequestRefused
from .catalogue import Catalogue
from .entities import Ticket, User
from .foundation import Foundation
from .stored_number import StoredNumber, make_sort_key
from .ticket_registry import TicketRegistry


class Progress:
    """The progress that providers report, chunk by chunk."""

    def __init__(
        self, foundation: Foundation, catalogue: Catalogue, registry: TicketRegistry
    ) -> None:
        self._foundation = foundation
        self._catalogue = catalogue
        self._registry = registry

    def get(self, ticket: Ticket) -> float:
        """Return the progress of a ticket, from 0. It can exceed 1."""
        with self._foundation.lock:
            return ticket.progress

    def set(
        self, user: User, ticket_id: int, start: StoredNumber, end: StoredNumber, progress: float
    ) -> None:
        """Set the progress of a chunk.

        Raises:
            RequestRefused: the user has not claimed the ticket, or a chunk with this start and a
                different end exists.
        """
        with self._foundation.lock:
            ticket = self._registry.get_claimed(user, ticket_id)
            if any(start == other[0] and end != other[1] for other in ticket.chunks):
                raise RequestRefused(ChunkClash)
            ticket.chunks[start, end] = progress
            self._note_change(ticket)

    def forget(self, user: User, ticket_id: int, start: StoredNumber, end: StoredNumber) -> None:
        """Remove the chunks within a range.

        Raises:
            RequestRefused: the user has not claimed the ticket.
        """
        with self._foundation.lock:
            ticket = self._registry.get_claimed(user, ticket_id)
            for inner in list(ticket.chunks):
                if make_sort_key(start) <= make_sort_key(inner[0]) and make_sort_key(
                    inner[1]
                ) <= make_sort_key(end):
                    del ticket.chunks[inner]
            self._note_change(ticket)

    def _note_change(self, ticket: Ticket) -> None:
        self._foundation.note_change(ticket)
        self._catalogue.note_activity(ticket.service)
