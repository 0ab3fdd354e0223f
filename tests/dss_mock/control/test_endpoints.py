"""The endpoints under `/_mock/`."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from typing import cast

import pytest

from dss_api import MiddlewareUnavailable
from dss_mock import DssServer, faults

from .conftest import Call


def test_health_reports_status_and_dialect(call: Call) -> None:
    response = call("GET", "health")
    assert response.status == 200
    assert response.body.items() >= {"status": "ok", "dialect": "0.2.0"}.items()


def test_unknown_path_or_method_is_refused_with_the_known_ones(call: Call) -> None:
    response = call("GET", "helth")
    assert response.status == 404
    assert response.error == (
        "/_mock/helth does not exist. The endpoints under "
        "/_mock/ are clock, faults, health, requests, reset, seed, state."
    )
    response = call("PUT", "faults")
    assert (response.status, response.error) == (405, "/_mock/faults accepts DELETE, GET, POST")


def test_control_request_needs_no_session_and_is_not_recorded(
    dss_server: DssServer, call: Call
) -> None:
    assert call("GET", "requests").body == {"total": 0, "requests": []}
    assert len(dss_server.requests) == 0


SEED = """\
users:
  - {email: a@example.com, token: aaaa}
providers:
  - {name: testlab, users: [a@example.com]}
services:
  - provider: testlab
    descriptor: {name: Brain, version: 1.0.0, shortdesc: A brain}
"""


def test_seed_in_yaml_adds_users_and_services(dss_server: DssServer, call: Call) -> None:
    response = call("POST", "seed", SEED.encode())
    assert (response.status, response.body) == (200, {"users": 1, "providers": 1, "services": 1})
    user = dss_server.state.accounts.find("a@example.com")
    assert user is not None
    services = dss_server.client(user).provider.list_provided_services()
    assert [service.name for service in services] == ["Brain"]


def test_seed_in_json_adds_users(dss_server: DssServer, call: Call) -> None:
    assert call("POST", "seed", {"users": [{"email": "b@example.com"}]}).status == 200
    assert dss_server.state.accounts.find("b@example.com")


def test_invalid_seed_is_refused_with_line_numbers(dss_server: DssServer, call: Call) -> None:
    response = call("POST", "seed", b"users:\n  - {email: 1}\n  - {token: x}\n")
    assert response.status == 400
    assert response.error.splitlines() == [
        "the seed:2: this must be a string, not int. Put it in quotes.",
        "the seed:3: 'email' is missing",
    ]
    assert not dss_server.state.accounts.users


def test_seed_with_an_existing_user_is_refused_and_adds_nothing(
    dss_server: DssServer, call: Call
) -> None:
    call("POST", "seed", SEED.encode())
    more = SEED.replace("users:\n", "users:\n  - {email: new@example.com}\n", 1)
    response = call("POST", "seed", more.encode())
    assert response.status == 409
    assert "the user 'a@example.com' exists already" in response.error
    # No part of the seed was added.
    assert dss_server.state.accounts.find("new@example.com") is None


def test_seed_can_refer_to_existing_users_and_providers(dss_server: DssServer, call: Call) -> None:
    call("POST", "seed", SEED.encode())
    more = {
        "providers": [{"name": "other", "users": ["a@example.com"]}],
        "services": [
            {
                "provider": "testlab",
                "descriptor": {"name": "Heart", "version": "1", "shortdesc": "A heart"},
            }
        ],
    }
    assert call("POST", "seed", more).status == 200
    assert sorted(dss_server.state.catalogue.providers) == ["other", "testlab"]
    assert [service.name for service in dss_server.state.catalogue.services.values()] == [
        "Brain",
        "Heart",
    ]


def test_reset_removes_users_and_faults(dss_server: DssServer, call: Call) -> None:
    dss_server.add_user("a@example.com")
    dss_server.faults.add(faults.Answer())
    assert call("POST", "reset").status == 200
    assert not dss_server.state.accounts.users
    assert not dss_server.faults.list_active()


def test_reset_with_the_same_random_seed_makes_the_same_tokens(
    dss_server: DssServer, call: Call
) -> None:
    tokens: list[str] = []
    for seed in (1, 2, 1):
        call("POST", "reset", {"random_seed": seed})
        tokens.append(dss_server.add_user("a@example.com").token)
    assert tokens[0] == tokens[2] != tokens[1]
    response = call("POST", "reset", {"random_seed": "1"})
    assert (response.status, response.error) == (400, 'random_seed: "1" is not a whole number')
    response = call("POST", "reset", {"seed": 1})
    assert (response.status, "seed" in response.error) == (400, True)


def test_fault_is_listed_with_its_hits_until_it_is_removed(
    dss_server: DssServer, call: Call
) -> None:
    client = dss_server.client(dss_server.add_user("a@example.com"))
    wanted = {"fault": "answer", "status": 502, "operation": "list_tickets", "times": 3}
    added = call("POST", "faults", wanted)
    assert added.status == 200
    assert added.body.items() >= {**wanted, "id": 1, "hits": 0, "probability": 1.0}.items()
    with pytest.raises(MiddlewareUnavailable):
        client.user.list_tickets()
    (listed,) = cast(list[dict[str, object]], call("GET", "faults").body["faults"])
    assert (listed["times"], listed["hits"]) == (2, 1)
    assert listed["description"] == "list_tickets: answers 502 Bad Gateway, 2 more times"
    assert call("DELETE", "faults/1").status == 200
    assert client.user.list_tickets() == []
    response = call("DELETE", "faults/1")
    assert (response.status, response.error) == (404, "The fault 1 is not active")


def test_removing_all_faults_leaves_none_active(dss_server: DssServer, call: Call) -> None:
    for kind in faults.KINDS:
        assert call("POST", "faults", {"fault": kind, "path": "/x"}).status == 200
    assert len(dss_server.faults.list_active()) == len(faults.KINDS)
    assert call("DELETE", "faults").status == 200
    assert not dss_server.faults.list_active()


def test_recorded_requests_are_selected_by_number_limit_and_operation(
    dss_server: DssServer, call: Call
) -> None:
    client = dss_server.client(dss_server.add_user("a@example.com"))
    client.user.list_tickets()
    client.user.list_services()
    body = call("GET", "requests").body
    assert body["total"] == 2
    first, second = cast(list[dict[str, object]], body["requests"])
    assert (
        first.items()
        >= {
            "number": 1,
            "method": "GET",
            "path": "/api/tickets",
            "actor": "a@example.com",
            "operation": "list_tickets",
            "status": 200,
        }.items()
    )
    assert call("GET", "requests?since=1").body["requests"] == [second]
    assert call("GET", "requests?limit=1").body["requests"] == [second]
    assert call("GET", "requests?operation=list_tickets").body["requests"] == [first]
    assert call("GET", "requests?since=x").error == "since must be a whole number, not 'x'"
    assert call("GET", "requests?since=0&limit=1").body["requests"] == [first]
    assert "'nope' is not an operation" in call("GET", "requests?operation=nope").error
    assert call("DELETE", "requests").status == 200
    assert len(dss_server.requests) == 0


def test_clock_can_be_frozen_advanced_and_resumed(dss_server: DssServer, call: Call) -> None:
    at = "2030-01-02T03:04:05.000Z"
    assert call("POST", "clock", {"at": at}).body == {"now": at, "frozen": True}
    response = call("POST", "clock", {"advance": 3600})
    assert response.body == {"now": "2030-01-02T04:04:05.000Z", "frozen": True}
    assert call("GET", "clock").body == response.body
    assert call("POST", "clock", {"frozen": False}).body["frozen"] is False
    response = call("POST", "clock", {"at": at, "frozen": False})
    assert (response.status, "frozen` cannot be false" in response.error) == (400, True)
    assert "The clock cannot be set" in call("POST", "clock", {"at": at, "advance": 1e300}).error
    assert call("GET", "clock").body["frozen"] is False
    response = call("POST", "clock", {"advance": -1})
    assert (response.status, "cannot go back" in response.error) == (400, True)
    assert "at" in call("POST", "clock", {"at": "soon"}).error


def test_head_has_no_body_and_405_lists_the_allowed_methods(dss_server: DssServer) -> None:
    with closing(HTTPConnection(dss_server.host, dss_server.port, timeout=30)) as connection:
        connection.request("HEAD", "/_mock/health")
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"")
        connection.request("PUT", "/_mock/faults")
        response = connection.getresponse()
        assert response.getheader("Allow") == "DELETE, GET, POST"
