"""Query parameters of `GET /_mock/state`."""

from __future__ import annotations

import pytest

from dss_mock import DssServer
from dss_mock.dashboard.query import MOST_OPENED

from .conftest import Lab
from .http_client import STATE, get_state, listed_ids, send


def test_tickets_are_listed_by_limit_status_and_id(lab: Lab) -> None:
    for number in range(1, 61):
        status = "failed" if number % 20 == 0 else "ready"
        lab.server.add_ticket(lab.user, lab.service, status=status)
    state = get_state(lab.server)
    assert listed_ids(state) == list(range(60, 10, -1))
    assert state["older_tickets"] == 10
    assert state["ticket_counts"]["ready"] == 57

    state = get_state(lab.server, "limit=2&status=failed")
    assert listed_ids(state) == [60, 40]
    assert state["older_tickets"] == 1
    assert listed_ids(get_state(lab.server, "status=failed,claimed")) == [60, 40, 20]
    assert listed_ids(get_state(lab.server, "status=claimed")) == []
    assert listed_ids(get_state(lab.server, "id=7")) == [7]
    assert get_state(lab.server, "id=7")["older_tickets"] == 0
    assert listed_ids(get_state(lab.server, "id=7&status=failed")) == []
    assert listed_ids(get_state(lab.server, "id=61")) == []
    assert get_state(lab.server, "limit=0")["older_tickets"] == 60


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("limit=many", "limit: 'many' is not a number"),
        ("limit=-1", "limit: '-1' is not a number"),
        ("log=", "log: '' is not a number"),
        ("status=done", "status: 'done' is not a status. The statuses are init"),
        ("id=x", "id: 'x' is not a ticket id"),
        ("id=" + "9" * 30, "is not a ticket id"),
        ("open=1,two", "open: 'two' is not a ticket id"),
        ("open=" + ",".join(["1"] * (MOST_OPENED + 1)), "open: at most"),
        ("tickets=3", "'tickets' is not a parameter. The parameters are id, limit"),
    ],
)
def test_invalid_state_query_is_refused_with_the_reason(
    dss_server: DssServer, query: str, reason: str
) -> None:
    response = send(dss_server, f"{STATE}?{query}")
    assert response.status == 400
    assert reason in response.json["error"]
