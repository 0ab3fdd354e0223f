"""The active faults, and the requests that they strike."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from itertools import count
from types import TracebackType
from typing import Self

import attrs
from attrs import field

from ..http_server import Connection
from ..response import MockResponse
from ..routing import find_operation
from .kinds import Fault, Target

_POLL = 0.05


@attrs.define(eq=False, kw_only=True)
class ActiveFault:
    """An active fault. In a `with` statement, the fault is removed at the end of the block.

    Attributes:
        id: the number of the fault, from 1.
        operation: the name of the operation that the fault strikes, or `None` for all.
        path: the URL path that the fault strikes, or `None` for all. `*` stands for any characters.
            Without an operation and a path, the fault strikes every request to the middleware.
        probability: the probability of striking a matching request.
        remaining: how many requests the fault still strikes; `None` if there is no limit.
        hits: how many requests the fault has struck.
    """

    id: int
    fault: Fault
    operation: str | None
    path: str | None
    probability: float
    remaining: int | None
    hits: int = 0
    _generation: threading.Event = field(alias="generation", repr=False)
    _chance: random.Random = field(alias="chance", repr=False)
    _noise: random.Random = field(alias="noise", repr=False)
    _lifted: threading.Event = field(factory=threading.Event, repr=False)

    @property
    def description(self) -> str:
        """One line that says which requests are struck and how."""
        where = " at ".join(filter(None, (self.operation, self.path))) or "every request"
        parts = [f"{where}: {self.fault.description}"]
        if self.probability < 1:
            parts.append(f"with probability {self.probability:g}")
        parts.append("until removed" if self.remaining is None else f"{self.remaining} more times")
        return ", ".join(parts)

    @property
    def is_lifted(self) -> bool:
        """Whether the fault was removed, alone or with all other faults."""
        return self._lifted.is_set() or self._generation.is_set()

    @property
    def is_over(self) -> bool:
        """Whether the fault strikes no more requests."""
        return self.remaining == 0 or self.is_lifted

    def lift(self) -> None:
        """Remove the fault. Requests that the fault delays continue."""
        self._lifted.set()

    def can_strike(self, operation: str | None, path: str) -> bool:
        """Return whether the fault matches a request."""
        return self.operation in (None, operation) and (
            self.path is None or fnmatchcase(path, self.path)
        )

    def draw(self) -> bool:
        """Decide at random whether the fault strikes. If it does, count the request."""
        if self.probability < 1 and self._chance.random() >= self.probability:
            return False
        self.hits += 1
        if self.remaining is not None:
            self.remaining -= 1
        return True

    def disturb(
        self,
        proceed: Callable[[], MockResponse],
        connection: Connection,
        expire_session: Callable[[], None],
    ) -> MockResponse:
        """Return the response to a request that the fault strikes.

        Raises:
            ConnectionResetError: the fault has broken the connection.
        """
        wait = partial(self._wait, connection)
        return self.fault.strike(Target(proceed, connection, expire_session, wait, self._noise))

    def _wait(self, connection: Connection, seconds: float) -> None:
        """Wait until the time is over, the fault is removed, or the client disconnects."""
        connection.make_room()
        end = time.monotonic() + seconds
        while not self.is_lifted and (left := end - time.monotonic()) > 0:
            if connection.is_gone():
                connection.drop()
            self._lifted.wait(min(left, _POLL))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.lift()


class Faults:
    """The faults of a mock.

    Args:
        seed: the seed of the random numbers that decide when faults act, and of random bytes.
    """

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._added: list[ActiveFault] = []
        # Set when the faults of this generation are removed. Then the next generation starts.
        self._generation = threading.Event()
        self._begin(seed)

    def add(
        self,
        fault: Fault,
        *,
        operation: str | None = None,
        path: str | None = None,
        times: int | None = None,
        probability: float = 1.0,
    ) -> ActiveFault:
        """Add a fault.

        If several faults strike a request, the fault that was added first acts first on the
        request, and last on the response.

        Args:
            operation: the name of an operation of the contract, such as `claim_ticket`.
            path: a URL path without its query. `*` stands for any characters.
            times: how many requests to strike. By default, the fault stays until it is removed.
            probability: the probability of striking a request, above 0 and up to 1.

        Raises:
            TypeError: `fault` is not a fault.
            ValueError: the operation does not exist, no request can have the path, or a number is
                out of range.
        """
        if not isinstance(fault, Fault):
            raise TypeError(f"{fault!r} is not a fault. Create one like faults.DropAfter().")
        if operation is not None:
            find_operation(operation)
        if times is not None and (type(times) is not int or times < 1):
            raise ValueError(f"times must be a whole number from 1 up, not {times!r}")
        if path is not None:
            _check_path(path)
        if type(probability) not in (int, float) or not 0 < probability <= 1:
            raise ValueError(f"probability must be above 0 and at most 1, not {probability!r}")
        with self._lock:
            number = next(self._ids)
            # Reproducible on purpose, and independent of other faults.
            chance, noise = (
                random.Random(f"{self._current_seed}/{number}/{use}")  # noqa: S311
                for use in ("chance", "noise")
            )
            added = ActiveFault(
                id=number,
                fault=fault,
                operation=operation,
                path=path,
                probability=probability,
                remaining=times,
                generation=self._generation,
                chance=chance,
                noise=noise,
            )
            self._added.append(added)
            return added

    def list_active(self) -> Sequence[ActiveFault]:
        """Return the active faults, oldest first."""
        with self._lock:
            self._added = [added for added in self._added if not added.is_over]
            return tuple(self._added)

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self.list_active())

    def __len__(self) -> int:
        return len(self.list_active())

    def lift(self, id: int) -> None:  # noqa: A002  # its name in the whole API
        """Remove a fault.

        Raises:
            LookupError: no active fault has this id.
        """
        for added in self.list_active():
            if added.id == id:
                added.lift()
                return
        raise LookupError(f"The fault {id} is not active")

    def lift_all(self) -> None:
        """Remove all faults, including used-up faults that still delay requests."""
        with self._lock:
            self._end_generation()

    def clear(self, seed: int | None = None) -> None:
        """Remove all faults, number new faults from 1, and restart the random sequences.

        Args:
            seed: the new seed of the random sequences. The default is the seed of this object.
        """
        with self._lock:
            self._end_generation()
            self._begin(self._seed if seed is None else seed)

    def choose(self, operation: str | None, path: str) -> Sequence[ActiveFault]:
        """Return the faults that strike a request, first added first, and count the request."""
        with self._lock:
            return [
                added
                for added in self._added
                if not added.is_over and added.can_strike(operation, path) and added.draw()
            ]

    # -------------------------------------------------------- the caller holds the lock

    def _begin(self, seed: int) -> None:
        self._current_seed = seed
        self._ids = count(1)

    def _end_generation(self) -> None:
        self._generation.set()
        self._added = []
        self._generation = threading.Event()


def disturb(
    striking: Iterable[ActiveFault],
    proceed: Callable[[], MockResponse],
    connection: Connection,
    expire_session: Callable[[], None],
) -> MockResponse:
    """Return the response to a request after all faults in `striking` have acted.

    Args:
        striking: the faults; the first fault acts first on the request, and last on the response.
        proceed: the function that handles the request.
        connection: the connection of the request.
        expire_session: the function that expires the session of the request.

    Raises:
        ConnectionResetError: a fault has broken the connection.
    """
    for added in reversed(list(striking)):
        proceed = partial(added.disturb, proceed, connection, expire_session)
    return proceed()


def _check_path(path: object) -> None:
    if not isinstance(path, str) or not path.startswith(("/", "*")) or "?" in path:
        raise ValueError(
            f"path must be like /api/pro/tickets/*/files/*, without server and query, not {path!r}"
        )
