"""Claims of tickets, and the requests that need a claim."""

from __future__ import annotations

import json

import pytest

from .repositories import Repository, describe
from .responses import (
    NOT_FOUND,
    NOT_SIGNED_IN,
    SERVER_ERROR,
    csv_response,
    json_response,
    not_a_provider,
    refusal,
    text_response,
    ticket_not_claimed,
    ticket_not_found,
)
from .sites import OTHER_PROVIDER, PROVIDER, Lab

CLAIMS = "/api/pro/services/claims"
AVAILABLE = "/api/pro/services/available"


@pytest.fixture
def second_service(lab: Lab, repository: Repository) -> str:
    """Register another service of the same provider."""
    repository.commit(describe("Second", "1"))
    return lab.register_service(repository).text


def create_ready_ticket_for(lab: Lab, service: str) -> int:
    ticket = int(lab.user.post("/api/tickets", {"githash": service}).text)
    lab.user.post(f"/api/tickets/{ticket}/status", {"status": "ready"})
    return ticket


def test_claim_for_one_service_returns_the_ready_ticket_or_minus_one(lab: Lab) -> None:
    assert lab.claim_ticket().summary == text_response("-1")
    ticket = lab.create_ready_ticket()
    assert lab.claim_ticket(format="json").summary == text_response(f"{ticket}")
    assert lab.claim_ticket(format="json").summary == text_response("-1")
    (entry,) = json.loads(lab.user.get(f"/api/tickets/{ticket}/log?format=json").text)["result"][1:]
    assert entry["message"] == "Ticket claimed by provider testlab instance one"
    assert (entry["category"], entry["attachments"]) == ("info", 0)


def test_claim_for_several_services_returns_the_ticket_with_its_service(
    lab: Lab, second_service: str
) -> None:
    form = {"services": f"{lab.service},{second_service}", "provider": PROVIDER}
    assert lab.prov1.post(CLAIMS, form).summary == text_response("None")
    assert lab.prov1.post(f"{CLAIMS}?format=json", form).summary == text_response("None")
    first = create_ready_ticket_for(lab, second_service)
    other = create_ready_ticket_for(lab, lab.service)
    assert lab.prov1.post(CLAIMS, form).summary == csv_response(f"{first},{second_service},claimed")
    expected = [{"id": other, "service_githash": lab.service, "status": "claimed"}]
    json_form = {**form, "format": "json"}
    assert lab.prov1.post(CLAIMS, json_form).summary == json_response({"result": expected})
    assert "instance default" in lab.user.get(f"/api/tickets/{first}/log").text


def test_claim_takes_the_oldest_ticket_and_not_the_first_submitted(
    lab: Lab, second_service: str
) -> None:
    tickets = [
        int(lab.user.post("/api/tickets", {"githash": service}).text)
        for service in (lab.service, second_service, lab.service, second_service)
    ]
    for ticket in reversed(tickets):
        lab.user.post(f"/api/tickets/{ticket}/status", {"status": "ready"})
    form = {"services": f"{second_service},{lab.service},{second_service}", "provider": PROVIDER}
    claimed = [lab.prov1.post(CLAIMS, form).text.split(",")[0] for _ in tickets]
    assert claimed == [f"{ticket}" for ticket in tickets]


@pytest.mark.parametrize("provider", ["nosuch", OTHER_PROVIDER, "", 'é, "x"'])
def test_claim_accepts_any_provider_name(lab: Lab, provider: str) -> None:
    lab.add_provider(OTHER_PROVIDER, "prov2")
    ticket = lab.create_ready_ticket()
    assert lab.claim_ticket(provider=provider, code="").text == f"{ticket}"
    log = json.loads(lab.user.get(f"/api/tickets/{ticket}/log?format=json").text)["result"]
    assert log[1]["message"] == f"Ticket claimed by provider {provider} instance "


def test_claim_without_provider_name_fails(lab: Lab) -> None:
    lab.create_ready_ticket()
    assert lab.prov1.post(f"/api/pro/services/{lab.service}/claims").summary == SERVER_ERROR
    assert lab.prov1.post(CLAIMS, {"services": lab.service}).summary == SERVER_ERROR
    assert lab.user.get("/api/tickets").summary == csv_response("1,RegistrationExample,ready")


@pytest.mark.parametrize("path", [CLAIMS, AVAILABLE])
def test_missing_services_parameter_is_reported_before_missing_session(lab: Lab, path: str) -> None:
    expected = refusal("Missing 'services' parameter")
    for actor in (lab.prov1, lab.user, lab.anonymous):
        assert actor.post(path, {"provider": PROVIDER}).summary == expected
    form = {"services": lab.service, "provider": PROVIDER}
    assert lab.anonymous.post(path, form).summary == NOT_SIGNED_IN


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
def test_list_with_an_unknown_service_is_refused(
    lab: Lab, path: str, services: str, unknown: str
) -> None:
    lab.create_ready_ticket()
    services = services.replace("{}", lab.service)
    form = {"services": services, "provider": PROVIDER}
    expected = not_a_provider(unknown.replace("{}", lab.service))
    assert lab.prov1.post(path, form).summary == expected
    assert lab.user.get("/api/tickets").summary == csv_response("1,RegistrationExample,ready")


def test_user_who_is_not_a_provider_cannot_claim(lab: Lab) -> None:
    lab.add_provider(OTHER_PROVIDER, "prov2")
    lab.create_ready_ticket()
    for actor in (lab.user, lab.prov2, lab.admin):
        assert lab.claim_ticket(actor).summary == not_a_provider(lab.service)
        form = {"services": lab.service, "provider": PROVIDER}
        assert actor.post(CLAIMS, form).summary == not_a_provider(lab.service)
    assert lab.claim_ticket(lab.anonymous).summary == NOT_SIGNED_IN
    assert lab.prov1.post(
        "/api/pro/services/abc/claims", {"provider": "x"}
    ).summary == not_a_provider("abc")
    capitals = f"/api/pro/services/{'F' * 40}/claims"
    assert lab.prov1.post(capitals, {"provider": "x"}).summary == NOT_FOUND


def test_list_of_claims_always_fails(lab: Lab) -> None:
    for actor in (lab.prov1, lab.user, lab.anonymous):
        assert actor.get(f"/api/pro/services/{lab.service}/claims").summary == SERVER_ERROR


def test_available_services_count_ready_tickets(lab: Lab, second_service: str) -> None:
    form = {"services": f"{lab.service},{second_service}"}
    assert lab.prov1.post(AVAILABLE, form).summary == csv_response()
    assert lab.prov1.post(f"{AVAILABLE}?format=json", form).summary == json_response({"result": []})
    for service in (second_service, lab.service, second_service):
        create_ready_ticket_for(lab, service)
    rows = (f"{second_service},Second,2", f"{lab.service},RegistrationExample,1")
    assert lab.prov1.post(AVAILABLE, form).summary == csv_response(*rows)
    only = {"services": second_service, "format": "json"}
    row = {"service_githash": second_service, "service_name": "Second", "ready_tickets": 2}
    assert lab.prov1.post(AVAILABLE, only).summary == json_response({"result": [row]})


def test_provider_lists_its_own_services(lab: Lab) -> None:
    row = f"RegistrationExample,0.1.0,{lab.service},{PROVIDER}"
    assert lab.prov1.get("/api/pro/services").summary == csv_response(row)
    keys = ("name", "version", "githash", "provider")
    expected = json_response({"result": [dict(zip(keys, row.split(","), strict=True))]})
    assert lab.prov1.get("/api/pro/services?format=json").summary == expected
    assert lab.prov2.get("/api/pro/services").summary == csv_response()
    assert lab.anonymous.get("/api/pro/services").summary == NOT_SIGNED_IN


# ----------------------------------------------------------------------- requests with a claim


def request_all_claimed_paths(lab: Lab, path: str) -> list[tuple[str, str | None, bytes]]:
    """Send all requests that need a claim as prov1, and return the responses."""
    parts = {"chunk_start": "0", "chunk_end": "1", "progress": "0.5"}
    return [
        response.summary
        for response in (
            lab.prov1.get(f"{path}/files/input"),
            lab.prov1.get(f"{path}/files/results/0"),
            lab.prov1.upload_file(f"{path}/files/results", "a.txt"),
            lab.prov1.post(f"{path}/status", {"status": "success"}),
            lab.prov1.post(f"{path}/info", {"message": "x"}),
            lab.prov1.upload_file(f"{path}/attachments?desc=x", "a.txt"),
            lab.prov1.get(f"{path}/progress"),
            lab.prov1.post(f"{path}/progress", parts),
            # Without a claim, the parameters are not checked.
            lab.prov1.post(f"{path}/progress"),
            lab.prov1.post(f"{path}/status"),
            lab.prov1.post(f"{path}/files/input"),
            lab.prov1.post(f"{path}/attachments"),
            lab.prov1.post(f"{path}/log", {"message": "x"}),
        )
    ]


def test_provider_without_claim_cannot_work_on_a_ticket(lab: Lab) -> None:
    lab.admin.post(f"/api/admin/providers/{PROVIDER}/users", {"email": "prov2@example.com"})
    ticket = lab.create_ready_ticket()
    assert lab.claim_ticket(lab.prov2).text == f"{ticket}"
    path = f"/api/pro/tickets/{ticket}"
    # Reading the status needs the service but not a claim.
    assert lab.prov1.get(f"{path}/status").summary == text_response("claimed")
    assert set(request_all_claimed_paths(lab, path)) == {ticket_not_claimed(ticket, 2)}
    assert set(request_all_claimed_paths(lab, "/api/pro/tickets/0999")) == {
        ticket_not_claimed("0999", 2)
    }
    assert lab.prov1.get("/api/pro/tickets/0999/status").summary == ticket_not_found("0999", 2)
    assert lab.user.get(f"{path}/status").summary == ticket_not_found(ticket, 4)


def test_provider_cannot_work_on_a_deleted_ticket(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket()
    lab.user.get(f"/api/tickets/{ticket}/delete")
    path = f"/api/pro/tickets/{ticket}"
    assert set(request_all_claimed_paths(lab, path)) == {
        refusal(f"Ticket {ticket} has been deleted ")
    }
    assert lab.prov1.get(f"{path}/status").summary == text_response("deleted")


def test_claim_remains_valid_after_retry(lab: Lab) -> None:
    ticket = lab.create_finished_ticket("failed")
    lab.user.get(f"/api/tickets/{ticket}/retry")
    path = f"/api/pro/tickets/{ticket}"
    assert lab.prov1.post(f"{path}/info", {"message": "x"}).status == 200
    assert lab.report_progress(ticket, 0, 1, 0.5).summary == text_response("success")
    assert lab.prov1.upload_file(f"{path}/files/results", "a.txt").summary == text_response(
        "success"
    )
    lab.finish_ticket(ticket, "success")
    assert lab.claim_ticket().text == "-1"


@pytest.mark.parametrize(
    "status", ["timeout", "claimed", "init", "deleted", "ready", "SUCCESS", "", "é", "success "]
)
def test_provider_cannot_set_other_statuses_than_success_or_failed(lab: Lab, status: str) -> None:
    ticket = lab.create_claimed_ticket()
    path = f"/api/pro/tickets/{ticket}/status"
    expected = refusal(f"Cannot set status of ticket to {status}")
    assert lab.prov1.post(path, {"status": status}).summary == expected
    assert lab.prov1.post(path).summary == SERVER_ERROR
    assert lab.prov1.get(f"{path}?format=json").summary == text_response("claimed")


@pytest.mark.parametrize("status", ["success", "failed"])
def test_provider_sets_status_success_or_failed(lab: Lab, status: str) -> None:
    ticket = lab.create_claimed_ticket()
    path = f"/api/pro/tickets/{ticket}/status"
    assert lab.prov1.post(f"{path}?format=json", {"status": status}).summary == text_response(
        status
    )
    assert lab.prov1.get(path).summary == text_response(status)
