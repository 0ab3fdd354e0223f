"""The list of all tickets, and the purge of old ones."""

from __future__ import annotations

import pytest

from .http_connection import Response
from .responses import NOT_FOUND, SERVER_ERROR, csv_response, json_response, text_response
from .sites import Lab

HOUR = 3600
DAY = 24 * HOUR


def purge_tickets(lab: Lab, scope: str = "all", **form: str) -> Response:
    return lab.admin.post(f"/api/admin/tickets/purge/{scope}", form)


@pytest.fixture
def tickets(lab: Lab) -> list[int]:
    """Create a ticket in each status: success, failed, claimed, deleted, ready, init."""
    worked_on = [
        lab.create_finished_ticket("success"),
        lab.create_finished_ticket("failed"),
        lab.create_claimed_ticket(),
    ]
    deleted = lab.create_ticket()
    lab.user.get(f"/api/tickets/{deleted}/delete")
    return [*worked_on, deleted, lab.create_ready_ticket(), lab.create_ticket()]


def test_administrator_lists_tickets_of_all_users(lab: Lab, tickets: list[int]) -> None:
    rows = [
        f"{ticket},user@example.com,RegistrationExample,{status},0.0"
        for ticket, status in zip(
            tickets, ("success", "failed", "claimed", "", "ready", "init"), strict=True
        )
        if status
    ]
    assert lab.admin.get("/api/admin/tickets").summary == csv_response(*rows)
    keys = ("id", "email", "service", "status", "duration")
    first = dict(zip(keys, (1, *rows[0].split(",")[1:4], 0.0), strict=True))
    text = lab.admin.get("/api/admin/tickets?format=json").text
    assert text.startswith(json_response({"result": [first]})[2].decode().removesuffix("]}"))


def test_duration_is_rounded_minutes_between_first_and_last_change(lab: Lab) -> None:
    ticket = lab.create_ready_ticket()
    for seconds, minutes in ((600, "0.0"), (0, "10.0"), (20, "10.0"), (60, "11.0")):
        lab.middleware.advance_time(seconds)
        if seconds != 600:
            # An administrator can submit a ticket in every status.
            lab.admin.post(f"/api/tickets/{ticket}/status", {"status": "ready"})
        assert lab.admin.get("/api/admin/tickets").text.endswith(f",ready,{minutes}\r\n")


def test_purge_deletes_old_tickets_in_its_scope(lab: Lab, tickets: list[int]) -> None:
    assert purge_tickets(lab, "completed").summary == text_response("Purged 0 tickets")
    lab.middleware.advance_time(8 * DAY)
    assert purge_tickets(lab, "completed").summary == text_response("Purged 2 tickets")
    assert lab.user.get("/api/tickets").text.count("\r\n") == 3
    assert purge_tickets(lab, "completed").summary == text_response("Purged 0 tickets")
    assert purge_tickets(lab, "all").summary == text_response("Purged 3 tickets")
    assert lab.user.get("/api/tickets").summary == csv_response()


def test_purge_counts_the_age_from_the_creation(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket({"a.txt": b"1"})
    lab.middleware.advance_time(2 * HOUR)
    lab.finish_ticket(ticket, "success")
    assert purge_tickets(lab, "completed", hours="3").summary == text_response("Purged 0 tickets")
    assert purge_tickets(lab, "completed", hours="1").summary == text_response("Purged 1 tickets")
    path = f"/api/tickets/{ticket}"
    assert lab.user.get(f"{path}/status").summary == text_response("deleted")
    assert lab.user.get(f"{path}/files/input").summary == csv_response()
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
def test_purge_deletes_tickets_older_than_the_given_age(
    lab: Lab, form: dict[str, str], purged: int
) -> None:
    lab.create_ticket()
    lab.middleware.advance_time(2 * DAY)
    assert purge_tickets(lab, **form).summary == text_response(f"Purged {purged} tickets")


@pytest.mark.parametrize("form", [{"days": ""}, {"days": "x"}, {"hours": ""}, {"hours": "1h"}])
def test_purge_with_malformed_age_fails(lab: Lab, form: dict[str, str]) -> None:
    lab.create_ticket()
    assert purge_tickets(lab, **form).summary == SERVER_ERROR


def test_purge_accepts_the_age_in_the_query(lab: Lab) -> None:
    lab.create_ticket()
    path = "/api/admin/tickets/purge/all?days=-1&format=json"
    assert lab.admin.post(path).summary == text_response("Purged 1 tickets")


@pytest.mark.parametrize("scope", ["COMPLETED", "foo", ""])
def test_purge_with_unknown_scope_is_not_found(lab: Lab, scope: str) -> None:
    assert purge_tickets(lab, scope).summary == NOT_FOUND
