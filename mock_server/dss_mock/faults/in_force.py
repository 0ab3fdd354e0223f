"""Which faults are in force, and what they strike."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from itertools import count
from types import TracebackType
from typing import Self

import attrs
from attrs import field

from ..host import Connection
from ..reply import Reply
from ..routing import find_operation
from .kinds import Fault
from .target import Target


@attrs.define(eq=False, kw_only=True)
class InForce:
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
    def is_over(self) -> bool:
        """Whether it strikes nothing any more."""
        return self.remaining == 0 or self._lifted.is_set()

    def lift(self) -> None:
        """Let it strike no more; requests that it lets wait go on."""
        self._lifted.set()

    def wait(self, seconds: float) -> None:
        """Let time pass, until it is lifted at the latest."""
        self._lifted.wait(seconds)

    def could_strike(self, operation: str | None, path: str) -> bool:
        """Whether a request is one of those that it is for."""
        return self.operation in (None, operation) and (
            self.path is None or fnmatchcase(path, self.path)
        )

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
        self._added: list[InForce] = []
        # They may strike no more, but still keep requests waiting.
        self._waited_for: list[InForce] = []
        self._restart()

    def add(
        self,
        fault: Fault,
        *,
        operation: str | None = None,
        path: str | None = None,
        times: int | None = None,
        probability: float = 1.0,
    ) -> InForce:
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
            added = InForce(
                id=next(self._ids),
                fault=fault,
                operation=operation,
                path=path,
                probability=probability,
                remaining=times,
            )
            self._added.append(added)
            return added

    def in_force(self) -> Sequence[InForce]:
        """The faults that still strike, in the order in which they were added."""
        with self._lock:
            self._added = [added for added in self._added if not added.is_over]
            return tuple(self._added)

    def __iter__(self) -> Iterator[InForce]:
        return iter(self.in_force())

    def __len__(self) -> int:
        return len(self.in_force())

    def lift(self, id: int) -> None:  # noqa: A002  # its name everywhere
        """Lift one of them.

        Raises:
            LookupError: none in force has this id.
        """
        for added in self.in_force():
            if added.id == id:
                added.lift()
                return
        raise LookupError(f"there is no fault {id} in force")

    def clear(self) -> None:
        """Lift all; ids and chance begin anew."""
        with self._lock:
            for added in (*self._added, *self._waited_for):
                added.lift()
            self._added.clear()
            self._restart()

    def choose(self, operation: str | None, path: str) -> Sequence[InForce]:
        """Those that strike a request, outermost first; each of them counts it."""
        struck: list[InForce] = []
        with self._lock:
            for added in self._added:
                if added.is_over or not added.could_strike(operation, path):
                    continue
                if added.probability < 1 and self._chance.random() >= added.probability:
                    continue
                added.hits += 1
                if added.remaining is not None:
                    added.remaining -= 1
                struck.append(added)
        return struck

    def disturb(
        self,
        proceed: Callable[[], Reply],
        struck: Sequence[InForce],
        connection: Connection,
        expire_session: Callable[[], None],
    ) -> Reply:
        """What a request is answered that these faults strike.

        Args:
            proceed: handles the request.
            connection: over which it came.
            expire_session: lets its session be unknown.

        Raises:
            ConnectionResetError: nothing is, for the connection is gone.
        """
        for added in reversed(struck):
            wait = partial(self._wait, added)
            target = Target(proceed, connection, expire_session, wait, self._chance)
            proceed = partial(added.fault.strike, target)
        return proceed()

    def _wait(self, added: InForce, seconds: float) -> None:
        with self._lock:
            self._waited_for.append(added)
        added.wait(seconds)
        with self._lock:
            self._waited_for.remove(added)

    def _restart(self) -> None:
        self._ids = count(1)
        self._chance = random.Random(self._seed)  # noqa: S311  # reproducible on purpose


def _check_path(path: object) -> None:
    if not isinstance(path, str) or not path.startswith(("/", "*")) or "?" in path:
        raise ValueError(
            f"path must be like /api/pro/tickets/*/files/*, without server and query, not {path!r}"
        )
