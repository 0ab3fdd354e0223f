import itertools
import time
from collections.abc import Callable

import pytest

from dss_api import (
    Dialect,
    MiddlewareFault,
    MiddlewareUnavailable,
    NotAProvider,
    OutcomeUnknown,
    TransportError,
)
from dss_client import DSSClient
from dss_client.tickets import polling
from dss_client.tickets.polling import poll_until_result
from dss_mock import DssServer, faults
from tests.dss_client.conftest import QUICK_RETRIES, World


def create_late_answer(call: int) -> tuple[Callable[[object], str | None], list[float]]:
    """Return a function that answers at the given call, and the list of its call times."""
    times: list[float] = []
    counter = itertools.count(1)

    def ask(_: object) -> str | None:
        times.append(time.monotonic())
        return "answer" if next(counter) == call else None

    return ask, times


def test_first_answer_is_returned_without_waiting() -> None:
    ask, times = create_late_answer(1)

    assert poll_until_result(ask, timeout=60, interval=60) == "answer"
    assert len(times) == 1


def test_zero_timeout_makes_one_attempt() -> None:
    ask, times = create_late_answer(99)

    assert poll_until_result(ask, timeout=0, interval=0.01) is None
    assert len(times) == 1


def test_attempts_are_repeated_until_there_is_an_answer() -> None:
    ask, times = create_late_answer(4)

    assert poll_until_result(ask, timeout=60, interval=0.01) == "answer"
    assert len(times) == 4


def test_attempts_are_at_least_one_interval_apart() -> None:
    ask, times = create_late_answer(4)

    poll_until_result(ask, timeout=60, interval=0.05)

    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(times))


def test_last_attempt_is_made_at_the_timeout_without_sleeping_longer() -> None:
    ask, times = create_late_answer(99)
    start = time.monotonic()

    # Long, so that the test notices if the wait sleeps for the whole interval.
    assert poll_until_result(ask, timeout=0.1, interval=30) is None

    assert len(times) == 2
    assert times[-1] - start >= 0.1
    assert times[-1] - start < 10


def test_error_in_an_attempt_ends_the_wait() -> None:
    def ask(_: object) -> str | None:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        poll_until_result(ask, timeout=60, interval=1)


def count_requests(server: DssServer, operation: str) -> int:
    return sum(request.operation == operation for request in server.requests)


TEMPORARY_FAULTS = [
    faults.DropBefore(),
    faults.Answer(502),
    faults.Answer(500, "internal server error", "text/html"),
]


def create_attempt(
    world: World, client: DSSClient, trouble: Callable[[], None]
) -> Callable[[polling.Wait], bool | None]:
    """Return an attempt that asks for tickets and makes trouble before the second request."""
    attempts = itertools.count(1)

    def attempt(wait: polling.Wait) -> bool | None:
        if next(attempts) == 2:
            trouble()
        return (
            wait.try_request(lambda: client.dssp_available_services(world.hashes) is not None)
            or None
        )

    return attempt


class TestWaitForTicket:
    def wait_for_ticket(self, world: World, client: DSSClient, timeout: float | None) -> int | None:
        claimed = client.dssp_wait_for_ticket(
            world.hashes, "testlab", "instance_1", timeout=timeout, interval=0.02
        )
        return None if claimed is None else int(claimed["ticket"].iloc[0])

    def test_provider_wait_claims_nothing_while_no_ticket_is_ready(
        self, world: World, client: DSSClient
    ) -> None:
        assert self.wait_for_ticket(world, client, 0.1) is None

        assert count_requests(world.server, "claim_ticket") == 0
        assert count_requests(world.server, "list_available_services") > 1

    def test_provider_wait_claims_a_ready_ticket(self, world: World, client: DSSClient) -> None:
        ticket = world.add_ready_ticket()

        assert self.wait_for_ticket(world, client, None) == ticket.id

    def test_provider_wait_claims_without_a_query_on_the_2020_middleware(self) -> None:
        with DssServer(dialect=Dialect.V2020) as server:
            user = server.add_user("user@example.com")
            server.add_provider("testlab", users=[user])
            world = World(server, user, user, server.add_service("testlab"))
            ticket = world.add_ready_ticket()
            with DSSClient(server.url, retries=QUICK_RETRIES) as client:
                client.login(user.token)

                assert self.wait_for_ticket(world, client, 10) == ticket.id
                assert self.wait_for_ticket(world, client, 0.05) is None

    @pytest.mark.parametrize("fault", TEMPORARY_FAULTS)
    def test_temporary_failure_does_not_end_the_wait(
        self,
        world: World,
        client: DSSClient,
        fault: faults.Fault,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def make_trouble() -> None:
            world.server.faults.add(fault, times=3)
            client.close()  # a closed kept connection is replaced without a failure
            world.add_ready_ticket()

        assert poll_until_result(create_attempt(world, client, make_trouble), 60, 0.01)
        assert sum("Retrying in" in record.getMessage() for record in caplog.records) == 3

    @pytest.mark.parametrize("fault", TEMPORARY_FAULTS)
    def test_failure_until_the_timeout_is_raised(
        self, world: World, client: DSSClient, fault: faults.Fault
    ) -> None:
        def make_trouble() -> None:
            world.server.faults.add(fault)

        with pytest.raises((TransportError, MiddlewareUnavailable, MiddlewareFault)):
            poll_until_result(create_attempt(world, client, make_trouble), 0.1, 0.02)

    def test_failure_of_the_first_request_is_raised_without_waiting(self, closed_port: int) -> None:
        with (
            DSSClient(f"http://127.0.0.1:{closed_port}", retries=QUICK_RETRIES) as client,
            pytest.raises(TransportError, match="refused"),
        ):
            client.dssp_wait_for_ticket("ab", "testlab", "instance_1", timeout=60)

    def test_refusal_ends_the_wait(self, world: World, client: DSSClient) -> None:
        with pytest.raises(NotAProvider):
            client.dssp_wait_for_ticket("ab", "testlab", "instance_1", timeout=60)

    def test_lost_answer_to_a_claim_ends_the_wait(self, world: World, client: DSSClient) -> None:
        world.add_ready_ticket()
        world.server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)

        with pytest.raises(OutcomeUnknown):
            self.wait_for_ticket(world, client, 60)

    def test_silent_middleware_does_not_extend_the_provider_wait(
        self, world: World, client: DSSClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(polling, "GRACE_PERIOD", 0.1)
        world.server.faults.add(faults.Delay(60), operation="list_available_services")
        start = time.monotonic()

        assert self.wait_for_ticket(world, client, 0.1) is None

        assert time.monotonic() - start < 5


class TestWaitForResults:
    def test_silent_middleware_does_not_extend_the_user_wait(
        self, world: World, user: DSSClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(polling, "GRACE_PERIOD", 0.1)
        ticket = world.add_ready_ticket()
        world.server.faults.add(faults.Delay(60), operation="get_ticket_status")
        start = time.monotonic()

        assert user.dss_wait_for_ticket(ticket.id, timeout=0.1, interval=0.01) is None

        assert time.monotonic() - start < 5
