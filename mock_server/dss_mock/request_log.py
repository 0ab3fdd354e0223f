"""What was asked of the mock, and what it answered."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import overload

import attrs

MAX_REQUESTS = 10_000
"""How many requests a journal remembers."""

MAX_PATH_LENGTH = 1000
"""How many characters of a path it remembers."""


@attrs.define(eq=False, kw_only=True)
class LoggedRequest:
    """A request and its answer, without what was in them.

    Attributes:
        number: counts the requests, from 1.
        time: when the request came.
        path: without the query, which may hold a token.
        actor: the e-mail address of who was signed in; `None` for nobody.
        operation: its name in the contract; `None` for what is no operation.
        status: of the answer; `None` while there is none, or when it never came.
        received: the size of the request's body in bytes; `None` if it did not say.
        sent: how many bytes of the answer's body were handed to the connection until now.
        faults: what disturbed the exchange, one line each.
        acted: whether the middleware did what it was asked, also where its answer was lost.
    """

    number: int
    time: datetime
    method: str
    path: str
    actor: str | None = None
    operation: str | None = None
    status: int | None = None
    received: int | None = None
    sent: int = 0
    faults: tuple[str, ...] = ()
    acted: bool = False

    def __str__(self) -> str:
        parts = [f"{self.time:%H:%M:%S}", self.method, self.path, str(self.status or "no answer")]
        parts += [f"({text})" for text in (self.actor, *self.faults) if text]
        # It may be shown on a terminal, which must not take orders from what is in it.
        return " ".join(part if part.isprintable() else ascii(part) for part in parts)


class RequestLog(Sequence[LoggedRequest]):
    """The last requests, oldest first.

    Args:
        clock: gives the Unix time in seconds.
        length: how many are remembered.
    """

    def __init__(self, clock: Callable[[], float], length: int = MAX_REQUESTS) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._exchanges: deque[LoggedRequest] = deque(maxlen=length)
        self._count = 0

    def add(self, method: str, path: str) -> LoggedRequest:
        """Take note of a request that has come; what is known later is added to it."""
        with self._lock:
            self._count += 1
            time = datetime.fromtimestamp(self._clock(), UTC)
            exchange = LoggedRequest(
                number=self._count,
                time=time,
                method=method[:MAX_PATH_LENGTH],
                path=path[:MAX_PATH_LENGTH],
            )
            self._exchanges.append(exchange)
            return exchange

    def clear(self) -> None:
        """Forget them, and count from 1."""
        with self._lock:
            self._exchanges.clear()
            self._count = 0

    def filter(self, operation: str) -> list[LoggedRequest]:
        """Those that asked for an operation, oldest first."""
        return [exchange for exchange in self if exchange.operation == operation]

    @property
    def total(self) -> int:
        """How many there were, remembered or not."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...
    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        with self._lock:
            return (
                list(self._exchanges)[index] if isinstance(index, slice) else self._exchanges[index]
            )

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self[:])

    def __len__(self) -> int:
        return len(self._exchanges)
