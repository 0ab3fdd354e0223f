"""The tickets that wait to be claimed."""

from __future__ import annotations

import heapq


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
