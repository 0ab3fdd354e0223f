"""The requests that a fault strikes, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import cast

import pytest

from dss_api import AnswerError, MiddlewareUnavailable
from dss_mock import DssServer, faults
from dss_mock.faults import Faults

from .conftest import Scenario


def is_struck(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except MiddlewareUnavailable:
        return True
    return False


def test_fault_for_operation_strikes_only_that_operation(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.Answer(), operation="claim_ticket")
    assert is_struck(scenario.claim)
    assert not is_struck(scenario.asker.user.list_tickets)


def test_fault_for_unknown_operation_lists_operations() -> None:
    with pytest.raises(
        ValueError, match=r"'claim' is not an operation\. The operations are .*claim_ticket"
    ):
        Faults().add(faults.Answer(), operation="claim")


@pytest.mark.parametrize(
    ("path", "is_hit"),
    [
        ("/api/tickets", True),
        ("/api/*", True),
        ("*", True),
        ("/api/ticket", False),
        ("/api/tickets/*", False),
    ],
)
def test_fault_for_path_strikes_only_matching_paths(
    dss_server: DssServer, scenario: Scenario, path: str, is_hit: bool
) -> None:
    dss_server.faults.add(faults.Answer(), path=path)
    assert is_struck(scenario.asker.user.list_tickets) is is_hit


def test_fault_for_operation_and_path_strikes_only_requests_that_match_both(
    dss_server: DssServer, scenario: Scenario
) -> None:
    added = dss_server.faults.add(
        faults.Answer(), operation="get_ticket_status", path="/api/tickets/1/*"
    )
    second = dss_server.add_ticket(scenario.user, scenario.service)
    assert is_struck(lambda: scenario.asker.user.get_ticket_status(ticket_id=1))
    assert not is_struck(lambda: scenario.asker.user.get_ticket_status(ticket_id=second.id))
    assert added.hits == 1


def test_fault_with_times_strikes_that_many_requests(
    dss_server: DssServer, scenario: Scenario
) -> None:
    added = dss_server.faults.add(faults.Answer(), operation="list_tickets", times=2)
    assert [is_struck(scenario.asker.user.list_tickets) for _ in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    assert (added.hits, added.remaining, added.is_over) == (2, 0, True)
    assert list(dss_server.faults.list_active()) == []


def test_fault_without_times_strikes_until_removed(
    dss_server: DssServer, scenario: Scenario
) -> None:
    added = dss_server.faults.add(faults.Answer())
    assert [is_struck(scenario.asker.user.list_tickets) for _ in range(3)] == [True] * 3
    added.lift()
    assert not is_struck(scenario.asker.user.list_tickets)


def test_fault_in_with_block_is_removed_at_end_of_block(
    dss_server: DssServer, scenario: Scenario
) -> None:
    with dss_server.faults.add(faults.Answer()):
        assert is_struck(scenario.asker.user.list_tickets)
    assert not is_struck(scenario.asker.user.list_tickets)


def test_faults_with_probability_depend_on_seed() -> None:
    def list_hits(seed: int) -> list[bool]:
        found = Faults(seed)
        found.add(faults.Answer(), probability=0.3)
        return [bool(found.choose(None, "/")) for _ in range(1000)]

    assert list_hits(1) == list_hits(1) != list_hits(2)
    assert 200 < sum(list_hits(1)) < 400


def test_reset_with_random_seed_decides_which_requests_are_struck(dss_server: DssServer) -> None:
    def list_hits(random_seed: int | None) -> list[bool]:
        dss_server.reset(random_seed=random_seed)
        dss_server.faults.add(faults.Answer(), probability=0.5)
        return [bool(dss_server.faults.choose(None, "/")) for _ in range(100)]

    assert list_hits(1) == list_hits(1) != list_hits(2)
    assert list_hits(None) == list_hits(None) != list_hits(1)


def test_random_hits_of_fault_do_not_depend_on_other_faults(
    dss_server: DssServer, scenario: Scenario
) -> None:
    added = dss_server.faults.add(faults.Answer(), path="/x", probability=0.5)
    garbage = dss_server.faults.add(faults.Garbage())

    def list_hits() -> list[bool]:
        return [added in dss_server.faults.choose(None, "/x") for _ in range(50)]

    first = list_hits()
    dss_server.faults.clear()
    added = dss_server.faults.add(faults.Answer(), path="/x", probability=0.5)
    garbage = dss_server.faults.add(faults.Garbage(), operation="list_tickets")
    with suppress(AnswerError):
        scenario.asker.user.list_tickets()
    assert garbage.hits == 1
    assert list_hits() == first


def test_reset_removes_all_faults_and_restarts_ids_and_probabilities(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.Answer(), probability=0.5)
    first = [is_struck(scenario.asker.user.list_tickets) for _ in range(20)]
    dss_server.reset()
    assert list(dss_server.faults.list_active()) == []
    client = dss_server.client(dss_server.add_user("user@example.com"))
    assert dss_server.faults.add(faults.Answer(), probability=0.5).id == 1
    assert [is_struck(client.user.list_tickets) for _ in range(20)] == first


def test_former_name_of_active_fault_still_works() -> None:
    assert faults.InForce is faults.ActiveFault


def test_two_faults_can_strike_one_request(dss_server: DssServer, scenario: Scenario) -> None:
    outer = dss_server.faults.add(faults.Delay(0.01))
    inner = dss_server.faults.add(faults.Answer(), times=1)
    assert is_struck(scenario.asker.user.list_tickets)
    assert (outer.hits, inner.hits) == (1, 1)
    assert len(dss_server.requests[-1].faults) == 2


def test_fault_strikes_expected_request_too(dss_server: DssServer, scenario: Scenario) -> None:
    dss_server.expect_request("/api/tickets").respond_with_data("1,a,ready\r\n")
    dss_server.faults.add(faults.Answer(), times=1)
    assert is_struck(scenario.asker.user.list_tickets)


@pytest.mark.parametrize("times", [0, -1, 1.5])
def test_fault_with_invalid_times_is_refused(times: int) -> None:
    with pytest.raises(ValueError, match="times must be a whole number from 1"):
        Faults().add(faults.Answer(), times=times)


@pytest.mark.parametrize("probability", [0.0, -1.0, 1.1])
def test_fault_with_probability_out_of_range_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        Faults().add(faults.Answer(), probability=probability)


@pytest.mark.parametrize("path", ["", "api/tickets", "http://h/api", "/api?x=1"])
def test_fault_for_path_that_requests_cannot_have_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"path must be like .*, not "):
        Faults().add(faults.Answer(), path=path)


@pytest.mark.parametrize("fault", [faults.DropAfter, "drop_after", None])
def test_adding_object_that_is_not_a_fault_is_refused(fault: object) -> None:
    with pytest.raises(TypeError, match=r"is not a fault\. Create one like faults\.DropAfter\(\)"):
        Faults().add(cast(faults.Fault, fault))


def test_fault_description_names_requests_effect_and_duration(dss_server: DssServer) -> None:
    added = dss_server.faults.add(
        faults.DropAfter(), operation="claim_ticket", times=2, probability=0.25
    )
    assert added.description == (
        "claim_ticket: drops the connection after the request took effect, "
        "with probability 0.25, 2 more times"
    )
    assert (
        dss_server.faults.add(faults.Delay(2)).description
        == "every request: waits 2 s before the request is handled, until removed"
    )


def test_request_log_shows_fault_that_struck_request(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.DropAfter(), operation="claim_ticket")
    with suppress(AnswerError, ConnectionError):
        scenario.claim()
    entry = dss_server.requests[-1]
    assert (entry.operation, entry.status) == ("claim_ticket", None)
    assert entry.faults == ("drops the connection after the request took effect",)
