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


@attrs.frozen
class Held(Fault):
    """The request is handled once it is let go, whether or not somebody still waits for it."""

    let_go: threading.Event = attrs.field(factory=threading.Event)
    handled: threading.Event = attrs.field(factory=threading.Event)

    def strike(self, target: Target) -> MockResponse:
        assert self.let_go.wait(DEADLINE)
        reply = target.proceed()
        self.handled.set()
        return reply

    @property
    def description(self) -> str:
        return "holds the request"


@attrs.frozen
class Release(Fault):
    """Lets go of a request that is held, from the given time on, and waits until it was handled."""

    held: Held
    time: int = 1
    _times: Iterator[int] = attrs.field(factory=lambda: itertools.count(1))

    def strike(self, target: Target) -> MockResponse:
        if next(self._times) >= self.time:
            self.held.let_go.set()
            assert self.held.handled.wait(DEADLINE)
        return target.proceed()

    @property
    def description(self) -> str:
        return "releases the request that is held"


class TestComingLate:
    """A change that the middleware makes only when its sender has given up."""

    @pytest.fixture
    def hasty(self, world: World) -> Iterator[DSSClient]:
        """The provider's client, which does not wait long for an answer."""
        retries = Retries(attempts=3, first_delay=0.01)
        with DSSClient(world.server.url, read_timeout=0.5, retries=retries) as client:
            client.login(world.provider.token)
            yield client

    def test_counts_though_it_came_after_it_was_first_looked_for(
        self, world: World, hasty: DSSClient
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="claimed").id
        held = Held()
        world.server.faults.add(held, operation="set_claimed_ticket_status", times=1)
        world.server.faults.add(Release(held, time=2), operation="get_claimed_ticket_status")

        hasty.dssp_set_status(ticket, "success")

        assert world.server.tickets[ticket].statuses[-2:] == ["claimed", "success"]
        assert count(world.server, "set_claimed_ticket_status") == 1

    def test_is_not_asked_for_twice_where_that_could_do_harm(
        self, world: World, hasty: DSSClient
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="claimed").id
        held = Held()
        world.server.faults.add(held, operation="set_claimed_ticket_status")

        with pytest.raises(OutcomeUnknown):
            hasty.dssp_set_status(ticket, "failed")
        held.let_go.set()

        # Its user could retry it, and a second request could fail it once more.
        assert count(world.server, "set_claimed_ticket_status") == 1

    def test_is_no_refusal_when_it_comes_before_the_second_one(
        self, world: World, user: DSSClient
    ) -> None:
        ticket = world.server.add_ticket(world.user, world.service, status="failed").id
        held = Held()
        retries = Retries(attempts=2, first_delay=0)
        with DSSClient(world.server.url, read_timeout=0.5, retries=retries) as hasty:
            hasty.login_if_needed()
            world.server.faults.add(held, operation="retry_ticket", times=1)
            world.server.faults.add(Release(held, time=2), operation="retry_ticket")

            hasty.dss_retry_ticket(ticket)

        assert world.server.tickets[ticket].statuses[-2:] == ["failed", "ready"]
        assert count(world.server, "retry_ticket") == 2
