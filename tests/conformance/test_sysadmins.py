"""What system administrators may do with the tickets of others, and of nobody."""

from __future__ import annotations

import pytest

from .expected import FAULT, csv, no_ticket, not_claimed, plain, refused
from .site import Lab


def test_they_see_the_tickets_of_others(lab: Lab) -> None:
    ticket = lab.claimed_ticket({"a.txt": b"1"})
    path = f"/api/tickets/{ticket}"
    assert lab.admin.get(f"{path}/status").said == plain("claimed")
    assert lab.admin.get(f"{path}/files/input").said == csv("0,a.txt")
    assert lab.admin.get(f"{path}/files/input/0").body == b"1"
    assert lab.admin.get(f"{path}/progress").said == plain("0.0")
    assert lab.admin.get(f"{path}/log").body == lab.user.get(f"{path}/log").body
    assert lab.admin.get(f"{path}/detail").body == lab.user.get(f"{path}/detail").body
    assert lab.admin.get("/api/tickets").said == csv()


def test_no_status_hinders_them(lab: Lab) -> None:
    ticket = lab.finished_ticket("success")
    path = f"/api/tickets/{ticket}"
    assert lab.admin.upload_file(f"{path}/files/input", "late.txt").said == plain("success")
    for _ in range(2):
        assert lab.admin.post(f"{path}/status", {"status": "ready"}).said == plain("ready")
    assert lab.user.get(f"{path}/log").text.count("queued for processing") == 3
    assert lab.admin.get(f"{path}/retry").said == plain("ready")
    assert lab.admin.get(f"{path}/delete").said == plain("deleted")
    assert lab.user.get("/api/tickets").said == csv()
    assert lab.admin.get(f"{path}/retry").said == plain("ready")
    assert lab.user.get("/api/tickets").said == csv(f"{ticket},RegistrationExample,ready")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("status", FAULT),
        ("detail", FAULT),
        ("delete", FAULT),
        ("retry", FAULT),
        ("files/input/0", FAULT),
        ("progress", plain("0.0")),
        ("queuepos", plain("0")),
        ("log", csv()),
        ("files/input", csv()),
    ],
)
def test_a_ticket_that_there_is_not(
    lab: Lab, what: str, expected: tuple[str, str | None, bytes]
) -> None:
    assert lab.admin.get(f"/api/tickets/999/{what}").said == expected


def test_submitting_a_ticket_that_there_is_not(lab: Lab) -> None:
    path = "/api/tickets/999/status"
    assert lab.admin.post(path, {"status": "ready"}).said == FAULT
    expected = refused("Changing ticket status to x is not supported")
    assert lab.admin.post(path, {"status": "x"}).said == expected


def test_files_of_a_ticket_that_is_still_to_come(lab: Lab) -> None:
    path = "/api/tickets/1/files"
    assert lab.admin.upload_file(f"{path}/input", "a.txt", b"1").said == plain("success")
    assert lab.admin.get(f"{path}/input").said == csv("0,a.txt")
    assert lab.admin.get(f"{path}/input/0").body == b"1"
    assert lab.admin.get(f"{path}/results").said == csv()
    assert lab.new_ticket() == 1
    assert lab.user.get(f"{path}/input").said == csv()
    assert lab.user.get(f"{path}/input/0").said == FAULT


def test_files_of_a_deleted_ticket(lab: Lab) -> None:
    ticket = lab.new_ticket({"a.txt": b"1"})
    path = f"/api/tickets/{ticket}/files/input"
    lab.user.get(f"/api/tickets/{ticket}/delete")
    assert lab.admin.upload_file(path, "b.txt").said == plain("success")
    assert lab.user.get(path).said == csv("0,b.txt")


def test_logs_are_for_their_user_alone(lab: Lab) -> None:
    lab.ready_ticket()
    expected = refused("Log entry 1 is not readable by user 1")
    assert lab.admin.get("/api/tickets/logs/1/attachments").said == expected
    assert lab.user.get("/api/tickets/logs/1/attachments").said == csv()


def test_they_are_no_providers(lab: Lab) -> None:
    ticket = lab.claimed_ticket()
    path = f"/api/pro/tickets/{ticket}"
    assert lab.admin.get("/api/pro/services").said == csv()
    assert lab.claim(lab.admin).status == 401
    assert lab.admin.get(f"{path}/status").said == no_ticket(ticket, 1)
    assert lab.admin.get(f"{path}/progress").said == not_claimed(ticket, 1)
