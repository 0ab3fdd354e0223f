"""The life of tickets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import attrs

from dss_api import (
    TIERS,
    FileArea,
    MiddlewareFault,
    PurgeScope,
    QuotaExceeded,
    StatusRefused,
    TicketStatus,
)
from dss_api.constants import OUTCOMES
from dss_api.routes import CLAIM_TICKET, RETRY_TICKET, SET_TICKET_STATUS

from ..errors import RequestRefused
from .accounts import check_not_forgotten
from .catalogue import Catalogue
from .entities import Claim, LogEntry, Service, StatusChange, Ticket, User
from .file_areas import FileAreas
from .foundation import Foundation
from .logbook import Logbook
from .progress import Progress
from .ready_queues import ReadyQueues
from .service_statistics import ServiceStatistics
from .ticket_registry import TicketRegistry

FINISHED_STATUSES = (*OUTCOMES, TicketStatus.TIMEOUT)
"""The statuses of tickets whose work is over."""
RETRIABLE_STATUSES = (TicketStatus.FAILED, TicketStatus.TIMEOUT)
"""The statuses of tickets that a user can retry."""


@attrs.frozen
class TicketSnapshot:
    """A ticket at one moment, as its user sees it.

    Attributes:
        queue_position: the place among all waiting tickets, from 1, or `None`.
    """

    status: TicketStatus
    progress: float
    queue_position: int | None
    log: tuple[LogEntry, ...]


class Tickets:
    """The tickets, from creation to deletion."""

    def __init__(
        self,
        foundation: Foundation,
        *,
        catalogue: Catalogue,
        registry: TicketRegistry,
        queues: ReadyQueues,
        logbook: Logbook,
        file_areas: FileAreas,
        progress: Progress,
        statistics: ServiceStatistics,
    ) -> None:
        self._foundation = foundation
        self._catalogue = catalogue
        self._registry = registry
        self._queues = queues
        self._logbook = logbook
        self._file_areas = file_areas
        self._progress = progress
        self._statistics = statistics

    def __getitem__(self, ticket_id: int) -> Ticket:
        """Return the ticket with an id. Raise `KeyError` if it does not exist."""
        return self._registry[ticket_id]

    def __iter__(self) -> Iterator[Ticket]:
        """Iterate over all tickets ever, in the order of their ids."""
        return iter(self._registry)

    def __len__(self) -> int:
        """Return the number of tickets ever."""
        return len(self._registry)

    # ------------------------------------------------------------------------ for users

    def create(self, user: User, service: Service, *, unlimited: bool = False) -> Ticket:
        """Create a ticket.

        Args:
            unlimited: whether to ignore the quota of the user's tier.

        Raises:
            RequestRefused: the user has too many tickets.
        """
        with self._foundation.lock:
            quota = TIERS[user.tier]
            if self._registry.count_open(user) >= quota and not unlimited:
                raise RequestRefused(QuotaExceeded, quota=quota)
            ticket = self._registry.add(user, service)
            erased = self._file_areas.erase_stray_files(ticket)
        self._foundation.remove(erased)
        return ticket

    def submit(self, user: User, ticket_id: int, status: str) -> TicketStatus:
        """Queue a ticket after its files are uploaded.

        Raises:
            RequestRefused: the ticket does not belong to the user or is queued already, or the
                status is not `ready`.
        """
        with self._foundation.lock:
            ticket = self._registry.find_changeable(user, ticket_id, [TicketStatus.INIT])
            if status != TicketStatus.READY:
                raise RequestRefused(StatusRefused, status=status)
            if ticket is None:
                raise RequestRefused(MiddlewareFault)
            self._move(ticket, TicketStatus.READY)
            self._logbook.note(ticket, SET_TICKET_STATUS.logs)
            return ticket.status

    def retry(self, user: User, ticket_id: int) -> TicketStatus:
        """Queue a ticket again, and erase its results.

        Raises:
            RequestRefused: the ticket does not belong to the user, or did not fail.
        """
        with self._foundation.lock:
            ticket = self._registry.find_changeable(user, ticket_id, RETRIABLE_STATUSES)
            if ticket is None:
                raise RequestRefused(MiddlewareFault)
            erased = self._file_areas.erase(ticket, FileArea.RESULTS)
            self._move(ticket, TicketStatus.READY)
            self._logbook.note(ticket, RETRY_TICKET.logs)
        self._foundation.remove(erased)
        return TicketStatus.READY

    def delete(self, user: User, ticket_id: int) -> TicketStatus:
        """Delete a ticket, and erase its files and attachments.

        Raises:
            RequestRefused: the ticket does not belong to the user.
        """
        with self._foundation.lock:
            erased = self._delete(self._registry.get_existing(user, ticket_id))
        self._foundation.remove(erased)
        return TicketStatus.DELETED

    def get_snapshot(self, user: User, ticket_id: int, since: float) -> TicketSnapshot:
        """Return the details of a ticket.

        Raises:
            RequestRefused: the ticket does not exist or does not belong to the user.
        """
        with self._foundation.lock:
            ticket = self._registry.get_existing(user, ticket_id)
            progress = 0.0
            if ticket.status is TicketStatus.CLAIMED:
                progress = self._progress.get(ticket)
            elif ticket.status in FINISHED_STATUSES:
                progress = 1.0
            position = self._queues.get_overall_position(ticket) or None
            log = tuple(self._logbook.list_entries(ticket, since))
            return TicketSnapshot(ticket.status, progress, position, log)

    # -------------------------------------------------------------------- for providers

    def claim(
        self, user: User, services: Collection[Service], provider: str, code: str
    ) -> Ticket | None:
        """Claim the oldest ticket that waits for one of the services, or return `None`.

        Raises:
            RequestRefused: a reset has removed the user.
        """
        with self._foundation.lock:
            check_not_forgotten(user)
            for service in services:
                self._catalogue.note_activity(service)
            ticket_id = self._queues.find_oldest(services)
            if ticket_id is None:
                return None
            ticket = self._registry[ticket_id]
            self.hand_over(ticket, user, provider, code)
            return ticket

    def hand_over(self, ticket: Ticket, user: User, provider: str, code: str) -> None:
        """Record that a user claims a ticket."""
        with self._foundation.lock:
            ticket.claimers.add(user.id)
            self._move(ticket, TicketStatus.CLAIMED, Claim(user.id, provider, code))
            self._logbook.note(ticket, CLAIM_TICKET.logs.format(provider=provider, code=code))

    def finish(self, user: User, ticket_id: int, status: str) -> TicketStatus:
        """Set the outcome of the work, even a second time.

        Raises:
            RequestRefused: the user has not claimed the ticket, or the status is not an outcome.
        """
        with self._foundation.lock:
            ticket = self._registry.get_claimed(user, ticket_id)
            if status not in OUTCOMES:
                raise RequestRefused(StatusRefused, status=status)
            self._move(ticket, TicketStatus(status))
            return ticket.status

    # ----------------------------------------------------------------------- old tickets

    def purge(self, scope: PurgeScope, age: float) -> int:
        """Delete the tickets that are older than `age` seconds, and return their number."""
        erased: list[Path] = []
        with self._foundation.lock:
            due = [
                ticket
                for ticket in self._registry.list_open()
                if (scope is PurgeScope.ALL or ticket.status in FINISHED_STATUSES)
                and self._foundation.now() - ticket.created > age
            ]
            for ticket in due:
                erased += self._delete(ticket)
        self._foundation.remove(erased)
        return len(due)

    def expire(self, ticket: Ticket) -> None:
        """Set the status `timeout`, which the middleware defines but never sets."""
        with self._foundation.lock:
            self._move(ticket, TicketStatus.TIMEOUT)

    def restore(self, ticket: Ticket) -> None:
        """Add a saved ticket."""
        with self._foundation.lock:
            self._registry.restore(ticket)
            self._queues.update(ticket)
            self._logbook.restore(ticket)
            for change in ticket.history:
                self._statistics.note(ticket, change)

    # -------------------------------------------------------- the caller holds the lock

    def _move(self, ticket: Ticket, status: TicketStatus, claim: Claim | None = None) -> None:
        before = ticket.status
        change = StatusChange(status, self._foundation.now(), claim)
        ticket.history.append(change)
        self._registry.update(ticket, before)
        self._queues.update(ticket)
        self._statistics.note(ticket, change)
        self._foundation.note_change(ticket)

    def _delete(self, ticket: Ticket) -> list[Path]:
        if ticket.status is not TicketStatus.DELETED:
            self._move(ticket, TicketStatus.DELETED)
        return self._file_areas.erase(ticket, *FileArea) + self._logbook.erase_attachments(ticket)
