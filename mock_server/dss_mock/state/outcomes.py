"""What became of tickets."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from datetime import timedelta

from dss_api import ServiceStats, TicketStatus
from dss_api.constants import OUTCOMES

from .entities import Service, StatusChange, Ticket
from .ground import Ground
from .ready_queues import ReadyQueues

DAY = 24 * 60 * 60


class _Window:
    """The outcomes of a service over the last 24 hours, counted as they come and go."""

    def __init__(self) -> None:
        self.count: Counter[TicketStatus] = Counter()
        # The oldest first, even if somebody set the clock back.
        self._outcomes: list[tuple[float, int, TicketStatus]] = []
        # How often each ticket succeeded in each second, in how many seconds that was, and when
        # it was last claimed.
        self._successes: Counter[tuple[int, float]] = Counter()
        self._seconds: Counter[int] = Counter()
        self._claimed: dict[int, float] = {}
        # Of all durations: one for each ticket and second in which it succeeded.
        self._duration: float = 0

    def add(self, ticket: Ticket, change: StatusChange) -> None:
        """Count an outcome."""
        heapq.heappush(self._outcomes, (change.time, ticket.id, change.status))
        self.count[change.status] += 1
        if change.status is TicketStatus.SUCCESS:
            self._successes[ticket.id, change.time] += 1
            if self._successes[ticket.id, change.time] == 1:
                self.claim(ticket)
                self._seconds[ticket.id] += 1
                self._duration += change.time - self._claimed[ticket.id]

    def claim(self, ticket: Ticket) -> None:
        """Count all durations of a ticket from its last claim, even from one that came after."""
        claimed = ticket.claimed
        assert claimed is not None, "a ticket has no outcome before somebody claims it"
        before = self._claimed.get(ticket.id)
        if before is not None:
            self._duration -= self._seconds[ticket.id] * (claimed - before)
        self._claimed[ticket.id] = claimed

    def has(self, ticket: Ticket) -> bool:
        """Whether a ticket succeeded in this time."""
        return ticket.id in self._seconds

    def forget(self, until: float) -> None:
        """No longer count what was before a time."""
        while self._outcomes and self._outcomes[0][0] < until:
            time, ticket_id, status = heapq.heappop(self._outcomes)
            self.count[status] -= 1
            if status is TicketStatus.SUCCESS:
                self._forget_success(ticket_id, time)

    def _forget_success(self, ticket_id: int, time: float) -> None:
        self._successes[ticket_id, time] -= 1
        if not self._successes[ticket_id, time]:
            del self._successes[ticket_id, time]
            self._duration -= time - self._claimed[ticket_id]
            self._seconds[ticket_id] -= 1
            if not self._seconds[ticket_id]:
                del self._seconds[ticket_id], self._claimed[ticket_id]

    def mean_duration(self) -> timedelta | None:
        """How long the successful work took; `None` if there was none."""
        if not self._successes:
            return None
        return timedelta(seconds=self._duration / len(self._successes))


class Outcomes:
    """How the work for each service ended, over the last 24 hours."""

    def __init__(self, ground: Ground, queues: ReadyQueues) -> None:
        self._ground = ground
        self._queues = queues
        self.clear()

    def clear(self) -> None:
        """Forget all outcomes."""
        with self._ground.lock:
            self._windows: defaultdict[str, _Window] = defaultdict(_Window)

    def note(self, ticket: Ticket, change: StatusChange) -> None:
        """Count a change of a ticket's status, if it is an outcome or a claim."""
        with self._ground.lock:
            window = self._window(ticket.service)
            if change.status in OUTCOMES:
                window.add(ticket, change)
            elif change.status is TicketStatus.CLAIMED and window.has(ticket):
                window.claim(ticket)

    def stats(self, service: Service) -> ServiceStats:
        """How a service did over the last 24 hours."""
        with self._ground.lock:
            window = self._window(service)
            return ServiceStats(
                n_success=window.count[TicketStatus.SUCCESS],
                n_failed=window.count[TicketStatus.FAILED],
                avg_duration=window.mean_duration(),
                last_heard_from=timedelta(seconds=self._ground.now() - service.heard_from),
                queue_length=self._queues.length(service),
            )

    def _window(self, service: Service) -> _Window:
        """The outcomes of a service, with the lock held by the caller."""
        window = self._windows[service.githash]
        window.forget(self._ground.now() - DAY)
        return window
