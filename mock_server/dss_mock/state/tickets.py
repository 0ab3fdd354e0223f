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
"""Where the work on a ticket is over."""
RETRIABLE_STATUSES = (TicketStatus.FAILED, TicketStatus.TIMEOUT)
"""From where a user may have a ticket done again."""


@attrs.frozen
class TicketSnapshot:
    """A ticket at one moment, as its user sees it.

    Attributes:
        queue_position: its place among all tickets that wait, from 1; `None` if it does not.
    """

    status: TicketStatus
    progress: float
    queue_position: int | None
    log: tuple[LogEntry, ...]


class Tickets:
    """Tickets from their creation to their deletion."""

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
        """The ticket with an id; a `KeyError` if there is none."""
        return self._registry[ticket_id]

    def __iter__(self) -> Iterator[Ticket]:
        """Every ticket that there ever was, in the order of their ids."""
        return iter(self._registry)

    def __len__(self) -> int:
        """How many tickets there ever were."""
        return len(self._registry)

    # ------------------------------------------------------------------- what the user does

    def create(self, user: User, service: Service, *, unlimited: bool = False) -> Ticket:
        """Create a ticket.

        Args:
            unlimited: whether the user may have more than the tier allows.

        Raises:
            RequestRefused: the user has too many.
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
        """Queue a ticket whose files are there.

        Raises:
            RequestRefused: it is none of the user's or was queued already, or that is not `ready`.
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
        """Queue a ticket again; its results are erased.

        Raises:
            RequestRefused: it is none of the user's, or it did not fail.
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
        """Delete a ticket; its files and attachments are erased.

        Raises:
            RequestRefused: it is none of the user's.
        """
        with self._foundation.lock:
            erased = self._delete(self._registry.get_existing(user, ticket_id))
        self._foundation.remove(erased)
        return TicketStatus.DELETED

    def get_snapshot(self, user: User, ticket_id: int, since: float) -> TicketSnapshot:
        """All about a ticket.

        Raises:
            RequestRefused: it is none of the user's, or does not exist.
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

    # --------------------------------------------------------------- what the provider does

    def claim(
        self, user: User, services: Collection[Service], provider: str, code: str
    ) -> Ticket | None:
        """Take the oldest ticket that waits for one of the services; `None` if none does.

        Raises:
            RequestRefused: a reset has forgotten the user.
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
        """Let a user have claimed a ticket."""
        with self._foundation.lock:
            ticket.claimers.add(user.id)
            self._move(ticket, TicketStatus.CLAIMED, Claim(user.id, provider, code))
            self._logbook.note(ticket, CLAIM_TICKET.logs.format(provider=provider, code=code))

    def finish(self, user: User, ticket_id: int, status: str) -> TicketStatus:
        """Say how the work ended, also a second time.

        Raises:
            RequestRefused: the ticket is not the user's to work on, or this is no outcome.
        """
        with self._foundation.lock:
            ticket = self._registry.get_claimed(user, ticket_id)
            if status not in OUTCOMES:
                raise RequestRefused(StatusRefused, status=status)
            self._move(ticket, TicketStatus(status))
            return ticket.status

    # -------------------------------------------------------------- what becomes of old ones

    def purge(self, scope: PurgeScope, age: float) -> int:
        """Delete the tickets that were created more than `age` seconds ago; how many that were."""
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
        """Let a ticket time out, which the middleware foresees but never does."""
        with self._foundation.lock:
            self._move(ticket, TicketStatus.TIMEOUT)

    def restore(self, ticket: Ticket) -> None:
        """Put in a ticket that was there before."""
        with self._foundation.lock:
            self._registry.restore(ticket)
            self._queues.update(ticket)
            self._logbook.restore(ticket)
            for change in ticket.history:
                self._statistics.note(ticket, change)

    # -------------------------------------------------------- with the lock held by the caller

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
