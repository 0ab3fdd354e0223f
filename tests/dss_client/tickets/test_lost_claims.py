"""The search for a ticket after the answer to its claim was lost, and its progress."""

from __future__ import annotations

import numpy as np
import pytest

from dss_api import OutcomeUnknown, TicketNotClaimed
from dss_client import DSSClient
from dss_mock import faults
from tests.dss_client.conftest import World


def test_lost_claim_is_found_in_a_range_of_ids(
    world: World, client: DSSClient, ticket: int
) -> None:
    lost = world.add_ready_ticket().id
    waiting = world.add_ready_ticket().id
    world.server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)
    with pytest.raises(OutcomeUnknown, match="dssp_find_claimed"):
        client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")

    found = client.dssp_find_claimed(range(ticket + 1, waiting + 5))

    assert found.to_dict("records") == [{"ticket": lost, "status": "claimed"}]


def test_find_claimed_returns_the_status_of_finished_tickets(
    client: DSSClient, ticket: int
) -> None:
    client.dssp_set_status(ticket, "success")

    found = client.dssp_find_claimed([ticket])

    assert found.to_dict("records") == [{"ticket": ticket, "status": "success"}]


def test_find_claimed_omits_deleted_missing_and_other_providers_tickets(
    world: World, client: DSSClient, user: DSSClient, ticket: int
) -> None:
    colleague = world.server.add_user("colleague@example.com")
    world.server.state.catalogue.add_member("testlab", colleague)
    theirs = world.server.add_ticket(
        world.user, world.service, status="claimed", claimed_by=colleague
    )
    user.dss_delete_ticket(ticket)

    found = client.dssp_find_claimed([ticket, theirs.id, 99])

    assert found.empty
    assert list(found.columns) == ["ticket", "status"]
    assert found["ticket"].dtype == "int64"


def test_find_claimed_accepts_an_array_and_requests_each_id_once(
    world: World, client: DSSClient, ticket: int
) -> None:
    before = len(world.server.requests)

    assert len(client.dssp_find_claimed(np.array([ticket, ticket]))) == 1
    assert len(world.server.requests) - before == 2


@pytest.mark.parametrize("tickets", ["12", 12, None])
def test_find_claimed_rejects_a_value_that_is_not_a_collection(
    closed_port: int, tickets: object
) -> None:
    with pytest.raises(TypeError, match="Several tickets"):
        DSSClient(f"http://127.0.0.1:{closed_port}").dssp_find_claimed(tickets)  # type: ignore[arg-type]


def test_find_claimed_raises_other_failures(world: World, client: DSSClient) -> None:
    world.server.faults.add(faults.ExpireSession())

    with pytest.raises(PermissionError):
        client.dssp_find_claimed([1])


def test_provider_reads_the_same_progress_as_the_user(
    client: DSSClient, user: DSSClient, ticket: int
) -> None:
    client.dssp_set_progress(ticket, 0.5, 0.0, 0.5)

    assert client.dssp_ticket_progress(str(ticket)) == 0.25
    assert user.dss_ticket_progress(ticket) == 0.25


def test_progress_of_an_unclaimed_ticket_raises_ticket_not_claimed(client: DSSClient) -> None:
    with pytest.raises(TicketNotClaimed):
        client.dssp_ticket_progress(99)
