"""Measurements of all clients, which take turns so that all meet the same noise."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory

import attrs

from dss_api import ProvidedService
from dss_client import tables

from ..curl import MB, write_random_file
from ..middlewares import Middleware
from ..results import Results
from ..services import SERVICE_COUNT, make_repository
from .client_runner import Comparison
from .driver import Measured
from .prepared_middleware import PreparedMiddleware, prepare_middleware
from .workspaces import make_scans, make_workspace

IMPORT = "import"
PROGRESS, SERVICES, CLAIM = "set progress", "list services", "claim"
DOWNLOAD, UPLOAD = "download", "upload"
SMALL_FILES = "small files"
LOG = "log"
EXPORT = "export"
TABLE = "table"


@attrs.frozen
class Scale:
    """The amount of work in the measurements.

    Attributes:
        repetitions: the number of measurements of each transfer.
        seconds: the length of a measurement of a request rate.
        claims: the number of claims in one measurement, which is their median.
        size: the size of the large file, in bytes.
        small_size: the size of each small file, in bytes.
        small_files: the number of small files.
        rows: the number of messages in the log.
        layers: the number of images in the workspace to export.
        side: the number of voxels along each side of these images, which are cubes.
    """

    repetitions: int = 3
    seconds: float = 0.4
    claims: int = 20
    size: int = 200 * MB
    small_size: int = 20_000
    small_files: int = 200
    rows: int = 10_000
    layers: int = 3
    side: int = 256

    @property
    def quick_repetitions(self) -> int:
        """The number of measurements of everything else, which takes less time."""
        return 2 * self.repetitions


def make_growth_row(label: str) -> str:
    """Return the name of the row for the growth of memory."""
    return f"{label}, growth"


def make_row(label: str, middleware: str) -> str:
    """Return the name of the row for a measurement at a middleware."""
    return f"{label} ({middleware})"


def measure(
    comparison: Comparison,
    middlewares: Sequence[Middleware],
    scale: Scale,
    say: Callable[[str], None],
) -> Results:
    """Measure everything.

    Args:
        say: reports the progress.
    """
    results = Results()
    with TemporaryDirectory(prefix="bench_client_") as name:
        folder = Path(name)
        say("import")
        _measure_imports(comparison, scale, results)
        for _ in range(scale.quick_repetitions):
            results.add(TABLE, comparison.this.name, 1000 * _measure_table())
        say("export")
        _measure_exports(comparison, folder, scale, results)
        repository = folder / "services"
        make_repository(repository)
        files = _make_files(folder, scale)
        user_count = 30 * scale.repetitions
        stages = {
            "requests": _measure_requests,
            "transfers": _measure_transfers,
            "small files": _measure_small_files,
            "log": _measure_log,
        }
        for middleware in middlewares:
            with prepare_middleware(middleware, folder, repository, user_count) as prepared:
                for stage, measure_stage in stages.items():
                    say(f"{prepared.name}: {stage}")
                    measure_stage(comparison, prepared, scale, files, results)
    return results


def _measure_imports(comparison: Comparison, scale: Scale, results: Results) -> None:
    # The first import, which is not counted, brings the files from the disk into memory.
    for repetition in range(-1, scale.quick_repetitions):
        for runner in (comparison.this, comparison.public):
            seconds = runner.measure_import()
            if repetition >= 0:
                results.add(IMPORT, runner.name, seconds)


def _measure_exports(comparison: Comparison, folder: Path, scale: Scale, results: Results) -> None:
    workspace = make_scans(folder / "layers", scale.layers, scale.side)
    exported = folder / "exported"
    for repetition in range(scale.repetitions):
        for runner in comparison.order(repetition):
            if runner is comparison.floor:
                continue
            measured = runner.export_workspace(workspace, exported, scale.layers + 1)
            rmtree(exported)
            results.add(EXPORT, runner.name, measured["seconds"][0])
            results.add(make_growth_row(EXPORT), runner.name, measured["growth"][0] / MB)


def _measure_table() -> float:
    """Return the seconds to make the table of the services from the parsed response."""
    service = ProvidedService(name="Service", version="1.0.0", githash="f" * 40, provider="testlab")
    times: list[float] = []
    for _ in range(200):
        began = time.perf_counter()
        tables.make_provided_service_table([service] * SERVICE_COUNT)
        times.append(time.perf_counter() - began)
    return median(times)


@attrs.frozen
class _Files:
    """The files to transfer.

    Attributes:
        workspace: a workspace with the large file as an image.
        downloads: the folder for downloads.
    """

    large: Path
    small: Sequence[Path]
    workspace: Path
    downloads: Path


def _make_files(folder: Path, scale: Scale) -> _Files:
    large = folder / "large.bin"
    write_random_file(large, scale.size)
    small = [folder / f"small_{number:03d}.bin" for number in range(scale.small_files)]
    for path in small:
        write_random_file(path, scale.small_size)
    return _Files(large, small, make_workspace(folder, large), folder / "downloaded")


def _measure_requests(
    comparison: Comparison,
    middleware: PreparedMiddleware,
    scale: Scale,
    files: _Files,
    results: Results,
) -> None:
    for repetition in range(scale.quick_repetitions):
        for runner in comparison.order(repetition):
            with ExitStack() as tickets:
                for _ in range(scale.claims + 1):
                    tickets.enter_context(middleware.submit_temporary_ticket())
                parameters = middleware.make_parameters(
                    claims=scale.claims + 1, seconds=scale.seconds
                )
                measured = runner.run_stage(
                    "requests", middleware.url, middleware.take_token(), parameters
                )
            for label in (PROGRESS, SERVICES):
                results.add(make_row(label, middleware.name), runner.name, measured[label][0])
            milliseconds = 1000 * median(measured[CLAIM])
            results.add(make_row(CLAIM, middleware.name), runner.name, milliseconds)


def _measure_transfers(
    comparison: Comparison,
    middleware: PreparedMiddleware,
    scale: Scale,
    files: _Files,
    results: Results,
) -> None:
    def add(label: str, name: str, measured: Measured) -> None:
        speed = scale.size / MB / measured["seconds"][0]
        results.add(make_row(label, middleware.name), name, speed)
        growth = measured["growth"][0] / MB
        results.add(make_row(make_growth_row(label), middleware.name), name, growth)

    for repetition in range(scale.repetitions):
        for runner in comparison.order(repetition):
            with middleware.submit_temporary_ticket(files.large):
                parameters = middleware.make_parameters(
                    folder=f"{files.downloads}", files=1, size=scale.size
                )
                measured = runner.run_stage(
                    "download", middleware.url, middleware.take_token(), parameters
                )
            rmtree(files.downloads)
            add(DOWNLOAD, runner.name, measured)
        for runner in comparison.order(repetition):
            # The public client compresses the image first, which is slow, so it uploads only once.
            if runner is comparison.public and repetition:
                continue
            path = files.workspace if runner is comparison.public else files.large
            with middleware.submit_temporary_ticket():
                parameters = middleware.make_parameters(path=f"{path}")
                measured = runner.run_stage(
                    "upload", middleware.url, middleware.take_token(), parameters
                )
            add(UPLOAD, runner.name, measured)


def _measure_small_files(
    comparison: Comparison,
    middleware: PreparedMiddleware,
    scale: Scale,
    files: _Files,
    results: Results,
) -> None:
    for repetition in range(scale.repetitions):
        for runner in comparison.order(repetition):
            with middleware.submit_temporary_ticket(*files.small):
                parameters = middleware.make_parameters(
                    folder=f"{files.downloads}", files=scale.small_files, size=scale.small_size
                )
                measured = runner.run_stage(
                    "download", middleware.delayed_url, middleware.take_token(), parameters
                )
            rmtree(files.downloads)
            row = make_row(SMALL_FILES, middleware.name)
            results.add(row, runner.name, measured["seconds"][0])


def _measure_log(
    comparison: Comparison,
    middleware: PreparedMiddleware,
    scale: Scale,
    files: _Files,
    results: Results,
) -> None:
    ticket = middleware.make_logged_ticket(scale.rows)
    for _ in range(scale.quick_repetitions):
        for runner in (comparison.this, comparison.floor):
            parameters = middleware.make_parameters(ticket=ticket, rows=scale.rows)
            measured = runner.run_stage("log", middleware.url, middleware.take_token(), parameters)
            results.add(make_row(LOG, middleware.name), runner.name, measured["seconds"][0])
