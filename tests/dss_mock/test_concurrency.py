"""Many clients at the same time, over real sockets."""

from __future__ import annotations

import hashlib
import http.client
import io
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from itertools import count
from typing import TypeVar

import pytest

from dss_api import (
    SESSION_COOKIE,
    AnswerError,
    DssApi,
    FileArea,
    InvalidToken,
    LogCategory,
    TicketStatus,
    Upload,
    Urllib3Transport,
)
from dss_api.routes import CLAIM_TICKET, SET_TICKET_STATUS
from dss_mock import DssServer

pytestmark = pytest.mark.no_cover

DEADLINE = 100
CLAIMERS = 32
TICKETS = 2_000
MEGABYTE = 1 << 20

T = TypeVar("T")


def run_in_threads(
    number: int, work: Callable[[int], T], finished: threading.Event | None = None
) -> list[T]:
    """Run a function in several threads that start together, and return its results.

    The first exception is raised again. So is a timeout.

    Args:
        finished: the event that ends waiting threads. A thread sets it, or this function after an
            exception.
    """
    start = threading.Barrier(number)
    finished = finished or threading.Event()

    def begin(which: int) -> T:
        start.wait(timeout=DEADLINE)
        return work(which)

    pool = ThreadPoolExecutor(number)
    try:
        futures = [pool.submit(begin, which) for which in range(number)]
        ended, late = wait(futures, timeout=DEADLINE, return_when=FIRST_EXCEPTION)
        finished.set()
        for future in ended:
            future.result()
        assert not late, f"{len(late)} of {number} are still at work"
        return [future.result() for future in futures]
    finally:
        # A stuck thread must not keep the test from reporting.
        pool.shutdown(wait=False, cancel_futures=True)


def wait_for_requests(server: DssServer, more: int, finished: threading.Event) -> None:
    """Wait until this many more requests have arrived."""
    wanted, deadline = server.requests.total + more, time.monotonic() + DEADLINE
    while server.requests.total < wanted:
        assert not finished.wait(0.001), "somebody else failed"
        assert time.monotonic() < deadline, "no more requests come"


def test_run_in_threads_raises_first_failure_at_once() -> None:
    finished = threading.Event()

    def work(which: int) -> None:
        if which == 3:
            raise KeyError(which)
        assert finished.wait(timeout=DEADLINE)

    begun = time.monotonic()
    with pytest.raises(KeyError, match="3"):
        run_in_threads(5, work, finished)
    assert time.monotonic() < begun + DEADLINE / 2


def test_concurrent_providers_claim_each_ticket_once(dss_server: DssServer) -> None:
    user = dss_server.add_user("user@example.com", tier="xnat")
    labs = [dss_server.add_user(f"lab{number}@example.com") for number in range(CLAIMERS)]
    provider = dss_server.add_provider("lab", labs)
    services = [
        dss_server.add_service(provider, {"name": name, "version": "1", "shortdesc": "s"})
        for name in ("A", "B", "C")
    ]
    githashes = [service.githash for service in services]
    for number in range(TICKETS):
        dss_server.add_ticket(user, services[number % len(services)])
    clients = [dss_server.client(lab) for lab in labs]

    def work(which: int) -> list[int]:
        api, done = clients[which].provider, list[int]()
        while claim := api.claim_ticket(services=githashes, provider=provider, code=f"{which}"):
            message = f"by {which}"
            api.log_message(ticket_id=claim.id, category=LogCategory.INFO, message=message)
            api.set_claimed_ticket_status(ticket_id=claim.id, status=TicketStatus.SUCCESS)
            done.append(claim.id)
            assert len(done) <= TICKETS
        return done

    claimed = run_in_threads(CLAIMERS, work)

    assert sorted(number for done in claimed for number in done) == list(range(1, TICKETS + 1))
    for which, done in enumerate(claimed):
        assert done == sorted(done)
        for number in done:
            ticket = dss_server.tickets[number]
            assert ticket.claimers == {labs[which].id}
            assert ticket.statuses == ["init", "ready", "claimed", "success"]
            assert [entry.message for entry in ticket.log] == [
                SET_TICKET_STATUS.logs,
                CLAIM_TICKET.logs.format(provider=provider, code=which),
                f"by {which}",
            ]
    entries = [
        entry.id for number in range(TICKETS) for entry in dss_server.tickets[number + 1].log
    ]
    assert sorted(entries) == list(range(1, 3 * TICKETS + 1))
    outcomes = dss_server.state.service_statistics
    assert sum(outcomes.compute(service).n_success for service in services) == TICKETS
    assert sum(outcomes.compute(service).queue_length for service in services) == 0


def test_concurrent_logins_use_token_once(dss_server: DssServer) -> None:
    person = dss_server.add_user("user@example.com")
    for _ in range(5):
        token = person.token

        def login(_: int, token: str = token) -> bool:
            with Urllib3Transport(dss_server.url, read_timeout=DEADLINE) as transport:
                try:
                    DssApi(transport).session.login(token=token)
                except InvalidToken:
                    return False
                return True

        assert Counter(run_in_threads(16, login)) == {True: 1, False: 15}


def download_raw(server: DssServer, path: str, session: str) -> bytes | None:
    """Return the content of a download, or `None` if it is refused or interrupted."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=DEADLINE)
    try:
        connection.request("GET", path, headers={"Cookie": f"{SESSION_COOKIE}={session}"})
        answer = connection.getresponse()
        content = answer.read()
        return content if answer.status == 200 else None
    except (http.client.HTTPException, ConnectionError):
        return None
    finally:
        connection.close()


def test_downloads_are_complete_or_fail_while_tickets_are_deleted(dss_server: DssServer) -> None:
    person, lab = dss_server.add_user("user@example.com", tier="xnat"), dss_server.add_user("lab")
    service = dss_server.add_service(dss_server.add_provider("lab", [lab]))
    user, provider = dss_server.client(person), dss_server.client(lab)
    content = bytes(range(256)) * (4 * MEGABYTE // 256)
    whole = hashlib.sha256(content).digest()
    current, deleted, finished = [0], count(), threading.Event()

    def delete() -> list[bool]:
        for _ in range(25):
            ticket = dss_server.add_ticket(
                person, service, files={"a": content}, status=TicketStatus.CLAIMED
            )
            current[0] = ticket.id
            wait_for_requests(dss_server, 4, finished)
            user.user.delete_ticket(ticket_id=ticket.id)
            next(deleted)
        finished.set()
        return []

    def download(which: int) -> list[bool]:
        whole_ones = list[bool]()
        while not finished.is_set():
            side, session = [("", user.session_id), ("/pro", provider.session_id)][which % 2]
            path = f"/api{side}/tickets/{current[0]}/files/input/0"
            got = download_raw(dss_server, path, session)
            if got is not None:
                assert hashlib.sha256(got).digest() == whole
            whole_ones.append(got is not None)
        return whole_ones

    results = run_in_threads(7, lambda which: download(which) if which else delete(), finished)

    assert Counter(found for result in results for found in result)[True] > 0
    assert next(deleted) == 25
    assert dss_server.state.file_store.list_files() == []


def test_concurrent_uploads_leave_no_files_of_deleted_tickets(dss_server: DssServer) -> None:
    person = dss_server.add_user("user@example.com", tier="xnat")
    service = dss_server.add_service(dss_server.add_provider("lab"))
    clients = [dss_server.client(person) for _ in range(7)]
    current, finished = (
        [dss_server.add_ticket(person, service, status="init").id],
        threading.Event(),
    )

    def delete() -> Counter[str]:
        for _ in range(25):
            wait_for_requests(dss_server, 4, finished)
            before, current[0] = (
                current[0],
                dss_server.add_ticket(person, service, status="init").id,
            )
            clients[0].user.delete_ticket(ticket_id=before)
        finished.set()
        return Counter()

    def upload(which: int) -> Counter[str]:
        outcomes = Counter[str]()
        while not finished.is_set():
            file = Upload(f"{which}", io.BytesIO(bytes(MEGABYTE)), MEGABYTE)
            ticket_id = current[0]
            try:
                clients[which].user.upload_ticket_file(
                    ticket_id=ticket_id, area=FileArea.INPUT, file=file
                )
                outcomes["taken"] += 1
            except AnswerError:
                outcomes["refused"] += 1
        return outcomes

    results = run_in_threads(7, lambda which: upload(which) if which else delete(), finished)

    assert sum(results, Counter[str]())["taken"] > 0
    left = dss_server.tickets[current[0]]
    assert set(dss_server.state.file_store.list_files()) == set(left.paths)
    for file in left.inputs.values():
        assert file.read_bytes() == bytes(MEGABYTE)
