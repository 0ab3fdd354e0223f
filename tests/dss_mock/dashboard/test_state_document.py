"""`GET /_mock/state`, over HTTP."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from dss_api import SESSION_COOKIE, DssApi, LogCategory, TicketStatus
from dss_mock import DssServer, State, faults
from dss_mock.dashboard.look import MESSAGE_LENGTH, MOST_FILES, TEXT_LENGTH
from dss_mock.dashboard.query import MOST_LINES, MOST_OPENED, MOST_TICKETS
from dss_mock.state import Service, User

from .asking import STATE, ask, seen


@attrs.frozen
class Lab:
    server: DssServer
    user: User
    member: User
    service: Service


@pytest.fixture
def lab(dss_server: DssServer) -> Lab:
    dss_server.clock.freeze()
    user = dss_server.add_user("anna@example.com")
    member = dss_server.add_user("pipeline@example.com", tier="poweruser")
    dss_server.add_provider("testlab", [member])
    return Lab(dss_server, user, member, dss_server.add_service("testlab"))


def work_on(lab: Lab) -> None:
    """Let ticket 1 be claimed, worked on, given up, and claimed again."""
    state = lab.server.state
    lab.server.add_ticket(lab.user, lab.service, files={"scan.nii.gz": b"12345"})
    state.tickets.claim(lab.member, [lab.service], "testlab", "ws1")
    lab.server.clock.advance(minutes=2)
    state.progress.set(lab.member, 1, 0.0, 0.5, 1.0)
    path = state.file_store.allocate_path()
    path.write_bytes(b"report")
    state.logbook.attach(lab.member, 1, "A report", "text/plain", path)
    state.logbook.write(lab.member, 1, LogCategory.WARNING, "Please check")
    state.tickets.finish(lab.member, 1, "failed")
    state.tickets.retry(lab.user, 1)
    lab.server.clock.advance(seconds=5)
    state.tickets.claim(lab.member, [lab.service], "testlab", "ws2")


def test_an_empty_mock(dss_server: DssServer) -> None:
    document = seen(dss_server)
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


def test_who_offers_what(lab: Lab) -> None:
    lab.server.clock.freeze()
    lab.server.clock.advance(hours=1)
    lab.server.add_ticket(lab.user, lab.service)
    document = seen(lab.server)
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
    assert seen(lab.server)["services"][0]["last_heard"] == document["time"]

    lab.server.state.catalogue.withdraw_service("testlab", githash)
    assert seen(lab.server)["services"][0]["providers"] == []


def test_a_ticket_in_the_list(lab: Lab) -> None:
    work_on(lab)
    [ticket] = seen(lab.server)["tickets"]
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


def test_an_opened_ticket(lab: Lab) -> None:
    work_on(lab)
    document = seen(lab.server, "open=1,99")
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
    assert ask(lab.server, attachment["url"]).text == "report"
    assert ticket["input"] == {
        "count": 1,
        "size": 5,
        "files": [{"name": "scan.nii.gz", "size": 5, "url": "/_mock/tickets/1/input/scan.nii.gz"}],
    }
    assert ticket["results"] == {"count": 0, "size": 0, "files": []}
    assert ticket["queue_position"] is None


def test_when_something_last_happened(lab: Lab) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    [first] = seen(lab.server)["tickets"]
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
        document = seen(lab.server)
        [ticket] = document["tickets"]
        assert ticket["last_activity"] == document["time"]
    assert first["last_activity"] == first["changed"]


def test_how_the_clock_goes(dss_server: DssServer) -> None:
    clock = dss_server.clock
    clock.advance(hours=3)
    assert seen(dss_server)["clock"] == {"frozen": False, "ahead": 10800}
    clock.freeze(datetime(2030, 1, 1, tzinfo=UTC))
    first = ask(dss_server, STATE)
    assert first.document["clock"] == {"frozen": True, "ahead": None}
    assert first.document["time"] == "2030-01-01T00:00:00Z"
    clock.resume()
    assert ask(dss_server, STATE, If_None_Match=first.headers["ETag"]).status == 200


def test_what_waits(lab: Lab) -> None:
    for _ in range(3):
        lab.server.add_ticket(lab.user, lab.service)
    [ticket] = seen(lab.server, "open=3")["opened"]
    assert ticket["queue_position"] == 3


def test_an_erased_attachment(lab: Lab) -> None:
    work_on(lab)
    lab.server.state.tickets.delete(lab.user, 1)
    [ticket] = seen(lab.server, "open=1")["opened"]
    [attachment] = [one for line in ticket["log"] for one in line["attachments"]]
    assert attachment["url"] is None
    assert attachment["size"] is None


def test_an_attachment_that_waits_for_a_message(lab: Lab) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    state = lab.server.state
    path = state.file_store.allocate_path()
    path.write_bytes(b"")
    state.logbook.attach(lab.member, 1, "A report", "text/plain", path)
    [ticket] = seen(lab.server, "open=1")["opened"]
    assert [attachment["description"] for attachment in ticket["pending"]] == ["A report"]


def test_tokens_and_sessions_are_never_shown(lab: Lab) -> None:
    work_on(lab)
    session = lab.server.state.accounts.sign_in(lab.user)
    text = ask(lab.server, f"{STATE}?open=1", Cookie=f"{SESSION_COOKIE}={session.id}").text
    for secret in (lab.user.token, lab.member.token, session.id):
        assert secret not in text


# --------------------------------------------------------------------------------- questions


def ids(document: Any) -> list[int]:
    return [ticket["id"] for ticket in document["tickets"]]


def test_which_tickets_are_listed(lab: Lab) -> None:
    for number in range(1, 61):
        status = "failed" if number % 20 == 0 else "ready"
        lab.server.add_ticket(lab.user, lab.service, status=status)
    document = seen(lab.server)
    assert ids(document) == list(range(60, 10, -1))
    assert document["older_tickets"] == 10
    assert document["ticket_counts"]["ready"] == 57

    document = seen(lab.server, "limit=2&status=failed")
    assert ids(document) == [60, 40]
    assert document["older_tickets"] == 1
    assert ids(seen(lab.server, "status=failed,claimed")) == [60, 40, 20]
    assert ids(seen(lab.server, "status=claimed")) == []
    assert ids(seen(lab.server, "id=7")) == [7]
    assert seen(lab.server, "id=7")["older_tickets"] == 0
    assert ids(seen(lab.server, "id=7&status=failed")) == []
    assert ids(seen(lab.server, "id=61")) == []
    assert seen(lab.server, "limit=0")["older_tickets"] == 60


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("limit=many", "limit: 'many' is no number"),
        ("limit=-1", "limit: '-1' is no number"),
        ("log=", "log: '' is no number"),
        ("status=done", "status: 'done' is none; there are init"),
        ("id=x", "id: 'x' is no ticket's id"),
        ("id=" + "9" * 30, "is no ticket's id"),
        ("open=1,two", "open: 'two' is no ticket's id"),
        ("open=" + ",".join(["1"] * (MOST_OPENED + 1)), "open: at most"),
        ("tickets=3", "'tickets' is not known; there are id, limit"),
    ],
)
def test_a_question_that_makes_no_sense(dss_server: DssServer, query: str, reason: str) -> None:
    answer = ask(dss_server, f"{STATE}?{query}")
    assert answer.status == 400
    assert reason in answer.document["error"]


def test_it_is_only_for_looking(dss_server: DssServer) -> None:
    for path in (STATE, "/_mock/page/dashboard.css"):
        answer = ask(dss_server, path, "POST")
        assert answer.status == 405
        assert answer.document == {"error": f"{path} takes GET"}
    assert ask(dss_server, STATE, Origin="http://elsewhere.example").status == 403


def test_what_is_not_there(dss_server: DssServer) -> None:
    for path in ("/_mock/page/", "/_mock/page/index.html", "/_mock/page/../view.py"):
        assert ask(dss_server, path).status == 404


# ----------------------------------------------------------------------------------- limits


def test_long_texts_are_cut(lab: Lab) -> None:
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
    answer = ask(lab.server, f"{STATE}?open=1&log=8")
    [ticket] = answer.document["opened"]
    assert [line["message"] for line in ticket["log"]] == [
        f"{number}" * MESSAGE_LENGTH for number in range(1, 9)
    ]
    assert {line["length"] for line in ticket["log"]} == {1_000_000}
    assert ticket["log_lines"] == 11
    assert len(ticket["input"]["files"]) == MOST_FILES
    assert ticket["input"]["count"] == MOST_FILES + 50
    assert len(answer.text) < 100_000
    [whole] = seen(lab.server, f"open=1&log={MOST_LINES}")["opened"]
    [attachment] = [one for line in whole["log"] for one in line["attachments"]]
    assert attachment["description"] == "d" * (TEXT_LENGTH - 1) + "…"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308])
def test_numbers_that_are_none(lab: Lab, value: float) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    for start in range(3):
        lab.server.state.progress.set(lab.member, 1, start, start + 1e6, value)
    [ticket] = seen(lab.server, "open=1")["opened"]
    assert [chunk["start"] for chunk in ticket["chunks"]] == [0.0, 1.0, 2.0]
    assert "NaN" not in json.dumps(ticket)
    assert "Infinity" not in json.dumps(ticket)


def test_any_characters(lab: Lab) -> None:
    lab.server.add_ticket(lab.user, lab.service, status="claimed")
    text = '<script>\0\u202e\u2028"\\\ud800😀'
    lab.server.state.logbook.write(lab.member, 1, LogCategory.INFO, text)
    [ticket] = seen(lab.server, "open=1")["opened"]
    assert ticket["log"][-1]["message"] == text


# ----------------------------------------------------------------------------- what is new


def test_nothing_is_sent_while_nothing_changes(lab: Lab) -> None:
    work_on(lab)
    first = ask(lab.server, STATE)
    lab.server.clock.advance(seconds=7)
    again = ask(lab.server, STATE, If_None_Match=first.headers["ETag"])
    assert (again.status, again.text) == (304, "")
    assert again.headers["DSS-Mock-Time"] > first.headers["DSS-Mock-Time"]
    assert first.headers["DSS-Mock-Time"] == first.document["time"]


def changes() -> Mapping[str, Callable[[Lab, Path], object]]:
    return {
        "a user": lambda lab, _: lab.server.add_user("new@example.com"),
        "a provider": lambda lab, _: lab.server.add_provider("otherlab"),
        "a member": lambda lab, _: lab.server.state.catalogue.add_member("testlab", lab.user),
        "a ticket": lambda lab, _: lab.server.add_ticket(lab.user, lab.service),
        "a message": lambda lab, _: lab.server.state.logbook.write(
            lab.member, 1, LogCategory.INFO, "new"
        ),
        "an attachment": lambda lab, path: lab.server.state.logbook.attach(
            lab.member, 1, "new", "text/plain", path
        ),
        "progress": lambda lab, _: lab.server.state.progress.set(lab.member, 1, 0.5, 1, 0.5),
        "a status": lambda lab, _: lab.server.state.tickets.finish(lab.member, 1, "success"),
        "a deletion": lambda lab, _: lab.server.state.tickets.delete(lab.user, 1),
        "a fault": lambda lab, _: lab.server.faults.add(faults.Delay(1)),
        "a reset": lambda lab, _: lab.server.reset(),
    }


@pytest.mark.parametrize("change", changes())
def test_whatever_changes_is_sent(lab: Lab, change: str, tmp_path: Path) -> None:
    work_on(lab)
    first = ask(lab.server, f"{STATE}?open=1")
    path = tmp_path / "attached"
    path.touch()
    changes()[change](lab, path)
    again = ask(lab.server, f"{STATE}?open=1", If_None_Match=first.headers["ETag"])
    assert again.status == 200
    assert again.headers["ETag"] != first.headers["ETag"]


def test_each_life_has_a_name_of_its_own(dss_server: DssServer) -> None:
    first = seen(dss_server)["life"]
    assert seen(dss_server)["life"] == first
    dss_server.reset()
    assert seen(dss_server)["life"] != first


def test_claims_are_known_after_a_restart(tmp_path: Path) -> None:
    with DssServer(state=State.open(tmp_path)) as server:
        user, member = server.add_user("anna@example.com"), server.add_user("lab@example.com")
        server.add_provider("testlab", [member])
        server.add_ticket(user, server.add_service("testlab"))
        server.state.tickets.claim(member, server.state.catalogue.list_services(), "testlab", "1")
        before = seen(server, "open=1")
    with DssServer(state=State.open(tmp_path)) as server:
        after = seen(server, "open=1")
    for document in (before, after):
        del document["time"], document["life"]
    assert after == before
    assert after["opened"][0]["claim"]["code"] == "1"
    assert after["ticket_counts"]["claimed"] == 1


# ------------------------------------------------------------------------------- being watched


def test_the_mock_does_not_change_by_being_watched(lab: Lab) -> None:
    before = len(lab.server.requests)
    answer = ask(lab.server, f"{STATE}?open=1")
    assert "Set-Cookie" not in answer.headers
    assert len(lab.server.requests) == before


def test_it_is_whole_while_many_are_at_work(lab: Lab) -> None:
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
            document = seen(lab.server, "open=1,2,3,4,5&status=claimed,deleted")
            for ticket in document["opened"]:
                assert ticket["history"][-1]["status"] == ticket["status"]
                assert len(ticket["log"]) == ticket["log_lines"]
    finally:
        stop.set()
        for worker in workers:
            worker.join(30)
    counts = seen(lab.server)["ticket_counts"]
    assert sum(counts.values()) == counts["deleted"] == len(state.tickets)


@pytest.mark.no_cover
def test_it_stays_fast_with_many_tickets() -> None:
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
                seen(server, query)
                durations.append(time.perf_counter() - begin)
            # Far more than it takes, even where the one that fits is the oldest of all.
            assert min(durations) < 0.2, query
        assert ids(seen(server, "status=ready")) == [1]
        assert len(ask(server, f"{STATE}?limit={MOST_TICKETS}").document["tickets"]) == MOST_TICKETS


def test_the_client_of_a_user_sees_the_same(lab: Lab) -> None:
    work_on(lab)
    api: DssApi = lab.server.client(lab.user)
    detail = api.user.get_ticket_detail(ticket_id=1)
    [ticket] = seen(lab.server, "open=1")["opened"]
    assert ticket["progress"] == detail.progress
    assert [line["message"] for line in ticket["log"]] == [line.message for line in detail.log]
    urls = [one.url for line in detail.log for one in line.attachments]
    shown = [one["url"] for line in ticket["log"] for one in line["attachments"]]
    assert [url.rpartition("/")[2] for url in shown] == [url.rpartition("/")[2] for url in urls]
