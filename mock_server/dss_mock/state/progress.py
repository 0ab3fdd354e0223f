"""How far the work on tickets is."""

from __future__ import annotations

from dss_api import ChunkClash

from ..refusal import Refused
from .catalogue import Catalogue
from .entities import Ticket, User
from .ground import Ground
from .register import Register
from .stored_number import StoredNumber, order


class Progress:
    """What providers say about how far they are, part by part."""

    def __init__(self, ground: Ground, catalogue: Catalogue, register: Register) -> None:
        self._ground = ground
        self._catalogue = catalogue
        self._register = register

    def of(self, ticket: Ticket) -> float:
        """How far the work is, from 0; there is no upper limit."""
        with self._ground.lock:
            return ticket.progress

    def set(
        self, user: User, ticket_id: int, start: StoredNumber, end: StoredNumber, progress: float
    ) -> None:
        """Say how far a part of the work is.

        Raises:
            Refused: the ticket is not the user's to work on, or another part begins there.
        """
        with self._ground.lock:
            ticket = self._register.claimed(user, ticket_id)
            if any(start == other[0] and end != other[1] for other in ticket.chunks):
                raise Refused(ChunkClash)
            ticket.chunks[start, end] = progress
            self._changed(ticket)

    def forget(self, user: User, ticket_id: int, start: StoredNumber, end: StoredNumber) -> None:
        """Forget what was said of the parts inside.

        Raises:
            Refused: the ticket is not the user's to work on.
        """
        with self._ground.lock:
            ticket = self._register.claimed(user, ticket_id)
            for inner in list(ticket.chunks):
                if order(start) <= order(inner[0]) and order(inner[1]) <= order(end):
                    del ticket.chunks[inner]
            self._changed(ticket)

    def _changed(self, ticket: Ticket) -> None:
        self._ground.changed(ticket)
        self._catalogue.hear_from(ticket.service)
