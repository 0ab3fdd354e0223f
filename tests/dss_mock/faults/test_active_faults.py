"""Which requests a fault strikes, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import cast

import pytest

from dss_api import AnswerError, MiddlewareUnavailable
from dss_mock import DssServer, faults
from dss_mock.faults import Faults

from .conftest import Stage


def fails(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except MiddlewareUnavailable:
        return True
    return False


def test_by_operation(dss_server: DssServer, stage: Stage) -> None:
    dss_server.faults.add(faults.Answer(), operation="claim_ticket")
    assert fails(stage.claim)
    assert not fails(stage.asker.user.list_tickets)


def test_an_operation_that_there_is_not() -> None:
    with pytest.raises(
        ValueError, match=r"'claim' is not an operation\. The operations are .*claim_ticket"
    ):
        Faults().add(faults.Answer(), operation="claim")


@pytest.mark.parametrize(
    ("path", "struck"),
    [
        ("/api/tickets", True),
        ("/api/*", True),
        ("*", True),
        ("/api/ticket", False),
        ("/api/tickets/*", False),
    ],
)
def test_by_path(dss_server: DssServer, stage: Stage, path: str, struck: bool) -> None:
    dss_server.faults.add(faults.Answer(), path=path)
    assert fails(stage.asker.user.list_tickets) is struck


def test_by_operation_and_path(dss_server: DssServer, stage: Stage) -> None:
    added = dss_server.faults.add(
        faults.Answer(), operation="get_ticket_status", path="/api/tickets/1/*"
    )
    second = dss_server.add_ticket(stage.user, stage.service)
    assert fails(lambda: stage.asker.user.get_ticket_status(ticket_id=1))
    assert not fails(lambda: stage.asker.user.get_ticket_status(ticket_id=second.id))
    assert added.hits == 1


def test_for_the_next_calls(dss_server: DssServer, stage: Stage) -> None:
    added = dss_server.faults.add(faults.Answer(), operation="list_tickets", times=2)
    assert [fails(stage.asker.user.list_tickets) for _ in range(4)] == [True, True, False, False]
    assert (added.hits, added.remaining, added.is_over) == (2, 0, True)
    assert list(dss_server.faults.list_active()) == []


def test_until_lifted(dss_server: DssServer, stage: Stage) -> None:
    added = dss_server.faults.add(faults.Answer())
    assert [fails(stage.asker.user.list_tickets) for _ in range(3)] == [True] * 3
    added.lift()
    assert not fails(stage.asker.user.list_tickets)


def test_within_a_block(dss_server: DssServer, stage: Stage) -> None:
    with dss_server.faults.add(faults.Answer()):
        assert fails(stage.asker.user.list_tickets)
    assert not fails(stage.asker.user.list_tickets)


def test_with_a_probability_from_a_seed() -> None:
    def struck(seed: int) -> list[bool]:
        found = Faults(seed)
        found.add(faults.Answer(), probability=0.3)
        return [bool(found.choose(None, "/")) for _ in range(1000)]

    assert struck(1) == struck(1) != struck(2)
    assert 200 < sum(struck(1)) < 400


def test_chance_follows_from_the_random_seed_of_a_reset(dss_server: DssServer) -> None:
    def struck(random_seed: int | None) -> list[bool]:
        dss_server.reset(random_seed=random_seed)
        dss_server.faults.add(faults.Answer(), probability=0.5)
        return [bool(dss_server.faults.choose(None, "/")) for _ in range(100)]

    assert struck(1) == struck(1) != struck(2)
    assert struck(None) == struck(None) != struck(1)


def test_chance_of_one_is_none_of_another(dss_server: DssServer, stage: Stage) -> None:
    added = dss_server.faults.add(faults.Answer(), path="/x", probability=0.5)
    garbage = dss_server.faults.add(faults.Garbage())

    def strikes() -> list[bool]:
        return [added in dss_server.faults.choose(None, "/x") for _ in range(50)]

    first = strikes()
    dss_server.faults.clear()
    added = dss_server.faults.add(faults.Answer(), path="/x", probability=0.5)
    garbage = dss_server.faults.add(faults.Garbage(), operation="list_tickets")
    with suppress(AnswerError):
        stage.asker.user.list_tickets()
    assert garbage.hits == 1
    assert strikes() == first


def test_a_reset_lifts_all_and_begins_anew(dss_server: DssServer, stage: Stage) -> None:
    dss_server.faults.add(faults.Answer(), probability=0.5)
    first = [fails(stage.asker.user.list_tickets) for _ in range(20)]
    dss_server.reset()
    assert list(dss_server.faults.list_active()) == []
    client = dss_server.client(dss_server.add_user("user@example.com"))
    assert dss_server.faults.add(faults.Answer(), probability=0.5).id == 1
    assert [fails(client.user.list_tickets) for _ in range(20)] == first


def test_two_strike_the_same_request(dss_server: DssServer, stage: Stage) -> None:
    outer = dss_server.faults.add(faults.Delay(0.01))
    inner = dss_server.faults.add(faults.Answer(), times=1)
    assert fails(stage.asker.user.list_tickets)
    assert (outer.hits, inner.hits) == (1, 1)
    assert len(dss_server.requests[-1].faults) == 2


def test_an_expectation_is_struck_too(dss_server: DssServer, stage: Stage) -> None:
    dss_server.expect_request("/api/tickets").respond_with_data("1,a,ready\r\n")
    dss_server.faults.add(faults.Answer(), times=1)
    assert fails(stage.asker.user.list_tickets)


@pytest.mark.parametrize("times", [0, -1, 1.5])
def test_impossible_times(times: int) -> None:
    with pytest.raises(ValueError, match="times must be a whole number from 1"):
        Faults().add(faults.Answer(), times=times)


@pytest.mark.parametrize("probability", [0.0, -1.0, 1.1])
def test_impossible_probabilities(probability: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        Faults().add(faults.Answer(), probability=probability)


@pytest.mark.parametrize("path", ["", "api/tickets", "http://h/api", "/api?x=1"])
def test_paths_that_no_request_has(path: str) -> None:
    with pytest.raises(ValueError, match=r"path must be like .*, not "):
        Faults().add(faults.Answer(), path=path)


@pytest.mark.parametrize("fault", [faults.DropAfter, "drop_after", None])
def test_what_is_no_fault(fault: object) -> None:
    with pytest.raises(TypeError, match=r"is not a fault\. Create one like faults\.DropAfter\(\)"):
        Faults().add(cast(faults.Fault, fault))


def test_descriptions(dss_server: DssServer) -> None:
    added = dss_server.faults.add(
        faults.DropAfter(), operation="claim_ticket", times=2, probability=0.25
    )
    assert added.description == (
        "claim_ticket: drops the connection after the request took effect, "
        "with probability 0.25, 2 more times"
    )
    assert (
        dss_server.faults.add(faults.Delay(2)).description
        == "every request: waits 2 s before the request is handled, until lifted"
    )


def test_what_is_struck_is_in_the_journal(dss_server: DssServer, stage: Stage) -> None:
    dss_server.faults.add(faults.DropAfter(), operation="claim_ticket")
    with suppress(AnswerError, ConnectionError):
        stage.claim()
    entry = dss_server.requests[-1]
    assert (entry.operation, entry.status) == ("claim_ticket", None)
    assert entry.faults == ("drops the connection after the request took effect",)
