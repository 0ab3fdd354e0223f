"""The section of the results page on the mock."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import attrs

from ..curl import MB
from ..middlewares import Mock, Real
from ..results import Results, format_number
from ..results_page import describe_machine, format_missed_aims, format_table
from ..services import SERVICE_COUNT
from .measurements import (
    CLAIMING,
    CLIENT_COUNTS,
    DOUBLE_CLAIMS,
    DOWNLOAD_MEMORY,
    FLOOR,
    LISTING,
    MEMORY,
    PROVIDER_DOWNLOAD,
    PROVIDER_UPLOAD,
    REFUSALS,
    REPORTING,
    START_UP,
    UPLOAD_MEMORY,
    USER_DOWNLOAD,
    USER_UPLOAD,
    Scale,
    make_rate_row,
)

START_UP_AIM = 0.3
"""The longest start-up, in seconds."""
RATE_AIM = 3.0
"""The lowest rate, as a multiple of the real middleware's rate."""
SPEED_AIM = 0.5
"""The lowest speed, as a multiple of the speed of `python -m http.server` with curl."""
GROWTH_AIM = 64.0
"""The largest growth of memory in a transfer, in MB."""

_PAGE = """\
# The mock compared with the real middleware

{mock} and {real}, measured by `make bench-mock` on {date} in {minutes:.1f} minutes.

* Machine: {machine}.
* Python: {python} (mock), {real_python} (real).
* Each value is the median of {repetitions} measurements, with the smallest and the largest in
  brackets. Mock and real take turns.
* A ratio compares two measurements that were made one after the other, so that both met the same
  noise.

{missed_aims}

## Start-up

Seconds from the start of the process, with an empty folder, to its first response.

{start_up}

## Requests per second

Each client keeps its connection alive, and sends the next request as soon as the previous one is
answered. There are {services} services. Each client has its own session, and sets the progress of
its own ticket. Claims empty a queue of {mock_claims} tickets at the mock, and of {real_claims}
tickets at the real middleware.

{rates}

The mock refused {mock_refused} requests, the real middleware {real_refused}. At the mock,
{mock_doubled} tickets were claimed twice, at the real middleware {real_doubled}.

The clients share the {cores} cores with the server. They run in one thread and send prepared bytes.
Responses per second of a server that always sends the same bytes: {ceiling}.
So of the mock's time for a request (listing services), the clients use {load}.

## Transfers

Speed in MB (10^6 bytes) per second for a file of {size:.0f} MB, with curl as the client. The column
*http.server* is a download from `python -m http.server`. This also holds for the rows of uploads,
because that server does not accept uploads.

{speeds}

## Memory

Peak of the server's resident memory (VmHWM) in MB, and its growth during the transfer of a file of
{large_size:.0f} MB. Measured once.

{sizes}
"""


def make_report(results: Results, scale: Scale, mock: Mock, real: Real, seconds: float) -> str:
    """Return the section with the results, in Markdown.

    Args:
        seconds: the duration of the benchmark.
    """
    report = _Report(results, mock.name, real.name)
    tables = {
        "start_up": report.make_start_up_table(),
        "rates": report.make_rate_table(),
        "speeds": report.make_speed_table(),
        "sizes": report.make_memory_table(),
    }
    listings = [make_rate_row(LISTING, count) for count in CLIENT_COUNTS]
    ceilings = [results.of(row, FLOOR) for row in listings]
    loads = [results.of(row, mock.name).over(results.of(row, FLOOR)) for row in listings]
    return _PAGE.format(
        **tables,
        mock=mock.version(),
        real=real.version(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        minutes=seconds / 60,
        machine=describe_machine(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        real_python=real.python_version(),
        repetitions=scale.repetitions,
        missed_aims=format_missed_aims(report.missed_aims),
        services=SERVICE_COUNT,
        mock_claims=mock.claims,
        real_claims=real.claims,
        ceiling=_join_by_clients(f"{rate}" for rate in ceilings),
        load=_join_by_clients(f"{load.median:.0%}" for load in loads),
        mock_refused=results.total(REFUSALS, mock.name),
        real_refused=results.total(REFUSALS, real.name),
        mock_doubled=results.total(DOUBLE_CLAIMS, mock.name),
        real_doubled=results.total(DOUBLE_CLAIMS, real.name),
        size=scale.size / MB,
        large_size=scale.large_size / MB,
    )


@attrs.define
class _Report:
    """The tables, and the list of missed aims."""

    results: Results
    mock: str
    real: str
    missed_aims: list[str] = attrs.field(factory=list)

    def make_start_up_table(self) -> str:
        mock, real = (self.results.of(START_UP, name) for name in (self.mock, self.real))
        aim = f"at most {START_UP_AIM} s"
        verdict = self._judge(START_UP, mock.median <= START_UP_AIM, f"{mock} s, aim {aim}")
        return format_table(("", "mock", "real", "aim", ""), [(START_UP, mock, real, aim, verdict)])

    def make_rate_table(self) -> str:
        rows: list[Sequence[object]] = []
        for label in (LISTING, REPORTING, CLAIMING):
            for count in CLIENT_COUNTS:
                row = make_rate_row(label, count)
                mock, real = (self.results.of(row, name) for name in (self.mock, self.real))
                ratio, aim = mock.over(real), f"{RATE_AIM} times"
                met = ratio.median >= RATE_AIM
                verdict = self._judge(row, met, f"{ratio} times the real middleware's, aim {aim}")
                rows.append((row, mock, real, ratio, aim, verdict))
        return format_table(("", "mock", "real", "mock/real", "aim", ""), rows)

    def make_speed_table(self) -> str:
        rows: list[Sequence[object]] = []
        for row in (USER_DOWNLOAD, PROVIDER_DOWNLOAD, USER_UPLOAD, PROVIDER_UPLOAD):
            mock, real = (self.results.of(row, name) for name in (self.mock, self.real))
            floor = self.results.of(row, FLOOR)
            ratio, aim = mock.over(floor), f"{SPEED_AIM} times"
            met = ratio.median >= SPEED_AIM
            verdict = self._judge(row, met, f"{ratio} times http.server's, aim {aim}")
            rows.append((row, mock, real, floor, ratio, mock.over(real), aim, verdict))
        columns = ("", "mock", "real", "http.server", "mock/http.server", "mock/real", "aim", "")
        return format_table(columns, rows)

    def make_memory_table(self) -> str:
        rows: list[Sequence[object]] = []
        for row in (MEMORY, UPLOAD_MEMORY, DOWNLOAD_MEMORY):
            mock, real = (self.results.of(row, name) for name in (self.mock, self.real))
            aim, verdict = "", ""
            if row != MEMORY:
                aim = f"under {format_number(GROWTH_AIM)} MB"
                verdict = self._judge(row, mock.median < GROWTH_AIM, f"{mock} MB, aim {aim}")
            rows.append((row, mock, real, aim, verdict))
        return format_table(("", "mock", "real", "aim", ""), rows)

    def _judge(self, row: str, met: bool, measured: str) -> str:
        """Return the cell that says whether an aim is met, and note a missed aim."""
        if met:
            return "met"
        self.missed_aims.append(f"{row}: {measured}")
        return "**not met**"


def _join_by_clients(texts: Iterable[str]) -> str:
    """Join one text for each number of clients."""
    pairs = zip(texts, CLIENT_COUNTS, strict=True)
    return " and ".join(f"{text} with {count} client{'s' * (count > 1)}" for text, count in pairs)
