"""The log of the last requests and their responses."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import overload

import attrs

MAX_REQUESTS = 10_000
"""The number of requests that a log keeps."""

MAX_PATH_LENGTH = 1000
"""The number of characters of a path that a log keeps."""


@attrs.define(eq=False, kw_only=True)
class LoggedRequest:
    """A request and its response, without their content.

    Attributes:
        number: the number of the request, from 1.
        time: when the request arrived.
        path: the URL path, without the query because a query can contain a token.
        actor: the e-mail address of the signed-in user, or `None`.
        operation: the name of the operation, or `None` for other requests.
        status: the status of the response. `None` before the response, and if it was never sent.
        received: the size of the request's body in bytes, or `None` if the client did not give it.
        sent: the number of bytes of the response's body that were sent so far.
        faults: one line for each fault that struck the request.
        acted: whether the operation was carried out, even if its response was lost.
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
        # A client chose these texts. Escape them, because a terminal may interpret control
        # characters.
        return " ".join(part if part.isprintable() else ascii(part) for part in parts)


class RequestLog(Sequence[LoggedRequest]):
    """The last requests, oldest first.

    Args:
        clock: a function that returns the Unix time in seconds.
        length: the number of requests to keep.
    """

    def __init__(self, clock: Callable[[], float], length: int = MAX_REQUESTS) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._requests: deque[LoggedRequest] = deque(maxlen=length)
        self._count = 0

    def add(self, method: str, path: str) -> LoggedRequest:
        """Add a request that has arrived. The attributes of the response are filled in later."""
        with self._lock:
            self._count += 1
            time = datetime.fromtimestamp(self._clock(), UTC)
            request = LoggedRequest(
                number=self._count,
                time=time,
                method=method[:MAX_PATH_LENGTH],
                path=path[:MAX_PATH_LENGTH],
            )
            self._requests.append(request)
            return request

    def clear(self) -> None:
        """Remove all requests, and count from 1 again."""
        with self._lock:
            self._requests.clear()
            self._count = 0

    def filter(self, operation: str) -> list[LoggedRequest]:
        """Return the requests for an operation, oldest first."""
        return [request for request in self if request.operation == operation]

    @property
    def total(self) -> int:
        """The number of requests so far, including requests that are no longer kept."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...
    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        with self._lock:
            return (
                list(self._requests)[index] if isinstance(index, slice) else self._requests[index]
            )

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self[:])

    def __len__(self) -> int:
        return len(self._requests)
