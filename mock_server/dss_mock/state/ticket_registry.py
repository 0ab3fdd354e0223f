"""All tickets, and the rights to them."""

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
    """All tickets that ever existed. Methods for users check the rights of the user."""

    def __init__(self, foundation: Foundation, catalogue: Catalogue) -> None:
        self._foundation = foundation
        self._catalogue = catalogue
        self.clear()

    def clear(self) -> None:
        """Remove all tickets."""
        with self._foundation.lock:
            self._tickets: dict[int, Ticket] = {}
            # The tickets that are not deleted, by id: all of them, and by user.
            self._open: dict[int, Ticket] = {}
            self._open_of_user: dict[int, dict[int, Ticket]] = {}
            self._counts: Counter[TicketStatus] = Counter()

    def __getitem__(self, ticket_id: int) -> Ticket:
        """Return the ticket with an id. Raise `KeyError` if it does not exist."""
        return self._tickets[ticket_id]

    def get(self, ticket_id: int) -> Ticket | None:
        """Return the ticket with an id, or `None`."""
        return self._tickets.get(ticket_id)

    def __iter__(self) -> Iterator[Ticket]:
        """Iterate over all tickets ever, in the order of their ids."""
        with self._foundation.lock:
            return iter(list(self._tickets.values()))

    def __len__(self) -> int:
        """Return the number of tickets ever."""
        return len(self._tickets)

    def add(self, user: User, service: Service) -> Ticket:
        """Add a new ticket.

        Raises:
            RequestRefused: a reset has removed the user.
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
        """Add a saved ticket."""
        with self._foundation.lock:
            self._tickets[ticket.id] = ticket
            self.update(ticket)

    def update(self, ticket: Ticket, before: TicketStatus | None = None) -> None:
        """Update the counts by status and the open tickets. A deleted ticket is not open.

        Args:
            before: the status under which the ticket was counted until now.
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
        """Return all tickets that are not deleted, by id."""
        with self._foundation.lock:
            return _sort_by_id(self._open)

    def list_user_tickets(self, user: User) -> list[Ticket]:
        """Return a user's tickets that are not deleted, by id."""
        with self._foundation.lock:
            return _sort_by_id(self._open_of_user.get(user.id, {}))

    def count_open(self, user: User) -> int:
        """Return the number of a user's tickets that are not deleted."""
        with self._foundation.lock:
            return len(self._open_of_user.get(user.id, ()))

    # ------------------------------------------------------------------ for the dashboard

    def count_by_status(self) -> dict[TicketStatus, int]:
        """Return the number of tickets in each status."""
        with self._foundation.lock:
            return {status: self._counts[status] for status in TicketStatus}

    def list_newest(self, limit: int, statuses: Collection[TicketStatus] = ()) -> list[Ticket]:
        """Return the newest tickets, newest first, including deleted tickets.

        Args:
            limit: the largest number of tickets to return.
            statuses: the statuses to include. By default, all.
        """
        with self._foundation.lock:
            if not statuses:
                return list(islice(reversed(self._tickets.values()), limit))
            wanted = min(limit, sum(self._counts[status] for status in statuses))
            tickets = list(self._tickets.values())
        # Without the lock, because the search is long if the tickets are old.
        found = (ticket for ticket in reversed(tickets) if ticket.status in statuses)
        return list(islice(found, wanted))

    # ------------------------------------------------------------------------ for users

    def find_visible(self, user: User, ticket_id: int) -> Ticket | None:
        """Return a ticket of the user; for an administrator, a ticket of any user.

        The result is `None` if an administrator asks for a ticket that does not exist.

        Raises:
            RequestRefused: the user is not an administrator, and does not have this ticket.
        """
        check_not_forgotten(user)
        ticket = self._tickets.get(ticket_id)
        if not user.sysadmin and (ticket is None or ticket.user is not user):
            raise RequestRefused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket

    def get_existing(self, user: User, ticket_id: int) -> Ticket:
        """Return a ticket of the user.

        Raises:
            RequestRefused: the ticket does not exist or does not belong to the user.
        """
        ticket = self.find_visible(user, ticket_id)
        if ticket is None:
            raise RequestRefused(MiddlewareFault)
        return ticket

    def find_changeable(
        self, user: User, ticket_id: int, statuses: Iterable[TicketStatus]
    ) -> Ticket | None:
        """Return a ticket that the user is allowed to change.

        The ticket must have one of `statuses`; for an administrator, every status is allowed. The
        result is `None` if an administrator asks for a ticket that does not exist.

        Raises:
            RequestRefused: the user does not have this ticket, or its status is not in `statuses`.
        """
        ticket = self.find_visible(user, ticket_id)
        if ticket and ticket.status not in statuses and not user.sysadmin:
            raise RequestRefused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket

    # -------------------------------------------------------------------- for providers

    def get_claimed(self, user: User, ticket_id: int) -> Ticket:
        """Return a ticket that the user has claimed.

        Raises:
            RequestRefused: the user never claimed the ticket, or it was deleted.
        """
        check_not_forgotten(user)
        ticket = self._tickets.get(ticket_id)
        if ticket is None or user.id not in ticket.claimers:
            raise RequestRefused(TicketNotClaimed, ticket_id=ticket_id, user_id=user.id)
        if ticket.status is TicketStatus.DELETED:
            raise RequestRefused(TicketDeleted, ticket_id=ticket_id)
        return ticket

    def get_offered(self, user: User, ticket_id: int) -> Ticket:
        """Return a ticket for a service of the user's providers.

        Raises:
            RequestRefused: no such ticket exists.
        """
        check_not_forgotten(user)
        ticket = self._tickets.get(ticket_id)
        if ticket is None or not self._catalogue.can_serve(user, ticket.service):
            raise RequestRefused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket


def _sort_by_id(tickets: Mapping[int, Ticket]) -> list[Ticket]:
    # A ticket that was deleted and came back is not in its place.
    return [tickets[ticket_id] for ticket_id in sorted(tickets)]
