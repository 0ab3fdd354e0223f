"""Changes of a ticket's status whose answer was lost."""

from __future__ import annotations

import pytest

from dss_api import OutcomeUnknown, SessionExpired, TicketDeleted, TicketStatus, TransportError
from dss_client import DSSClient
from dss_mock import DssServer, faults

from .conftest import World


def count(server: DssServer, operation: str) -> int:
    """How often an operation was asked for."""
    return sum(request.operation == operation for request in server.requests)


class TestFinishing:
    def test_counts_once_though_the_answer_was_lost(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="set_claimed_ticket_status", times=1)

        client.dssp_set_status(ticket, "success")

        assert world.server.tickets[ticket].status == "success"
        assert count(world.server, "set_claimed_ticket_status") == 1

    def test_is_asked_for_once_more_if_it_did_not_take_effect(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_claimed_ticket_status", times=1)

        client.dssp_set_status(ticket, "failed")

        assert world.server.tickets[ticket].statuses[-2:] == ["claimed", "failed"]
        assert count(world.server, "set_claimed_ticket_status") == 2

    def test_is_not_asked_for_a_third_time(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown, match="if it is still `claimed`, set it again"):
            client.dssp_set_status(ticket, "success")

        assert count(world.server, "set_claimed_ticket_status") == 2

    def test_does_not_undo_what_another_did_meanwhile(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        client.dssp_set_status(ticket, "failed")
        world.server.faults.add(faults.DropBefore(), operation="set_claimed_ticket_status", times=1)

        with pytest.raises(OutcomeUnknown):
            client.dssp_set_status(ticket, "success")

        assert world.server.tickets[ticket].status == "failed"

    def test_of_a_ticket_that_is_gone_says_so(
        self, world: World, client: DSSClient, user: DSSClient, ticket: int
    ) -> None:
        user.dss_delete_ticket(ticket)

        with pytest.raises(TicketDeleted):
            client.dssp_set_status(ticket, "success")

    def test_stays_unknown_when_nobody_answers_any_more(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="set_claimed_ticket_status")
        world.server.faults.add(faults.DropBefore(), operation="get_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown) as caught:
            client.dssp_set_status(ticket, "success")

        assert type(caught.value.__cause__) is TransportError
        assert caught.value.path == f"/api/pro/tickets/{ticket}/status"

    def test_stays_unknown_when_it_may_not_be_asked_any_more(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="set_claimed_ticket_status")
        world.server.faults.add(faults.ExpireSession(), operation="get_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown) as caught:
            client.dssp_set_status(ticket, "success")

        assert type(caught.value.__cause__) is SessionExpired


class TestRetrying:
    @pytest.fixture
    def failed(self, world: World) -> int:
        return world.server.add_ticket(world.user, world.service, status="failed").id

    def test_counts_once_though_the_answer_was_lost(
        self, world: World, user: DSSClient, failed: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="retry_ticket", times=1)

        user.dss_retry_ticket(failed)

        assert world.server.tickets[failed].statuses[-2:] == ["failed", "ready"]
        assert count(world.server, "retry_ticket") == 1

    def test_is_asked_for_once_more_if_it_did_not_take_effect(
        self, world: World, user: DSSClient, failed: int
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="retry_ticket", times=1)

        user.dss_retry_ticket(failed)

        assert world.server.tickets[failed].status is TicketStatus.READY
        assert count(world.server, "retry_ticket") == 2
