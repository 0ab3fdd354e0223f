"""Renewal of a session that expires while a provider works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from dss_api import (
    DssApi,
    FileArea,
    NotAProvider,
    NotLoggedIn,
    ProxyPage,
    Request,
    Response,
    SessionExpired,
    TicketStatus,
    Transport,
    Urllib3Transport,
)
from dss_client import DSSClient, DssError
from dss_client.transport.session import SessionTransport
from dss_mock import faults
from dss_mock.faults import Fault, Target
from dss_mock.response import MockResponse
from tests.dss_client.conftest import World


class Renewal:
    """A renewal that signs the client in again and counts its calls."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = 0

    def __call__(self, client: DSSClient) -> None:
        self.count += 1
        client.login(self.world.provider.token)


@pytest.fixture
def renewal(world: World) -> Renewal:
    return Renewal(world)


@pytest.fixture
def client(world: World, renewal: Renewal) -> Iterator[DSSClient]:
    """The provider's client, signed in; it renews its session."""
    with DSSClient(world.server.url, on_session_expired=renewal) as client:
        client.login(world.provider.token)
        yield client


def expire_session(world: World, operation: str) -> None:
    world.server.faults.add(faults.ExpireSession(), operation=operation, times=1)


def list_statuses(world: World, operation: str) -> list[int]:
    """Return the statuses of the responses to an operation."""
    return [r.status or 0 for r in world.server.requests if r.operation == operation]


def test_refused_request_is_sent_again_with_the_renewed_session(
    world: World, client: DSSClient, renewal: Renewal
) -> None:
    expire_session(world, "list_provided_services")

    assert not client.dssp_list_services().empty

    assert renewal.count == 1
    assert DSSClient(world.server.url).whoami() == "provider@example.com"


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("claim_ticket", lambda c, w: c.dssp_claim_ticket(w.hashes, "testlab", "i")),
        ("log_message", lambda c, w: c.dssp_log(1, "info", "once")),
    ],
)
def test_unsafe_request_takes_effect_once_when_the_session_is_renewed(
    world: World,
    client: DSSClient,
    renewal: Renewal,
    operation: str,
    act: Callable[[DSSClient, World], object],
) -> None:
    ticket = world.server.add_ticket(
        world.user, world.service, status=TicketStatus.CLAIMED, claimed_by=world.provider
    )
    world.add_ready_ticket()
    before = len(ticket.log)
    expire_session(world, operation)

    act(client, world)

    assert renewal.count == 1
    assert list_statuses(world, operation) == [401, 200]
    assert [entry.message for entry in ticket.log[before:]] in ([], ["once"])


def test_ticket_can_be_set_to_failed_after_the_session_expires(
    world: World, client: DSSClient, ticket: int
) -> None:
    expire_session(world, "set_claimed_ticket_status")

    client.dssp_set_status(ticket, "failed")

    assert client.dssp_ticket_status(ticket) is TicketStatus.FAILED


def test_refused_upload_is_sent_again_completely(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 4096
    (tmp_path / "mask.nii.gz").write_bytes(content)
    expire_session(world, "upload_claimed_ticket_file")

    client.dssp_upload_files(ticket, [tmp_path / "mask.nii.gz"])

    with closing(
        client.api.provider.download_claimed_ticket_file(
            ticket_id=ticket, area=FileArea.RESULTS, index=0
        )
    ) as download:
        assert download.read() == content


def test_expired_session_without_renewal_raises_session_expired(world: World) -> None:
    client = DSSClient(world.server.url)
    client.login(world.provider.token)
    expire_session(world, "list_provided_services")

    with pytest.raises(SessionExpired, match="You are not logged in!"):
        client.dssp_list_services()


def test_renewal_without_a_new_session_raises_the_first_error(
    world: World, client: DSSClient
) -> None:
    calls: list[DSSClient] = []
    idle = DSSClient(world.server.url, on_session_expired=calls.append)
    expire_session(world, "list_provided_services")

    with pytest.raises(SessionExpired):
        idle.dssp_list_services()

    assert calls == [idle]
    assert list_statuses(world, "list_provided_services") == [401]


def test_session_is_renewed_only_once_for_a_request(
    world: World, client: DSSClient, renewal: Renewal
) -> None:
    world.server.faults.add(faults.ExpireSession(), operation="list_provided_services")

    with pytest.raises(SessionExpired):
        client.dssp_list_services()

    assert renewal.count == 1
    assert list_statuses(world, "list_provided_services") == [401, 401]


def test_session_is_renewed_each_time_it_expires(
    world: World, client: DSSClient, renewal: Renewal
) -> None:
    for times in (1, 2, 3):
        expire_session(world, "list_provided_services")
        client.dssp_list_services()
        assert renewal.count == times


def test_error_of_the_renewal_reaches_the_caller(world: World, client: DSSClient) -> None:
    def fail(_: DSSClient) -> None:
        raise LookupError("no token in the vault")

    failing = DSSClient(world.server.url, on_session_expired=fail)
    expire_session(world, "list_provided_services")

    with pytest.raises(LookupError, match="vault"):
        failing.dssp_list_services()


def test_requests_of_the_renewal_are_not_renewed(world: World, client: DSSClient) -> None:
    emails: list[str] = []

    def renew(client: DSSClient) -> None:
        with pytest.raises(SessionExpired):
            client.whoami()
        client.login(world.provider.token)
        emails.append(client.whoami())

    renewing = DSSClient(world.server.url, on_session_expired=renew)
    expire_session(world, "list_provided_services")

    assert not renewing.dssp_list_services().empty
    assert emails == ["provider@example.com"]


def test_threads_renew_a_shared_session_once(world: World) -> None:
    barrier = threading.Barrier(6)
    times = 0

    def renew(client: DSSClient) -> None:
        nonlocal times
        times += 1
        client.login(world.provider.token)

    def work(_: int) -> str:
        barrier.wait(30)
        return shared.whoami()

    shared = DSSClient(world.server.url, session="0123456789abcdef", on_session_expired=renew)
    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(work, range(6))) == {"provider@example.com"}

    assert times == 1


def test_thread_stops_waiting_for_a_slow_renewal_of_another_thread(
    world: World, client: DSSClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dss_client.transport.session.MAX_WAIT", 0.01)
    renewing, may_go_on = threading.Event(), threading.Event()

    def renew(_: DSSClient) -> None:
        renewing.set()
        may_go_on.wait(30)
        slow.login(world.provider.token)

    slow = DSSClient(world.server.url, session="0123456789abcdef", on_session_expired=renew)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(slow.whoami)
        assert renewing.wait(30)
        try:
            with pytest.raises(SessionExpired):
                slow.whoami()
        finally:
            may_go_on.set()
        assert first.result(30) == "provider@example.com"


class TransportWithConcurrentSignIn:
    """A transport that signs in before it returns a response with status 401."""

    def __init__(self, inner: Transport, sign_in: Callable[[], object]) -> None:
        self._inner = inner
        self._sign_in = sign_in

    def send(self, request: Request) -> Response:
        response = self._inner.send(request)
        if response.status == 401:
            self._sign_in()
        return response


def test_request_is_sent_again_after_a_login_without_renewal(world: World) -> None:
    token = world.provider.token
    with Urllib3Transport(world.server.url) as network:
        slow = TransportWithConcurrentSignIn(network, lambda: transport.sign_in(token))
        transport = SessionTransport(slow, world.server.url, session="0123456789abcdef")

        assert DssApi(transport).session.get_login().email == "provider@example.com"


def test_request_without_a_session_does_not_call_the_renewal(
    world: World, renewal: Renewal
) -> None:
    client = DSSClient(world.server.url, on_session_expired=renewal)

    with pytest.raises(NotLoggedIn) as caught:
        client.whoami()

    assert not isinstance(caught.value, SessionExpired)
    assert renewal.count == 0


def test_other_refusals_do_not_call_the_renewal(
    world: World, client: DSSClient, renewal: Renewal
) -> None:
    with pytest.raises(NotAProvider):
        client.dssp_claim_ticket(["abc"], "testlab", "i")
    world.server.faults.add(
        faults.Answer(status=401, body="<html>proxy</html>"), operation="get_login"
    )
    with pytest.raises(ProxyPage):
        client.whoami()

    assert renewal.count == 0


@attrs.frozen
class FailureAfterEvent(Fault):
    """A fault that lets the request fail as soon as an event is set."""

    event: threading.Event

    def strike(self, target: Target) -> MockResponse:
        assert self.event.wait(20)
        return faults.Answer(418).strike(target)

    @property
    def description(self) -> str:
        return "fails after an event"


@attrs.frozen
class SlowRequest(Fault):
    """A fault that sets an event when the request arrives, and then delays it."""

    arrived: threading.Event

    def strike(self, target: Target) -> MockResponse:
        self.arrived.set()
        target.wait(0.5)
        return target.proceed()

    @property
    def description(self) -> str:
        return "sets an event and waits"


def test_renewal_is_not_cancelled_when_another_file_of_a_download_fails(
    world: World, client: DSSClient, renewal: Renewal, tmp_path: Path
) -> None:
    contents = {f"{number}.bin": b"x" for number in range(2)}
    ticket = world.server.add_ticket(world.user, world.service, contents, "claimed")
    first, second = (f"/api/pro/tickets/{ticket.id}/files/input/{index}" for index in range(2))
    signing_in = threading.Event()
    world.server.faults.add(faults.ExpireSession(), path=first, times=1)
    world.server.faults.add(FailureAfterEvent(signing_in), path=second, times=1)
    world.server.faults.add(SlowRequest(signing_in), operation="login", times=1)

    with pytest.raises(DssError):
        client.dssp_download_ticket(ticket.id, tmp_path)

    # A token works once, so a cancelled renewal would waste it.
    assert client.whoami() == world.provider.email
    assert renewal.count == 1
