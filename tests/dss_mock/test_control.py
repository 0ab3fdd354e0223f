"""The mock's own interface over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from typing import cast

import attrs
import pytest

from dss_api import MiddlewareUnavailable
from dss_mock import DssServer, faults
from dss_mock.control.ask import BODY_LENGTH


@attrs.frozen
class Answered:
    status: int
    body: dict[str, object]

    @property
    def error(self) -> str:
        return str(self.body["error"])


Ask = Callable[..., Answered]


@pytest.fixture
def ask(dss_server: DssServer) -> Ask:
    """Sends a request to the control interface."""

    def asked(
        method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answered:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        with closing(HTTPConnection(dss_server.host, dss_server.port, timeout=30)) as connection:
            connection.request(method, f"/_mock/{path}", data, headers or {})
            answer: HTTPResponse = connection.getresponse()
            assert answer.getheader("Content-Type") == "application/json"
            assert answer.getheader("Set-Cookie") is None
            found = cast(dict[str, object], json.loads(answer.read()))
            return Answered(answer.status, found)

    return asked


def test_health(ask: Ask) -> None:
    answer = ask("GET", "health")
    assert answer.status == 200
    assert answer.body.items() >= {"status": "ok", "dialect": "0.2.0"}.items()


def test_what_is_not_there(ask: Ask) -> None:
    answer = ask("GET", "helth")
    assert answer.status == 404
    assert answer.error == (
        "there is nothing at /_mock/helth; "
        "there are clock, faults, health, requests, reset, seed, state"
    )
    answer = ask("PUT", "faults")
    assert (answer.status, answer.error) == (405, "/_mock/faults takes DELETE, GET, POST")


def test_it_asks_for_no_session_and_is_not_in_the_journal(dss_server: DssServer, ask: Ask) -> None:
    assert ask("GET", "requests").body == {"total": 0, "requests": []}
    assert len(dss_server.requests) == 0


# --------------------------------------------------------------------------------------- seed


SEED = """\
users:
  - {email: a@example.com, token: aaaa}
providers:
  - {name: testlab, users: [a@example.com]}
services:
  - provider: testlab
    descriptor: {name: Brain, version: 1.0.0, shortdesc: A brain}
"""


def test_a_seed_as_yaml(dss_server: DssServer, ask: Ask) -> None:
    answer = ask("POST", "seed", SEED.encode())
    assert (answer.status, answer.body) == (200, {"users": 1, "providers": 1, "services": 1})
    user = dss_server.state.accounts.find("a@example.com")
    assert user is not None
    services = dss_server.client(user).provider.list_provided_services()
    assert [service.name for service in services] == ["Brain"]


def test_a_seed_as_json(dss_server: DssServer, ask: Ask) -> None:
    assert ask("POST", "seed", {"users": [{"email": "b@example.com"}]}).status == 200
    assert dss_server.state.accounts.find("b@example.com")


def test_a_seed_with_faults(dss_server: DssServer, ask: Ask) -> None:
    answer = ask("POST", "seed", b"users:\n  - {email: 1}\n  - {token: x}\n")
    assert answer.status == 400
    assert answer.error.splitlines() == [
        "the seed:2: this must be a text, not int. Put it in quotes.",
        "the seed:3: 'email' is missing",
    ]
    assert not dss_server.state.accounts.users


def test_a_seed_for_the_second_time(dss_server: DssServer, ask: Ask) -> None:
    ask("POST", "seed", SEED.encode())
    more = SEED.replace("users:\n", "users:\n  - {email: new@example.com}\n", 1)
    answer = ask("POST", "seed", more.encode())
    assert answer.status == 409
    assert "the user 'a@example.com' exists already" in answer.error
    # Not half of it either.
    assert dss_server.state.accounts.find("new@example.com") is None


def test_a_seed_that_builds_on_what_is_there(dss_server: DssServer, ask: Ask) -> None:
    ask("POST", "seed", SEED.encode())
    more = {
        "providers": [{"name": "other", "users": ["a@example.com"]}],
        "services": [
            {
                "provider": "testlab",
                "descriptor": {"name": "Heart", "version": "1", "shortdesc": "A heart"},
            }
        ],
    }
    assert ask("POST", "seed", more).status == 200
    assert sorted(dss_server.state.catalogue.providers) == ["other", "testlab"]
    assert [service.name for service in dss_server.state.catalogue.services.values()] == [
        "Brain",
        "Heart",
    ]


def test_too_large_a_seed(ask: Ask) -> None:
    assert ask("POST", "seed", b"#" * (BODY_LENGTH + 1)).status == 413


# -------------------------------------------------------------------------------------- reset


def test_reset(dss_server: DssServer, ask: Ask) -> None:
    dss_server.add_user("a@example.com")
    dss_server.faults.add(faults.Answer())
    assert ask("POST", "reset").status == 200
    assert not dss_server.state.accounts.users
    assert not dss_server.faults.list_active()


def test_what_is_made_up_follows_from_a_seed(dss_server: DssServer, ask: Ask) -> None:
    tokens: list[str] = []
    for seed in (1, 2, 1):
        ask("POST", "reset", {"random_seed": seed})
        tokens.append(dss_server.add_user("a@example.com").token)
    assert tokens[0] == tokens[2] != tokens[1]
    answer = ask("POST", "reset", {"random_seed": "1"})
    assert (answer.status, answer.error) == (400, 'random_seed: "1" is no whole number')
    answer = ask("POST", "reset", {"seed": 1})
    assert (answer.status, "seed" in answer.error) == (400, True)


# ------------------------------------------------------------------------------------- faults


def test_a_fault_and_its_end(dss_server: DssServer, ask: Ask) -> None:
    client = dss_server.client(dss_server.add_user("a@example.com"))
    wanted = {"fault": "answer", "status": 502, "operation": "list_tickets", "times": 3}
    added = ask("POST", "faults", wanted)
    assert added.status == 200
    assert added.body.items() >= {**wanted, "id": 1, "hits": 0, "probability": 1.0}.items()
    with pytest.raises(MiddlewareUnavailable):
        client.user.list_tickets()
    (listed,) = cast(list[dict[str, object]], ask("GET", "faults").body["faults"])
    assert (listed["times"], listed["hits"]) == (2, 1)
    assert listed["description"] == "list_tickets: answers 502 Bad Gateway, 2 more times"
    assert ask("DELETE", "faults/1").status == 200
    assert client.user.list_tickets() == []
    answer = ask("DELETE", "faults/1")
    assert (answer.status, answer.error) == (404, "the fault 1 is not active")


def test_all_faults_end(dss_server: DssServer, ask: Ask) -> None:
    for kind in faults.KINDS:
        assert ask("POST", "faults", {"fault": kind, "path": "/x"}).status == 200
    assert len(dss_server.faults.list_active()) == len(faults.KINDS)
    assert ask("DELETE", "faults").status == 200
    assert not dss_server.faults.list_active()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "fault must be one of answer, close_idle, cut, .*, not None"),
        ({"fault": "nope"}, "not 'nope'"),
        ({"fault": ["answer"]}, "fault must be one of"),
        ({"fault": "answer", "status": "503"}, 'status: "503" is no whole number'),
        ({"fault": "answer", "status": 99}, "status"),
        ({"fault": "answer", "colour": 1}, "colour is not known here"),
        ({"fault": "delay", "seconds": -1}, "seconds"),
        ({"fault": "delay", "times": 0}, "times"),
        ({"fault": "delay", "times": True}, "times: true is no whole number"),
        ({"fault": "delay", "probability": 2}, "probability"),
        ({"fault": "delay", "operation": "claim"}, "'claim' is not an operation"),
        (b"[1]", "must be a JSON object"),
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_faults_that_cannot_be(dss_server: DssServer, ask: Ask, given: object, said: str) -> None:
    answer = ask("POST", "faults", given if given else b"{}")
    assert answer.status == 400
    assert re.search(said, answer.error), answer.error
    assert not dss_server.faults.list_active()


# ----------------------------------------------------------------------------------- requests


def test_requests(dss_server: DssServer, ask: Ask) -> None:
    client = dss_server.client(dss_server.add_user("a@example.com"))
    client.user.list_tickets()
    client.user.list_services()
    body = ask("GET", "requests").body
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
    assert ask("GET", "requests?since=1").body["requests"] == [second]
    assert ask("GET", "requests?limit=1").body["requests"] == [second]
    assert ask("GET", "requests?operation=list_tickets").body["requests"] == [first]
    assert ask("GET", "requests?since=x").error == "since must be a whole number, not 'x'"
    assert ask("GET", "requests?since=0&limit=1").body["requests"] == [first]
    assert "'nope' is not an operation" in ask("GET", "requests?operation=nope").error
    assert ask("DELETE", "requests").status == 200
    assert len(dss_server.requests) == 0


# -------------------------------------------------------------------------------------- clock


def test_clock(dss_server: DssServer, ask: Ask) -> None:
    at = "2030-01-02T03:04:05.000Z"
    assert ask("POST", "clock", {"at": at}).body == {"now": at, "frozen": True}
    answer = ask("POST", "clock", {"advance": 3600})
    assert answer.body == {"now": "2030-01-02T04:04:05.000Z", "frozen": True}
    assert ask("GET", "clock").body == answer.body
    assert ask("POST", "clock", {"frozen": False}).body["frozen"] is False
    answer = ask("POST", "clock", {"at": at, "frozen": False})
    assert (answer.status, "stands still" in answer.error) == (400, True)
    assert "cannot be set so" in ask("POST", "clock", {"at": at, "advance": 1e300}).error
    assert ask("GET", "clock").body["frozen"] is False
    answer = ask("POST", "clock", {"advance": -1})
    assert (answer.status, "forward" in answer.error) == (400, True)
    assert "at" in ask("POST", "clock", {"at": "soon"}).error


# -------------------------------------------------------------------------------- web browsers


def test_pages_of_other_servers_have_no_say(dss_server: DssServer, ask: Ask) -> None:
    answer = ask("POST", "reset", headers={"Origin": "http://evil.example"})
    assert (answer.status, answer.error) == (403, "http://evil.example may not ask this mock")
    assert ask("POST", "reset", headers={"Origin": dss_server.url}).status == 200
    for odd in ("http://[", "null", ""):
        assert ask("POST", "reset", headers={"Origin": odd}).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "["]
)
def test_a_name_that_was_made_to_lead_here_has_no_say(ask: Ask, host: str) -> None:
    answer = ask("GET", "state", headers={"Host": host})
    assert (answer.status, "is no name of this mock" in answer.error) == (403, True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9:1", "[::1]:8080"])
def test_names_of_this_machine(ask: Ask, host: str) -> None:
    assert ask("GET", "health", headers={"Host": host}).status == 200


def test_head(dss_server: DssServer) -> None:
    with closing(HTTPConnection(dss_server.host, dss_server.port, timeout=30)) as connection:
        connection.request("HEAD", "/_mock/health")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        connection.request("PUT", "/_mock/faults")
        answer = connection.getresponse()
        assert answer.getheader("Allow") == "DELETE, GET, POST"
