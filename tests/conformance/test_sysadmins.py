"""Requests of system administrators for tickets of other users and unknown tickets."""

from __future__ import annotations

import pytest

from .responses import (
    SERVER_ERROR,
    csv_response,
    refusal,
    text_response,
    ticket_not_claimed,
    ticket_not_found,
)
from .sites import Lab


def test_system_administrator_reads_tickets_of_other_users(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket({"a.txt": b"1"})
    path = f"/api/tickets/{ticket}"
    assert lab.admin.get(f"{path}/status").summary == text_response("claimed")
    assert lab.admin.get(f"{path}/files/input").summary == csv_response("0,a.txt")
    assert lab.admin.get(f"{path}/files/input/0").body == b"1"
    assert lab.admin.get(f"{path}/progress").summary == text_response("0.0")
    assert lab.admin.get(f"{path}/log").body == lab.user.get(f"{path}/log").body
    assert lab.admin.get(f"{path}/detail").body == lab.user.get(f"{path}/detail").body
    assert lab.admin.get("/api/tickets").summary == csv_response()


def test_system_administrator_changes_tickets_in_every_status(lab: Lab) -> None:
    ticket = lab.create_finished_ticket("success")
    path = f"/api/tickets/{ticket}"
    assert lab.admin.upload_file(f"{path}/files/input", "late.txt").summary == text_response(
        "success"
    )
    for _ in range(2):
        assert lab.admin.post(f"{path}/status", {"status": "ready"}).summary == text_response(
            "ready"
        )
    assert lab.user.get(f"{path}/log").text.count("queued for processing") == 3
    assert lab.admin.get(f"{path}/retry").summary == text_response("ready")
    assert lab.admin.get(f"{path}/delete").summary == text_response("deleted")
    assert lab.user.get("/api/tickets").summary == csv_response()
    assert lab.admin.get(f"{path}/retry").summary == text_response("ready")
    assert lab.user.get("/api/tickets").summary == csv_response(
        f"{ticket},RegistrationExample,ready"
    )


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("status", SERVER_ERROR),
        ("detail", SERVER_ERROR),
        ("delete", SERVER_ERROR),
        ("retry", SERVER_ERROR),
        ("files/input/0", SERVER_ERROR),
        ("progress", text_response("0.0")),
        ("queuepos", text_response("0")),
        ("log", csv_response()),
        ("files/input", csv_response()),
    ],
)
def test_unknown_ticket_fails_or_is_empty_for_a_system_administrator(
    lab: Lab, what: str, expected: tuple[str, str | None, bytes]
) -> None:
    assert lab.admin.get(f"/api/tickets/999/{what}").summary == expected


def test_submission_of_an_unknown_ticket_by_a_system_administrator_fails(lab: Lab) -> None:
    path = "/api/tickets/999/status"
    assert lab.admin.post(path, {"status": "ready"}).summary == SERVER_ERROR
    expected = refusal("Changing ticket status to x is not supported")
    assert lab.admin.post(path, {"status": "x"}).summary == expected


def test_files_uploaded_before_the_ticket_exists_are_removed_when_it_is_created(lab: Lab) -> None:
    path = "/api/tickets/1/files"
    assert lab.admin.upload_file(f"{path}/input", "a.txt", b"1").summary == text_response("success")
    assert lab.admin.get(f"{path}/input").summary == csv_response("0,a.txt")
    assert lab.admin.get(f"{path}/input/0").body == b"1"
    assert lab.admin.get(f"{path}/results").summary == csv_response()
    assert lab.create_ticket() == 1
    assert lab.user.get(f"{path}/input").summary == csv_response()
    assert lab.user.get(f"{path}/input/0").summary == SERVER_ERROR


def test_system_administrator_can_upload_to_a_deleted_ticket(lab: Lab) -> None:
    ticket = lab.create_ticket({"a.txt": b"1"})
    path = f"/api/tickets/{ticket}/files/input"
    lab.user.get(f"/api/tickets/{ticket}/delete")
    assert lab.admin.upload_file(path, "b.txt").summary == text_response("success")
    assert lab.user.get(path).summary == csv_response("0,b.txt")


def test_system_administrator_cannot_read_attachments_of_other_users(lab: Lab) -> None:
    lab.create_ready_ticket()
    expected = refusal("Log entry 1 is not readable by user 1")
    assert lab.admin.get("/api/tickets/logs/1/attachments").summary == expected
    assert lab.user.get("/api/tickets/logs/1/attachments").summary == csv_response()


def test_system_administrator_cannot_act_as_a_provider(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket()
    path = f"/api/pro/tickets/{ticket}"
    assert lab.admin.get("/api/pro/services").summary == csv_response()
    assert lab.claim_ticket(lab.admin).status == 401
    assert lab.admin.get(f"{path}/status").summary == ticket_not_found(ticket, 1)
    assert lab.admin.get(f"{path}/progress").summary == ticket_not_claimed(ticket, 1)
