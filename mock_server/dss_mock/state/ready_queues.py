"""The tickets that wait to be claimed."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable

from dss_api import TicketStatus

from .entities import Service, Ticket
from .foundation import Foundation


class ReadyQueue:
    """Ids of tickets, of which the lowest comes first; taking it costs the same in a long queue."""

    def __init__(self) -> None:
        # Sorted from the head on. What stands before it was taken and is cut off now and then,
        # for to take the first one out of a long list would move all the others.
        self._ids: list[int] = []
        self._head = 0

    def __len__(self) -> int:
        return len(self._ids) - self._head

    def __contains__(self, ticket_id: int) -> bool:
        place = self._find_place(ticket_id)
        return place < len(self._ids) and self._ids[place] == ticket_id

    def add(self, ticket_id: int) -> None:
        """Let a ticket wait."""
        if ticket_id not in self:
            insort(self._ids, ticket_id, self._head)

    def discard(self, ticket_id: int) -> None:
        """Let a ticket no longer wait, if it does."""
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
        """The ticket whose turn it is."""
        return self._ids[self._head] if self else None

    def count_before(self, ticket_id: int) -> int:
        """How many tickets are due before a given one."""
        return self._find_place(ticket_id) - self._head

    def _find_place(self, ticket_id: int) -> int:
        return bisect_left(self._ids, ticket_id, self._head)


class ReadyQueues:
    """A queue for each service, and one of all that wait."""

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self.clear()

    def clear(self) -> None:
        """Let no ticket wait."""
        with self._foundation.lock:
            self._queues: defaultdict[str, ReadyQueue] = defaultdict(ReadyQueue)
            # Of all of them together.
            self._overall = ReadyQueue()

    def update(self, ticket: Ticket) -> None:
        """Let a ticket wait if its status is `ready`, and no longer if it is another."""
        with self._foundation.lock:
            for queue in (self._queues[ticket.service.githash], self._overall):
                if ticket.status is TicketStatus.READY:
                    queue.add(ticket.id)
                else:
                    queue.discard(ticket.id)

    def find_oldest(self, services: Iterable[Service]) -> int | None:
        """The id of the oldest ticket that waits for one of the services; `None` if none does."""
        with self._foundation.lock:
            queues = (self._queues.get(service.githash) for service in services)
            firsts = (queue.peek() for queue in queues if queue)
            return min((first for first in firsts if first is not None), default=None)

    def list_waiting(self, services: Iterable[Service]) -> list[tuple[Service, int]]:
        """The services for which tickets wait, and how many; that of the oldest ticket first."""
        with self._foundation.lock:
            found: dict[int, tuple[Service, int]] = {}
            for service in services:
                queue = self._queues.get(service.githash)
                first = queue.peek() if queue else None
                if queue and first is not None:
                    found[first] = service, len(queue)
            return [found[first] for first in sorted(found)]

    def get_length(self, service: Service) -> int:
        """How many tickets wait for a service."""
        with self._foundation.lock:
            return len(self._queues.get(service.githash, ()))

    def get_position(self, ticket: Ticket) -> int:
        """How many tickets wait for its service that are no younger, with itself if it waits."""
        with self._foundation.lock:
            queue = self._queues.get(ticket.service.githash, ReadyQueue())
            return queue.count_before(ticket.id) + (ticket.status is TicketStatus.READY)

    def get_overall_position(self, ticket: Ticket) -> int:
        """Its place among all tickets that wait, from 1; 0 if it does not."""
        with self._foundation.lock:
            if ticket.status is not TicketStatus.READY:
                return 0
            return 1 + self._overall.count_before(ticket.id)
