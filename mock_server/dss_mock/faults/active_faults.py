"""Which faults are in force, and what they strike."""

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
    """A fault that is in force; also a context manager that lifts it.

    Attributes:
        id: counts the faults, from 1.
        operation: the name of the operation that it strikes; `None` for every one.
        path: the path that it strikes, in which `*` stands for any characters; `None` for every
            one. What neither is given for strikes every request to the middleware.
        probability: of striking a request that it could strike.
        remaining: how many requests it still strikes; `None` until it is lifted.
        hits: how many it struck.
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
        """What happens to which requests, in one line."""
        where = " at ".join(filter(None, (self.operation, self.path))) or "every request"
        parts = [f"{where}: {self.fault.description}"]
        if self.probability < 1:
            parts.append(f"with probability {self.probability:g}")
        parts.append("until lifted" if self.remaining is None else f"{self.remaining} more times")
        return ", ".join(parts)

    @property
    def is_lifted(self) -> bool:
        """Whether somebody has lifted it, by itself or with all others."""
        return self._lifted.is_set() or self._generation.is_set()

    @property
    def is_over(self) -> bool:
        """Whether it strikes nothing any more."""
        return self.remaining == 0 or self.is_lifted

    def lift(self) -> None:
        """Let it strike no more; requests that it lets wait go on."""
        self._lifted.set()

    def can_strike(self, operation: str | None, path: str) -> bool:
        """Whether a request is one of those that it is for."""
        return self.operation in (None, operation) and (
            self.path is None or fnmatchcase(path, self.path)
        )

    def draw(self) -> bool:
        """Let chance decide whether it strikes; if it does, that counts."""
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
        """What a request is answered that it strikes.

        Raises:
            ConnectionResetError: nothing is, for the connection is gone.
        """
        wait = partial(self._wait, connection)
        return self.fault.strike(Target(proceed, connection, expire_session, wait, self._noise))

    def _wait(self, connection: Connection, seconds: float) -> None:
        """Let time pass until it is lifted at the latest, or the client has had enough."""
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
    """What goes wrong.

    Args:
        seed: of what happens with a probability, and of what is random in it.
    """

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._added: list[ActiveFault] = []
        # Set when all that were added in it are lifted; then the next one begins.
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
        """Let something go wrong from now on.

        Several faults may strike one request: the first that was added is the outermost.

        Args:
            operation: the name of an operation of the contract, such as `claim_ticket`.
            path: a path without query, in which `*` stands for any characters.
            times: how many requests it strikes; until it is lifted if not given.
            probability: of striking a request, from (not including) 0 to 1.

        Raises:
            TypeError: this is no fault.
            ValueError: there is no such operation, no request can have such a path, or a number is
                out of its range.
        """
        if not isinstance(fault, Fault):
            raise TypeError(f"{fault!r} is no fault; one is made like faults.DropAfter()")
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
            # Reproducible on purpose, and whatever other faults there are.
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
        """The faults that still strike, in the order in which they were added."""
        with self._lock:
            self._added = [added for added in self._added if not added.is_over]
            return tuple(self._added)

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self.list_active())

    def __len__(self) -> int:
        return len(self.list_active())

    def lift(self, id: int) -> None:  # noqa: A002  # its name everywhere
        """Lift one of them.

        Raises:
            LookupError: none in force has this id.
        """
        for added in self.list_active():
            if added.id == id:
                added.lift()
                return
        raise LookupError(f"there is no fault {id} in force")

    def lift_all(self) -> None:
        """Lift all, also those that strike no more but still keep requests waiting."""
        with self._lock:
            self._end_generation()

    def clear(self, seed: int | None = None) -> None:
        """Lift all; ids and chance begin anew.

        Args:
            seed: of chance; the one that these were made with if not given.
        """
        with self._lock:
            self._end_generation()
            self._begin(self._seed if seed is None else seed)

    def choose(self, operation: str | None, path: str) -> Sequence[ActiveFault]:
        """Those that strike a request, outermost first; each of them counts it."""
        with self._lock:
            return [
                added
                for added in self._added
                if not added.is_over and added.can_strike(operation, path) and added.draw()
            ]

    # -------------------------------------------------------- with the lock held by the caller

    def _begin(self, seed: int) -> None:
        self._current_seed = seed
        self._ids = count(1)

    def _end_generation(self) -> None:
        self._generation.set()
        self._added = []
        self._generation = threading.Event()


def disturb(
    struck: Iterable[ActiveFault],
    proceed: Callable[[], MockResponse],
    connection: Connection,
    expire_session: Callable[[], None],
) -> MockResponse:
    """What a request is answered that faults strike, outermost first.

    Args:
        proceed: handles the request.
        connection: over which it came.
        expire_session: lets its session be unknown.

    Raises:
        ConnectionResetError: nothing is, for the connection is gone.
    """
    for added in reversed(list(struck)):
        proceed = partial(added.disturb, proceed, connection, expire_session)
    return proceed()


def _check_path(path: object) -> None:
    if not isinstance(path, str) or not path.startswith(("/", "*")) or "?" in path:
        raise ValueError(
            f"path must be like /api/pro/tickets/*/files/*, without server and query, not {path!r}"
        )
