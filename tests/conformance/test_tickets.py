"""Tickets of a user, from creation to deletion."""

from __future__ import annotations

import json

import pytest

from .responses import (
    NOT_FOUND,
    NOT_SIGNED_IN,
    SERVER_ERROR,
    csv_response,
    json_response,
    refusal,
    text_response,
    ticket_not_found,
)
from .sites import Lab

QUEUED = "Ticket received and queued for processing"


def test_ticket_is_created_by_service_hash_or_name(lab: Lab) -> None:
    assert lab.user.post("/api/tickets", {"githash": lab.service}).summary == text_response("1")
    assert lab.prov1.post("/api/tickets", {"name": "RegistrationExample"}).summary == text_response(
        "2"
    )
    both = {"githash": lab.service, "name": "nosuch"}
    assert lab.user.post("/api/tickets?format=json", both).summary == text_response("3")
    assert lab.user.get("/api/tickets").summary == csv_response(
        "1,RegistrationExample,init", "3,RegistrationExample,init"
    )
    expected = {"result": [{"id": 2, "service": "RegistrationExample", "status": "init"}]}
    assert lab.prov1.get("/api/tickets?format=json").summary == json_response(expected)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({}, "Unable to find service: neither name nor githash specified"),
        ({"githash": ""}, "Service  is not available"),
        ({"githash": "abc"}, "Service abc is not available"),
        ({"githash": "é, \n"}, "Service é, \n is not available"),
        ({"name": ""}, "Unable to find service named "),
        ({"name": "nosuch"}, "Unable to find service named nosuch"),
        ({"name": "registrationexample"}, "Unable to find service named registrationexample"),
        ({"githash": "abc", "name": "RegistrationExample"}, "Service abc is not available"),
    ],
)
def test_ticket_for_an_unknown_service_is_refused(
    lab: Lab, form: dict[str, str], text: str
) -> None:
    assert lab.user.post("/api/tickets", form).summary == refusal(text)


def test_tickets_require_a_session(lab: Lab) -> None:
    assert lab.anonymous.get("/api/tickets").summary == NOT_SIGNED_IN
    assert lab.anonymous.post("/api/tickets", {"githash": lab.service}).summary == NOT_SIGNED_IN
    assert lab.anonymous.get("/api/tickets/1/status").summary == NOT_SIGNED_IN


@pytest.mark.parametrize(("user", "quota"), [("user", 10), ("admin", 60)])
def test_ticket_above_the_quota_is_refused(lab: Lab, user: str, quota: int) -> None:
    actor = {"user": lab.user, "admin": lab.admin}[user]
    tickets = [lab.create_ticket(user=actor) for _ in range(quota)]
    expected = refusal(f"Maximum allowed number of open tickets ({quota}) exceeded.")
    form = {"githash": lab.service}
    assert actor.post("/api/tickets", form).summary == expected
    assert actor.post("/api/tickets", {"githash": "abc"}).text == "Service abc is not available"
    # Finished tickets count for the quota. Deleted tickets do not.
    actor.post(f"/api/tickets/{tickets[0]}/status", {"status": "ready"})
    lab.claim_ticket()
    lab.finish_ticket(tickets[0], "success")
    assert actor.post("/api/tickets", form).summary == expected
    assert actor.get(f"/api/tickets/{tickets[0]}/delete").summary == text_response("deleted")
    assert actor.post("/api/tickets", form).summary == text_response(f"{quota + 1}")


def test_ticket_status_follows_its_life_from_creation_to_deletion(lab: Lab) -> None:
    ticket = lab.create_ticket()
    path = f"/api/tickets/{ticket}"
    assert lab.user.get(f"{path}/status").summary == text_response("init")
    assert lab.user.post(f"{path}/status", {"status": "ready"}).summary == text_response("ready")
    assert lab.user.get(f"{path}/status?format=json").summary == text_response("ready")
    lab.claim_ticket()
    assert lab.user.get(f"{path}/status").summary == text_response("claimed")
    for status in ("failed", "success", "failed", "failed"):
        lab.finish_ticket(ticket, status)
        assert lab.user.get(f"{path}/status").summary == text_response(status)
    assert lab.user.get(f"{path}/retry").summary == text_response("ready")
    assert lab.user.get(f"{path}/delete").summary == text_response("deleted")
    assert lab.user.get(f"{path}/status").summary == text_response("deleted")
    assert lab.user.get("/api/tickets").summary == csv_response()


def test_submitted_ticket_cannot_be_submitted_again(lab: Lab) -> None:
    ticket = lab.create_ready_ticket()
    path = f"/api/tickets/{ticket}/status"
    assert lab.user.post(path, {"status": "ready"}).summary == ticket_not_found(ticket, 4)
    lab.claim_ticket()
    assert lab.user.post(path, {"status": "ready"}).summary == ticket_not_found(ticket, 4)


@pytest.mark.parametrize("status", ["claimed", "success", "init", "READY", "", "ready ", "é"])
def test_user_cannot_set_another_status_than_ready(lab: Lab, status: str) -> None:
    path = f"/api/tickets/{lab.create_ticket()}/status"
    expected = refusal(f"Changing ticket status to {status} is not supported")
    assert lab.user.post(path, {"status": status}).summary == expected
    assert lab.user.get(path).summary == text_response("init")


def test_missing_status_fails_before_the_session_is_checked(lab: Lab) -> None:
    ticket = lab.create_ticket()
    for actor in (lab.user, lab.prov1, lab.anonymous):
        assert actor.post(f"/api/tickets/{ticket}/status").summary == SERVER_ERROR


@pytest.mark.parametrize("ticket", ["0", "2", "007", "99999999999999999999999", "%32"])
def test_ticket_of_another_user_or_unknown_ticket_is_refused(lab: Lab, ticket: str) -> None:
    lab.create_ticket(user=lab.prov1)
    lab.create_ticket(user=lab.prov1)
    expected = ticket_not_found("2" if ticket == "%32" else ticket, 4)
    path = f"/api/tickets/{ticket}"
    for what in ("status", "log", "detail", "progress", "queuepos", "delete", "retry"):
        assert lab.user.get(f"{path}/{what}").summary == expected
    assert lab.user.get(f"{path}/files/input").summary == expected
    assert lab.user.get(f"{path}/files/input/0").summary == expected
    assert lab.user.upload_file(f"{path}/files/input", "a").summary == expected
    assert lab.user.post(f"{path}/status", {"status": "ready"}).summary == expected


@pytest.mark.parametrize("ticket", ["abc", "-1", "1.5", "", "1%20", "%201", "1_0", "+1", "0x1"])
def test_malformed_ticket_id_is_not_found(lab: Lab, ticket: str) -> None:
    assert lab.user.get(f"/api/tickets/{ticket}/status").summary == NOT_FOUND
    assert lab.prov1.get(f"/api/pro/tickets/{ticket}/status").summary == NOT_FOUND


def test_ticket_id_in_digits_that_are_not_ascii_is_refused(lab: Lab) -> None:
    lab.create_ticket()
    assert lab.user.get("/api/tickets/%D9%A1/status").summary == ticket_not_found("\u0661", 4)


def test_ticket_id_with_leading_zeros_is_found(lab: Lab) -> None:
    lab.create_ticket()
    assert lab.user.get("/api/tickets/0001/status").summary == text_response("init")


# ---------------------------------------------------------------------------------- the queue


def test_queue_position_counts_earlier_ready_tickets(lab: Lab) -> None:
    first, second = lab.create_ticket(), lab.create_ready_ticket()
    third = lab.create_ready_ticket(user=lab.prov2)

    def list_positions() -> list[str]:
        return [
            lab.admin.get(f"/api/tickets/{ticket}/queuepos").text
            for ticket in (first, second, third)
        ]

    assert lab.user.get(f"/api/tickets/{second}/queuepos?format=json").summary == text_response("1")
    assert list_positions() == ["0", "1", "2"]
    lab.user.post(f"/api/tickets/{first}/status", {"status": "ready"})
    assert list_positions() == ["1", "2", "3"]
    # The position of a deleted ticket counts the ready tickets before it.
    lab.user.get(f"/api/tickets/{third}/delete")
    lab.prov2.get(f"/api/tickets/{third}/delete")
    assert list_positions() == ["1", "2", "2"]
    lab.claim_ticket()
    assert list_positions() == ["0", "1", "1"]
    lab.claim_ticket()
    assert list_positions() == ["0", "0", "0"]


def test_retried_ticket_keeps_its_queue_position(lab: Lab) -> None:
    first = lab.create_finished_ticket("failed")
    second = lab.create_ready_ticket()
    lab.user.get(f"/api/tickets/{first}/retry")
    assert lab.user.get(f"/api/tickets/{second}/queuepos").text == "2"
    assert lab.claim_ticket().text == f"{first}"


# --------------------------------------------------------------------------- retry and delete


@pytest.mark.parametrize("status", ["init", "ready", "claimed", "success", "deleted"])
def test_ticket_that_did_not_fail_cannot_be_retried(lab: Lab, status: str) -> None:
    ticket = create_ticket_in(lab, status)
    assert lab.user.get(f"/api/tickets/{ticket}/retry").summary == ticket_not_found(ticket, 4)


def create_ticket_in(lab: Lab, status: str) -> int:
    """Create a ticket in a status."""
    match status:
        case "init":
            return lab.create_ticket()
        case "ready":
            return lab.create_ready_ticket()
        case "claimed":
            return lab.create_claimed_ticket()
        case "deleted":
            ticket = lab.create_ticket()
            assert lab.user.get(f"/api/tickets/{ticket}/delete").text == "deleted"
            return ticket
        case _:
            return lab.create_finished_ticket(status)


def test_retry_deletes_only_the_results(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket({"in.txt": b"1"})
    lab.report_progress(ticket, 0, 1, 0.5)
    lab.prov1.upload_file(f"/api/pro/tickets/{ticket}/files/results", "out.txt")
    lab.finish_ticket(ticket, "failed")
    path = f"/api/tickets/{ticket}"
    assert lab.user.get(f"{path}/files/results").summary == csv_response("0,out.txt")
    assert lab.user.get(f"{path}/retry?format=json").summary == text_response("ready")
    assert lab.user.get(f"{path}/files/results").summary == csv_response()
    assert lab.user.get(f"{path}/files/input").summary == csv_response("0,in.txt")
    assert lab.user.get(f"{path}/progress").summary == text_response("0.5")
    log = json.loads(lab.user.get(f"{path}/log?format=json").text)["result"]
    assert [entry["message"] for entry in log] == [
        QUEUED,
        "Ticket claimed by provider testlab instance one",
        "Retrying ticket",
    ]


@pytest.mark.parametrize("status", ["init", "ready", "claimed", "success", "failed", "deleted"])
def test_ticket_can_be_deleted_in_every_status(lab: Lab, status: str) -> None:
    ticket = create_ticket_in(lab, status)
    for _ in range(2):
        assert lab.user.get(f"/api/tickets/{ticket}/delete?format=json").summary == text_response(
            "deleted"
        )
    assert lab.claim_ticket().text == "-1"


def test_deleted_ticket_keeps_its_log_but_not_its_files(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket({"in.txt": b"1"})
    lab.report_progress(ticket, 0, 1, 0.5)
    lab.finish_ticket(ticket, "failed")
    path = f"/api/tickets/{ticket}"
    log = lab.user.get(f"{path}/log").summary
    lab.user.get(f"{path}/delete")
    assert lab.user.get(f"{path}/log").summary == log
    assert lab.user.get(f"{path}/progress").summary == text_response("0.5")
    assert lab.user.get(f"{path}/queuepos").summary == text_response("0")
    assert lab.user.get(f"{path}/files/input").summary == csv_response()
    assert lab.user.get(f"{path}/files/input/0").summary == SERVER_ERROR
    detail = json.loads(lab.user.get(f"{path}/detail").text)["result"]
    assert (detail["status"], detail["progress"], len(detail["log"])) == ("deleted", 0.0, 2)
    assert lab.user.get(f"{path}/retry").summary == ticket_not_found(ticket, 4)
    assert lab.user.upload_file(f"{path}/files/input", "a").summary == ticket_not_found(ticket, 4)
    assert lab.user.post(f"{path}/status", {"status": "ready"}).summary == ticket_not_found(
        ticket, 4
    )


# --------------------------------------------------------------------------------- the detail


def test_detail_of_a_new_ticket_has_an_empty_log(lab: Lab) -> None:
    ticket = lab.create_ticket()
    expected = json_response({"result": {"status": "init", "progress": 0.0, "log": []}})
    for query in ("", "?format=json", "?format=csv"):
        assert lab.user.get(f"/api/tickets/{ticket}/detail{query}").summary == expected


def test_detail_of_a_ready_ticket_has_a_queue_position(lab: Lab) -> None:
    lab.create_ready_ticket(user=lab.prov2)
    ticket = lab.create_ready_ticket()
    text = lab.user.get(f"/api/tickets/{ticket}/detail").text
    atime = json.loads(text)["result"]["log"][0]["atime"]
    assert text == (
        '{"result": {"status": "ready", "progress": 0.0, "queue_position": 2, "log": '
        f'[{{"id": 2, "atime": {atime}, "category": "info", "attachments": [], '
        f'"message": "{QUEUED}"}}]}}}}'
    )


@pytest.mark.parametrize(
    ("status", "progress"), [("claimed", 0.25), ("success", 1.0), ("failed", 1.0)]
)
def test_progress_in_detail_is_1_after_the_ticket_ends(
    lab: Lab, status: str, progress: float
) -> None:
    ticket = lab.create_claimed_ticket()
    lab.report_progress(ticket, 0, 0.5, 0.5)
    if status != "claimed":
        lab.finish_ticket(ticket, status)
    path = f"/api/tickets/{ticket}"
    assert json.loads(lab.user.get(f"{path}/detail").text)["result"]["progress"] == progress
    assert lab.user.get(f"{path}/progress").summary == text_response("0.25")
