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


def nothing_until(call: int) -> tuple[Callable[[object], str | None], list[float]]:
    """Something to ask that has an answer at the given call, and the times of its calls."""
    times: list[float] = []
    counter = itertools.count(1)

    def ask(_: object) -> str | None:
        times.append(time.monotonic())
        return "answer" if next(counter) == call else None

    return ask, times


def test_an_answer_at_once_is_given_at_once() -> None:
    ask, times = nothing_until(1)

    assert poll_until_result(ask, timeout=60, interval=60) == "answer"
    assert len(times) == 1


def test_a_timeout_of_zero_asks_just_once() -> None:
    ask, times = nothing_until(99)

    assert poll_until_result(ask, timeout=0, interval=0.01) is None
    assert len(times) == 1


def test_it_asks_again_until_there_is_an_answer() -> None:
    ask, times = nothing_until(4)

    assert poll_until_result(ask, timeout=60, interval=0.01) == "answer"
    assert len(times) == 4


def test_it_waits_the_interval_between_asking() -> None:
    ask, times = nothing_until(4)

    poll_until_result(ask, timeout=60, interval=0.05)

    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(times))


def test_it_asks_a_last_time_at_the_timeout_and_never_sleeps_past_it() -> None:
    ask, times = nothing_until(99)
    start = time.monotonic()

    # The interval is so long that sleeping it out would be noticed.
    assert poll_until_result(ask, timeout=0.1, interval=30) is None

    assert len(times) == 2
    assert times[-1] - start >= 0.1
    assert times[-1] - start < 10


def test_an_error_while_asking_ends_the_wait() -> None:
    def ask(_: object) -> str | None:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        poll_until_result(ask, timeout=60, interval=1)


def asked(server: DssServer, operation: str) -> int:
    return sum(request.operation == operation for request in server.requests)


PASSING = [
    faults.DropBefore(),
    faults.Answer(502),
    faults.Answer(500, "internal server error", "text/html"),
]


def there_is_a_ticket(
    world: World, client: DSSClient, trouble: Callable[[], None]
) -> Callable[[polling.Wait], bool | None]:
    """An attempt that asks whether there are tickets; from the second time on in trouble."""
    attempts = itertools.count(1)

    def attempt(wait: polling.Wait) -> bool | None:
        if next(attempts) == 2:
            trouble()
        return (
            wait.try_request(lambda: client.dssp_available_services(world.hashes) is not None)
            or None
        )

    return attempt


class TestForTickets:
    """On a network that has bad moments."""

    def wait(self, world: World, client: DSSClient, timeout: float | None) -> int | None:
        claimed = client.dssp_wait_for_ticket(
            world.hashes, "testlab", "instance_1", timeout=timeout, interval=0.02
        )
        return None if claimed is None else int(claimed["ticket"].iloc[0])

    def test_nothing_is_claimed_while_there_is_nothing(
        self, world: World, client: DSSClient
    ) -> None:
        assert self.wait(world, client, 0.1) is None

        assert asked(world.server, "claim_ticket") == 0
        assert asked(world.server, "list_available_services") > 1

    def test_what_is_there_is_claimed(self, world: World, client: DSSClient) -> None:
        ticket = world.add_ready_ticket()

        assert self.wait(world, client, None) == ticket.id

    def test_the_middleware_of_2020_is_asked_by_claiming(self) -> None:
        with DssServer(dialect=Dialect.V2020) as server:
            user = server.add_user("user@example.com")
            server.add_provider("testlab", users=[user])
            world = World(server, user, user, server.add_service("testlab"))
            ticket = world.add_ready_ticket()
            with DSSClient(server.url, retries=QUICK_RETRIES) as client:
                client.login(user.token)

                assert self.wait(world, client, 10) == ticket.id
                assert self.wait(world, client, 0.05) is None

    @pytest.mark.parametrize("fault", PASSING)
    def test_a_bad_moment_does_not_end_it(
        self,
        world: World,
        client: DSSClient,
        fault: faults.Fault,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def trouble() -> None:
            world.server.faults.add(fault, times=3)
            client.close()  # for a kept connection that is closed is no bad moment
            world.add_ready_ticket()

        assert poll_until_result(there_is_a_ticket(world, client, trouble), 60, 0.01)
        assert sum("Retrying in" in record.getMessage() for record in caplog.records) == 3

    @pytest.mark.parametrize("fault", PASSING)
    def test_trouble_until_the_end_is_told(
        self, world: World, client: DSSClient, fault: faults.Fault
    ) -> None:
        def trouble() -> None:
            world.server.faults.add(fault)

        with pytest.raises((TransportError, MiddlewareUnavailable, MiddlewareFault)):
            poll_until_result(there_is_a_ticket(world, client, trouble), 0.1, 0.02)

    def test_trouble_at_the_beginning_is_told_at_once(self, closed_port: int) -> None:
        with (
            DSSClient(f"http://127.0.0.1:{closed_port}", retries=QUICK_RETRIES) as client,
            pytest.raises(TransportError, match="refused"),
        ):
            client.dssp_wait_for_ticket("ab", "testlab", "instance_1", timeout=60)

    def test_a_refusal_ends_it(self, world: World, client: DSSClient) -> None:
        with pytest.raises(NotAProvider):
            client.dssp_wait_for_ticket("ab", "testlab", "instance_1", timeout=60)

    def test_a_claim_whose_answer_is_lost_ends_it(self, world: World, client: DSSClient) -> None:
        world.add_ready_ticket()
        world.server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)

        with pytest.raises(OutcomeUnknown):
            self.wait(world, client, 60)

    def test_a_middleware_that_is_silent_does_not_make_it_longer(
        self, world: World, client: DSSClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(polling, "GRACE_PERIOD", 0.1)
        world.server.faults.add(faults.Delay(60), operation="list_available_services")
        began = time.monotonic()

        assert self.wait(world, client, 0.1) is None

        assert time.monotonic() - began < 5


class TestForResults:
    def test_a_middleware_that_is_silent_does_not_make_it_longer(
        self, world: World, user: DSSClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(polling, "GRACE_PERIOD", 0.1)
        ticket = world.add_ready_ticket()
        world.server.faults.add(faults.Delay(60), operation="get_ticket_status")
        began = time.monotonic()

        assert user.dss_wait_for_ticket(ticket.id, timeout=0.1, interval=0.01) is None

        assert time.monotonic() - began < 5
