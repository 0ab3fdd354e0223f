"""The queues of tickets that wait for a claim."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable

from dss_api import TicketStatus

from .entities import Service, Ticket
from .foundation import Foundation


class ReadyQueue:
    """A queue of ticket ids, the lowest first. Removing the first id is fast in long queues too."""

    def __init__(self) -> None:
        # Sorted from the head on. Ids before the head were removed. They are cut off now and then,
        # because removing the first element of a long list moves all others.
        self._ids: list[int] = []
        self._head = 0

    def __len__(self) -> int:
        return len(self._ids) - self._head

    def __contains__(self, ticket_id: int) -> bool:
        place = self._find_place(ticket_id)
        return place < len(self._ids) and self._ids[place] == ticket_id

    def add(self, ticket_id: int) -> None:
        """Add a ticket."""
        if ticket_id not in self:
            insort(self._ids, ticket_id, self._head)

    def discard(self, ticket_id: int) -> None:
        """Remove a ticket if it is in the queue."""
        if ticket_id not in self:
            return
        place = self._find_place(ticket_id)
        if place > self._head:
            del self._ids[place]
            return
        self._head += 1
        if 2 * self._head > len(self._ids):
            del self._ids[: self._head]
            self._head = 0

    def peek(self) -> int | None:
        """Return the first ticket, or `None`."""
        return self._ids[self._head] if self else None

    def count_before(self, ticket_id: int) -> int:
        """Return the number of tickets before a ticket."""
        return self._find_place(ticket_id) - self._head

    def _find_place(self, ticket_id: int) -> int:
        return bisect_left(self._ids, ticket_id, self._head)


class ReadyQueues:
    """The queue of each service, and the queue of all waiting tickets."""

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self.clear()

    def clear(self) -> None:
        """Empty all queues."""
        with self._foundation.lock:
            self._queues: defaultdict[str, ReadyQueue] = defaultdict(ReadyQueue)
            # The queue of all waiting tickets.
            self._overall = ReadyQueue()

    def update(self, ticket: Ticket) -> None:
        """Add a ticket to its queues if its status is `ready`, and remove it otherwise."""
        with self._foundation.lock:
            for queue in (self._queues[ticket.service.githash], self._overall):
                if ticket.status is TicketStatus.READY:
                    queue.add(ticket.id)
                else:
                    queue.discard(ticket.id)

    def find_oldest(self, services: Iterable[Service]) -> int | None:
        """Return the id of the oldest ticket that waits for one of the services, or `None`."""
        with self._foundation.lock:
            queues = (self._queues.get(service.githash) for service in services)
            firsts = (queue.peek() for queue in queues if queue)
            return min((first for first in firsts if first is not None), default=None)

    def list_waiting(self, services: Iterable[Service]) -> list[tuple[Service, int]]:
        """Return the services with waiting tickets, and how many tickets wait for each service.

        The service with the oldest ticket comes first.
        """
        with self._foundation.lock:
            found: dict[int, tuple[Service, int]] = {}
            for service in services:
                queue = self._queues.get(service.githash)
                first = queue.peek() if queue else None
                if queue and first is not None:
                    found[first] = service, len(queue)
            return [found[first] for first in sorted(found)]

    def get_length(self, service: Service) -> int:
        """Return the number of tickets that wait for a service."""
        with self._foundation.lock:
            return len(self._queues.get(service.githash, ()))

    def get_position(self, ticket: Ticket) -> int:
        """Return the place of a ticket among the waiting tickets of its service, from 1.

        For a ticket that does not wait, return the number of older waiting tickets.
        """
        with self._foundation.lock:
            queue = self._queues.get(ticket.service.githash, ReadyQueue())
            return queue.count_before(ticket.id) + (ticket.status is TicketStatus.READY)

    def get_overall_position(self, ticket: Ticket) -> int:
        """Return the place of a ticket among all waiting tickets, from 1; 0 if it does not wait."""
        with self._foundation.lock:
            if ticket.status is not TicketStatus.READY:
                return 0
            return 1 + self._overall.count_before(ticket.id)
