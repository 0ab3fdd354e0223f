"""Services that users list, inspect and select."""

from __future__ import annotations

import json

import pytest

from .repositories import DESCRIPTOR, Repository, describe
from .responses import (
    NOT_SIGNED_IN,
    SERVER_ERROR,
    csv_response,
    json_response,
    refusal,
    text_response,
)
from .sites import PROVIDER, Lab, Site


def test_services_are_listed_as_csv_and_json(lab: Lab) -> None:
    rows = ("RegistrationExample", lab.service, "0.1.0", "Registers two images")
    assert lab.user.get("/api/services").summary == csv_response(",".join(rows))
    keys = ("name", "githash", "version", "shortdesc")
    expected = json_response({"result": [dict(zip(keys, rows, strict=True))]})
    assert lab.user.get("/api/services?format=json").summary == expected


def test_list_of_services_is_empty_without_services(site: Site) -> None:
    assert site.user.get("/api/services").summary == csv_response()
    assert site.user.get("/api/services?format=json").summary == json_response({"result": []})
    assert site.anonymous.get("/api/services").summary == NOT_SIGNED_IN


@pytest.mark.parametrize("query", ["", "?format=json", "?format=csv"])
def test_service_detail_is_json_in_every_format(lab: Lab, query: str) -> None:
    response = lab.user.get(f"/api/services/{lab.service}/detail{query}")
    assert response.summary == json_response(DESCRIPTOR)


def test_service_detail_is_reformatted_json(lab: Lab, repository: Repository) -> None:
    text = """{ "version":1.50,"name" : "É", "shortdesc": "x",
        "longdesc": "\u00fc", "more": [1e3, null, true], "url": "a\\/b"}\n"""
    repository.commit(text)
    githash = lab.register_service(repository).text
    response = lab.user.get(f"/api/services/{githash}/detail")
    assert response.body == (
        b'{"version": 1.5, "name": "\\u00c9", "shortdesc": "x", '
        b'"longdesc": "\\u00fc", "more": [1000.0, null, true], "url": "a/b"}'
    )
    assert json.loads(response.text)["name"] == "É"


def test_unknown_service_is_refused(lab: Lab) -> None:
    path = f"/api/services/{'f' * 40}"
    assert lab.user.get(f"{path}/detail").summary == refusal(f"Service {'f' * 40} is not available")
    assert lab.user.get(f"{path}/stats").summary == SERVER_ERROR
    short = lab.service[:8]
    expected = refusal(f"Service {short} is not available")
    assert lab.user.get(f"/api/services/{short}/detail").summary == expected


def read_statistics(lab: Lab) -> dict[str, float]:
    response = lab.user.get(f"/api/services/{lab.service}/stats?format=json")
    (row,) = json.loads(response.text)["result"]
    assert isinstance(row, dict)
    return row


def test_statistics_of_a_new_service_have_no_duration(lab: Lab) -> None:
    response = lab.user.get(f"/api/services/{lab.service}/stats")
    assert response.media_type == "text/csv"
    n_success, n_failed, heard, waiting = response.text.removesuffix("\r\n").split(",")
    assert (n_success, n_failed, waiting) == ("0", "0", "0")
    assert 0 <= int(heard) < 60
    assert list(read_statistics(lab)) == [
        "n_success",
        "n_failed",
        "last_heard_from",
        "queue_length",
    ]


def test_statistics_count_outcomes_and_ready_tickets(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket()
    lab.middleware.advance_time(100)
    for status in ("success", "failed", "failed"):
        lab.finish_ticket(ticket, status)
    lab.create_ready_ticket()
    lab.create_ticket()
    statistics = read_statistics(lab)
    keys = ["n_success", "n_failed", "avg_duration", "last_heard_from", "queue_length"]
    assert list(statistics) == keys
    assert (statistics["n_success"], statistics["n_failed"], statistics["queue_length"]) == (
        1,
        2,
        1,
    )
    assert 100 <= statistics["avg_duration"] < 160
    text = lab.user.get(f"/api/services/{lab.service}/stats").text
    assert text.startswith(f"1,2,{statistics['avg_duration']},")


def test_statistics_cover_the_last_24_hours(lab: Lab) -> None:
    lab.create_finished_ticket("success")
    failed = lab.create_finished_ticket("failed")
    lab.middleware.advance_time(24 * 3600 - 60)
    assert (read_statistics(lab)["n_success"], read_statistics(lab)["n_failed"]) == (1, 1)
    # A failure also counts after its ticket is deleted.
    lab.user.get(f"/api/tickets/{failed}/delete")
    assert read_statistics(lab)["n_failed"] == 1
    lab.middleware.advance_time(120)
    statistics = read_statistics(lab)
    assert (statistics["n_success"], statistics["n_failed"]) == (0, 0)
    assert "avg_duration" not in statistics


def test_average_duration_is_counted_from_the_last_claim(lab: Lab) -> None:
    ticket = lab.create_finished_ticket("success")
    lab.finish_ticket(ticket, "failed")
    lab.middleware.advance_time(1000)
    lab.user.get(f"/api/tickets/{ticket}/retry")
    assert lab.claim_ticket().text == f"{ticket}"
    assert -1060 < read_statistics(lab)["avg_duration"] <= -1000


@pytest.mark.parametrize("what", ["claim", "claims", "available", "progress"])
def test_claims_and_progress_update_the_last_contact_of_a_service(lab: Lab, what: str) -> None:
    ticket = lab.create_claimed_ticket()
    lab.middleware.advance_time(500)
    assert read_statistics(lab)["last_heard_from"] >= 500
    match what:
        case "claim":
            assert lab.claim_ticket().text == "-1"
        case "claims":
            form = {"services": lab.service, "provider": PROVIDER}
            assert lab.prov1.post("/api/pro/services/claims", form).text == "None"
        case "available":
            form = {"services": lab.service}
            assert lab.prov1.post("/api/pro/services/available", form).text == ""
        case _:
            assert lab.report_progress(ticket, 0, 1, 0.5).text == "success"
    assert read_statistics(lab)["last_heard_from"] < 60


def test_other_provider_requests_do_not_update_the_last_contact(lab: Lab) -> None:
    ticket = lab.create_claimed_ticket()
    lab.middleware.advance_time(500)
    lab.prov1.get("/api/pro/services")
    lab.prov1.post(f"/api/pro/tickets/{ticket}/info", {"message": "x"})
    lab.finish_ticket(ticket, "success")
    lab.register_service(lab.repository)
    # These requests fail before the last contact is updated.
    assert lab.prov1.post(f"/api/pro/services/{lab.service}/claims").summary == SERVER_ERROR
    assert (
        lab.prov1.post("/api/pro/services/claims", {"services": lab.service}).summary
        == SERVER_ERROR
    )
    assert lab.claim_ticket(lab.prov2).status == 401
    assert read_statistics(lab)["last_heard_from"] >= 500


def test_service_without_recent_contact_is_still_listed(lab: Lab) -> None:
    lab.middleware.advance_time(30 * 24 * 3600)
    assert lab.service in lab.user.get("/api/services").text
    assert read_statistics(lab)["last_heard_from"] >= 30 * 24 * 3600


def test_long_short_description_is_cut_in_the_list(lab: Lab, repository: Repository) -> None:
    repository.commit(describe("Long", "1", shortdesc="é, " + "x" * 97))
    githash = lab.register_service(repository).text
    cut = f'Long,{githash},1,"é, {"x" * 75}"\r\n'
    assert cut in lab.user.get("/api/services").text
    assert "x" * 97 in lab.user.get(f"/api/services/{githash}/detail").text


def test_ticket_by_service_name_uses_the_latest_version(lab: Lab, repository: Repository) -> None:
    hashes = {}
    for version in ("0.10.0", "0.3.0", "abc"):
        hashes[version] = repository.commit(describe("RegistrationExample", version))
        assert lab.register_service(repository).text == hashes[version]
    lines = lab.user.get("/api/services").text.splitlines()
    assert [line.split(",")[2] for line in lines] == ["0.1.0", "0.10.0", "0.3.0", "abc"]
    lines = lab.admin.get(f"/api/admin/providers/{PROVIDER}/services").text.splitlines()
    assert [line.split(",")[1] for line in lines] == ["0.1.0", "0.10.0", "0.3.0", "abc"]
    # A service name selects the version with the highest number.
    created = lab.user.post("/api/tickets", {"name": "RegistrationExample"})
    lab.user.post(f"/api/tickets/{created.text}/status", {"status": "ready"})
    form = {"services": ",".join(hashes.values()), "provider": PROVIDER}
    claimed = lab.prov1.post("/api/pro/services/claims", form)
    assert claimed.summary == csv_response(f"{created.text},{hashes['0.10.0']},claimed")


def test_service_without_provider_still_accepts_tickets(lab: Lab) -> None:
    path = f"/api/admin/providers/{PROVIDER}/services/{lab.service}/delete"
    assert lab.admin.get(path).summary == text_response("success")
    assert lab.user.get("/api/services").summary == csv_response()
    assert lab.prov1.get("/api/pro/services").summary == csv_response()
    assert lab.user.get(f"/api/services/{lab.service}/detail").summary == json_response(DESCRIPTOR)
    assert lab.user.post("/api/tickets", {"name": "RegistrationExample"}).text == "1"
    assert lab.create_ready_ticket() == 2
    assert lab.claim_ticket().text == "2"
    assert lab.user.get("/api/tickets").summary == csv_response(
        "1,RegistrationExample,init", "2,RegistrationExample,claimed"
    )
