"""Tickets: their life, files, logs, attachments and progress."""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import attrs

from dss_api import (
    TIERS,
    BlobNotFound,
    ChunkClash,
    FileArea,
    FileNotFound,
    LogCategory,
    LogEntryNotFound,
    MiddlewareFault,
    PurgeScope,
    QuotaExceeded,
    ServiceStats,
    StatusRefused,
    TicketDeleted,
    TicketNotClaimed,
    TicketNotFound,
    TicketStatus,
)
from dss_api.routes import CLAIM_TICKET, RETRY_TICKET, SET_TICKET_STATUS

from ..files import StoredFile, remove
from ..refusal import Refused
from .catalogue import Catalogue
from .entities import Attachment, LogEntry, Service, StatusChange, Ticket, User
from .ground import Ground
from .ready_queue import ReadyQueue

OUTCOMES = (TicketStatus.SUCCESS, TicketStatus.FAILED)
"""What a provider may make of a ticket."""
FINISHED = (*OUTCOMES, TicketStatus.TIMEOUT)
"""Where the work on a ticket is over."""
RETRIABLE = (TicketStatus.FAILED, TicketStatus.TIMEOUT)
"""From where a user may have a ticket done again."""

DAY = 24 * 60 * 60
BLOB_LENGTH = 32


@attrs.frozen
class Detail:
    """A ticket at one moment, as its user sees it.

    Attributes:
        queue_position: its place among all tickets that wait, from 1; `None` if it does not.
    """

    status: TicketStatus
    progress: float
    queue_position: int | None
    log: tuple[LogEntry, ...]


@attrs.frozen
class _Outcome:
    ticket: Ticket
    change: StatusChange


class Tickets:
    """Every ticket that there ever was."""

    def __init__(self, ground: Ground, catalogue: Catalogue) -> None:
        self._ground = ground
        self._catalogue = catalogue
        self.clear()

    def clear(self) -> None:
        """Forget all tickets."""
        with self._ground.lock:
            self._tickets: dict[int, Ticket] = {}
            self._of_user: dict[int, list[Ticket]] = {}
            self._open: Counter[int] = Counter()
            self._ready: dict[str, ReadyQueue] = {}
            self._outcomes: dict[str, deque[_Outcome]] = {}
            self._log_entries: dict[int, tuple[Ticket, LogEntry]] = {}
            self._attachments: dict[str, Attachment] = {}
            self._attachment_ids = itertools.count(1)

    def __getitem__(self, ticket_id: int) -> Ticket:
        """The ticket with an id; a `KeyError` if there is none."""
        return self._tickets[ticket_id]

    def __len__(self) -> int:
        """How many tickets there ever were."""
        return len(self._tickets)

    # ------------------------------------------------------------------- what the user does

    def create(self, user: User, service: Service, *, unlimited: bool = False) -> Ticket:
        """Create a ticket.

        Args:
            unlimited: whether the user may have more than the tier allows.

        Raises:
            Refused: the user has too many.
        """
        with self._ground.lock:
            quota = TIERS[user.tier]
            if self._open[user.id] >= quota and not unlimited:
                raise Refused(QuotaExceeded, quota=quota)
            created = StatusChange(TicketStatus.INIT, self._ground.now())
            ticket = Ticket(len(self._tickets) + 1, user, service, [created])
            self._tickets[ticket.id] = ticket
            self._of_user.setdefault(user.id, []).append(ticket)
            self._open[user.id] += 1
            return ticket

    def of_user(self, user: User) -> list[Ticket]:
        """A user's tickets, those deleted left out."""
        with self._ground.lock:
            return _not_deleted(self._of_user.get(user.id, ()))

    def visible(self, user: User, ticket_id: int) -> Ticket | None:
        """The ticket that a user asks for; a sysadmin may ask for one that does not exist.

        Raises:
            Refused: it is none of the user's.
        """
        ticket = self._tickets.get(ticket_id)
        if not user.sysadmin and (ticket is None or ticket.user is not user):
            raise Refused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket

    def existing(self, user: User, ticket_id: int) -> Ticket:
        """The ticket that a user asks for.

        Raises:
            Refused: it is none of the user's, or does not exist.
        """
        ticket = self.visible(user, ticket_id)
        if ticket is None:
            raise Refused(MiddlewareFault)
        return ticket

    def changeable(
        self, user: User, ticket_id: int, statuses: Iterable[TicketStatus]
    ) -> Ticket | None:
        """The ticket that a user wants to change, which only a sysadmin may in any status.

        Raises:
            Refused: it is none of the user's, or not in one of the statuses.
        """
        ticket = self.visible(user, ticket_id)
        if ticket and ticket.status not in statuses and not user.sysadmin:
            raise Refused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket

    def submit(self, user: User, ticket_id: int, status: str) -> TicketStatus:
        """Queue a ticket whose files are there.

        Raises:
            Refused: it is none of the user's or was queued already, or the status is not `ready`.
        """
        with self._ground.lock:
            ticket = self.changeable(user, ticket_id, [TicketStatus.INIT])
            if status != TicketStatus.READY:
                raise Refused(StatusRefused, status=status)
            if ticket is None:
                raise Refused(MiddlewareFault)
            self._move(ticket, TicketStatus.READY)
            self._write_log(ticket, LogCategory.INFO, SET_TICKET_STATUS.logs)
            return ticket.status

    def retry(self, user: User, ticket_id: int) -> TicketStatus:
        """Queue a ticket again; its results are erased.

        Raises:
            Refused: it is none of the user's, or it did not fail.
        """
        with self._ground.lock:
            ticket = self.changeable(user, ticket_id, RETRIABLE)
            if ticket is None:
                raise Refused(MiddlewareFault)
            erased = self._erase_files(ticket, FileArea.RESULTS)
            self._move(ticket, TicketStatus.READY)
            self._write_log(ticket, LogCategory.INFO, RETRY_TICKET.logs)
        remove(erased)
        return TicketStatus.READY

    def delete(self, user: User, ticket_id: int) -> TicketStatus:
        """Delete a ticket; its files and attachments are erased.

        Raises:
            Refused: it is none of the user's.
        """
        with self._ground.lock:
            erased = self._delete(self.existing(user, ticket_id))
        remove(erased)
        return TicketStatus.DELETED

    def detail(self, user: User, ticket_id: int, since: float) -> Detail:
        """All about a ticket.

        Raises:
            Refused: it is none of the user's, or does not exist.
        """
        with self._ground.lock:
            ticket = self.existing(user, ticket_id)
            progress, position = 0.0, None
            if ticket.status is TicketStatus.CLAIMED:
                progress = self.progress(ticket)
            elif ticket.status in FINISHED:
                progress = 1.0
            elif ticket.status is TicketStatus.READY:
                position = 1 + sum(queue.before(ticket.id) for queue in self._ready.values())
            return Detail(ticket.status, progress, position, tuple(self.log(ticket, since)))

    def queue_position(self, ticket: Ticket) -> int:
        """Its place among the tickets that wait for its service, from 1; 0 if it does not."""
        with self._ground.lock:
            if ticket.status is not TicketStatus.READY:
                return 0
            return 1 + self._ready[ticket.service.githash].before(ticket.id)

    # --------------------------------------------------------------- what the provider does

    def claimed(self, user: User, ticket_id: int) -> Ticket:
        """The ticket that a user works on.

        Raises:
            Refused: the user never claimed it, or it was deleted.
        """
        ticket = self._tickets.get(ticket_id)
        if ticket is None or user.id not in ticket.claimers:
            raise Refused(TicketNotClaimed, ticket_id=ticket_id, user_id=user.id)
        if ticket.status is TicketStatus.DELETED:
            raise Refused(TicketDeleted, ticket_id=ticket_id)
        return ticket

    def offered(self, user: User, ticket_id: int) -> Ticket:
        """A ticket for a service of the user's providers.

        Raises:
            Refused: there is none.
        """
        ticket = self._tickets.get(ticket_id)
        if ticket is None or not self._catalogue.serves(user, ticket.service):
            raise Refused(TicketNotFound, ticket_id=ticket_id, user_id=user.id)
        return ticket

    def claim(
        self, user: User, services: Iterable[Service], provider: str, code: str
    ) -> Ticket | None:
        """Take the oldest ticket that waits for one of the services; `None` if none does."""
        with self._ground.lock:
            queues = (self._ready.get(service.githash) for service in services)
            firsts = (queue.first() for queue in queues if queue)
            ticket_id = min((first for first in firsts if first is not None), default=None)
            if ticket_id is None:
                return None
            ticket = self._tickets[ticket_id]
            self.hand_over(ticket, user, provider, code)
            return ticket

    def hand_over(self, ticket: Ticket, user: User, provider: str, code: str) -> None:
        """Let a user have claimed a ticket."""
        with self._ground.lock:
            ticket.claimers.add(user.id)
            self._move(ticket, TicketStatus.CLAIMED)
            message = CLAIM_TICKET.logs.format(provider=provider, code=code)
            self._write_log(ticket, LogCategory.INFO, message)

    def waiting(self, services: Iterable[Service]) -> list[tuple[Service, int]]:
        """The services for which tickets wait, and how many; that of the oldest ticket first."""
        with self._ground.lock:
            found: dict[int, tuple[Service, int]] = {}
            for service in services:
                queue = self._ready.get(service.githash)
                first = queue.first() if queue else None
                if queue and first is not None:
                    found[first] = service, len(queue)
            return [found[first] for first in sorted(found)]

    def finish(self, user: User, ticket_id: int, status: str) -> TicketStatus:
        """Say how the work ended, also a second time.

        Raises:
            Refused: the ticket is not the user's to work on, or this is no outcome.
        """
        with self._ground.lock:
            ticket = self.claimed(user, ticket_id)
            if status not in OUTCOMES:
                raise Refused(StatusRefused, status=status)
            self._move(ticket, TicketStatus(status))
            return ticket.status

    def write_log(
        self, user: User, ticket_id: int, category: LogCategory, message: str
    ) -> LogEntry:
        """Add a line to the log, with the attachments that wait for one.

        Raises:
            Refused: the ticket is not the user's to work on.
        """
        with self._ground.lock:
            return self._write_log(self.claimed(user, ticket_id), category, message)

    def attach(
        self, user: User, ticket_id: int, description: str, mime_type: str, path: Path
    ) -> Attachment:
        """Attach a file, to be linked to the next line of the log.

        Raises:
            Refused: the ticket is not the user's to work on; the file is not taken.
        """
        with self._ground.lock:
            ticket = self.claimed(user, ticket_id)
            blob = self._ground.hex(BLOB_LENGTH)
            attachment = Attachment(next(self._attachment_ids), description, mime_type, blob, path)
            self._attachments[attachment.short_blob] = attachment
            ticket.unlinked.append(attachment)
            return attachment

    def set_progress(
        self, user: User, ticket_id: int, start: float, end: float, progress: float
    ) -> None:
        """Say how far a part of the work is; 0 forgets all parts inside.

        Raises:
            Refused: the ticket is not the user's to work on, or another part begins there.
        """
        with self._ground.lock:
            ticket = self.claimed(user, ticket_id)
            if progress == 0:
                for inner in list(ticket.chunks):
                    if start <= inner[0] and inner[1] <= end:
                        del ticket.chunks[inner]
            elif any(start == other[0] and end != other[1] for other in ticket.chunks):
                raise Refused(ChunkClash)
            else:
                ticket.chunks[start, end] = progress
            self._catalogue.hear_from(ticket.service)

    # ------------------------------------------------------------------------------ for all

    def progress(self, ticket: Ticket) -> float:
        """How far the work is, from 0; there is no upper limit."""
        with self._ground.lock:
            parts = [(end - start) * part for (start, end), part in ticket.chunks.items()]
        return max(0.0, sum((part for part in parts if math.isfinite(part)), start=0.0))

    def files(self, ticket: Ticket, area: FileArea) -> list[StoredFile]:
        """The files of a ticket that can be seen, in the order in which they were written."""
        with self._ground.lock:
            return [file for name, file in ticket.files[area].items() if name[0] != "."]

    def file(self, ticket: Ticket, area: FileArea, index: int) -> StoredFile:
        """A file by its place in the list.

        Raises:
            Refused: there is none.
        """
        files = self.files(ticket, area)
        if index >= len(files):
            raise Refused(FileNotFound)
        return files[index]

    def put_input(
        self, user: User, ticket_id: int, area: FileArea, file: StoredFile
    ) -> Ticket | None:
        """Add a file to a ticket that is not yet queued, or overwrite it.

        A sysadmin may add one to a ticket that does not exist, which keeps nothing: `None`.

        Raises:
            Refused: the ticket is none of the user's, or queued already; the file is not taken.
        """
        with self._ground.lock:
            ticket = self.changeable(user, ticket_id, [TicketStatus.INIT])
            replaced = ticket and _put(ticket, area, file)
        remove([replaced] if replaced else [])
        return ticket

    def put_result(self, user: User, ticket_id: int, area: FileArea, file: StoredFile) -> None:
        """Add a file to a ticket that the user works on, or overwrite it.

        Raises:
            Refused: the ticket is not the user's to work on; the file is not taken.
        """
        with self._ground.lock:
            replaced = _put(self.claimed(user, ticket_id), area, file)
        remove([replaced] if replaced else [])

    def log(self, ticket: Ticket, since: float) -> list[LogEntry]:
        """The lines of a ticket's log whose ids are greater than `since`."""
        with self._ground.lock:
            return [entry for entry in ticket.log if entry.id > since]

    def linked_attachments(self, user: User, log_id: int) -> tuple[Attachment, ...]:
        """The attachments of a line in the log of one of the user's tickets.

        Raises:
            Refused: there is no such line.
        """
        ticket, entry = self._log_entries.get(log_id, (None, None))
        if ticket is None or entry is None or ticket.user is not user:
            raise Refused(LogEntryNotFound, log_id=log_id, user_id=user.id)
        return entry.attachments

    def attachment(self, blob: str) -> Attachment:
        """An attachment by its name on the wire, or by the whole of it.

        Raises:
            Refused: there is none, or it was erased.
        """
        attachment = self._attachments.get(blob[:8])
        if attachment is None or blob not in (attachment.short_blob, attachment.blob):
            raise Refused(BlobNotFound, blob=blob)
        if attachment.path is None:
            raise Refused(MiddlewareFault)
        return attachment

    def stats(self, service: Service) -> ServiceStats:
        """How a service did over the last 24 hours."""
        with self._ground.lock:
            now = self._ground.now()
            outcomes = self._outcomes.get(service.githash, deque())
            while outcomes and outcomes[0].change.time < now - DAY:
                outcomes.popleft()
            done = [item for item in outcomes if item.change.status is TicketStatus.SUCCESS]
            # Counted from the last claim, even from one that came after this success.
            durations = {
                (item.ticket.id, item.change.time): item.change.time - claimed
                for item in done
                if (claimed := item.ticket.claimed) is not None
            }
            mean = sum(durations.values()) / len(durations) if durations else None
            return ServiceStats(
                n_success=len(done),
                n_failed=len(outcomes) - len(done),
                avg_duration=None if mean is None else timedelta(seconds=mean),
                last_heard_from=timedelta(seconds=now - service.heard_from),
                queue_length=len(self._ready.get(service.githash, ())),
            )

    def everything(self) -> list[Ticket]:
        """All tickets, those deleted left out."""
        with self._ground.lock:
            return _not_deleted(self._tickets.values())

    def purge(self, scope: PurgeScope, age: float) -> int:
        """Delete the tickets that were created more than `age` seconds ago; how many that were."""
        erased: list[Path] = []
        with self._ground.lock:
            due = [
                ticket
                for ticket in self.everything()
                if (scope is PurgeScope.ALL or ticket.status in FINISHED)
                and self._ground.now() - ticket.created > age
            ]
            for ticket in due:
                erased += self._delete(ticket)
        remove(erased)
        return len(due)

    def expire(self, ticket: Ticket) -> None:
        """Let a ticket time out, which the middleware foresees but never does."""
        with self._ground.lock:
            self._move(ticket, TicketStatus.TIMEOUT)

    # -------------------------------------------------------- with the lock held by the caller

    def _move(self, ticket: Ticket, status: TicketStatus) -> None:
        opened = (status is not TicketStatus.DELETED) - (ticket.status is not TicketStatus.DELETED)
        self._open[ticket.user.id] += opened
        githash = ticket.service.githash
        change = StatusChange(status, self._ground.now())
        ticket.history.append(change)
        queue = self._ready.setdefault(githash, ReadyQueue())
        if status is TicketStatus.READY:
            queue.add(ticket.id)
        else:
            queue.discard(ticket.id)
        if status in OUTCOMES:
            self._outcomes.setdefault(githash, deque()).append(_Outcome(ticket, change))

    def _write_log(self, ticket: Ticket, category: LogCategory, message: str) -> LogEntry:
        entry = LogEntry(
            len(self._log_entries) + 1,
            self._ground.now(),
            category,
            message,
            tuple(ticket.unlinked),
        )
        ticket.unlinked.clear()
        ticket.log.append(entry)
        self._log_entries[entry.id] = ticket, entry
        return entry

    def _delete(self, ticket: Ticket) -> list[Path]:
        if ticket.status is not TicketStatus.DELETED:
            self._move(ticket, TicketStatus.DELETED)
        erased = self._erase_files(ticket, *FileArea)
        attachments = [*ticket.unlinked, *(item for e in ticket.log for item in e.attachments)]
        for attachment in attachments:
            if attachment.path is not None:
                erased.append(attachment.path)
                attachment.path = None
        return erased

    def _erase_files(self, ticket: Ticket, *areas: FileArea) -> list[Path]:
        erased = [file.path for area in areas for file in ticket.files[area].values()]
        for area in areas:
            ticket.files[area].clear()
        return erased


def _put(ticket: Ticket, area: FileArea, file: StoredFile) -> Path | None:
    """Add a file; the path of the one that it replaces."""
    # Taken out first, so that what was written last stands last.
    replaced = ticket.files[area].pop(file.name, None)
    ticket.files[area][file.name] = file
    return replaced.path if replaced else None


def _not_deleted(tickets: Iterable[Ticket]) -> list[Ticket]:
    return [ticket for ticket in tickets if ticket.status is not TicketStatus.DELETED]
