"""The statistics of services."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import timedelta

import attrs

from dss_api import ServiceStats, TicketStatus
from dss_api.constants import OUTCOMES

from .entities import Service, StatusChange, Ticket
from .foundation import Foundation
from .ready_queues import ReadyQueues

DAY = 24 * 60 * 60


@attrs.frozen(eq=False)
class _Outcome:
    """The end of the work on a ticket."""

    ticket: Ticket
    status: TicketStatus
    time: float


class _DayWindow:
    """The outcomes of a service in the last 24 hours, counted as they enter and leave."""

    def __init__(self) -> None:
        self.count: Counter[TicketStatus] = Counter()
        # All outcomes, the oldest first, and how many of them are too old. They count again if the
        # clock is set back.
        self._outcomes: list[_Outcome] = []
        self._past = 0
        # The number of successes by ticket and second, the number of such seconds by ticket, and
        # the last claim by ticket.
        self._successes: Counter[tuple[int, float]] = Counter()
        self._seconds: Counter[int] = Counter()
        self._claimed: dict[int, float] = {}
        # The sum of the durations: one for each ticket and second of success.
        self._duration: float = 0

    def add(self, ticket: Ticket, change: StatusChange) -> None:
        """Count an outcome, unless it is older than an outcome that is too old."""
        outcome = _Outcome(ticket, change.status, change.time)
        place = bisect_right(self._outcomes, change.time, key=_get_time)
        self._outcomes.insert(place, outcome)
        if place < self._past:
            self._past += 1
        else:
            self._count(outcome)

    def note_claim(self, ticket: Ticket) -> None:
        """Measure all durations of a ticket from its last claim, even a claim after the success."""
        claimed = ticket.claimed
        assert claimed is not None, "a ticket without a claim cannot have an outcome"
        before = self._claimed.get(ticket.id)
        if before is not None:
            self._duration -= self._seconds[ticket.id] * (claimed - before)
        self._claimed[ticket.id] = claimed

    def has_success(self, ticket: Ticket) -> bool:
        """Return whether a ticket succeeded in this window."""
        return ticket.id in self._seconds

    def start_at(self, time: float) -> None:
        """Move the start of the window. Only outcomes after the start count."""
        while self._past < len(self._outcomes) and self._outcomes[self._past].time < time:
            self._discount(self._outcomes[self._past])
            self._past += 1
        while self._past and self._outcomes[self._past - 1].time >= time:
            self._past -= 1
            self._count(self._outcomes[self._past])

    def _count(self, outcome: _Outcome) -> None:
        self.count[outcome.status] += 1
        if outcome.status is TicketStatus.SUCCESS:
            ticket_id, time = outcome.ticket.id, outcome.time
            self._successes[ticket_id, time] += 1
            if self._successes[ticket_id, time] == 1:
                self.note_claim(outcome.ticket)
                self._seconds[ticket_id] += 1
                self._duration += time - self._claimed[ticket_id]

    def _discount(self, outcome: _Outcome) -> None:
        self.count[outcome.status] -= 1
        if outcome.status is TicketStatus.SUCCESS:
            ticket_id, time = outcome.ticket.id, outcome.time
            self._successes[ticket_id, time] -= 1
            if not self._successes[ticket_id, time]:
                del self._successes[ticket_id, time]
                self._duration -= time - self._claimed[ticket_id]
                self._seconds[ticket_id] -= 1
                if not self._seconds[ticket_id]:
                    del self._seconds[ticket_id], self._claimed[ticket_id]

    def compute_mean_duration(self) -> timedelta | None:
        """Return the mean duration of successful work, or `None` without a success."""
        if not self._successes:
            return None
        return timedelta(seconds=self._duration / len(self._successes))


def _get_time(outcome: _Outcome) -> float:
    return outcome.time


class ServiceStatistics:
    """The outcomes of each service in the last 24 hours."""

    def __init__(self, foundation: Foundation, queues: ReadyQueues) -> None:
        self._foundation = foundation
        self._queues = queues
        self.clear()

    def clear(self) -> None:
        """Remove all outcomes."""
        with self._foundation.lock:
            self._windows: defaultdict[str, _DayWindow] = defaultdict(_DayWindow)

    def note(self, ticket: Ticket, change: StatusChange) -> None:
        """Count a change of a ticket's status if it is an outcome or a claim."""
        with self._foundation.lock:
            window = self._get_window(ticket.service)
            if change.status in OUTCOMES:
                window.add(ticket, change)
            elif change.status is TicketStatus.CLAIMED and window.has_success(ticket):
                window.note_claim(ticket)

    def compute(self, service: Service) -> ServiceStats:
        """Return the statistics of a service for the last 24 hours."""
        with self._foundation.lock:
            window = self._get_window(service)
            return ServiceStats(
                n_success=window.count[TicketStatus.SUCCESS],
                n_failed=window.count[TicketStatus.FAILED],
                avg_duration=window.compute_mean_duration(),
                last_heard_from=timedelta(seconds=self._foundation.now() - service.heard_from),
                queue_length=self._queues.get_length(service),
            )

    def _get_window(self, service: Service) -> _DayWindow:
        """Return the outcomes of a service. The caller holds the lock."""
        window = self._windows[service.githash]
        window.start_at(self._foundation.now() - DAY)
        return window
