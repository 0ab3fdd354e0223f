"""The life of a ticket, as its user sees it."""

from __future__ import annotations

import json

import pytest

from .expected import FAULT, NOT_FOUND, NOT_SIGNED_IN, csv, in_json, no_ticket, plain, refused
from .site import Lab

QUEUED = "Ticket received and queued for processing"


def test_creating_by_hash_or_name(lab: Lab) -> None:
    assert lab.user.post("/api/tickets", {"githash": lab.service}).said == plain("1")
    assert lab.prov1.post("/api/tickets", {"name": "RegistrationExample"}).said == plain("2")
    both = {"githash": lab.service, "name": "nosuch"}
    assert lab.user.post("/api/tickets?format=json", both).said == plain("3")
    assert lab.user.get("/api/tickets").said == csv(
        "1,RegistrationExample,init", "3,RegistrationExample,init"
    )
    expected = {"result": [{"id": 2, "service": "RegistrationExample", "status": "init"}]}
    assert lab.prov1.get("/api/tickets?format=json").said == in_json(expected)


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
def test_services_that_there_are_not(lab: Lab, form: dict[str, str], text: str) -> None:
    assert lab.user.post("/api/tickets", form).said == refused(text)


def test_who_is_not_signed_in_has_no_tickets(lab: Lab) -> None:
    assert lab.nobody.get("/api/tickets").said == NOT_SIGNED_IN
    assert lab.nobody.post("/api/tickets", {"githash": lab.service}).said == NOT_SIGNED_IN
    assert lab.nobody.get("/api/tickets/1/status").said == NOT_SIGNED_IN


@pytest.mark.parametrize(("user", "quota"), [("user", 10), ("admin", 60)])
def test_how_many_tickets_a_user_may_have(lab: Lab, user: str, quota: int) -> None:
    actor = {"user": lab.user, "admin": lab.admin}[user]
    tickets = [lab.new_ticket(user=actor) for _ in range(quota)]
    expected = refused(f"Maximum allowed number of open tickets ({quota}) exceeded.")
    form = {"githash": lab.service}
    assert actor.post("/api/tickets", form).said == expected
    assert actor.post("/api/tickets", {"githash": "abc"}).text == "Service abc is not available"
    # Those that are done count; those deleted do not.
    actor.post(f"/api/tickets/{tickets[0]}/status", {"status": "ready"})
    lab.claim()
    lab.finish(tickets[0], "success")
    assert actor.post("/api/tickets", form).said == expected
    assert actor.get(f"/api/tickets/{tickets[0]}/delete").said == plain("deleted")
    assert actor.post("/api/tickets", form).said == plain(f"{quota + 1}")


def test_from_its_creation_to_its_end(lab: Lab) -> None:
    ticket = lab.new_ticket()
    path = f"/api/tickets/{ticket}"
    assert lab.user.get(f"{path}/status").said == plain("init")
    assert lab.user.post(f"{path}/status", {"status": "ready"}).said == plain("ready")
    assert lab.user.get(f"{path}/status?format=json").said == plain("ready")
    lab.claim()
    assert lab.user.get(f"{path}/status").said == plain("claimed")
    for status in ("failed", "success", "failed", "failed"):
        lab.finish(ticket, status)
        assert lab.user.get(f"{path}/status").said == plain(status)
    assert lab.user.get(f"{path}/retry").said == plain("ready")
    assert lab.user.get(f"{path}/delete").said == plain("deleted")
    assert lab.user.get(f"{path}/status").said == plain("deleted")
    assert lab.user.get("/api/tickets").said == csv()


def test_only_a_new_ticket_is_submitted(lab: Lab) -> None:
    ticket = lab.ready_ticket()
    path = f"/api/tickets/{ticket}/status"
    assert lab.user.post(path, {"status": "ready"}).said == no_ticket(ticket, 4)
    lab.claim()
    assert lab.user.post(path, {"status": "ready"}).said == no_ticket(ticket, 4)


@pytest.mark.parametrize("status", ["claimed", "success", "init", "READY", "", "ready ", "é"])
def test_a_user_only_says_ready(lab: Lab, status: str) -> None:
    path = f"/api/tickets/{lab.new_ticket()}/status"
    expected = refused(f"Changing ticket status to {status} is not supported")
    assert lab.user.post(path, {"status": status}).said == expected
    assert lab.user.get(path).said == plain("init")


def test_a_status_is_looked_for_before_who_asks(lab: Lab) -> None:
    ticket = lab.new_ticket()
    for actor in (lab.user, lab.prov1, lab.nobody):
        assert actor.post(f"/api/tickets/{ticket}/status").said == FAULT


@pytest.mark.parametrize("ticket", ["0", "2", "007", "99999999999999999999999", "%32"])
def test_tickets_of_others_and_of_nobody(lab: Lab, ticket: str) -> None:
    lab.new_ticket(user=lab.prov1)
    lab.new_ticket(user=lab.prov1)
    expected = no_ticket("2" if ticket == "%32" else ticket, 4)
    path = f"/api/tickets/{ticket}"
    for what in ("status", "log", "detail", "progress", "queuepos", "delete", "retry"):
        assert lab.user.get(f"{path}/{what}").said == expected
    assert lab.user.get(f"{path}/files/input").said == expected
    assert lab.user.get(f"{path}/files/input/0").said == expected
    assert lab.user.upload_file(f"{path}/files/input", "a").said == expected
    assert lab.user.post(f"{path}/status", {"status": "ready"}).said == expected


@pytest.mark.parametrize("ticket", ["abc", "-1", "1.5", "", "1%20", "%201", "1_0", "+1", "0x1"])
def test_what_is_no_ticket_is_not_found(lab: Lab, ticket: str) -> None:
    assert lab.user.get(f"/api/tickets/{ticket}/status").said == NOT_FOUND
    assert lab.prov1.get(f"/api/pro/tickets/{ticket}/status").said == NOT_FOUND


def test_digits_of_other_scripts_are_no_ticket(lab: Lab) -> None:
    lab.new_ticket()
    assert lab.user.get("/api/tickets/%D9%A1/status").said == no_ticket("\u0661", 4)


def test_leading_zeros(lab: Lab) -> None:
    lab.new_ticket()
    assert lab.user.get("/api/tickets/0001/status").said == plain("init")


# ---------------------------------------------------------------------------------- the queue


def test_places_in_the_queue(lab: Lab) -> None:
    first, second = lab.new_ticket(), lab.ready_ticket()
    third = lab.ready_ticket(user=lab.prov2)

    def places() -> list[str]:
        return [
            lab.admin.get(f"/api/tickets/{ticket}/queuepos").text
            for ticket in (first, second, third)
        ]

    assert lab.user.get(f"/api/tickets/{second}/queuepos?format=json").said == plain("1")
    assert places() == ["0", "1", "2"]
    lab.user.post(f"/api/tickets/{first}/status", {"status": "ready"})
    assert places() == ["1", "2", "3"]
    # What waits no more is told how many before it still do.
    lab.user.get(f"/api/tickets/{third}/delete")
    lab.prov2.get(f"/api/tickets/{third}/delete")
    assert places() == ["1", "2", "2"]
    lab.claim()
    assert places() == ["0", "1", "1"]
    lab.claim()
    assert places() == ["0", "0", "0"]


def test_a_ticket_that_is_tried_again_keeps_its_place(lab: Lab) -> None:
    first = lab.finished_ticket("failed")
    second = lab.ready_ticket()
    lab.user.get(f"/api/tickets/{first}/retry")
    assert lab.user.get(f"/api/tickets/{second}/queuepos").text == "2"
    assert lab.claim().text == f"{first}"


# --------------------------------------------------------------------------- retry and delete


@pytest.mark.parametrize("status", ["init", "ready", "claimed", "success", "deleted"])
def test_only_what_failed_is_tried_again(lab: Lab, status: str) -> None:
    ticket = ticket_in(lab, status)
    assert lab.user.get(f"/api/tickets/{ticket}/retry").said == no_ticket(ticket, 4)


def ticket_in(lab: Lab, status: str) -> int:
    """A ticket that came to a status."""
    match status:
        case "init":
            return lab.new_ticket()
        case "ready":
            return lab.ready_ticket()
        case "claimed":
            return lab.claimed_ticket()
        case "deleted":
            ticket = lab.new_ticket()
            assert lab.user.get(f"/api/tickets/{ticket}/delete").text == "deleted"
            return ticket
        case _:
            return lab.finished_ticket(status)


def test_trying_again_erases_results_alone(lab: Lab) -> None:
    ticket = lab.claimed_ticket({"in.txt": b"1"})
    lab.report(ticket, 0, 1, 0.5)
    lab.prov1.upload_file(f"/api/pro/tickets/{ticket}/files/results", "out.txt")
    lab.finish(ticket, "failed")
    path = f"/api/tickets/{ticket}"
    assert lab.user.get(f"{path}/files/results").said == csv("0,out.txt")
    assert lab.user.get(f"{path}/retry?format=json").said == plain("ready")
    assert lab.user.get(f"{path}/files/results").said == csv()
    assert lab.user.get(f"{path}/files/input").said == csv("0,in.txt")
    assert lab.user.get(f"{path}/progress").said == plain("0.5")
    log = json.loads(lab.user.get(f"{path}/log?format=json").text)["result"]
    assert [entry["message"] for entry in log] == [
        QUEUED,
        "Ticket claimed by provider testlab instance one",
        "Retrying ticket",
    ]


@pytest.mark.parametrize("status", ["init", "ready", "claimed", "success", "failed", "deleted"])
def test_deleting_works_from_anywhere(lab: Lab, status: str) -> None:
    ticket = ticket_in(lab, status)
    for _ in range(2):
        assert lab.user.get(f"/api/tickets/{ticket}/delete?format=json").said == plain("deleted")
    assert lab.claim().text == "-1"


def test_what_is_left_of_a_deleted_ticket(lab: Lab) -> None:
    ticket = lab.claimed_ticket({"in.txt": b"1"})
    lab.report(ticket, 0, 1, 0.5)
    lab.finish(ticket, "failed")
    path = f"/api/tickets/{ticket}"
    log = lab.user.get(f"{path}/log").said
    lab.user.get(f"{path}/delete")
    assert lab.user.get(f"{path}/log").said == log
    assert lab.user.get(f"{path}/progress").said == plain("0.5")
    assert lab.user.get(f"{path}/queuepos").said == plain("0")
    assert lab.user.get(f"{path}/files/input").said == csv()
    assert lab.user.get(f"{path}/files/input/0").said == FAULT
    detail = json.loads(lab.user.get(f"{path}/detail").text)["result"]
    assert (detail["status"], detail["progress"], len(detail["log"])) == ("deleted", 0.0, 2)
    assert lab.user.get(f"{path}/retry").said == no_ticket(ticket, 4)
    assert lab.user.upload_file(f"{path}/files/input", "a").said == no_ticket(ticket, 4)
    assert lab.user.post(f"{path}/status", {"status": "ready"}).said == no_ticket(ticket, 4)


# --------------------------------------------------------------------------------- the detail


def test_the_detail_of_a_new_ticket(lab: Lab) -> None:
    ticket = lab.new_ticket()
    expected = in_json({"result": {"status": "init", "progress": 0.0, "log": []}})
    for query in ("", "?format=json", "?format=csv"):
        assert lab.user.get(f"/api/tickets/{ticket}/detail{query}").said == expected


def test_the_detail_of_a_ticket_that_waits(lab: Lab) -> None:
    lab.ready_ticket(user=lab.prov2)
    ticket = lab.ready_ticket()
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
def test_the_progress_in_the_detail(lab: Lab, status: str, progress: float) -> None:
    ticket = lab.claimed_ticket()
    lab.report(ticket, 0, 0.5, 0.5)
    if status != "claimed":
        lab.finish(ticket, status)
    path = f"/api/tickets/{ticket}"
    assert json.loads(lab.user.get(f"{path}/detail").text)["result"]["progress"] == progress
    assert lab.user.get(f"{path}/progress").said == plain("0.25")
