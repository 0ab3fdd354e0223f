"""The two middlewares of a walk, side by side."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote_to_bytes

import attrs

from tests.dss_mock.contract import Given, fault_in

from ..middleware import MockMiddleware
from ..raw import Answer, NoAnswer
from ..real import Zygote
from .normal import differing, normal
from .player import Player
from .steps import Step

SECOND = 2.0
"""Seconds by which times may differ, besides what a step takes."""


@attrs.frozen
class Difference:
    """The first difference between the middlewares in a walk.

    Attributes:
        steps: from the beginning to the one that showed it.
        found: in what the answers differ, the mock's and the real one's.
    """

    steps: Sequence[Step]
    found: Mapping[str, tuple[object, object]]

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self.found)

    def __str__(self) -> str:
        lines = [f"{len(self.steps)} steps:"]
        lines += [f"  {number}. {step}" for number, step in enumerate(self.steps, 1)]
        for name, (mock, real) in self.found.items():
            lines += [f"{name}:", f"  mock: {mock!r}", f"  real: {real!r}"]
        return "\n".join(lines)


class _Complaints(logging.Handler):
    """What the mock logs when it fails; to its client it looks like a failure of the middleware."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []
        logging.getLogger("dss_mock").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    def close(self) -> None:
        logging.getLogger("dss_mock").removeHandler(self)
        super().close()


class Pair:
    """A mock and a real middleware that go through the same steps."""

    def __init__(self, zygote: Zygote) -> None:
        self._mock = Player(MockMiddleware())
        self._real = Player(zygote.fresh())
        self._slack = SECOND
        self._complaints = _Complaints()
        self.steps: list[Step] = []

    def play(self, step: Step) -> tuple[Answer | None, Difference | None]:
        """Do a step; gives the real middleware's answer, and the difference if there is one."""
        self.steps.append(step)
        began = time.monotonic()
        mock, real = (_play(player, step) for player in (self._mock, self._real))
        self._slack = max(self._slack, SECOND + time.monotonic() - began)
        found: dict[str, tuple[object, object]] = {}
        if isinstance(mock, Answer) and isinstance(real, Answer):
            found.update(
                differing(
                    normal(mock, step.target, self._mock),
                    normal(real, step.target, self._real),
                    self._slack,
                )
            )
            wrong = _fault_in(step, self._mock.resolved(step.target), mock)
            if wrong:
                found["contract"] = wrong, ""
            if self._complaints.texts:
                found["log"] = self._complaints.texts, ""
        elif repr(mock) != repr(real):
            found["connection"] = mock, real
        difference = Difference(tuple(self.steps), found) if found else None
        return real if isinstance(real, Answer) else None, difference

    @property
    def blobs(self) -> int:
        """How many names of blobs were seen so far."""
        return len(self._real.blobs)

    def close(self) -> None:
        self._complaints.close()
        for player in (self._mock, self._real):
            player.close()
            player.middleware.close()


def _play(player: Player, step: Step) -> Answer | str | None:
    try:
        return player.play(step)
    except (NoAnswer, OSError) as error:
        return type(error).__name__


def _fault_in(step: Step, target: bytes, answer: Answer) -> str:
    if answer.media_type == "text/plain" and answer.header("Set-Cookie") is None:
        # The HTTP server beneath says so before the middleware is asked.
        return ""
    # Escaped slashes do not part a path.
    target = target.partition(b"?")[0].partition(b"#")[0]
    parts = re.split(rb"%2[fF]", target)
    plain = b"%2F".join(unquote_to_bytes(part) for part in parts)
    # The path of an OPTIONS request is taken as it stands.
    path = (target if step.method == "OPTIONS" else plain).decode("utf-8", "replace")
    body = None if step.method == "HEAD" else answer.body
    return fault_in(step.method, path, Given(answer.line, answer.headers, body))


def play_all(zygote: Zygote, steps: Sequence[Step]) -> Difference | None:
    """The first difference on fresh middlewares."""
    pair = Pair(zygote)
    try:
        for step in steps:
            _, difference = pair.play(step)
            if difference:
                return difference
        return None
    finally:
        pair.close()


def shrunk(
    difference: Difference, again: Callable[[Sequence[Step]], Difference | None], seconds: float
) -> Difference:
    """The same difference with as few steps as can be found in some seconds."""
    deadline = time.monotonic() + seconds
    best = difference
    size = max(1, len(best.steps) // 2)
    while time.monotonic() < deadline:
        at = 0
        before = len(best.steps)
        while at < len(best.steps) - 1 and time.monotonic() < deadline:
            # The last one shows it, and stays.
            shorter = [*best.steps[:at], *best.steps[min(at + size, len(best.steps) - 1) :]]
            found = again(shorter)
            if found and found.kinds == best.kinds and found.steps[-1] == best.steps[-1]:
                best = found
            else:
                at += size
        if size == 1 and len(best.steps) == before:
            break
        size = max(1, size // 2)
    return best
