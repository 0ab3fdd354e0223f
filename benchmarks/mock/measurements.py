"""Measurements of both middlewares, which take turns so that both meet the same noise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import attrs

from ..curl import MB, Curl, write_random_file
from ..load_generator import LoadGenerator
from ..middlewares import Middleware
from ..results import Results
from ..server_process import ServerProcess
from ..services import make_repository
from ..users import CLAIMER_COUNT
from .prepared_middleware import PreparedMiddleware, prepare_middleware

T = TypeVar("T")

HERE = Path(__file__).parent
CLIENT_COUNTS = (1, CLAIMER_COUNT)
"""The numbers of clients that send requests at the same time."""

START_UP = "start-up"
LISTING, REPORTING, CLAIMING = "list services", "set progress", "claim a ticket"
REFUSALS = "requests that were refused"
DOUBLE_CLAIMS = "tickets that were claimed twice"
USER_DOWNLOAD, PROVIDER_DOWNLOAD = "user's download", "provider's download"
USER_UPLOAD, PROVIDER_UPLOAD = "user's upload", "provider's upload"
MEMORY = "peak over the complete run"
UPLOAD_MEMORY, DOWNLOAD_MEMORY = "growth in an upload", "growth in a download"

FLOOR = "floor"
"""The contestant whose values are the limit for both middlewares."""


@attrs.frozen
class Scale:
    """The amount of work in the measurements.

    Attributes:
        repetitions: the number of measurements of each thing.
        seconds: the length of a measurement of a request rate, except of claims.
        size: the size of the file for transfer speed, in bytes.
        large_size: the size of the file for memory, in bytes.
    """

    repetitions: int = 5
    seconds: float = 0.8
    size: int = 200 * MB
    large_size: int = 1000 * MB


def measure(middlewares: Sequence[Middleware], scale: Scale, say: Callable[[str], None]) -> Results:
    """Measure everything.

    Args:
        say: reports the progress.
    """
    results = Results()
    with TemporaryDirectory(prefix="bench_mock_") as name:
        folder = Path(name)
        say("start-up")
        _measure_start_up(middlewares, scale, results, folder)
        file, large_file = folder / "file.bin", folder / "large.bin"
        write_random_file(file, scale.size)
        write_random_file(large_file, scale.large_size)
        repository = folder / "services"
        make_repository(repository)
        with ExitStack() as stack:
            prepared = [
                stack.enter_context(prepare_middleware(middleware, folder, repository, file))
                for middleware in middlewares
            ]
            say("requests")
            _measure_requests(prepared, scale, results, folder)
            say("transfers")
            _measure_transfers(prepared, scale, results, file)
            say("memory")
            _measure_memory(prepared, scale, results, large_file)
    return results


def make_rate_row(label: str, clients: int) -> str:
    """Return the name of the row for the requests per second with that number of clients."""
    return f"{label}, {clients} client{'s' if clients > 1 else ''}"


def _alternate(items: Sequence[T], repetition: int) -> Sequence[T]:
    """Return the items, in reverse order at every other repetition."""
    return items if repetition % 2 else items[::-1]


def _measure_start_up(
    middlewares: Sequence[Middleware], scale: Scale, results: Results, folder: Path
) -> None:
    # The first start, which is not counted, brings the files from the disk into memory.
    for repetition in range(-1, scale.repetitions):
        for middleware in _alternate(middlewares, repetition):
            with TemporaryDirectory(dir=folder) as home, middleware.start(Path(home)) as server:
                if repetition >= 0:
                    results.add(START_UP, middleware.name, server.start_up)


def _measure_requests(
    prepared: Sequence[PreparedMiddleware], scale: Scale, results: Results, folder: Path
) -> None:
    with _start_floor_server(folder / "floor.txt") as floor:
        for repetition in range(scale.repetitions):
            for count in CLIENT_COUNTS:
                requests = prepared[0].make_listings(count)
                with LoadGenerator(floor.port, count) as load:
                    load.run(requests, responses=count)
                    rate = load.run(requests, seconds=scale.seconds / 2)
                results.add(make_rate_row(LISTING, count), FLOOR, rate)
                for middleware in _alternate(prepared, repetition):
                    _measure_rates(middleware, count, scale.seconds, results)


def _measure_rates(
    middleware: PreparedMiddleware, count: int, seconds: float, results: Results
) -> None:
    claims = middleware.middleware.claims
    middleware.submit_tickets(claims)
    for label, requests, responses in (
        (LISTING, middleware.make_listings(count), None),
        (REPORTING, middleware.make_progress_reports(count), None),
        (CLAIMING, middleware.make_claims(count), claims),
    ):
        with LoadGenerator(middleware.server.port, count) as load:
            # These requests are not counted, because they wait for the connections.
            load.run(middleware.make_listings(count), responses=count)
            rate = load.run(requests, responses=responses, seconds=None if responses else seconds)
            results.add(make_rate_row(label, count), middleware.name, rate)
            results.add(REFUSALS, middleware.name, load.refusals)
    # Each ticket that was claimed twice leaves one more ticket in the queue.
    results.add(DOUBLE_CLAIMS, middleware.name, middleware.claim_remaining_tickets())


def _measure_transfers(
    prepared: Sequence[PreparedMiddleware], scale: Scale, results: Results, file: Path
) -> None:
    transfers: dict[str, Callable[[PreparedMiddleware], float]] = {
        USER_DOWNLOAD: lambda middleware: middleware.download_as_submitter(scale.size),
        PROVIDER_DOWNLOAD: lambda middleware: middleware.download_as_provider(scale.size),
        USER_UPLOAD: lambda middleware: middleware.upload_as_submitter(file),
        PROVIDER_UPLOAD: lambda middleware: middleware.upload_as_provider(file),
    }
    with _start_file_server(file.parent, file.with_name("http.txt")) as floor:
        for repetition in range(scale.repetitions):
            for row, transfer in transfers.items():
                speed = Curl().fetch(f"{floor.url}/{file.name}", scale.size)
                results.add(row, FLOOR, speed / MB)
                for middleware in _alternate(prepared, repetition):
                    results.add(row, middleware.name, transfer(middleware) / MB)


def _measure_memory(
    prepared: Sequence[PreparedMiddleware], scale: Scale, results: Results, file: Path
) -> None:
    for middleware in prepared:
        name, server = middleware.name, middleware.server
        peaks = [server.peak_memory]
        before = server.reset_peak()
        middleware.upload_as_submitter(file)
        results.add(UPLOAD_MEMORY, name, (server.peak_memory - before) / MB)
        peaks.append(server.peak_memory)
        before = server.reset_peak()
        middleware.download_second_upload(scale.large_size)
        results.add(DOWNLOAD_MEMORY, name, (server.peak_memory - before) / MB)
        peaks.append(server.peak_memory)
        results.add(MEMORY, name, max(peaks) / MB)


@contextmanager
def _start_floor_server(log: Path) -> Iterator[ServerProcess]:
    """Start the server that sends the same bytes to every request."""
    with ServerProcess([sys.executable, f"{HERE / 'floor_server.py'}", "{port}"], log) as server:
        yield server


@contextmanager
def _start_file_server(folder: Path, log: Path) -> Iterator[ServerProcess]:
    """Start `python -m http.server` for the files of a folder."""
    command = [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
    with ServerProcess([*command, "--directory", f"{folder}"], log) as server:
        yield server
