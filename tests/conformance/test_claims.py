"""Claiming tickets, and what a provider may do with them."""

from __future__ import annotations

import json

import pytest

from .expected import (
    FAULT,
    NOT_FOUND,
    NOT_SIGNED_IN,
    csv,
    in_json,
    no_provider,
    no_ticket,
    not_claimed,
    plain,
    refused,
)
from .repositories import Repository, describe
from .site import OTHER, PROVIDER, Lab

CLAIMS = "/api/pro/services/claims"
AVAILABLE = "/api/pro/services/available"


@pytest.fixture
def second(lab: Lab, repository: Repository) -> str:
    """Another service of the same provider."""
    repository.commit(describe("Second", "1"))
    return lab.register(repository).text


def ready_for(lab: Lab, service: str) -> int:
    ticket = int(lab.user.post("/api/tickets", {"githash": service}).text)
    lab.user.post(f"/api/tickets/{ticket}/status", {"status": "ready"})
    return ticket


def test_one_ticket_of_one_service(lab: Lab) -> None:
    assert lab.claim().said == plain("-1")
    ticket = lab.ready_ticket()
    assert lab.claim(format="json").said == plain(f"{ticket}")
    assert lab.claim(format="json").said == plain("-1")
    (entry,) = json.loads(lab.user.get(f"/api/tickets/{ticket}/log?format=json").text)["result"][1:]
    assert entry["message"] == "Ticket claimed by provider testlab instance one"
    assert (entry["category"], entry["attachments"]) == ("info", 0)


def test_one_ticket_of_several_services(lab: Lab, second: str) -> None:
    form = {"services": f"{lab.service},{second}", "provider": PROVIDER}
    assert lab.prov1.post(CLAIMS, form).said == plain("None")
    assert lab.prov1.post(f"{CLAIMS}?format=json", form).said == plain("None")
    first = ready_for(lab, second)
    other = ready_for(lab, lab.service)
    assert lab.prov1.post(CLAIMS, form).said == csv(f"{first},{second},claimed")
    expected = [{"id": other, "service_githash": lab.service, "status": "claimed"}]
    json_form = {**form, "format": "json"}
    assert lab.prov1.post(CLAIMS, json_form).said == in_json({"result": expected})
    assert "instance default" in lab.user.get(f"/api/tickets/{first}/log").text


def test_the_oldest_ticket_not_the_first_ready(lab: Lab, second: str) -> None:
    tickets = [
        int(lab.user.post("/api/tickets", {"githash": service}).text)
        for service in (lab.service, second, lab.service, second)
    ]
    for ticket in reversed(tickets):
        lab.user.post(f"/api/tickets/{ticket}/status", {"status": "ready"})
    form = {"services": f"{second},{lab.service},{second}", "provider": PROVIDER}
    claimed = [lab.prov1.post(CLAIMS, form).text.split(",")[0] for _ in tickets]
    assert claimed == [f"{ticket}" for ticket in tickets]


@pytest.mark.parametrize("provider", ["nosuch", OTHER, "", 'é, "x"'])
def test_the_name_of_the_provider_is_not_checked(lab: Lab, provider: str) -> None:
    lab.add_provider(OTHER, "prov2")
    ticket = lab.ready_ticket()
    assert lab.claim(provider=provider, code="").text == f"{ticket}"
    log = json.loads(lab.user.get(f"/api/tickets/{ticket}/log?format=json").text)["result"]
    assert log[1]["message"] == f"Ticket claimed by provider {provider} instance "


def test_a_provider_must_be_named(lab: Lab) -> None:
    lab.ready_ticket()
    assert lab.prov1.post(f"/api/pro/services/{lab.service}/claims").said == FAULT
    assert lab.prov1.post(CLAIMS, {"services": lab.service}).said == FAULT
    assert lab.user.get("/api/tickets").said == csv("1,RegistrationExample,ready")


@pytest.mark.parametrize("path", [CLAIMS, AVAILABLE])
def test_services_are_looked_for_before_who_asks(lab: Lab, path: str) -> None:
    expected = refused("Missing 'services' parameter")
    for actor in (lab.prov1, lab.user, lab.nobody):
        assert actor.post(path, {"provider": PROVIDER}).said == expected
    form = {"services": lab.service, "provider": PROVIDER}
    assert lab.nobody.post(path, form).said == NOT_SIGNED_IN


@pytest.mark.parametrize("path", [CLAIMS, AVAILABLE])
@pytest.mark.parametrize(
    ("services", "unknown"),
    [
        ("", ""),
        (",", ""),
        ("{},", ""),
        (",{}", ""),
        ("{}, {}", " {}"),
        (" {}", " {}"),
        ("{};{}", "{};{}"),
        ("{},abc", "abc"),
        ("é,{}", "é"),
    ],
)
def test_services_of_others(lab: Lab, path: str, services: str, unknown: str) -> None:
    lab.ready_ticket()
    services = services.replace("{}", lab.service)
    form = {"services": services, "provider": PROVIDER}
    expected = no_provider(unknown.replace("{}", lab.service))
    assert lab.prov1.post(path, form).said == expected
    assert lab.user.get("/api/tickets").said == csv("1,RegistrationExample,ready")


def test_who_is_no_provider(lab: Lab) -> None:
    lab.add_provider(OTHER, "prov2")
    lab.ready_ticket()
    for actor in (lab.user, lab.prov2, lab.admin):
        assert lab.claim(actor).said == no_provider(lab.service)
        form = {"services": lab.service, "provider": PROVIDER}
        assert actor.post(CLAIMS, form).said == no_provider(lab.service)
    assert lab.claim(lab.nobody).said == NOT_SIGNED_IN
    assert lab.prov1.post("/api/pro/services/abc/claims", {"provider": "x"}).said == no_provider(
        "abc"
    )
    capitals = f"/api/pro/services/{'F' * 40}/claims"
    assert lab.prov1.post(capitals, {"provider": "x"}).said == NOT_FOUND


def test_the_list_of_claims_is_broken(lab: Lab) -> None:
    for actor in (lab.prov1, lab.user, lab.nobody):
        assert actor.get(f"/api/pro/services/{lab.service}/claims").said == FAULT


def test_what_is_available(lab: Lab, second: str) -> None:
    form = {"services": f"{lab.service},{second}"}
    assert lab.prov1.post(AVAILABLE, form).said == csv()
    assert lab.prov1.post(f"{AVAILABLE}?format=json", form).said == in_json({"result": []})
    for service in (second, lab.service, second):
        ready_for(lab, service)
    rows = (f"{second},Second,2", f"{lab.service},RegistrationExample,1")
    assert lab.prov1.post(AVAILABLE, form).said == csv(*rows)
    only = {"services": second, "format": "json"}
    row = {"service_githash": second, "service_name": "Second", "ready_tickets": 2}
    assert lab.prov1.post(AVAILABLE, only).said == in_json({"result": [row]})


def test_services_that_a_user_provides(lab: Lab) -> None:
    row = f"RegistrationExample,0.1.0,{lab.service},{PROVIDER}"
    assert lab.prov1.get("/api/pro/services").said == csv(row)
    keys = ("name", "version", "githash", "provider")
    expected = in_json({"result": [dict(zip(keys, row.split(","), strict=True))]})
    assert lab.prov1.get("/api/pro/services?format=json").said == expected
    assert lab.prov2.get("/api/pro/services").said == csv()
    assert lab.nobody.get("/api/pro/services").said == NOT_SIGNED_IN


# ------------------------------------------------------------------------- what a claim is for


def everything(lab: Lab, path: str) -> list[tuple[str, str | None, bytes]]:
    """What prov1 is answered to all that needs a claim."""
    parts = {"chunk_start": "0", "chunk_end": "1", "progress": "0.5"}
    return [
        answer.said
        for answer in (
            lab.prov1.get(f"{path}/files/input"),
            lab.prov1.get(f"{path}/files/results/0"),
            lab.prov1.upload_file(f"{path}/files/results", "a.txt"),
            lab.prov1.post(f"{path}/status", {"status": "success"}),
            lab.prov1.post(f"{path}/info", {"message": "x"}),
            lab.prov1.upload_file(f"{path}/attachments?desc=x", "a.txt"),
            lab.prov1.get(f"{path}/progress"),
            lab.prov1.post(f"{path}/progress", parts),
            # Without it, nobody looks at what is asked.
            lab.prov1.post(f"{path}/progress"),
            lab.prov1.post(f"{path}/status"),
            lab.prov1.post(f"{path}/files/input"),
            lab.prov1.post(f"{path}/attachments"),
            lab.prov1.post(f"{path}/log", {"message": "x"}),
        )
    ]


def test_who_claimed_nothing_can_do_nothing(lab: Lab) -> None:
    lab.admin.post(f"/api/admin/providers/{PROVIDER}/users", {"email": "prov2@example.com"})
    ticket = lab.ready_ticket()
    assert lab.claim(lab.prov2).text == f"{ticket}"
    path = f"/api/pro/tickets/{ticket}"
    # The status alone needs only the service.
    assert lab.prov1.get(f"{path}/status").said == plain("claimed")
    assert set(everything(lab, path)) == {not_claimed(ticket, 2)}
    assert set(everything(lab, "/api/pro/tickets/0999")) == {not_claimed("0999", 2)}
    assert lab.prov1.get("/api/pro/tickets/0999/status").said == no_ticket("0999", 2)
    assert lab.user.get(f"{path}/status").said == no_ticket(ticket, 4)


def test_a_deleted_ticket_is_no_more_to_be_worked_on(lab: Lab) -> None:
    ticket = lab.claimed_ticket()
    lab.user.get(f"/api/tickets/{ticket}/delete")
    path = f"/api/pro/tickets/{ticket}"
    assert set(everything(lab, path)) == {refused(f"Ticket {ticket} has been deleted ")}
    assert lab.prov1.get(f"{path}/status").said == plain("deleted")


def test_a_claim_outlives_a_retry(lab: Lab) -> None:
    ticket = lab.finished_ticket("failed")
    lab.user.get(f"/api/tickets/{ticket}/retry")
    path = f"/api/pro/tickets/{ticket}"
    assert lab.prov1.post(f"{path}/info", {"message": "x"}).status == 200
    assert lab.report(ticket, 0, 1, 0.5).said == plain("success")
    assert lab.prov1.upload_file(f"{path}/files/results", "a.txt").said == plain("success")
    lab.finish(ticket, "success")
    assert lab.claim().text == "-1"


@pytest.mark.parametrize(
    "status", ["timeout", "claimed", "init", "deleted", "ready", "SUCCESS", "", "é", "success "]
)
def test_how_work_does_not_end(lab: Lab, status: str) -> None:
    ticket = lab.claimed_ticket()
    path = f"/api/pro/tickets/{ticket}/status"
    expected = refused(f"Cannot set status of ticket to {status}")
    assert lab.prov1.post(path, {"status": status}).said == expected
    assert lab.prov1.post(path).said == FAULT
    assert lab.prov1.get(f"{path}?format=json").said == plain("claimed")


@pytest.mark.parametrize("status", ["success", "failed"])
def test_how_work_ends(lab: Lab, status: str) -> None:
    ticket = lab.claimed_ticket()
    path = f"/api/pro/tickets/{ticket}/status"
    assert lab.prov1.post(f"{path}?format=json", {"status": status}).said == plain(status)
    assert lab.prov1.get(path).said == plain(status)
