"""The mock and the real middleware of a walk, which run the same steps."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote_to_bytes

import attrs

from tests.dss_mock.contract import ObservedResponse, find_mistake

from ..http_connection import InvalidResponse, Response
from ..middleware import MockMiddleware
from ..real_middleware import MiddlewareLauncher
from .normalisation import find_differences, normalise_response
from .step_runner import StepRunner
from .steps import Step

TIME_TOLERANCE = 2.0
"""Accepted difference of times in seconds, in addition to the duration of a step."""


@attrs.frozen
class Difference:
    """The first difference between the middlewares in a walk.

    Attributes:
        steps: all steps up to the one that showed the difference.
        values: the different values of the mock and the real middleware, by kind.
    """

    steps: Sequence[Step]
    values: Mapping[str, tuple[object, object]]

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self.values)

    def __str__(self) -> str:
        lines = [f"{len(self.steps)} steps:"]
        lines += [f"  {number}. {step}" for number, step in enumerate(self.steps, 1)]
        for name, (mock, real) in self.values.items():
            lines += [f"{name}:", f"  mock: {mock!r}", f"  real: {real!r}"]
        return "\n".join(lines)


class _MockErrors(logging.Handler):
    """Collects errors that the mock logs, because its response looks like one of the middleware."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []
        logging.getLogger("dss_mock").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    def close(self) -> None:
        logging.getLogger("dss_mock").removeHandler(self)
        super().close()


class MiddlewarePair:
    """A mock and a real middleware that run the same steps."""

    def __init__(self, launcher: MiddlewareLauncher) -> None:
        self._mock = StepRunner(MockMiddleware())
        self._real = StepRunner(launcher.start())
        self._slack = TIME_TOLERANCE
        self._mock_errors = _MockErrors()
        self.steps: list[Step] = []

    def run(self, step: Step) -> tuple[Response | None, Difference | None]:
        """Run a step; return the real middleware's response, and the difference if there is one."""
        self.steps.append(step)
        began = time.monotonic()
        mock, real = (_try_step(runner, step) for runner in (self._mock, self._real))
        self._slack = max(self._slack, TIME_TOLERANCE + time.monotonic() - began)
        values: dict[str, tuple[object, object]] = {}
        if isinstance(mock, Response) and isinstance(real, Response):
            values.update(
                find_differences(
                    normalise_response(mock, step.target, self._mock),
                    normalise_response(real, step.target, self._real),
                    self._slack,
                )
            )
            mistake = _find_contract_mistake(step, self._mock.resolve(step.target), mock)
            if mistake:
                values["contract"] = mistake, ""
            if self._mock_errors.texts:
                values["log"] = self._mock_errors.texts, ""
        elif repr(mock) != repr(real):
            values["connection"] = mock, real
        difference = Difference(tuple(self.steps), values) if values else None
        return real if isinstance(real, Response) else None, difference

    @property
    def blobs(self) -> int:
        """The number of blob names in the responses so far."""
        return len(self._real.blobs)

    def close(self) -> None:
        self._mock_errors.close()
        for runner in (self._mock, self._real):
            runner.close()
            runner.middleware.close()


def _try_step(runner: StepRunner, step: Step) -> Response | str | None:
    try:
        return runner.run(step)
    except (InvalidResponse, OSError) as error:
        return type(error).__name__


def _find_contract_mistake(step: Step, target: bytes, response: Response) -> str:
    if response.media_type == "text/plain" and response.header("Set-Cookie") is None:
        # The HTTP server answers before it calls the middleware.
        return ""
    # An escaped slash does not separate parts of a path.
    target = target.partition(b"?")[0].partition(b"#")[0]
    parts = re.split(rb"%2[fF]", target)
    plain = b"%2F".join(unquote_to_bytes(part) for part in parts)
    # The path of an OPTIONS request is not decoded.
    path = (target if step.method == "OPTIONS" else plain).decode("utf-8", "replace")
    body = None if step.method == "HEAD" else response.body
    return find_mistake(
        step.method, path, ObservedResponse(response.status_line, response.headers, body)
    )


def replay_steps(launcher: MiddlewareLauncher, steps: Sequence[Step]) -> Difference | None:
    """Run steps on new middlewares and return the first difference."""
    pair = MiddlewarePair(launcher)
    try:
        for step in steps:
            _, difference = pair.run(step)
            if difference:
                return difference
        return None
    finally:
        pair.close()


def shrink_difference(
    difference: Difference, replay: Callable[[Sequence[Step]], Difference | None], seconds: float
) -> Difference:
    """Search for fewer steps that show the same difference, for a number of seconds."""
    deadline = time.monotonic() + seconds
    best = difference
    size = max(1, len(best.steps) // 2)
    while time.monotonic() < deadline:
        at = 0
        before = len(best.steps)
        while at < len(best.steps) - 1 and time.monotonic() < deadline:
            # The last step shows the difference, so it stays.
            shorter = [*best.steps[:at], *best.steps[min(at + size, len(best.steps) - 1) :]]
            result = replay(shorter)
            if result and result.kinds == best.kinds and result.steps[-1] == best.steps[-1]:
                best = result
            else:
                at += size
        if size == 1 and len(best.steps) == before:
            break
        size = max(1, size // 2)
    return best
