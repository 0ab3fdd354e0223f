"""What is measured, of both middlewares by turns so that both meet the same noise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import attrs

from dss_api import FileArea
from dss_api.requests import ClaimTicketRequest, ListServicesRequest, SetProgressRequest
from dss_api.routes import (
    CLAIM_TICKET,
    DOWNLOAD_CLAIMED_TICKET_FILE,
    DOWNLOAD_TICKET_FILE,
    LIST_SERVICES,
    SET_PROGRESS,
    UPLOAD_CLAIMED_TICKET_FILE,
    UPLOAD_TICKET_FILE,
)

from .contenders import Contender, floor_server, http_server
from .load import Clients, raw
from .process import ServerProcess
from .samples import Samples
from .transfers import MB, Curl, make_file
from .world import CLIENTS, PROVIDER, World, claim, inhabited, make_repository, submit

T = TypeVar("T")

COUNTS = (1, CLIENTS)
"""How many clients ask at the same time."""

START_UP = "start-up"
LISTING, REPORTING, CLAIMING = "list services", "set progress", "claim a ticket"
REFUSED = "requests that were refused"
DOUBLED = "tickets that were claimed twice"
USER_DOWN, PROVIDER_DOWN = "user's download", "provider's download"
USER_UP, PROVIDER_UP = "user's upload", "provider's upload"
MEMORY = "peak over the whole run"
MEMORY_UP, MEMORY_DOWN = "growth in an upload", "growth in a download"

FLOOR = "floor"
"""Whose values no middleware can be expected to reach."""


@attrs.frozen
class Scale:
    """How much is measured.

    Attributes:
        repetitions: how often each thing is.
        seconds: how long requests go on that are not counted.
        size: of the file whose speed is measured, in bytes.
        large_size: of the file with which memory is.
    """

    repetitions: int = 5
    seconds: float = 0.8
    size: int = 200 * MB
    large_size: int = 1000 * MB


class Results:
    """All values, by what was measured and of whom."""

    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def add(self, row: str, name: str, value: float) -> None:
        """Add one more value."""
        self._values[row, name].append(value)

    def of(self, row: str, name: str) -> Samples:
        """All values of one thing."""
        return Samples(self._values[row, name])

    def total(self, row: str, name: str) -> int:
        """The sum of what was counted."""
        return int(sum(self._values[row, name]))


@attrs.frozen(eq=False)
class Standing:
    """A middleware that runs and has all that is needed.

    Attributes:
        spare: a ticket of the user that was not submitted.
        full: a ticket of the first claimer with a file.
    """

    contender: Contender
    server: ServerProcess
    world: World
    spare: int
    full: int


Probe = Callable[[Standing], float]


def measure(contenders: Sequence[Contender], scale: Scale, say: Callable[[str], None]) -> Results:
    """Measure everything.

    Args:
        say: is told what is going on.
    """
    results = Results()
    with TemporaryDirectory(prefix="bench_mock_") as name:
        folder = Path(name)
        say("start-up")
        # The first start of each reads from the disk what the others find in memory.
        for repetition in range(-1, scale.repetitions):
            for contender in _by_turns(contenders, repetition):
                with _empty(folder) as home, contender.start(home) as server:
                    if repetition >= 0:
                        results.add(START_UP, contender.name, server.start_up)
        make_file(folder / "file.bin", scale.size)
        make_file(folder / "large.bin", scale.large_size)
        make_repository(folder / "services")
        with ExitStack() as stack:
            standings = [
                stack.enter_context(_standing(contender, folder)) for contender in contenders
            ]
            say("requests")
            _measure_requests(standings, scale, results, folder)
            say("transfers")
            _measure_transfers(standings, scale, results, folder)
            say("memory")
            _measure_memory(standings, scale, results, folder)
    return results


@contextmanager
def _empty(folder: Path) -> Iterator[Path]:
    with TemporaryDirectory(dir=folder) as name:
        yield Path(name)


@contextmanager
def _standing(contender: Contender, folder: Path) -> Iterator[Standing]:
    with _empty(folder) as home, contender.start(home) as server:
        world = inhabited(server.url, folder / "services")
        with world.user as user, world.claimers[0] as claimer:
            spare = user.api.user.create_ticket(githash=world.service)
            full = submit(user, world.service, folder / "file.bin")
            claim(claimer, world.service)
        yield Standing(contender, server, world, spare, full)


def _by_turns(those: Sequence[T], repetition: int) -> Sequence[T]:
    """The same, in the other order each time."""
    return those if repetition % 2 else those[::-1]


# ------------------------------------------------------------------------------------ requests


def rate_row(what: str, clients: int) -> str:
    """The row of the requests per second that so many clients get."""
    return f"{what}, {clients} client{'s' if clients > 1 else ''}"


def _measure_requests(
    standings: Sequence[Standing], scale: Scale, results: Results, folder: Path
) -> None:
    with floor_server(folder / "floor.txt") as floor:
        for repetition in range(scale.repetitions):
            for count in COUNTS:
                requests = _listing(standings[0], count)
                with Clients(floor.port, count) as clients:
                    clients.ask(requests, answers=count)
                    rate = clients.ask(requests, seconds=scale.seconds / 2)
                results.add(rate_row(LISTING, count), FLOOR, rate)
                for standing in _by_turns(standings, repetition):
                    _measure_rates(standing, count, scale.seconds, results)


def _measure_rates(standing: Standing, count: int, seconds: float, results: Results) -> None:
    world, contender = standing.world, standing.contender
    with world.user as user:
        for _ in range(contender.claims):
            submit(user, world.service)
    for what, requests, answers in (
        (LISTING, _listing(standing, count), None),
        (REPORTING, _reporting(standing, count), None),
        (CLAIMING, _claiming(standing, count), contender.claims),
    ):
        with Clients(standing.server.port, count) as clients:
            # So that nobody's first request has to wait for the connection.
            clients.ask(_listing(standing, count), answers=count)
            rate = clients.ask(requests, answers=answers, seconds=None if answers else seconds)
            results.add(rate_row(what, count), contender.name, rate)
            results.add(REFUSED, contender.name, clients.refused)
    with world.claimers[0] as claimer:
        left = sum(1 for _ in iter(lambda: claim(claimer, world.service), None))
    results.add(DOUBLED, contender.name, left)


def _listing(standing: Standing, count: int) -> list[bytes]:
    return [
        raw(claimer.request(LIST_SERVICES, ListServicesRequest()))
        for claimer in standing.world.claimers[:count]
    ]


def _reporting(standing: Standing, count: int) -> list[bytes]:
    world = standing.world
    return [
        raw(
            claimer.request(
                SET_PROGRESS,
                SetProgressRequest(ticket_id=ticket, chunk_start=0, chunk_end=1, progress=0.5),
            )
        )
        for claimer, ticket in zip(world.claimers[:count], world.claimed, strict=False)
    ]


def _claiming(standing: Standing, count: int) -> list[bytes]:
    world = standing.world
    asked = ClaimTicketRequest(services=(world.service,), provider=PROVIDER)
    return [raw(claimer.request(CLAIM_TICKET, asked)) for claimer in world.claimers[:count]]


# ----------------------------------------------------------------------------------- transfers


def _user_down(standing: Standing, size: int) -> float:
    path = DOWNLOAD_TICKET_FILE.path.format(ticket_id=standing.full, area=FileArea.INPUT, index=0)
    return Curl(standing.world.user.session).fetch(standing.server.url + path, size)


def _provider_down(standing: Standing, size: int) -> float:
    path = DOWNLOAD_CLAIMED_TICKET_FILE.path.format(
        ticket_id=standing.full, area=FileArea.INPUT, index=0
    )
    return Curl(standing.world.claimers[0].session).fetch(standing.server.url + path, size)


def _user_up(standing: Standing, file: Path) -> float:
    operation = UPLOAD_TICKET_FILE
    path = operation.path.format(ticket_id=standing.spare, area=FileArea.INPUT)
    url = standing.server.url + path
    return Curl(standing.world.user.session).send(url, operation, file)


def _provider_up(standing: Standing, file: Path) -> float:
    operation = UPLOAD_CLAIMED_TICKET_FILE
    path = operation.path.format(ticket_id=standing.full, area=FileArea.RESULTS)
    url = standing.server.url + path
    return Curl(standing.world.claimers[0].session).send(url, operation, file)


def _measure_transfers(
    standings: Sequence[Standing], scale: Scale, results: Results, folder: Path
) -> None:
    file = folder / "file.bin"
    probes: dict[str, Probe] = {
        USER_DOWN: lambda standing: _user_down(standing, scale.size),
        PROVIDER_DOWN: lambda standing: _provider_down(standing, scale.size),
        USER_UP: lambda standing: _user_up(standing, file),
        PROVIDER_UP: lambda standing: _provider_up(standing, file),
    }
    with http_server(folder, folder / "http.txt") as floor:
        for repetition in range(scale.repetitions):
            for row, probe in probes.items():
                speed = Curl().fetch(f"{floor.url}/{file.name}", scale.size)
                results.add(row, FLOOR, speed / MB)
                for standing in _by_turns(standings, repetition):
                    results.add(row, standing.contender.name, probe(standing) / MB)


# -------------------------------------------------------------------------------------- memory


def _measure_memory(
    standings: Sequence[Standing], scale: Scale, results: Results, folder: Path
) -> None:
    file = folder / "large.bin"
    for standing in standings:
        name, server = standing.contender.name, standing.server
        peaks = [server.peak_memory]
        before = server.forget_peak()
        _user_up(standing, file)
        results.add(MEMORY_UP, name, (server.peak_memory - before) / MB)
        # Listed by the time of their arrival; the large file is the second of this ticket.
        peaks.append(server.peak_memory)
        before = server.forget_peak()
        path = DOWNLOAD_TICKET_FILE.path.format(
            ticket_id=standing.spare, area=FileArea.INPUT, index=1
        )
        Curl(standing.world.user.session).fetch(server.url + path, scale.large_size)
        results.add(MEMORY_DOWN, name, (server.peak_memory - before) / MB)
        peaks.append(server.peak_memory)
        results.add(MEMORY, name, max(peaks) / MB)
