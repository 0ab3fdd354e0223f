"""Services as their users see them."""

from __future__ import annotations

import json

import pytest

from .expected import FAULT, NOT_SIGNED_IN, csv, in_json, plain, refused
from .repositories import DESCRIPTOR, Repository, describe
from .site import PROVIDER, Lab, Site


def test_the_list_of_services(lab: Lab) -> None:
    rows = ("RegistrationExample", lab.service, "0.1.0", "Registers two images")
    assert lab.user.get("/api/services").said == csv(",".join(rows))
    keys = ("name", "githash", "version", "shortdesc")
    expected = in_json({"result": [dict(zip(keys, rows, strict=True))]})
    assert lab.user.get("/api/services?format=json").said == expected


def test_no_services(site: Site) -> None:
    assert site.user.get("/api/services").said == csv()
    assert site.user.get("/api/services?format=json").said == in_json({"result": []})
    assert site.nobody.get("/api/services").said == NOT_SIGNED_IN


@pytest.mark.parametrize("query", ["", "?format=json", "?format=csv"])
def test_the_detail_of_a_service_is_json_whatever_is_asked_for(lab: Lab, query: str) -> None:
    answer = lab.user.get(f"/api/services/{lab.service}/detail{query}")
    assert answer.said == in_json(DESCRIPTOR)


def test_the_detail_is_written_anew(lab: Lab, repository: Repository) -> None:
    text = """{ "version":1.50,"name" : "É", "shortdesc": "x",
        "longdesc": "\u00fc", "more": [1e3, null, true], "url": "a\\/b"}\n"""
    repository.commit(text)
    githash = lab.register(repository).text
    answer = lab.user.get(f"/api/services/{githash}/detail")
    assert answer.body == (
        b'{"version": 1.5, "name": "\\u00c9", "shortdesc": "x", '
        b'"longdesc": "\\u00fc", "more": [1000.0, null, true], "url": "a/b"}'
    )
    assert json.loads(answer.text)["name"] == "É"


def test_a_service_that_there_is_not(lab: Lab) -> None:
    path = f"/api/services/{'f' * 40}"
    assert lab.user.get(f"{path}/detail").said == refused(f"Service {'f' * 40} is not available")
    assert lab.user.get(f"{path}/stats").said == FAULT
    short = lab.service[:8]
    expected = refused(f"Service {short} is not available")
    assert lab.user.get(f"/api/services/{short}/detail").said == expected


def stats(lab: Lab) -> dict[str, float]:
    answer = lab.user.get(f"/api/services/{lab.service}/stats?format=json")
    (row,) = json.loads(answer.text)["result"]
    assert isinstance(row, dict)
    return row


def test_stats_of_a_new_service(lab: Lab) -> None:
    answer = lab.user.get(f"/api/services/{lab.service}/stats")
    assert answer.media_type == "text/csv"
    n_success, n_failed, heard, waiting = answer.text.removesuffix("\r\n").split(",")
    assert (n_success, n_failed, waiting) == ("0", "0", "0")
    assert 0 <= int(heard) < 60
    assert list(stats(lab)) == ["n_success", "n_failed", "last_heard_from", "queue_length"]


def test_stats_count_outcomes_and_who_waits(lab: Lab) -> None:
    ticket = lab.claimed_ticket()
    lab.middleware.pass_time(100)
    for status in ("success", "failed", "failed"):
        lab.finish(ticket, status)
    lab.ready_ticket()
    lab.new_ticket()
    found = stats(lab)
    keys = ["n_success", "n_failed", "avg_duration", "last_heard_from", "queue_length"]
    assert list(found) == keys
    assert (found["n_success"], found["n_failed"], found["queue_length"]) == (1, 2, 1)
    assert 100 <= found["avg_duration"] < 160
    text = lab.user.get(f"/api/services/{lab.service}/stats").text
    assert text.startswith(f"1,2,{found['avg_duration']},")


def test_stats_are_of_24_hours(lab: Lab) -> None:
    lab.finished_ticket("success")
    failed = lab.finished_ticket("failed")
    lab.middleware.pass_time(24 * 3600 - 60)
    assert (stats(lab)["n_success"], stats(lab)["n_failed"]) == (1, 1)
    # It counts also when its ticket is no longer there.
    lab.user.get(f"/api/tickets/{failed}/delete")
    assert stats(lab)["n_failed"] == 1
    lab.middleware.pass_time(120)
    found = stats(lab)
    assert (found["n_success"], found["n_failed"]) == (0, 0)
    assert "avg_duration" not in found


def test_a_duration_is_counted_from_the_last_claim(lab: Lab) -> None:
    ticket = lab.finished_ticket("success")
    lab.finish(ticket, "failed")
    lab.middleware.pass_time(1000)
    lab.user.get(f"/api/tickets/{ticket}/retry")
    assert lab.claim().text == f"{ticket}"
    assert -1060 < stats(lab)["avg_duration"] <= -1000


@pytest.mark.parametrize("what", ["claim", "claims", "available", "progress"])
def test_what_counts_as_hearing_from_a_service(lab: Lab, what: str) -> None:
    ticket = lab.claimed_ticket()
    lab.middleware.pass_time(500)
    assert stats(lab)["last_heard_from"] >= 500
    match what:
        case "claim":
            assert lab.claim().text == "-1"
        case "claims":
            form = {"services": lab.service, "provider": PROVIDER}
            assert lab.prov1.post("/api/pro/services/claims", form).text == "None"
        case "available":
            form = {"services": lab.service}
            assert lab.prov1.post("/api/pro/services/available", form).text == ""
        case _:
            assert lab.report(ticket, 0, 1, 0.5).text == "success"
    assert stats(lab)["last_heard_from"] < 60


def test_what_does_not_count_as_hearing_from_a_service(lab: Lab) -> None:
    ticket = lab.claimed_ticket()
    lab.middleware.pass_time(500)
    lab.prov1.get("/api/pro/services")
    lab.prov1.post(f"/api/pro/tickets/{ticket}/info", {"message": "x"})
    lab.finish(ticket, "success")
    lab.register(lab.repository)
    # These fail before anything is counted.
    assert lab.prov1.post(f"/api/pro/services/{lab.service}/claims").said == FAULT
    assert lab.prov1.post("/api/pro/services/claims", {"services": lab.service}).said == FAULT
    assert lab.claim(lab.prov2).status == 401
    assert stats(lab)["last_heard_from"] >= 500


def test_a_silent_service_is_still_listed(lab: Lab) -> None:
    lab.middleware.pass_time(30 * 24 * 3600)
    assert lab.service in lab.user.get("/api/services").text
    assert stats(lab)["last_heard_from"] >= 30 * 24 * 3600


def test_a_short_description_is_cut(lab: Lab, repository: Repository) -> None:
    repository.commit(describe("Long", "1", shortdesc="é, " + "x" * 97))
    githash = lab.register(repository).text
    cut = f'Long,{githash},1,"é, {"x" * 75}"\r\n'
    assert cut in lab.user.get("/api/services").text
    assert "x" * 97 in lab.user.get(f"/api/services/{githash}/detail").text


def test_versions_of_a_service(lab: Lab, repository: Repository) -> None:
    hashes = {}
    for version in ("0.10.0", "0.3.0", "abc"):
        hashes[version] = repository.commit(describe("RegistrationExample", version))
        assert lab.register(repository).text == hashes[version]
    lines = lab.user.get("/api/services").text.splitlines()
    assert [line.split(",")[2] for line in lines] == ["0.1.0", "0.10.0", "0.3.0", "abc"]
    lines = lab.admin.get(f"/api/admin/providers/{PROVIDER}/services").text.splitlines()
    assert [line.split(",")[1] for line in lines] == ["0.1.0", "0.10.0", "0.3.0", "abc"]
    # By name, it is the latest by number.
    created = lab.user.post("/api/tickets", {"name": "RegistrationExample"})
    lab.user.post(f"/api/tickets/{created.text}/status", {"status": "ready"})
    form = {"services": ",".join(hashes.values()), "provider": PROVIDER}
    claimed = lab.prov1.post("/api/pro/services/claims", form)
    assert claimed.said == csv(f"{created.text},{hashes['0.10.0']},claimed")


def test_a_service_without_a_provider_can_still_be_asked_for(lab: Lab) -> None:
    path = f"/api/admin/providers/{PROVIDER}/services/{lab.service}/delete"
    assert lab.admin.get(path).said == plain("success")
    assert lab.user.get("/api/services").said == csv()
    assert lab.prov1.get("/api/pro/services").said == csv()
    assert lab.user.get(f"/api/services/{lab.service}/detail").said == in_json(DESCRIPTOR)
    assert lab.user.post("/api/tickets", {"name": "RegistrationExample"}).text == "1"
    assert lab.ready_ticket() == 2
    assert lab.claim().text == "2"
    assert lab.user.get("/api/tickets").said == csv(
        "1,RegistrationExample,init", "2,RegistrationExample,claimed"
    )
