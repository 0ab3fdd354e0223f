"""The JSON document at `/_mock/state`."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dss_api import SESSION_COOKIE, DssApi, LogCategory, TicketStatus
from dss_mock import DssServer, State
from dss_mock.dashboard.query import MOST_LINES, MOST_TICKETS
from dss_mock.dashboard.state_document import MESSAGE_LENGTH, MOST_FILES, TEXT_LENGTH

from .conftest import Lab, work_on
from .http_client import STATE, get_state, listed_ids, send


def test_state_of_an_empty_mock_has_every_name_and_no_entries(dss_server: DssServer) -> None:
    document = get_state(dss_server)
    assert document.pop("time").endswith("Z")
    assert document.pop("life")
    assert document == {
        "dialect": "0.2.0",
        "noauth": False,
        "clock": {"frozen": False, "ahead": 0},
        "faults": [],
        "services": [],
        "providers": [],
        "users": [],
        "ticket_counts": dict.fromkeys(TicketStatus, 0),
        "tickets": [],
        "older_tickets": 0,
        "opened": [],
    }


def test_state_lists_users_providers_and_the_services_that_they_offer(lab: Lab) -> None:
    lab.server.clock.freeze()
    lab.server.clock.advance(hours=1)
    lab.server.add_ticket(lab.user, lab.service)
    document = get_state(lab.server)
    assert document["users"][1] == {
        "id": 2,
        "email": "pipeline@example.com",
        "name": "",
        "sysadmin": False,
        "tier": "poweruser",
    }
    githash = lab.service.githash
    member = {"id": 2, "email": "pipeline@example.com", "admin": False}
    assert document["providers"] == [{"name": "testlab", "users": [member], "services": [githash]}]
    service = document["services"][0]
    assert service["providers"] == ["testlab"]
    assert service["queue_length"] == 1
    assert service["last_heard"] is None
    lab.server.state.catalogue.note_activity(lab.service)
    lab.server.clock.advance(hours=1)
    assert get_state(lab.server)["services"][0]["last_heard"] == document["time"]

    lab.server.state.catalogue.withdraw_service("testlab", githash)
    assert get_state(lab.server)["services"][0]["providers"] == []


def test_listed_ticket_has_its_claim_progress_and_last_log_message_only(lab: Lab) -> None:
    work_on(lab)
    [ticket] = get_state(lab.server)["tickets"]
    assert ticket["status"] == "claimed"
    assert ticket["service"]["name"] == "Example"
    assert ticket["user"] == {"id": 1, "email": "anna@example.com"}
    assert ticket["claim"] == {
        "user": {"id": 2, "email": "pipeline@example.com"},
        "provider": "testlab",
        "code": "ws2",
    }
    assert ticket["progress"] == 0.5
    assert ticket["log_lines"] == 5
    assert ticket["last_log"]["message"] == "Ticket claimed by provider testlab instance ws2"
    assert "log" not in ticket


def test_opened_ticket_has_its_history_chunks_log_and_files(lab: Lab) -> None:
    work_on(lab)
    document = get_state(lab.server, "open=1,99")
    [ticket], [listed] = document["opened"], document["tickets"]
    assert {name: ticket[name] for name in listed} == listed
    assert [change["status"] for change in ticket["history"]] == [
        "init",
        "ready",
        "claimed",
        "failed",
        "ready",
        "claimed",
    ]
    claims = [change["claim"] and change["claim"]["code"] for change in ticket["history"]]
    assert claims == [None, None, "ws1", None, None, "ws2"]
    assert ticket["chunks"] == [{"start": 0.0, "end": 0.5, "progress": 1.0}]
    line = next(line for line in ticket["log"] if line["category"] == "warning")
    assert line["message"] == "Please check"
    [attachment] = line["attachments"]
    assert attachment["description"] == "A report"
    assert attachment["size"] == 6
    assert send(lab.server, attachment["url"]).text == "report"
    assert ticket["input"] == {
        "count": 1,
        "size": 5,
        "files": [{"name": "scan.nii.gz", "size": 5, "url": "/_mock/tickets/1/input/scan.nii.gz"}],
    }
    assert ticket["results"] == {"count": 0, "size": 0, "files": []}
    assert ticket["queue_position"] is None


def test_last_activity_changes_with_progress_log_attachment_and_status(lab: Lab) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    [first] = get_state(lab.server)["tickets"]
    state = lab.server.state
    steps: Sequence[Callable[[], object]] = (
        lambda: state.progress.set(lab.member, 1, 0.0, 1.0, 0.5),
        lambda: state.logbook.write(lab.member, 1, LogCategory.INFO, "At work"),
        lambda: state.logbook.attach(lab.member, 1, "", "", state.file_store.allocate_path()),
        lambda: state.tickets.finish(lab.member, 1, "success"),
    )
    for step in steps:
        lab.server.clock.advance(minutes=1)
        step()
        document = get_state(lab.server)
        [ticket] = document["tickets"]
        assert ticket["last_activity"] == document["time"]
    assert first["last_activity"] == first["changed"]


def test_state_shows_that_the_clock_is_ahead_or_frozen(dss_server: DssServer) -> None:
    clock = dss_server.clock
    clock.advance(hours=3)
    assert get_state(dss_server)["clock"] == {"frozen": False, "ahead": 10800}
    clock.freeze(datetime(2030, 1, 1, tzinfo=UTC))
    first = send(dss_server, STATE)
    assert first.json["clock"] == {"frozen": True, "ahead": None}
    assert first.json["time"] == "2030-01-01T00:00:00Z"
    clock.resume()
    assert send(dss_server, STATE, If_None_Match=first.headers["ETag"]).status == 200


def test_waiting_ticket_has_its_position_in_the_queue(lab: Lab) -> None:
    for _ in range(3):
        lab.server.add_ticket(lab.user, lab.service)
    [ticket] = get_state(lab.server, "open=3")["opened"]
    assert ticket["queue_position"] == 3


def test_erased_attachment_has_neither_url_nor_size(lab: Lab) -> None:
    work_on(lab)
    lab.server.state.tickets.delete(lab.user, 1)
    [ticket] = get_state(lab.server, "open=1")["opened"]
    [attachment] = [one for line in ticket["log"] for one in line["attachments"]]
    assert attachment["url"] is None
    assert attachment["size"] is None


def test_attachment_without_a_log_message_is_listed_as_pending(lab: Lab) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    state = lab.server.state
    path = state.file_store.allocate_path()
    path.write_bytes(b"")
    state.logbook.attach(lab.member, 1, "A report", "text/plain", path)
    [ticket] = get_state(lab.server, "open=1")["opened"]
    assert [attachment["description"] for attachment in ticket["pending"]] == ["A report"]


def test_state_contains_no_tokens_and_no_sessions(lab: Lab) -> None:
    work_on(lab)
    session = lab.server.state.accounts.sign_in(lab.user)
    text = send(lab.server, f"{STATE}?open=1", Cookie=f"{SESSION_COOKIE}={session.id}").text
    for secret in (lab.user.token, lab.member.token, session.id):
        assert secret not in text


def test_long_texts_and_long_file_lists_are_cut_in_the_state(lab: Lab) -> None:
    lab.server.add_ticket(
        lab.user,
        lab.service,
        files={f"slice_{number:04}.dcm": b"1" for number in range(MOST_FILES + 50)},
        status="claimed",
    )
    state = lab.server.state
    path = state.file_store.allocate_path()
    path.write_bytes(b"")
    state.logbook.attach(lab.member, 1, "d" * 10_000, "t" * 10_000, path)
    for number in range(9):
        state.logbook.write(lab.member, 1, LogCategory.INFO, f"{number}" * 1_000_000)
    response = send(lab.server, f"{STATE}?open=1&log=8")
    [ticket] = response.json["opened"]
    assert [line["message"] for line in ticket["log"]] == [
        f"{number}" * MESSAGE_LENGTH for number in range(1, 9)
    ]
    assert {line["length"] for line in ticket["log"]} == {1_000_000}
    assert ticket["log_lines"] == 11
    assert len(ticket["input"]["files"]) == MOST_FILES
    assert ticket["input"]["count"] == MOST_FILES + 50
    assert len(response.text) < 100_000
    [whole] = get_state(lab.server, f"open=1&log={MOST_LINES}")["opened"]
    [attachment] = [one for line in whole["log"] for one in line["attachments"]]
    assert attachment["description"] == "d" * (TEXT_LENGTH - 1) + "…"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308])
def test_progress_that_is_not_finite_becomes_null(lab: Lab, value: float) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    for start in range(3):
        lab.server.state.progress.set(lab.member, 1, start, start + 1e6, value)
    [ticket] = get_state(lab.server, "open=1")["opened"]
    assert [chunk["start"] for chunk in ticket["chunks"]] == [0.0, 1.0, 2.0]
    assert "NaN" not in json.dumps(ticket)
    assert "Infinity" not in json.dumps(ticket)


def test_log_message_with_unusual_characters_is_unchanged(lab: Lab) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    text = '<script>\0\u202e\u2028"\\\ud800😀'
    lab.server.state.logbook.write(lab.member, 1, LogCategory.INFO, text)
    [ticket] = get_state(lab.server, "open=1")["opened"]
    assert ticket["log"][-1]["message"] == text


def test_reset_changes_the_life_in_the_state(dss_server: DssServer) -> None:
    first = get_state(dss_server)["life"]
    assert get_state(dss_server)["life"] == first
    dss_server.reset()
    assert get_state(dss_server)["life"] != first


def test_state_is_the_same_after_a_restart(tmp_path: Path) -> None:
    with DssServer(state=State.open(tmp_path)) as server:
        user, member = server.add_user("anna@example.com"), server.add_user("lab@example.com")
        server.add_provider("testlab", [member])
        server.add_ticket(user, server.add_service("testlab"))
        server.state.tickets.claim(member, server.state.catalogue.list_services(), "testlab", "1")
        before = get_state(server, "open=1")
    with DssServer(state=State.open(tmp_path)) as server:
        after = get_state(server, "open=1")
    for document in (before, after):
        del document["time"], document["life"]
    assert after == before
    assert after["opened"][0]["claim"]["code"] == "1"
    assert after["ticket_counts"]["claimed"] == 1


def test_state_is_consistent_while_several_threads_change_it(lab: Lab) -> None:
    stop = threading.Event()
    state = lab.server.state

    def work() -> None:
        while not stop.is_set():
            ticket = lab.server.add_ticket(lab.user, lab.service, status="claimed")
            state.progress.set(lab.member, ticket.id, 0, 1, 0.5)
            state.logbook.write(lab.member, ticket.id, LogCategory.INFO, "at work")
            state.tickets.delete(lab.user, ticket.id)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(50):
            document = get_state(lab.server, "open=1,2,3,4,5&status=claimed,deleted")
            for ticket in document["opened"]:
                assert ticket["history"][-1]["status"] == ticket["status"]
                assert len(ticket["log"]) == ticket["log_lines"]
    finally:
        stop.set()
        for worker in workers:
            worker.join(30)
    counts = get_state(lab.server)["ticket_counts"]
    assert sum(counts.values()) == counts["deleted"] == len(state.tickets)


@pytest.mark.no_cover
def test_state_is_written_quickly_with_many_tickets() -> None:
    count = 100_000
    with DssServer() as server:
        user = server.add_user("anna@example.com")
        server.add_provider("testlab")
        service = server.add_service("testlab")
        for _ in range(count):
            server.state.tickets.create(user, service, unlimited=True)
        server.state.tickets.submit(user, 1, "ready")
        for query in ("", "open=1,2,3", "status=ready"):
            durations: list[float] = []
            for _ in range(5):
                begin = time.perf_counter()
                get_state(server, query)
                durations.append(time.perf_counter() - begin)
            # Far more time than is needed, also when only the oldest ticket matches.
            assert min(durations) < 0.2, query
        assert listed_ids(get_state(server, "status=ready")) == [1]
        assert len(send(server, f"{STATE}?limit={MOST_TICKETS}").json["tickets"]) == MOST_TICKETS


def test_state_shows_the_same_log_and_progress_as_the_client(lab: Lab) -> None:
    work_on(lab)
    api: DssApi = lab.server.client(lab.user)
    detail = api.user.get_ticket_detail(ticket_id=1)
    [ticket] = get_state(lab.server, "open=1")["opened"]
    assert ticket["progress"] == detail.progress
    assert [line["message"] for line in ticket["log"]] == [line.message for line in detail.log]
    urls = [one.url for line in detail.log for one in line.attachments]
    shown = [one["url"] for line in ticket["log"] for one in line["attachments"]]
    assert [url.rpartition("/")[2] for url in shown] == [url.rpartition("/")[2] for url in urls]
