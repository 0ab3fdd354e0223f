"""Changes of a ticket's status whose answer was lost."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import attrs
import pytest

from dss_api import OutcomeUnknown, SessionExpired, TicketDeleted, TicketStatus, TransportError
from dss_client import DSSClient, Retries
from dss_mock import DssServer, faults
from dss_mock.faults import Fault, Target
from dss_mock.response import MockResponse
from tests.dss_client.conftest import World

DEADLINE = 20.0


def count_requests(server: DssServer, operation: str) -> int:
    """Return how often an operation was requested."""
    return sum(request.operation == operation for request in server.requests)


class TestSetStatus:
    def test_status_is_set_once_if_the_answer_is_lost(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="set_claimed_ticket_status", times=1)

        client.dssp_set_status(ticket, "success")

        assert world.server.tickets[ticket].status == "success"
        assert count_requests(world.server, "set_claimed_ticket_status") == 1

    def test_status_is_sent_again_if_it_did_not_take_effect(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_claimed_ticket_status", times=1)

        client.dssp_set_status(ticket, "failed")

        assert world.server.tickets[ticket].statuses[-2:] == ["claimed", "failed"]
        assert count_requests(world.server, "set_claimed_ticket_status") == 2

    def test_status_is_not_sent_a_third_time(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown, match="if it is still `claimed`, set it again"):
            client.dssp_set_status(ticket, "success")

        assert count_requests(world.server, "set_claimed_ticket_status") == 2

    def test_status_set_by_another_client_is_not_changed(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        client.dssp_set_status(ticket, "failed")
        world.server.faults.add(faults.DropBefore(), operation="set_claimed_ticket_status", times=1)

        with pytest.raises(OutcomeUnknown):
            client.dssp_set_status(ticket, "success")

        assert world.server.tickets[ticket].status == "failed"

    def test_status_of_a_deleted_ticket_raises_ticket_deleted(
        self, world: World, client: DSSClient, user: DSSClient, ticket: int
    ) -> None:
        user.dss_delete_ticket(ticket)

        with pytest.raises(TicketDeleted):
            client.dssp_set_status(ticket, "success")

    def test_outcome_is_unknown_if_the_middleware_no_longer_answers(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="set_claimed_ticket_status")
        world.server.faults.add(faults.DropBefore(), operation="get_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown) as caught:
            client.dssp_set_status(ticket, "success")

        assert type(caught.value.__cause__) is TransportError
        assert caught.value.path == f"/api/pro/tickets/{ticket}/status"

    def test_outcome_is_unknown_if_the_session_expires(
        self, world: World, client: DSSClient, ticket: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="set_claimed_ticket_status")
        world.server.faults.add(faults.ExpireSession(), operation="get_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown) as caught:
            client.dssp_set_status(ticket, "success")

        assert type(caught.value.__cause__) is SessionExpired


class TestRetryTicket:
    @pytest.fixture
    def failed_ticket(self, world: World) -> int:
        return world.server.add_ticket(world.user, world.service, status="failed").id

    def test_ticket_is_retried_once_if_the_answer_is_lost(
        self, world: World, user: DSSClient, failed_ticket: int
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="retry_ticket", times=1)

        user.dss_retry_ticket(failed_ticket)

        assert world.server.tickets[failed_ticket].statuses[-2:] == ["failed", "ready"]
        assert count_requests(world.server, "retry_ticket") == 1

    def test_ticket_retry_is_sent_again_if_it_did_not_take_effect(
        self, world: World, user: DSSClient, failed_ticket: int
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="retry_ticket", times=1)

        user.dss_retry_ticket(failed_ticket)

        assert world.server.tickets[failed_ticket].status is TicketStatus.READY
        assert count_requests(world.server, "retry_ticket") == 2


@attrs.frozen
class HoldRequest(Fault):
    """A fault that handles a request only after its release, also if the client has given up."""

    release: threading.Event = attrs.field(factory=threading.Event)
    handled: threading.Event = attrs.field(factory=threading.Event)

    def strike(self, target: Target) -> MockResponse:
        assert self.release.wait(DEADLINE)
        reply = target.proceed()
        self.handled.set()
        return reply

    @property
    def description(self) -> str:
        return "holds the request"


@attrs.frozen
class ReleaseRequest(Fault):
    """A fault that releases a held request, from the given time on, and waits for its handling."""

    hold: HoldRequest
    first_time: int = 1
    _times: Iterator[int] = attrs.field(factory=lambda: itertools.count(1))

    def strike(self, target: Target) -> MockResponse:
        if next(self._times) >= self.first_time:
            self.hold.release.set()
            assert self.hold.handled.wait(DEADLINE)
        return target.proceed()

    @property
    def description(self) -> str:
        return "releases the held request"


class TestLateChange:
    """A change that the middleware makes after the client has given up."""

    @pytest.fixture
    def impatient_client(self, world: World) -> Iterator[DSSClient]:
        """The provider's client, with a short timeout for answers."""
        retries = Retries(attempts=3, first_delay=0.01)
        with DSSClient(world.server.url, read_timeout=0.5, retries=retries) as client:
            client.login(world.provider.token)
            yield client

    def test_late_status_change_is_detected_by_a_later_check(
        self, world: World, impatient_client: DSSClient
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="claimed").id
        hold = HoldRequest()
        world.server.faults.add(hold, operation="set_claimed_ticket_status", times=1)
        world.server.faults.add(
            ReleaseRequest(hold, first_time=2), operation="get_claimed_ticket_status"
        )

        impatient_client.dssp_set_status(ticket, "success")

        assert world.server.tickets[ticket].statuses[-2:] == ["claimed", "success"]
        assert count_requests(world.server, "set_claimed_ticket_status") == 1

    def test_status_change_that_may_come_late_is_not_repeated(
        self, world: World, impatient_client: DSSClient
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="claimed").id
        hold = HoldRequest()
        world.server.faults.add(hold, operation="set_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown):
            impatient_client.dssp_set_status(ticket, "failed")
        hold.release.set()

        # The user may retry the ticket, and a second request would fail it again.
        assert count_requests(world.server, "set_claimed_ticket_status") == 1

    def test_late_retry_before_the_second_request_is_not_an_error(
        self, world: World, user: DSSClient
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="failed").id
        hold = HoldRequest()
        retries = Retries(attempts=2, first_delay=0)
        with DSSClient(world.server.url, read_timeout=0.5, retries=retries) as impatient_client:
            impatient_client.login_if_needed()
            world.server.faults.add(hold, operation="retry_ticket", times=1)
            world.server.faults.add(ReleaseRequest(hold, first_time=2), operation="retry_ticket")

            impatient_client.dss_retry_ticket(ticket)

        assert world.server.tickets[ticket].statuses[-2:] == ["failed", "ready"]
        assert count_requests(world.server, "retry_ticket") == 2
