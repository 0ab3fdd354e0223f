"""Requests to the dashboard, and that they do not change the mock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from dss_api import LogCategory
from dss_mock import DssServer, faults
from dss_mock.state import Ticket, User

from .conftest import Lab, attach, work_on
from .http_client import STATE, get_state, send


def test_dashboard_refuses_post_and_requests_from_foreign_pages(dss_server: DssServer) -> None:
    for path in (STATE, "/_mock/page/dashboard.css"):
        response = send(dss_server, path, "POST")
        assert response.status == 405
        assert response.json == {"error": f"{path} accepts GET"}
    assert send(dss_server, STATE, Origin="http://elsewhere.example").status == 403


def test_unknown_page_file_is_not_found(dss_server: DssServer) -> None:
    for path in ("/_mock/page/", "/_mock/page/index.html", "/_mock/page/../query.py"):
        assert send(dss_server, path).status == 404


def test_unchanged_state_is_answered_with_304_and_the_time(lab: Lab) -> None:
    work_on(lab)
    first = send(lab.server, STATE)
    lab.server.clock.advance(seconds=7)
    again = send(lab.server, STATE, If_None_Match=first.headers["ETag"])
    assert (again.status, again.text) == (304, "")
    assert again.headers["DSS-Mock-Time"] > first.headers["DSS-Mock-Time"]
    assert first.headers["DSS-Mock-Time"] == first.json["time"]


def build_changes() -> Mapping[str, Callable[[Lab, Path], object]]:
    return {
        "a user": lambda lab, _: lab.server.add_user("new@example.com"),
        "a provider": lambda lab, _: lab.server.add_provider("otherlab"),
        "a member": lambda lab, _: lab.server.state.catalogue.add_member("testlab", lab.user),
        "a ticket": lambda lab, _: lab.server.add_ticket(lab.user, lab.service),
        "a message": lambda lab, _: lab.server.state.logbook.write(
            lab.member, 1, LogCategory.INFO, "new"
        ),
        "an attachment": lambda lab, path: lab.server.state.logbook.attach(
            lab.member, 1, "new", "text/plain", path
        ),
        "progress": lambda lab, _: lab.server.state.progress.set(lab.member, 1, 0.5, 1, 0.5),
        "a status": lambda lab, _: lab.server.state.tickets.finish(lab.member, 1, "success"),
        "a deletion": lambda lab, _: lab.server.state.tickets.delete(lab.user, 1),
        "a fault": lambda lab, _: lab.server.faults.add(faults.Delay(1)),
        "a reset": lambda lab, _: lab.server.reset(),
    }


@pytest.mark.parametrize("change", build_changes())
def test_every_change_of_the_state_changes_its_etag(lab: Lab, change: str, tmp_path: Path) -> None:
    work_on(lab)
    first = send(lab.server, f"{STATE}?open=1")
    path = tmp_path / "attached"
    path.touch()
    build_changes()[change](lab, path)
    again = send(lab.server, f"{STATE}?open=1", If_None_Match=first.headers["ETag"])
    assert again.status == 200
    assert again.headers["ETag"] != first.headers["ETag"]


def test_reading_the_state_sets_no_cookie_and_is_not_recorded(lab: Lab) -> None:
    before = len(lab.server.requests)
    response = send(lab.server, f"{STATE}?open=1")
    assert "Set-Cookie" not in response.headers
    assert len(lab.server.requests) == before


@pytest.fixture
def active_fault(dss_server: DssServer) -> Iterator[faults.ActiveFault]:
    """Every request meets a fault."""
    with dss_server.faults.add(faults.Answer(502), times=3) as added:
        yield added


def test_dashboard_requests_are_not_recorded_and_meet_no_faults(
    dss_server: DssServer, member: User, ticket: Ticket, active_fault: faults.ActiveFault
) -> None:
    state = dss_server.state
    url = attach(state, member, "text/plain", b"1")
    state.logbook.write(member, ticket.id, LogCategory.INFO, "Please check")
    file = get_state(dss_server, "open=1")["opened"][0]["input"]["files"][0]["url"]
    for path in ("/", url, file, STATE, "/_mock/page/dashboard.css"):
        response = send(dss_server, path)
        assert response.status == 200
        assert "Set-Cookie" not in response.headers
    assert send(dss_server, "/", "HEAD").status == 200
    assert len(dss_server.requests) == 0
    assert active_fault.hits == 0

    # The fault strikes all other requests.
    assert send(dss_server, "/", "POST").status == 502
    assert send(dss_server, "/token").status == 502
    assert [request.path for request in dss_server.requests] == ["/", "/token"]


def test_response_expected_at_the_home_path_replaces_the_dashboard_page(
    dss_server: DssServer, active_fault: faults.ActiveFault
) -> None:
    dss_server.expect_request("/").respond_with_data("of the test")
    assert send(dss_server, "/").status == 502
    active_fault.lift()
    assert send(dss_server, "/").text == "of the test"
    assert [request.path for request in dss_server.requests] == ["/", "/"]
