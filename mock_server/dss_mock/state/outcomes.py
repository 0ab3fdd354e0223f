"""What became of tickets."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

import attrs

from dss_api import ServiceStats, TicketStatus

from .entities import Service, StatusChange, Ticket
from .ground import Ground
from .ready_queues import ReadyQueues

OUTCOMES = (TicketStatus.SUCCESS, TicketStatus.FAILED)
"""What a provider may make of a ticket."""

DAY = 24 * 60 * 60


@attrs.frozen
class _Outcome:
    ticket: Ticket
    change: StatusChange


class Outcomes:
    """How the work for each service ended, over the last 24 hours."""

    def __init__(self, ground: Ground, queues: ReadyQueues) -> None:
        self._ground = ground
        self._queues = queues
        self.clear()

    def clear(self) -> None:
        """Forget all outcomes."""
        with self._ground.lock:
            self._outcomes: dict[str, deque[_Outcome]] = {}

    def note(self, ticket: Ticket, change: StatusChange) -> None:
        """Count a change of a ticket's status, if it is an outcome."""
        with self._ground.lock:
            if change.status in OUTCOMES:
                outcomes = self._outcomes.setdefault(ticket.service.githash, deque())
                outcomes.append(_Outcome(ticket, change))

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
                queue_length=self._queues.length(service),
            )
