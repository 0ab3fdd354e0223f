"""The tickets that wait to be claimed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from dss_api import TicketStatus

from .entities import Service, Ticket
from .ground import Ground


class ReadyQueue:
    """Ids of tickets, of which the lowest comes first; taking it costs the same in a long queue."""

    def __init__(self) -> None:
        self._ids: set[int] = set()
        # May also hold ids that are no longer, or more than once, in the queue.
        self._heap: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, ticket_id: int) -> None:
        """Let a ticket wait."""
        if ticket_id not in self._ids:
            self._ids.add(ticket_id)
            heapq.heappush(self._heap, ticket_id)

    def discard(self, ticket_id: int) -> None:
        """Let a ticket no longer wait, if it does."""
        self._ids.discard(ticket_id)

    def first(self) -> int | None:
        """The ticket whose turn it is."""
        while self._heap and self._heap[0] not in self._ids:
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def before(self, ticket_id: int) -> int:
        """How many tickets are due before a given one."""
        return sum(other < ticket_id for other in self._ids)


class ReadyQueues:
    """A queue for each service."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.clear()

    def clear(self) -> None:
        """Let no ticket wait."""
        with self._ground.lock:
            self._queues: dict[str, ReadyQueue] = {}

    def update(self, ticket: Ticket) -> None:
        """Let a ticket wait if its status is `ready`, and no longer if it is another."""
        with self._ground.lock:
            queue = self._queues.setdefault(ticket.service.githash, ReadyQueue())
            if ticket.status is TicketStatus.READY:
                queue.add(ticket.id)
            else:
                queue.discard(ticket.id)

    def oldest(self, services: Iterable[Service]) -> int | None:
        """The id of the oldest ticket that waits for one of the services; `None` if none does."""
        with self._ground.lock:
            queues = (self._queues.get(service.githash) for service in services)
            firsts = (queue.first() for queue in queues if queue)
            return min((first for first in firsts if first is not None), default=None)

    def waiting(self, services: Iterable[Service]) -> list[tuple[Service, int]]:
        """The services for which tickets wait, and how many; that of the oldest ticket first."""
        with self._ground.lock:
            found: dict[int, tuple[Service, int]] = {}
            for service in services:
                queue = self._queues.get(service.githash)
                first = queue.first() if queue else None
                if queue and first is not None:
                    found[first] = service, len(queue)
            return [found[first] for first in sorted(found)]

    def length(self, service: Service) -> int:
        """How many tickets wait for a service."""
        with self._ground.lock:
            return len(self._queues.get(service.githash, ()))

    def position(self, ticket: Ticket) -> int:
        """Its place among the tickets that wait for its service, from 1; 0 if it does not."""
        with self._ground.lock:
            if ticket.status is not TicketStatus.READY:
                return 0
            return 1 + self._queues[ticket.service.githash].before(ticket.id)

    def overall_position(self, ticket: Ticket) -> int:
        """Its place among all tickets that wait, from 1; 0 if it does not."""
        with self._ground.lock:
            if ticket.status is not TicketStatus.READY:
                return 0
            return 1 + sum(queue.before(ticket.id) for queue in self._queues.values())
