"""Actions take as many steps, and as long, with many tickets as with few."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import attrs
import pytest

import dss_mock
from dss_api import FileArea, LogCategory
from dss_mock import State
from dss_mock.file_store import StoredFile
from dss_mock.state import Attachment, Service, Ticket, User

if TYPE_CHECKING:
    from _typeshed import TraceFunction

pytestmark = pytest.mark.no_cover  # it traces and times the code itself

FEW, MANY = 100, 100_000
"""The numbers of tickets."""
TRIES = 500
"""The largest number of timings of an action. The shortest time counts."""
HOME = str(Path(dss_mock.__file__).parent)


def count_steps(action: Callable[[], object]) -> int:
    """Count the bytecode instructions of the mock that an action executes."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal count
        if not frame.f_code.co_filename.startswith(HOME):
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def measure_seconds(action: Callable[[], object]) -> float:
    """Return the duration of an action."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


@attrs.frozen(eq=False)
class World:
    """A state with a number of tickets, and proportional numbers of services, providers and
    sessions.

    Half of the tickets are for the first service. Every status occurs, for that service and for the
    others. Tickets wait for every service.
    """

    state: State
    user: User
    lab: User
    services: list[Service]
    waiting: list[Ticket]
    claimed: list[Ticket]
    attachments: list[Attachment]

    @classmethod
    def create(cls, count: int) -> World:
        state = State()
        user = state.accounts.add("u@example.com", tier="xnat")
        lab = state.accounts.add("lab@example.com")
        services, waiting = list[Service](), list[Ticket]()
        claimed, attachments = list[Ticket](), list[Attachment]()

        def submit(service: Service) -> None:
            waiting.append(state.tickets.create(user, service, unlimited=True))
            state.tickets.submit(user, waiting[-1].id, "ready")

        for number in range(count // 10):
            state.accounts.sign_in(user)
            provider = f"lab{number}"
            state.catalogue.create_provider(provider)
            state.catalogue.add_member(provider, lab if number == 0 else user)
            descriptor = {"name": f"A{number % 10}", "version": f"{number}", "shortdesc": "s"}
            services.append(state.catalogue.register_service(provider, None, descriptor))
            for _ in range(4):
                submit(services[0])
                submit(services[-1])
            for status in (None, "success"):
                taken = state.tickets.claim(lab, [services[0]], "lab", "i")
                assert taken
                state.logbook.write(lab, taken.id, LogCategory.INFO, "begun")
                attachments.append(state.logbook.attach(lab, taken.id, "", "", Path("nowhere")))
                if status:
                    state.tickets.finish(lab, taken.id, status)
                    claimed.append(taken)
            for service in (services[0], services[-1]):
                other = state.tickets.create(user, service, unlimited=True)
                state.tickets.delete(user, other.id)
        return cls(state, user, lab, services, waiting, claimed, attachments)


@pytest.fixture(scope="module")
def worlds() -> Iterator[tuple[World, World]]:
    """Yield a state with few tickets and one with many."""
    gc.disable()
    few, many = World.create(FEW), World.create(MANY)
    # The garbage collector must not scan these objects during a measurement.
    gc.freeze()
    gc.enable()
    yield few, many
    gc.unfreeze()
    few.state.close()
    many.state.close()


def submit_and_claim(world: World) -> None:
    ticket = world.state.tickets.create(world.user, world.services[0], unlimited=True)
    world.state.tickets.submit(world.user, ticket.id, "ready")
    (service,) = world.state.catalogue.find_provided_services(
        world.lab, [world.services[0].githash]
    )
    assert world.state.tickets.claim(world.lab, [service], "lab", "i")


def list_available_services(world: World) -> None:
    assert world.state.ready_queues.list_waiting([world.services[0]])


def create_ticket(world: World) -> None:
    world.state.tickets.create(world.user, world.services[0])


def find_service(world: World) -> None:
    assert world.state.catalogue.find_service(world.services[-1].githash)
    assert not world.state.catalogue.has_other_githash("new", "1", "")


def submit_and_delete(world: World) -> None:
    ticket = world.state.tickets.create(world.user, world.services[0])
    world.state.tickets.submit(world.user, ticket.id, "ready")
    world.state.tickets.delete(world.user, ticket.id)


def find_queue_position(world: World) -> None:
    assert world.state.ready_queues.get_position(world.waiting[-1]) > 1


def read_ticket_details(world: World) -> None:
    assert world.state.tickets.get_snapshot(world.user, world.waiting[-1].id, 0).status == "ready"


def finish_and_retry(world: World) -> None:
    ticket = world.claimed[-1]
    world.state.tickets.finish(world.lab, ticket.id, "success")
    world.state.tickets.finish(world.lab, ticket.id, "failed")
    world.state.tickets.retry(world.user, ticket.id)


def compute_statistics(world: World) -> None:
    assert world.state.service_statistics.compute(world.services[0]).n_success > 0


def write_and_read_log(world: World) -> None:
    ticket = world.claimed[0]
    entry = world.state.logbook.write(world.lab, ticket.id, LogCategory.INFO, "m")
    assert world.state.logbook.list_entries(ticket, entry.id - 1) == [entry]
    assert world.state.logbook.list_attachments(world.user, entry.id) == entry.attachments


def find_attachment_by_name(world: World) -> None:
    wanted = world.attachments[-1]
    assert world.state.logbook.find_attachment(wanted.short_blob) is wanted


def report_progress(world: World) -> None:
    ticket = world.claimed[0]
    world.state.progress.set(world.lab, ticket.id, 0.0, 1.0, 0.5)
    world.state.progress.get(ticket)


def store_file(world: World) -> None:
    stored = StoredFile("a", Path("nowhere"), 1)
    world.state.file_areas.put_result(world.lab, world.claimed[0].id, FileArea.RESULTS, stored)


def read_status(world: World) -> None:
    assert world.state.ticket_registry.get_offered(world.lab, world.claimed[0].id)


def sign_in_and_out(world: World) -> None:
    session = world.state.accounts.get_session(None)
    world.state.accounts.login(session, world.user.token)
    world.state.accounts.end_session(world.state.accounts.get_session(session.id))


ACTIONS = [
    submit_and_claim,
    list_available_services,
    create_ticket,
    find_service,
    submit_and_delete,
    read_status,
    finish_and_retry,
    compute_statistics,
    write_and_read_log,
    find_attachment_by_name,
    report_progress,
    store_file,
    sign_in_and_out,
    find_queue_position,
    read_ticket_details,
]


@pytest.mark.parametrize("action", ACTIONS)
def test_action_takes_as_many_steps_with_many_tickets_as_with_few(
    worlds: tuple[World, World], action: Callable[[World], None]
) -> None:
    few, many = worlds
    for world in worlds:
        action(world)
    assert count_steps(lambda: action(many)) < 1.3 * count_steps(lambda: action(few))


@pytest.mark.parametrize("action", ACTIONS)
def test_action_takes_no_longer_with_many_tickets_than_with_few(
    worlds: tuple[World, World], action: Callable[[World], None]
) -> None:
    few, many = worlds
    shortest = dict.fromkeys(worlds, float("inf"))
    # Python's own loops over all tickets, such as sorting, are not counted as steps of the mock,
    # but take a thousand times as long. Only a disturbance of every single try could look like
    # that.
    for tried in range(TRIES):
        for world in worlds:
            shortest[world] = min(shortest[world], measure_seconds(partial(action, world)))
        if tried >= 10 and shortest[many] < 5 * shortest[few]:
            return
    pytest.fail(f"{shortest[few] * 1e6:.0f} µs, but {shortest[many] * 1e6:.0f} µs with many")


def test_measurements_detect_loop_over_all_tickets(worlds: tuple[World, World]) -> None:
    counts = [count_steps(world.state.catalogue.list_services) for world in worlds]
    assert counts[1] > 50 * counts[0]
    times = [
        min(measure_seconds(partial(sorted, world.waiting, key=id)) for _ in range(10))
        for world in worlds
    ]
    assert times[1] > 50 * times[0]
