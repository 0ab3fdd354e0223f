"""The results as a section of the page."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from ..contenders import Mock, Real
from ..measure import Results
from ..page import machine, table
from ..samples import Samples, shown
from ..transfers import MB
from ..world import SERVICES as SERVICE_COUNT
from .measure import (
    CLAIM,
    DOWN,
    EXPORT,
    IMPORT,
    LOG,
    PROGRESS,
    SERVICES,
    SMALL,
    TABLE,
    UP,
    Contest,
    Scale,
    at,
    growth,
)
from .site import DELAY

IMPORT_AIM = 5.0
"""Times faster than the public client, at least."""
RATE_AIM = 0.85
"""Times the floor's requests per second, at least."""
SPEED_AIM = 0.9
"""Times the speed of curl, at least."""
GROWTH_AIM = 16.0
"""MB in a transfer, less than."""
SMALL_AIM = 4.0
"""Times faster than the public client, at least."""
EXPORT_AIM = 10.0
"""Times faster than the public client, at least."""
EXPORT_GROWTH_AIM = 64.0
"""MB in an export, less than."""

_PAGE = """\
# The client beside the public one

{this} (*this client*) and {public} from PyPI (*public client*), measured by `make bench` on {date}
in {minutes:.1f} minutes, against {mock} (*mock*) and {real} (*real*).

* Machine: {machine}, which all of them share.
* Python: {python}.
* Each value is the median of {quick} measurements (of transfers: {repetitions}), with the
  smallest and the largest in brackets. A ratio is that of two measurements made side by side,
  so that both met the same noise; the contestants take turns. Each has a process of its own.
* The middlewares keep what they have in memory, so that no disk holds them up.
* Only documented methods of the public client are called.
* The *floor* is what no client can be expected to beat: for requests a loop over one kept-alive
  connection of `http.client` that sends the same bytes, and reads the answer without looking at it;
  for transfers curl, which writes to the same disk.

{shortfalls}

## Import

Seconds that `from itksnap_dss import DSSClient` takes a process that has just begun.

{imported}

## Export of a workspace

Seconds that `WorkspaceWrapper.export_workspace` takes for a workspace with {layers} images of
{side} x {side} x {side} voxels of 16 bits, as `.nii.gz` (a head with a scanner's noise), and by how
many MB the process grows meanwhile. This client hashes such images as they stream by and copies
them as they are compressed; the public one reads them whole, and compresses them anew.

{export}

## Requests

Set progress, and list the {services} services of the provider as a table: requests per second. A
claim: milliseconds until the table with the ticket is there, the median of {claims} in each
measurement.

{requests}

To make a table of {services} rows takes pandas {table} ms, which the floor is spared. The
mock answers in a fraction of the middleware's time, so there all that the client does besides
sending a request (checking the arguments, reading the answer by the contract, making the table)
weighs the more.

## Transfers of one large file

MB (10^6 bytes) per second of a file of {size:.0f} MB, and by how many MB the memory that is
resident in the client's process grows at its peak (VmHWM). Downloads are written to disk. Uploads
are verified as the client does by itself. The public client sends only workspaces, which it first
exports with all images compressed; that is measured once, as the speed of the same {size:.0f} MB.

{transfers}

## Many small files

Seconds for downloading {small_files} files of {small_size:.0f} KB through a relay that delivers
every request {delay:.0f} ms later, and every new connection too, as a long line does. The floor is
curl with one connection, one file after the other; who fetches several at a time can be faster.

{small}

This client fetches four at a time, by default, and so waits a quarter of the time at best. What the
server itself needs for a file is not waiting, and on {cores} cores becomes no less.

## A long log

Seconds from the question to a table of {rows} log messages, with the types of its columns. The
public client has no such method. The floor takes the bytes and leaves them as they are.

{log}
"""


def write_report(
    results: Results,
    contest: Contest,
    middlewares: tuple[Mock, Real],
    scale: Scale,
    seconds: float,
) -> str:
    """What was measured, as Markdown.

    Args:
        seconds: how long it took.
    """
    mock, real = middlewares
    report = _Report(results, contest, (mock.name, real.name))
    tables = {
        "imported": report.imported(),
        "export": report.export(),
        "requests": report.requests(),
        "transfers": report.transfers(),
        "small": report.small(),
        "log": report.log(),
    }
    shortfalls = "\n".join(f"* {text}" for text in report.shortfalls)
    return _PAGE.format(
        **tables,
        this=f"itksnap-dss {contest.this.version()}",
        public=f"itksnap-dss {contest.public.version()}",
        mock=mock.version(),
        real=real.version(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        minutes=seconds / 60,
        machine=machine(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        repetitions=scale.repetitions,
        quick=scale.quick,
        shortfalls=f"Short of its aim:\n\n{shortfalls}" if shortfalls else "Every aim is met.",
        services=SERVICE_COUNT,
        table=results.of(TABLE, contest.this.name),
        claims=scale.claims,
        size=scale.size / MB,
        layers=scale.layers,
        side=scale.side,
        small_files=scale.small_files,
        small_size=scale.small_size / 1000,
        delay=DELAY * 1000,
        rows=f"{scale.rows:,}",
    )


@attrs.define
class _Report:
    """The tables, and what in them falls short."""

    results: Results
    contest: Contest
    middlewares: Sequence[str]
    shortfalls: list[str] = attrs.field(factory=list)

    def imported(self) -> str:
        this, public, _ = self._samples(IMPORT)
        ratio = public.over(this)
        verdict = self._verdict(IMPORT, ratio, IMPORT_AIM, "times faster than the public client")
        row = (IMPORT, this, public, ratio, f"{IMPORT_AIM:g} times", verdict)
        return table(("", "this client", "public client", "times faster", "aim", ""), [row])

    def export(self) -> str:
        this, public, _ = self._samples(EXPORT)
        ratio = public.over(this)
        verdict = self._verdict(EXPORT, ratio, EXPORT_AIM, "times faster than the public client")
        rows: list[Sequence[object]] = [
            (f"{EXPORT}, s", this, public, ratio, f"{EXPORT_AIM:g} times", verdict)
        ]
        grown, public_grown, _ = self._samples(growth(EXPORT))
        aim = f"under {shown(EXPORT_GROWTH_AIM)} MB"
        verdict = self._told(growth(EXPORT), grown.median < EXPORT_GROWTH_AIM, f"{grown} MB, {aim}")
        rows.append((f"{growth(EXPORT)}, MB", grown, public_grown, "", aim, verdict))
        return table(("", "this client", "public client", "times faster", "aim", ""), rows)

    def requests(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            for what in (PROGRESS, SERVICES):
                row = at(what, middleware)
                this, public, floor = self._samples(row)
                ratio = this.over(floor)
                verdict = self._verdict(row, ratio, RATE_AIM, "of the floor")
                aim = f"{RATE_AIM} of the floor"
                rows.append((row, this, public, floor, this.against(public), ratio, aim, verdict))
        for middleware in self.middlewares:
            row = at(CLAIM, middleware)
            this, public, floor = self._samples(row)
            ratios = (this.against(public), this.over(floor))
            rows.append((f"{row}, ms", this, public, floor, *ratios, "", ""))
        return table(_HEAD, rows)

    def transfers(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            for what in (DOWN, UP):
                row = at(what, middleware)
                this, public, floor = self._samples(row)
                ratio = this.over(floor)
                verdict = self._verdict(row, ratio, SPEED_AIM, "of curl")
                aim = f"{SPEED_AIM} of curl"
                rows.append((row, this, public, floor, this.against(public), ratio, aim, verdict))
        for middleware in self.middlewares:
            for what in (DOWN, UP):
                row = at(growth(what), middleware)
                this, public, _ = self._samples(row)
                met = this.median < GROWTH_AIM
                aim = f"under {shown(GROWTH_AIM)} MB"
                verdict = self._told(row, met, f"{this} MB, {aim}")
                rows.append((f"{row}, MB", this, public, "", "", "", aim, verdict))
        return table(_HEAD, rows)

    def small(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            row = at(SMALL, middleware)
            this, public, floor = self._samples(row)
            ratio = public.over(this)
            verdict = self._verdict(row, ratio, SMALL_AIM, "times faster than the public client")
            aim = f"{SMALL_AIM:g} times"
            rows.append((row, this, public, floor, ratio, aim, verdict))
        head = ("", "this client", "public client", "floor", "times faster than public", "aim", "")
        return table(head, rows)

    def log(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            this, _, floor = self._samples(at(LOG, middleware))
            rows.append((at(LOG, middleware), this, floor, this.over(floor)))
        return table(("", "this client", "floor", "this/floor"), rows)

    def _samples(self, row: str) -> tuple[Samples, Samples, Samples]:
        names = (self.contest.this.name, self.contest.public.name, self.contest.floor.name)
        this, public, floor = (self.results.of(row, name) for name in names)
        return this, public, floor

    def _verdict(self, row: str, ratio: Samples, aim: float, of_what: str) -> str:
        return self._told(row, ratio.median >= aim, f"{ratio} {of_what}, aim {aim:g}")

    def _told(self, row: str, met: bool, measured: str) -> str:
        if met:
            return "met"
        self.shortfalls.append(f"{row}: {measured}")
        return "**not met**"


_HEAD = ("", "this client", "public client", "floor", "this/public", "this/floor", "aim", "")
