"""The results as a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import attrs

from .contenders import Mock, Real
from .measure import (
    CLAIMING,
    COUNTS,
    DOUBLED,
    FLOOR,
    LISTING,
    MEMORY,
    MEMORY_DOWN,
    MEMORY_UP,
    PROVIDER_DOWN,
    PROVIDER_UP,
    REFUSED,
    REPORTING,
    START_UP,
    USER_DOWN,
    USER_UP,
    Results,
    Scale,
    rate_row,
)
from .page import machine, table
from .samples import shown
from .transfers import MB
from .world import SERVICES

START_UP_AIM = 0.3
"""Seconds, at most."""
RATE_AIM = 3.0
"""Times the real one's, at least."""
SPEED_AIM = 0.5
"""Times what curl gets from `python -m http.server`, at least."""
GROWTH_AIM = 64.0
"""MB in a transfer, at most."""

_PAGE = """\
# The mock beside the real middleware

{mock} and {real}, measured by `make bench-mock` on {date} in {minutes:.1f} minutes.

* Machine: {machine}.
* Python: {python} (mock), {real_python} (real).
* Each value is the median of {repetitions} measurements, with the smallest and the largest in
  brackets. A ratio is that of two measurements made one after the other, so that both met the same
  noise; mock and real take turns.

{shortfalls}

## Start-up

Seconds from before the process begins until its first answer begins, with a folder that is empty.

{start_up}

## Requests per second

Over kept-alive connections, where each client sends the next request as soon as it has the answer
to the last. There are {services} services. Each client has a session of its own, and reports the
progress of a ticket of its own. Claims empty a queue of {mock_claims} tickets at the mock and of
{real_claims} at the real one.

{rates}

Of the mock's answers {mock_refused} were refusals, of the real one's {real_refused}. Of the tickets
of each, {mock_doubled} and {real_doubled} were claimed twice.

The clients share the {cores} cores with the server. They are one thread that sends bytes made
beforehand. From a server that does nothing but answer they get {ceiling};
so of the mock's time for a request {load} are theirs (listing services).

## Transfers

MB (10^6 bytes) per second of a file of {size:.0f} MB, moved by curl. *http.server* is what curl
downloads from `python -m http.server`, also beside the uploads, which that one does not take.

{speeds}

## Memory

MB that are resident in the server at its peak (VmHWM), and by how many it grows while a file of
{large_size:.0f} MB moves; measured once.

{sizes}
"""


def write_report(results: Results, scale: Scale, mock: Mock, real: Real, seconds: float) -> str:
    """What was measured, as Markdown.

    Args:
        seconds: how long it took.
    """
    report = _Report(results, mock.name, real.name)
    tables = {
        "start_up": report.start_up(),
        "rates": report.rates(),
        "speeds": report.speeds(),
        "sizes": report.sizes(),
    }
    shortfalls = "\n".join(f"* {text}" for text in report.shortfalls)
    listings = [rate_row(LISTING, count) for count in COUNTS]
    ceilings = [results.of(row, FLOOR) for row in listings]
    loads = [results.of(row, mock.name).over(results.of(row, FLOOR)) for row in listings]
    return _PAGE.format(
        **tables,
        mock=mock.version(),
        real=real.version(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        minutes=seconds / 60,
        machine=machine(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        real_python=real.python_version(),
        repetitions=scale.repetitions,
        shortfalls=f"Short of its aim:\n\n{shortfalls}" if shortfalls else "Every aim is met.",
        services=SERVICES,
        mock_claims=mock.claims,
        real_claims=real.claims,
        ceiling=_with_clients(f"{rate}" for rate in ceilings),
        load=_with_clients(f"{load.median:.0%}" for load in loads),
        mock_refused=results.total(REFUSED, mock.name),
        real_refused=results.total(REFUSED, real.name),
        mock_doubled=results.total(DOUBLED, mock.name),
        real_doubled=results.total(DOUBLED, real.name),
        size=scale.size / MB,
        large_size=scale.large_size / MB,
    )


@attrs.define
class _Report:
    """The tables, and what in them falls short."""

    results: Results
    mock: str
    real: str
    shortfalls: list[str] = attrs.field(factory=list)

    def start_up(self) -> str:
        mock, real = (self.results.of(START_UP, name) for name in (self.mock, self.real))
        aim = f"at most {START_UP_AIM} s"
        verdict = self._verdict(START_UP, mock.median <= START_UP_AIM, f"{mock} s, {aim}")
        return table(("", "mock", "real", "aim", ""), [(START_UP, mock, real, aim, verdict)])

    def rates(self) -> str:
        rows: list[Sequence[object]] = []
        for what in (LISTING, REPORTING, CLAIMING):
            for count in COUNTS:
                row = rate_row(what, count)
                mock, real = (self.results.of(row, name) for name in (self.mock, self.real))
                ratio, aim = mock.over(real), f"{RATE_AIM} times"
                met = ratio.median >= RATE_AIM
                verdict = self._verdict(row, met, f"{ratio} times the real one's, {aim}")
                rows.append((row, mock, real, ratio, aim, verdict))
        return table(("", "mock", "real", "mock/real", "aim", ""), rows)

    def speeds(self) -> str:
        rows: list[Sequence[object]] = []
        for row in (USER_DOWN, PROVIDER_DOWN, USER_UP, PROVIDER_UP):
            mock, real = (self.results.of(row, name) for name in (self.mock, self.real))
            floor = self.results.of(row, FLOOR)
            ratio, aim = mock.over(floor), f"{SPEED_AIM} times"
            met = ratio.median >= SPEED_AIM
            verdict = self._verdict(row, met, f"{ratio} times http.server's, {aim}")
            rows.append((row, mock, real, floor, ratio, mock.over(real), aim, verdict))
        columns = ("", "mock", "real", "http.server", "mock/http.server", "mock/real", "aim", "")
        return table(columns, rows)

    def sizes(self) -> str:
        rows: list[Sequence[object]] = []
        for row in (MEMORY, MEMORY_UP, MEMORY_DOWN):
            mock, real = (self.results.of(row, name) for name in (self.mock, self.real))
            aim, verdict = "", ""
            if row != MEMORY:
                aim = f"under {shown(GROWTH_AIM)} MB"
                verdict = self._verdict(row, mock.median < GROWTH_AIM, f"{mock} MB, {aim}")
            rows.append((row, mock, real, aim, verdict))
        return table(("", "mock", "real", "aim", ""), rows)

    def _verdict(self, row: str, met: bool, measured: str) -> str:
        if met:
            return "met"
        self.shortfalls.append(f"{row}: {measured}")
        return "**not met**"


def _with_clients(texts: Iterable[str]) -> str:
    pairs = zip(texts, COUNTS, strict=True)
    return " and ".join(f"{text} with {count} client{'s' * (count > 1)}" for text, count in pairs)
