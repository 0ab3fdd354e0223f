"""The section of the results page on the client."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from ..curl import MB
from ..middlewares import Mock, Real
from ..results import Results, Samples, format_number
from ..results_page import describe_machine, format_missed_aims, format_table
from ..services import SERVICE_COUNT
from .client_runner import Comparison
from .measurements import (
    CLAIM,
    DOWNLOAD,
    EXPORT,
    IMPORT,
    LOG,
    PROGRESS,
    SERVICES,
    SMALL_FILES,
    TABLE,
    UPLOAD,
    Scale,
    make_growth_row,
    make_row,
)
from .prepared_middleware import DELAY

IMPORT_AIM = 5.0
"""The lowest ratio of the public client's time to this client's time."""
RATE_AIM = 0.85
"""The lowest rate, as a multiple of the floor's requests per second."""
SPEED_AIM = 0.9
"""The lowest speed, as a multiple of the speed of curl."""
GROWTH_AIM = 16.0
"""The growth of memory in a transfer must be below this, in MB."""
SMALL_FILES_AIM = 4.0
"""The lowest ratio of the public client's time to this client's time."""
EXPORT_AIM = 10.0
"""The lowest ratio of the public client's time to this client's time."""
EXPORT_GROWTH_AIM = 64.0
"""The growth of memory in an export must be below this, in MB."""

_PAGE = """\
# The client compared with the public client

{this} (*this client*) and {public} from PyPI (*public client*), measured by `make bench` on {date}
in {minutes:.1f} minutes, with {mock} (*mock*) and {real} (*real*).

* Machine: {machine}, for clients and middlewares.
* Python: {python}.
* Each value is the median of {quick} measurements (of transfers: {repetitions}), with the
  smallest and the largest in brackets. The clients take turns. Each runs in processes of its own.
* A ratio compares two measurements that were made side by side, so that both met the same noise.
* The middlewares keep their state in memory, so that they do not wait for the disk.
* The public client is called only by its documented methods.
* The *floor* is a limit for every client. For requests, it is a loop over one kept-alive connection
  of `http.client` that sends the same bytes and does not parse the response. For transfers, it is
  curl, which writes to the same disk.

{missed_aims}

## Import

Seconds of `from itksnap_dss import DSSClient` in a new process.

{import_table}

## Export of a workspace

Seconds of `WorkspaceWrapper.export_workspace` for a workspace with {layers} images of
{side} x {side} x {side} voxels of 16 bits, as `.nii.gz` (a head with a scanner's noise), and growth
of the process in MB. This client hashes these images piece by piece and copies their compressed
files. The public client reads each image into memory and compresses it again.

{export_table}

## Requests

Set progress, and list the {services} services of the provider as a table: requests per second.
Claim: milliseconds until the table with the ticket is there; each measurement is the median of
{claims} claims.

{request_table}

pandas needs {table} ms for a table of {services} rows. The floor does not make one.
The mock answers much faster than the real middleware, so the client's own work counts for more
there: it checks the arguments, parses the response and makes the table.

## Transfers of one large file

Speed in MB (10^6 bytes) per second for a file of {size:.0f} MB, and growth of the client's resident
memory at its peak (VmHWM) in MB. Downloads are written to disk. Uploads are verified by the client,
as usual. The public client uploads only workspaces, which it first exports with all images
compressed. This is measured once, as the speed for the same {size:.0f} MB.

{transfer_table}

## Many small files

Seconds for the download of {small_files} files of {small_size:.0f} KB. A relay delays every request
and every new connection by {delay:.0f} ms, as a long line does. The floor is curl, with one file
after the other over one connection. A client with several connections can be faster.

{small_file_table}

By default, this client downloads four files at a time, so it waits at best a quarter of the time.
This does not reduce the server's own work on each file, on {cores} cores.

## A long log

Seconds from the request to a table of {rows} log messages with typed columns. The public client
does not have such a method. The floor reads the bytes and does not parse them.

{log_table}
"""


def make_report(
    results: Results,
    comparison: Comparison,
    middlewares: tuple[Mock, Real],
    scale: Scale,
    seconds: float,
) -> str:
    """Return the section with the results, in Markdown.

    Args:
        seconds: the duration of the benchmark.
    """
    mock, real = middlewares
    report = _Report(results, comparison, (mock.name, real.name))
    tables = {
        "import_table": report.make_import_table(),
        "export_table": report.make_export_table(),
        "request_table": report.make_request_table(),
        "transfer_table": report.make_transfer_table(),
        "small_file_table": report.make_small_file_table(),
        "log_table": report.make_log_table(),
    }
    return _PAGE.format(
        **tables,
        this=f"itksnap-dss-kit {comparison.this.version()}",
        public=f"itksnap-dss {comparison.public.version()}",
        mock=mock.version(),
        real=real.version(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        minutes=seconds / 60,
        machine=describe_machine(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        repetitions=scale.repetitions,
        quick=scale.quick_repetitions,
        missed_aims=format_missed_aims(report.missed_aims),
        services=SERVICE_COUNT,
        table=results.of(TABLE, comparison.this.name),
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
    """The tables, and the list of missed aims."""

    results: Results
    comparison: Comparison
    middlewares: Sequence[str]
    missed_aims: list[str] = attrs.field(factory=list)

    def make_import_table(self) -> str:
        this, public, _ = self._get_samples(IMPORT)
        ratio = public.over(this)
        verdict = self._judge_ratio(
            IMPORT, ratio, IMPORT_AIM, "times faster than the public client"
        )
        row = (IMPORT, this, public, ratio, f"{IMPORT_AIM:g} times", verdict)
        return format_table(("", "this client", "public client", "times faster", "aim", ""), [row])

    def make_export_table(self) -> str:
        this, public, _ = self._get_samples(EXPORT)
        ratio = public.over(this)
        verdict = self._judge_ratio(
            EXPORT, ratio, EXPORT_AIM, "times faster than the public client"
        )
        rows: list[Sequence[object]] = [
            (f"{EXPORT}, s", this, public, ratio, f"{EXPORT_AIM:g} times", verdict)
        ]
        this, public, _ = self._get_samples(make_growth_row(EXPORT))
        aim = f"under {format_number(EXPORT_GROWTH_AIM)} MB"
        verdict = self._judge(
            make_growth_row(EXPORT), this.median < EXPORT_GROWTH_AIM, f"{this} MB, aim {aim}"
        )
        rows.append((f"{make_growth_row(EXPORT)}, MB", this, public, "", aim, verdict))
        return format_table(("", "this client", "public client", "times faster", "aim", ""), rows)

    def make_request_table(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            for label in (PROGRESS, SERVICES):
                row = make_row(label, middleware)
                this, public, floor = self._get_samples(row)
                ratio = this.over(floor)
                verdict = self._judge_ratio(row, ratio, RATE_AIM, "of the floor")
                aim = f"{RATE_AIM} of the floor"
                rows.append((row, this, public, floor, this.against(public), ratio, aim, verdict))
        for middleware in self.middlewares:
            row = make_row(CLAIM, middleware)
            this, public, floor = self._get_samples(row)
            ratios = (this.against(public), this.over(floor))
            rows.append((f"{row}, ms", this, public, floor, *ratios, "", ""))
        return format_table(_HEADINGS, rows)

    def make_transfer_table(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            for label in (DOWNLOAD, UPLOAD):
                row = make_row(label, middleware)
                this, public, floor = self._get_samples(row)
                ratio = this.over(floor)
                verdict = self._judge_ratio(row, ratio, SPEED_AIM, "of curl")
                aim = f"{SPEED_AIM} of curl"
                rows.append((row, this, public, floor, this.against(public), ratio, aim, verdict))
        for middleware in self.middlewares:
            for label in (DOWNLOAD, UPLOAD):
                row = make_row(make_growth_row(label), middleware)
                this, public, _ = self._get_samples(row)
                met = this.median < GROWTH_AIM
                aim = f"under {format_number(GROWTH_AIM)} MB"
                verdict = self._judge(row, met, f"{this} MB, aim {aim}")
                rows.append((f"{row}, MB", this, public, "", "", "", aim, verdict))
        return format_table(_HEADINGS, rows)

    def make_small_file_table(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            row = make_row(SMALL_FILES, middleware)
            this, public, floor = self._get_samples(row)
            ratio = public.over(this)
            verdict = self._judge_ratio(
                row, ratio, SMALL_FILES_AIM, "times faster than the public client"
            )
            aim = f"{SMALL_FILES_AIM:g} times"
            rows.append((row, this, public, floor, ratio, aim, verdict))
        head = ("", "this client", "public client", "floor", "times faster than public", "aim", "")
        return format_table(head, rows)

    def make_log_table(self) -> str:
        rows: list[Sequence[object]] = []
        for middleware in self.middlewares:
            this, _, floor = self._get_samples(make_row(LOG, middleware))
            rows.append((make_row(LOG, middleware), this, floor, this.over(floor)))
        return format_table(("", "this client", "floor", "this/floor"), rows)

    def _get_samples(self, row: str) -> tuple[Samples, Samples, Samples]:
        names = (self.comparison.this.name, self.comparison.public.name, self.comparison.floor.name)
        this, public, floor = (self.results.of(row, name) for name in names)
        return this, public, floor

    def _judge_ratio(self, row: str, ratio: Samples, aim: float, reference: str) -> str:
        return self._judge(row, ratio.median >= aim, f"{ratio} {reference}, aim {aim:g}")

    def _judge(self, row: str, met: bool, measured: str) -> str:
        """Return the cell that says whether an aim is met, and note a missed aim."""
        if met:
            return "met"
        self.missed_aims.append(f"{row}: {measured}")
        return "**not met**"


_HEADINGS = ("", "this client", "public client", "floor", "this/public", "this/floor", "aim", "")
