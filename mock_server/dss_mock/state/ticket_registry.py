"""Which tickets there are, and who may do what with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

from dss_api import MiddlewareFault, TicketDeleted, TicketNotClaimed, TicketNotFound, TicketStatus

from ..errors import RequestRefused
from .accounts import check_not_forgotten
from .catalogue import Catalogue
from .entities import Service, StatusChange, Ticket, User
from .foundation import Foundation


class TicketRegistry:
    """Every ticket that there ever was, for those who may have it."""

    def __init__(self, foundation: Foundation, catalogue: Catalogue) -> None:
        self._foundation = foundation
        self._catalogue = catalogue
        self.clear()

    def clear(self) -> None:
        """Forget all tickets."""
        with self._foundation.lock:
            self._tickets: dict[int, Ticket] = {}
            # Those not deleted, by id; all of them, and each user's.
            self._open: dict[int, Ticket] = {}
            self._open_of_user: dict[int, dict[int, Ticket]] = {}
            self._counts: Counter[TicketStatus] = Counter()

    def __getitem__(self, ticket_id: int) -> Ticket:
        """The ticket with an id; a `KeyError` if there is none."""
        return self._tickets[ticket_id]

    def get(self, ticket_id: int) -> Ticket | None:
        """The ticket with an id, if there is one."""
        return self._tickets.get(ticket_id)

    def __iter__(self) -> Iterator[Ticket]:
        """Every ticket that there ever was, in the order of their ids."""
        with self._foundation.lock:
            return iter(list(self._tickets.values()))

    def __len__(self) -> int:
        """How many tickets there ever were."""
        return len(self._tickets)

    def add(self, user: User, service: Service) -> Ticket:
        """Add a ticket at the beginning of its life.

        Raises:
            RequestRefused: a reset has forgotten the user.
        """
        with self._foundation.lock:
            check_not_forgotten(user)
            created = StatusChange(TicketStatus.INIT, self._foundation.now())
            ticket = Ticket(len(self._tickets) + 1, user, service, [created])
            self._tickets[ticket.id] = ticket
            self.update(ticket)
            self._foundation.note_change(ticket)
            return ticket

    def restore(self, ticket: Ticket) -> None:
        """Put in a ticket that was there before."""
        with self._foundation.lock:
            self._tickets[ticket.id] = ticket
            self.update(ticket)

    def update(self, ticket: Ticket, before: TicketStatus | None = None) -> None:
        """Count a ticket by its status, and among the open ones unless it is deleted.

        Args:
            before: the status as which it was counted, if it was.
        """
        with self._foundation.lock:
            if before is not None:
                self._counts[before] -= 1
            self._counts[ticket.status] += 1
            for tickets in (self._open, self._open_of_user.setdefault(ticket.user.id, {})):
                if ticket.status is TicketStatus.DELETED:
                    tickets.pop(ticket.id, None)
                else:
                    tickets[ticket.id] = ticket

    def list_open(self) -> list[Ticket]:
        """All tickets by id, those deleted left out."""
        with self._foundation.lock:
            return _sort_by_id(self._open)

    def list_user_tickets(self, user: User) -> list[Ticket]:
        """A user's tickets by id, those deleted left out."""
        with self._foundation.lock:
            return _sort_by_id(self._open_of_user.get(user.id, {}))

    def count_open(self, user: User) -> int:
        """How many tickets a user has, those deleted left out."""
        with self._foundation.lock:
            return len(self._open_of_user.get(user.id, ()))

    # --------------------------------------------------------------------- for who watches

    def count_by_status(self) -> dict[TicketStatus, int]:
        """How many tickets are in each status."""
        with self._foundation.lock:
            return {status: self._counts[status] for status in TicketStatus}

    def list_newest(self, limit: int, statuses: Collection[TicketStatus] = ()) -> list[Ticket]:
        """The newest tickets, newest first, those deleted too.

        Args:
            limit: how many there may be.
            statuses: only those in one of these; all if there are none.
        """
        with self._foundation.lock:
            if not statuses:
                return list(islice(reversed(self._tickets.values()), limit))
            wanted = min(limit, sum(self._counts[status] for status in statuses))
            tickets = list(self._tickets.values())
        # A long way if those wanted are old, so it is gone without the lock.
        found = (ticket for ticket in reversed(tickets) if ticket.status in statuses)
        return list(islice(found, wanted))

    # ------------------------------------------------------------------------- for the user

    def find_visible(self, user: User, ticket_id: int) -> Ticket | None:
        """The ticket that a user asks for; a sysadmin may ask for one that does not exist.

        Raises:
            RequestRefused: it is none of the user's.
        """
        check_not_forgotten(user)
        ticket = self._tickets.get(ticket_id)
        if not user.sysadmin and (ticket is None or ticket.user is not user):
            raise RequestRefused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket

    def get_existing(self, user: User, ticket_id: int) -> Ticket:
        """The ticket that a user asks for.

        Raises:
            RequestRefused: it is none of the user's, or does not exist.
        """
        ticket = self.find_visible(user, ticket_id)
        if ticket is None:
            raise RequestRefused(MiddlewareFault)
        return ticket

    def find_changeable(
        self, user: User, ticket_id: int, statuses: Iterable[TicketStatus]
    ) -> Ticket | None:
        """The ticket that a user wants to change, which only a sysadmin may in any status.

        Raises:
            RequestRefused: it is none of the user's, or not in one of the statuses.
        """
        ticket = self.find_visible(user, ticket_id)
        if ticket and ticket.status not in statuses and not user.sysadmin:
            raise RequestRefused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket

    # --------------------------------------------------------------------- for the provider

    def get_claimed(self, user: User, ticket_id: int) -> Ticket:
        """The ticket that a user works on.

        Raises:
            RequestRefused: the user never claimed it, or it was deleted.
        """
        check_not_forgotten(user)
        ticket = self._tickets.get(ticket_id)
        if ticket is None or user.id not in ticket.claimers:
            raise RequestRefused(TicketNotClaimed, ticket_id=ticket_id, user_id=user.id)
        if ticket.status is TicketStatus.DELETED:
            raise RequestRefused(TicketDeleted, ticket_id=ticket_id)
        return ticket

    def get_offered(self, user: User, ticket_id: int) -> Ticket:
        """A ticket for a service of the user's providers.

        Raises:
            RequestRefused: there is none.
        """
        check_not_forgotten(user)
        ticket = self._tickets.get(ticket_id)
        if ticket is None or not self._catalogue.can_serve(user, ticket.service):
            raise RequestRefused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket


def _sort_by_id(tickets: Mapping[int, Ticket]) -> list[Ticket]:
    # All but those that were deleted and came back stand in this order already.
    return [tickets[ticket_id] for ticket_id in sorted(tickets)]
