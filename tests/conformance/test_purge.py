"""What administrators see of all tickets, and how they get rid of old ones."""

from __future__ import annotations

import pytest

from .expected import FAULT, NOT_FOUND, csv, in_json, plain
from .raw import Answer
from .site import Lab

HOUR = 3600
DAY = 24 * HOUR


def purge(lab: Lab, scope: str = "all", **form: str) -> Answer:
    return lab.admin.post(f"/api/admin/tickets/purge/{scope}", form)


@pytest.fixture
def tickets(lab: Lab) -> list[int]:
    """One ticket of each status: success, failed, claimed, deleted, ready, init."""
    found = [lab.finished_ticket("success"), lab.finished_ticket("failed"), lab.claimed_ticket()]
    deleted = lab.new_ticket()
    lab.user.get(f"/api/tickets/{deleted}/delete")
    return [*found, deleted, lab.ready_ticket(), lab.new_ticket()]


def test_all_tickets(lab: Lab, tickets: list[int]) -> None:
    rows = [
        f"{ticket},user@example.com,RegistrationExample,{status},0.0"
        for ticket, status in zip(
            tickets, ("success", "failed", "claimed", "", "ready", "init"), strict=True
        )
        if status
    ]
    assert lab.admin.get("/api/admin/tickets").said == csv(*rows)
    keys = ("id", "email", "service", "status", "duration")
    first = dict(zip(keys, (1, *rows[0].split(",")[1:4], 0.0), strict=True))
    text = lab.admin.get("/api/admin/tickets?format=json").text
    assert text.startswith(in_json({"result": [first]})[2].decode().removesuffix("]}"))


def test_durations_are_rounded_minutes_between_the_first_and_the_last_change(lab: Lab) -> None:
    ticket = lab.ready_ticket()
    for seconds, minutes in ((600, "0.0"), (0, "10.0"), (20, "10.0"), (60, "11.0")):
        lab.middleware.pass_time(seconds)
        if seconds != 600:
            # A sysadmin may do this at any time.
            lab.admin.post(f"/api/tickets/{ticket}/status", {"status": "ready"})
        assert lab.admin.get("/api/admin/tickets").text.endswith(f",ready,{minutes}\r\n")


def test_what_was_finished_and_is_old(lab: Lab, tickets: list[int]) -> None:
    assert purge(lab, "completed").said == plain("Purged 0 tickets")
    lab.middleware.pass_time(8 * DAY)
    assert purge(lab, "completed").said == plain("Purged 2 tickets")
    assert lab.user.get("/api/tickets").text.count("\r\n") == 3
    assert purge(lab, "completed").said == plain("Purged 0 tickets")
    assert purge(lab, "all").said == plain("Purged 3 tickets")
    assert lab.user.get("/api/tickets").said == csv()


def test_the_age_is_that_of_the_creation(lab: Lab) -> None:
    ticket = lab.claimed_ticket({"a.txt": b"1"})
    lab.middleware.pass_time(2 * HOUR)
    lab.finish(ticket, "success")
    assert purge(lab, "completed", hours="3").said == plain("Purged 0 tickets")
    assert purge(lab, "completed", hours="1").said == plain("Purged 1 tickets")
    path = f"/api/tickets/{ticket}"
    assert lab.user.get(f"{path}/status").said == plain("deleted")
    assert lab.user.get(f"{path}/files/input").said == csv()
    assert lab.user.get(f"{path}/log").text.count("\r\n") == 2


@pytest.mark.parametrize(
    ("form", "purged"),
    [
        ({"days": "1"}, 1),
        ({"days": "3"}, 0),
        ({"days": "1.9"}, 1),
        ({"days": " 1 "}, 1),
        ({"days": "1_0"}, 0),
        ({"days": "-1"}, 1),
        ({"days": "1e9"}, 0),
        ({"hours": "47"}, 1),
        ({"hours": "49"}, 0),
        ({"days": "100", "hours": "1"}, 0),
        ({"days": "1", "hours": "x"}, 1),
    ],
)
def test_how_old(lab: Lab, form: dict[str, str], purged: int) -> None:
    lab.new_ticket()
    lab.middleware.pass_time(2 * DAY)
    assert purge(lab, **form).said == plain(f"Purged {purged} tickets")


@pytest.mark.parametrize("form", [{"days": ""}, {"days": "x"}, {"hours": ""}, {"hours": "1h"}])
def test_what_is_no_age(lab: Lab, form: dict[str, str]) -> None:
    lab.new_ticket()
    assert purge(lab, **form).said == FAULT


def test_the_age_may_stand_in_the_query(lab: Lab) -> None:
    lab.new_ticket()
    path = "/api/admin/tickets/purge/all?days=-1&format=json"
    assert lab.admin.post(path).said == plain("Purged 1 tickets")


@pytest.mark.parametrize("scope", ["COMPLETED", "foo", ""])
def test_scopes_that_there_are_not(lab: Lab, scope: str) -> None:
    assert purge(lab, scope).said == NOT_FOUND
