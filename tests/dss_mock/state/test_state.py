"""The state alone: its clock, its random names, its queue, and many threads at once."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest

from dss_api import FileArea, LogCategory, NotLoggedIn, PurgeScope, QuotaExceeded, TicketStatus
from dss_mock import State
from dss_mock.errors import RequestRefused
from dss_mock.file_store import FileStore, StoredFile
from dss_mock.state import Clock, Service, User
from dss_mock.state.ready_queues import ReadyQueue

DESCRIPTOR = {"name": "A", "version": "1", "shortdesc": "s" * 100}


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.freeze(datetime(2024, 2, 29, 12, tzinfo=UTC))
    return clock


@pytest.fixture
def state(clock: Clock) -> Iterator[State]:
    with State(clock) as state:
        yield state


def populate(state: State) -> tuple[User, Service]:
    user = state.accounts.add("u@example.com", tier="xnat")
    state.catalogue.create_provider("lab")
    state.catalogue.add_member("lab", user)
    return user, state.catalogue.register_service("lab", None, DESCRIPTOR)


def test_concurrent_claims_take_each_ticket_once(state: State) -> None:
    user, service = populate(state)
    for _ in range(200):
        ticket = state.tickets.create(user, service)
        state.tickets.submit(user, ticket.id, "ready")
    start = threading.Barrier(8)

    def claim_all() -> list[int]:
        start.wait(timeout=30)
        claimed = iter(lambda: state.tickets.claim(user, [service], "lab", "i"), None)
        return [ticket.id for ticket in claimed]

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(claim_all) for _ in range(8)]
        claimed = [ticket_id for future in futures for ticket_id in future.result(timeout=30)]
    assert sorted(claimed) == list(range(1, 201))
    assert Counter(len(state.tickets[number].log) for number in claimed) == {2: 200}


def test_statistics_follow_clock(state: State, clock: Clock) -> None:
    user, service = populate(state)
    clock.advance(seconds=5)
    assert state.service_statistics.compute(service).last_heard_from == timedelta(seconds=5)
    for seconds in (7, 3):
        ticket = state.tickets.create(user, service)
        state.tickets.submit(user, ticket.id, "ready")
        state.tickets.claim(user, [service], "lab", "i")
        clock.advance(seconds=seconds)
        state.tickets.finish(user, ticket.id, "success")
    state.tickets.finish(user, ticket.id, "failed")
    stats = state.service_statistics.compute(service)
    assert (stats.n_success, stats.n_failed, stats.queue_length) == (2, 1, 0)
    assert stats.avg_duration == timedelta(seconds=5)
    clock.advance(days=1, seconds=1)
    stats = state.service_statistics.compute(service)
    assert (stats.n_success, stats.n_failed, stats.avg_duration) == (0, 0, None)


def test_purge_deletes_tickets_by_age_since_creation(state: State, clock: Clock) -> None:
    user, service = populate(state)
    old = state.tickets.create(user, service)
    clock.advance(seconds=3600)
    assert state.tickets.purge(PurgeScope.ALL, 3600) == 0
    clock.advance(seconds=1)
    state.tickets.create(user, service)
    assert state.tickets.purge(PurgeScope.COMPLETED, 3600) == 0
    assert state.tickets.purge(PurgeScope.ALL, 3600) == 1
    assert old.status is TicketStatus.DELETED


def test_progress_is_sum_of_chunks(state: State) -> None:
    user, service = populate(state)
    ticket = state.tickets.create(user, service)
    state.tickets.hand_over(ticket, user, "lab", "i")

    def set_progress(start: float, end: float, progress: float) -> float:
        state.progress.set(user, ticket.id, start, end, progress)
        return state.progress.get(ticket)

    assert set_progress(0.0, 0.4, 0.5) == 0.2
    assert set_progress(0.4, 0.8, 0.5) == 0.4
    assert set_progress(0.4, 0.8, 1.0) == pytest.approx(0.6)
    with pytest.raises(RequestRefused):
        set_progress(0.4, 0.9, 1.0)
    state.progress.forget(user, ticket.id, 0.0, 0.5)
    assert state.progress.get(ticket) == pytest.approx(0.4)
    state.progress.forget(user, ticket.id, 0.0, 1.0)
    assert state.progress.get(ticket) == 0.0
    assert set_progress(0.0, 1.0, -1.0) == 0.0
    assert set_progress(0.0, 1.0, 2.0) == 2.0


def test_deleted_tickets_do_not_count_towards_quota(state: State) -> None:
    _, service = populate(state)
    guest = state.accounts.add("g@example.com")
    tickets = [state.tickets.create(guest, service) for _ in range(10)]
    with pytest.raises(RequestRefused) as refused:
        state.tickets.create(guest, service)
    assert (refused.value.error, refused.value.fields) == (QuotaExceeded, {"quota": 10})
    state.tickets.delete(guest, tickets[0].id)
    state.tickets.delete(guest, tickets[0].id)
    state.tickets.create(guest, service)
    with pytest.raises(RequestRefused):
        state.tickets.create(guest, service)


def test_latest_version_is_highest_number(state: State) -> None:
    populate(state)
    for version in ("0.3.0", "0.10.0", "0.2.0", "abc"):
        state.catalogue.register_service(
            "lab", None, {**DESCRIPTOR, "name": "B", "version": version}
        )
    assert state.catalogue.find_latest_service("B").version == "0.10.0"
    listed = [service.version for service in state.catalogue.list_provider_services("lab")]
    assert listed == ["1", "0.10.0", "0.2.0", "0.3.0", "abc"]


def test_withdrawn_service_is_unlisted_but_still_usable(state: State) -> None:
    user, service = populate(state)
    assert service.shortdesc == "s" * 78
    state.catalogue.delete_provider("lab")
    assert state.catalogue.list_services() == []
    assert state.catalogue.list_user_services(user) == []
    assert state.catalogue.find_provided_services(user, [service.githash]) == [service]
    assert state.tickets.create(user, state.catalogue.find_latest_service("A")).id == 1
    state.catalogue.register_service("lab", service.githash, DESCRIPTOR)
    assert state.catalogue.list_services() == [service]


def test_random_names_are_equal_in_each_run(state: State) -> None:
    user, service = populate(state)
    made = user.token, service.githash
    with State() as other:
        user, service = populate(other)
        assert (user.token, service.githash) == made


def test_reset_removes_everything() -> None:
    with State() as state:
        user, service = populate(state)
        token = user.token
        state.tickets.create(user, service)
        with state.file_store.create_file() as file:
            file.write(b"x")
        state.reset()
        assert (len(state.tickets), state.accounts.users) == (0, {})
        assert state.catalogue.services == {}
        assert list(state.file_store.path.iterdir()) == []
        user, service = populate(state)
        assert (user.id, user.token) == (1, token)
    assert not state.file_store.path.exists()


class BusyFileStore(FileStore):
    """A file store in which something else happens while it is listed."""

    meanwhile: Callable[[], object] | None = None

    def list_files(self) -> list[Path]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().list_files()


def test_reset_keeps_files_that_arrive_during_it() -> None:
    folder = BusyFileStore()
    busy = State(file_store=folder)

    def add_ticket_with_file() -> None:
        user, service = populate(busy)
        ticket = busy.tickets.create(user, service)
        file = StoredFile("a", folder.allocate_path(), 1)
        file.path.write_bytes(b"x")
        busy.file_areas.put_input(user, ticket.id, FileArea.INPUT, file)

    with busy:
        add_ticket_with_file()
        folder.meanwhile = add_ticket_with_file
        busy.reset()
        assert [path.name for path in folder.list_files()] == [busy.tickets[1].paths[0].name]


def test_close_tolerates_files_that_arrive_during_it() -> None:
    folder = FileStore()
    begun, over = threading.Event(), threading.Event()

    def create_files() -> None:
        while not over.is_set():
            with suppress(FileNotFoundError):
                folder.create_file().close()
            begun.set()

    late = threading.Thread(target=create_files)
    late.start()
    try:
        assert begun.wait(timeout=30)
        folder.close()
    finally:
        over.set()
        late.join(timeout=30)
        rmtree(folder.path.parent, ignore_errors=True)
    assert not late.is_alive()


def test_reader_without_lock_sees_every_attachment(state: State) -> None:
    user, service = populate(state)
    ticket = state.tickets.create(user, service)
    state.tickets.hand_over(ticket, user, "lab", "i")
    attached, finished = [0], threading.Event()

    def read_attachments() -> int:
        looks = 0
        while not finished.is_set():
            least = attached[0]
            seen = [attachment.id for attachment in ticket.attachments]
            assert seen == list(range(1, len(seen) + 1))
            assert len(seen) >= least
            looks += 1
        return looks

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(read_attachments)
            for number in range(1000):
                path = state.file_store.allocate_path()
                state.logbook.attach(user, ticket.id, "d", "text/plain", path)
                attached[0] = number + 1
                state.logbook.write(user, ticket.id, LogCategory.INFO, "m")
            finished.set()
            assert looking.result(timeout=30) > 0
    finally:
        finished.set()
        sys.setswitchinterval(before)


def test_oldest_anonymous_session_is_dropped(state: State) -> None:
    first = state.accounts.get_session(None)
    assert state.accounts.get_session(first.id) is first
    for _ in range(10_000):
        state.accounts.get_session(None)
    assert state.accounts.get_session(first.id) is not first


def test_sessions_used_last_are_kept(state: State) -> None:
    user, _ = populate(state)
    used, unused = state.accounts.sign_in(user), state.accounts.sign_in(user)
    for number in range(10_000):
        if number % 1000 == 0:
            assert state.accounts.get_session(used.id) is used
        state.accounts.login(state.accounts.get_session(None), user.token)
    assert state.accounts.get_session(used.id) is used
    assert state.accounts.get_session(unused.id) is not unused


def test_different_seed_gives_different_random_names(state: State) -> None:
    made = populate(state)[0].token
    state.reset(seed=7)
    other = populate(state)[0].token
    assert other != made
    state.reset(seed=7)
    # A token that is in use is not given out again.
    state.accounts.add("v@example.com", token=other)
    assert populate(state)[0].token != other
    state.reset()
    assert populate(state)[0].token == made


def test_user_removed_by_reset_can_change_nothing(state: State) -> None:
    user, service = populate(state)
    user.sysadmin = True
    state.reset()
    twin, new = populate(state)
    ticket = state.tickets.create(twin, new)
    state.tickets.submit(twin, ticket.id, "ready")
    state.tickets.hand_over(ticket, twin, "lab", "i")
    waiting = state.tickets.create(twin, new)
    state.tickets.submit(twin, waiting.id, "ready")
    file = StoredFile("a", state.file_store.allocate_path(), 0)
    assert user.id == twin.id
    actions: list[Callable[[], object]] = [
        lambda: state.accounts.sign_in(user),
        lambda: state.catalogue.add_member("lab", user),
        lambda: state.tickets.create(user, service),
        lambda: state.tickets.claim(user, [service], "lab", "i"),
        lambda: state.tickets.delete(user, ticket.id),
        lambda: state.tickets.finish(user, ticket.id, "success"),
        lambda: state.ticket_registry.get_offered(user, ticket.id),
        lambda: state.file_areas.put_input(user, ticket.id, FileArea.INPUT, file),
        lambda: state.file_areas.put_input(user, 99, FileArea.INPUT, file),
        lambda: state.file_areas.put_result(user, ticket.id, FileArea.RESULTS, file),
        lambda: state.logbook.attach(user, ticket.id, "d", "text/plain", file.path),
        lambda: state.logbook.write(user, ticket.id, LogCategory.INFO, "m"),
        lambda: state.progress.set(user, ticket.id, 0.0, 1.0, 0.5),
    ]
    for action in actions:
        with pytest.raises(RequestRefused) as refused:
            action()
        assert refused.value.error is NotLoggedIn
    assert (ticket.status, waiting.status, len(state.tickets)) == ("claimed", "ready", 2)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_statistics_equal_count_over_whole_history(
    state: State, clock: Clock, seed: int, back: bool
) -> None:
    chance = random.Random(seed)
    user, service = populate(state)
    user.sysadmin = True  # an administrator may retry any ticket
    tickets = [state.tickets.create(user, service) for _ in range(5)]
    for ticket in tickets:
        state.tickets.hand_over(ticket, user, "lab", "i")
    for _ in range(300):
        clock.advance(seconds=chance.choice((0, 0, 0, 1, 60, 3600, 7200)))
        if back and chance.random() < 0.05:
            earlier = clock.now() - chance.choice((1, 3600, 30 * 3600, 90 * 3600))
            clock.freeze(datetime.fromtimestamp(earlier, UTC))
        ticket = chance.choice(tickets)
        action = chance.randrange(4)
        if action == 0:
            state.tickets.retry(user, ticket.id)
            state.tickets.hand_over(ticket, user, "lab", "i")
        else:
            state.tickets.finish(user, ticket.id, chance.choice(("success", "failed")))
        since = clock.now() - 24 * 60 * 60
        changes = [(t, c) for t in tickets for c in t.history if c.time >= since]
        successes = [(t, c.time) for t, c in changes if c.status == "success"]
        durations = [time - (t.claimed or 0) for t, time in set(successes)]
        stats = state.service_statistics.compute(service)
        assert stats.n_success == len(successes)
        assert stats.n_failed == sum(c.status == "failed" for _, c in changes)
        mean = sum(durations) / len(durations) if durations else None
        assert stats.avg_duration == (None if mean is None else timedelta(seconds=mean))


def test_queue_returns_lowest_id_first() -> None:
    queue = ReadyQueue()
    assert queue.peek() is None
    for ticket_id in (3, 1, 2, 1):
        queue.add(ticket_id)
    assert (queue.peek(), len(queue), queue.count_before(3)) == (1, 3, 2)
    queue.discard(1)
    queue.discard(1)
    assert queue.peek() == 2
    queue.add(1)
    assert (queue.peek(), len(queue)) == (1, 3)
    chance, waiting = random.Random(0), set(range(1, 4))
    for _ in range(2000):
        number = chance.randrange(60)
        if chance.random() < 0.5:
            queue.add(number)
            waiting.add(number)
        else:
            gone = chance.choice([number, min(waiting, default=0)])
            queue.discard(gone)
            waiting.discard(gone)
        assert (queue.peek(), len(queue)) == (min(waiting, default=None), len(waiting))
        assert queue.count_before(number) == sum(other < number for other in waiting)


def test_adding_user_with_taken_or_invalid_value_is_refused(state: State) -> None:
    user = state.accounts.add("u@example.com", token="secret")
    assert user.token not in repr(user)
    with pytest.raises(ValueError, match="already"):
        state.accounts.add("u@example.com")
    with pytest.raises(ValueError, match="token"):
        state.accounts.add("v@example.com", token="secret")
    with pytest.raises(ValueError, match="tier"):
        state.accounts.add("v@example.com", tier="king")
