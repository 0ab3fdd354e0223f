"""Retries of requests, and the log and errors about them."""

from __future__ import annotations

import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from dss_api import (
    AnswerUnusable,
    ClientClosed,
    EncryptionFailed,
    FileArea,
    MiddlewareUnavailable,
    OutcomeUnknown,
    ServerNotTrusted,
    TicketNotClaimed,
    TransportError,
    Upload,
    UploadChanged,
)
from dss_client import DSSClient, Retries
from dss_client.transport import retries
from dss_mock import faults
from tests.dss_client.conftest import QUICK_RETRIES, World
from tests.dss_wire.servers import raw_server

SERVICES = "list_provided_services"


IMPOSSIBLE_DATES = [
    "Fri, 01 Jan 99999999999999 00:00:00 GMT",
    "Fri, 01 Jan 2027 00:00:00 +9999999999999999",
]
"""Dates outside the range of a clock."""


class OneTimeStream(io.RawIOBase):
    """A stream that cannot be read twice."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        # Narrower than the type of the base class; a reader passes nothing else.
        return self._content.readinto(buffer)

    def tell(self) -> int:
        return 0


class RetryHandler(logging.Handler):
    """A log handler that calls a function before a request is repeated."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act

    def emit(self, record: logging.LogRecord) -> None:
        self.act()


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("dss_client.transport.retries")
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)


def count_requests(world: World, operation: str) -> int:
    return sum(exchange.operation == operation for exchange in world.server.requests)


# ------------------------------------------------------------------------------------ delays


@given(
    st.integers(1, 2000),
    st.floats(0.001, 10),
    st.floats(0.001, 100),
)
def test_delays_double_up_to_the_longest_and_are_shortened_by_half_at_most(
    attempts: int, first: float, longest: float
) -> None:
    delays = list(Retries(attempts, first, longest).delays())

    assert len(delays) == attempts - 1
    for number, delay in enumerate(delays):
        full = min(first * 2 ** min(number, 100), longest)
        assert full / 2 <= delay <= full


def test_delays_of_two_clients_differ() -> None:
    assert list(Retries().delays()) != list(Retries().delays())


@pytest.mark.parametrize(
    "wrong", [{"attempts": 0}, {"first_delay": -1}, {"longest_delay": -1}, {"longest_wait": -1}]
)
def test_retries_with_too_small_numbers_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Retries(**wrong)


def test_client_waits_as_long_as_retry_after_asks(world: World, client: DSSClient) -> None:
    world.server.faults.add(faults.Answer(503, headers={"Retry-After": "1"}), times=1)
    began = time.monotonic()

    assert len(client.dssp_list_services()) == 1

    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("later", ["3600", "Fri, 01 Jan 2999 00:00:00 GMT"])
def test_too_long_retry_after_raises_an_error_without_retry(
    world: World, client: DSSClient, later: str
) -> None:
    world.server.faults.add(faults.Answer(503, "closed", headers={"Retry-After": later}))

    with pytest.raises(MiddlewareUnavailable, match="closed"):
        client.dssp_list_services()

    assert count_requests(world, SERVICES) == 1


@pytest.mark.parametrize(
    "odd", ["", "soon", "-5", "1.5", "Mon, 01 Jan 2001 00:00:00 GMT", "²", *IMPOSSIBLE_DATES]
)
def test_past_or_invalid_retry_after_is_ignored(world: World, client: DSSClient, odd: str) -> None:
    # HTTP headers are Latin-1.
    header = odd.encode().decode("latin-1")
    world.server.faults.add(faults.Answer(503, headers={"Retry-After": header}), times=1)

    assert len(client.dssp_list_services()) == 1


# --------------------------------------------------------------------------------- attempts


def test_request_fails_after_the_last_attempt(world: World, client: DSSClient) -> None:
    world.server.faults.add(faults.DropBefore())
    client.close()  # a closed idle connection does not count

    with pytest.raises(TransportError):
        client.dssp_list_services()

    assert count_requests(world, SERVICES) == QUICK_RETRIES.attempts


def test_request_is_sent_once_with_one_attempt(world: World) -> None:
    world.server.faults.add(faults.DropBefore(), operation=SERVICES)
    with DSSClient(world.server.url, retries=Retries(attempts=1)) as client:
        client.login(world.provider.token)
        client.close()  # as above
        with pytest.raises(TransportError):
            client.dssp_list_services()

    assert count_requests(world, SERVICES) == 1


def test_closed_idle_connection_does_not_count_as_an_attempt(world: World) -> None:
    world.server.faults.add(faults.DropBefore(), operation=SERVICES, times=1)
    world.server.faults.add(faults.DropBefore(), operation="claim_ticket", times=1)
    with DSSClient(world.server.url, retries=Retries(attempts=1)) as client:
        client.login(world.provider.token)
        assert len(client.dssp_list_services()) == 1
        # A request that must not be repeated is not, even on an idle connection.
        with pytest.raises(OutcomeUnknown):
            client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")

    assert count_requests(world, SERVICES) == 2
    assert count_requests(world, "claim_ticket") == 1


def test_refused_request_is_not_sent_again(world: World, client: DSSClient) -> None:
    with pytest.raises(TicketNotClaimed):
        client.dssp_set_progress(99, 0.5)

    assert count_requests(world, "set_progress") == 1


def test_claim_waits_for_a_middleware_that_restarts(
    world: World, client: DSSClient, log: logging.Logger
) -> None:
    world.add_ready_ticket()
    world.server.stop()
    log.addHandler(RetryHandler(world.server.start))

    claimed = client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")

    assert claimed is not None


def test_claim_with_lost_response_raises_outcome_unknown_with_advice(
    world: World, client: DSSClient
) -> None:
    ticket = world.add_ready_ticket()
    world.server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)

    with pytest.raises(OutcomeUnknown, match="dssp_find_claimed") as caught:
        client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")

    assert isinstance(caught.value, ConnectionError)
    assert "a second ticket is claimed" in str(caught.value)
    assert f"POST /api/pro/services/claims at {world.server.url} took effect" in str(caught.value)
    assert isinstance(caught.value.__cause__, TransportError)
    assert ticket.status == "claimed"
    assert count_requests(world, "claim_ticket") == 1


def test_stale_connections_are_replaced(world: World, client: DSSClient) -> None:
    world.server.faults.add(faults.CloseIdle())

    for number in range(20):
        client.dssp_ticket_status(world.add_ready_ticket().id)
        assert count_requests(world, "get_claimed_ticket_status") >= number + 1


def test_threads_can_share_a_client_on_an_unreliable_network(world: World) -> None:
    world.server.faults.add(faults.DropAfter(), operation=SERVICES, probability=0.2)
    tables: list[int] = []

    def ask() -> None:
        for _ in range(5):
            tables.append(len(client.dssp_list_services()))

    with DSSClient(world.server.url, retries=Retries(attempts=20, first_delay=0)) as client:
        client.login(world.provider.token)
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert tables == [1] * 40


# ------------------------------------------------------------------------------------- files


def test_upload_is_repeated_from_the_beginning_of_the_file(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 4000
    mask = tmp_path / "mask.nii.gz"
    mask.write_bytes(content)
    for fault in (faults.DropAfter(), faults.Answer(502), faults.DropBefore()):
        world.server.faults.add(fault, operation="upload_claimed_ticket_file", times=1)

        client.dssp_upload_files(ticket, mask)

        assert world.server.tickets[ticket].results["mask.nii.gz"].read_bytes() == content


def test_upload_of_a_one_time_stream_is_not_repeated_with_an_empty_body(
    world: World, client: DSSClient, ticket: int
) -> None:
    # A stream that was read to its end and cannot be rewound.
    stream = OneTimeStream(b"voxels")
    world.server.faults.add(faults.Answer(502), operation="upload_claimed_ticket_file", times=1)

    with pytest.raises(UploadChanged, match=r"'mask\.nii\.gz' cannot be read a second time"):
        client.api.provider.upload_claimed_ticket_file(
            ticket_id=ticket,
            area=FileArea.RESULTS,
            file=Upload("mask.nii.gz", io.BufferedReader(stream), 6),
        )

    assert "mask.nii.gz" not in world.server.tickets[ticket].results


# --------------------------------------------------------------------------------------- log


def test_log_names_the_repeated_request_and_the_reason(
    world: World, client: DSSClient, caplog: pytest.LogCaptureFixture
) -> None:
    world.server.faults.add(faults.Answer(502), times=1)
    client.dssp_list_services()
    client.close()
    world.server.faults.add(faults.DropBefore(), times=1)
    client.dssp_list_services()

    first, second = [
        r.getMessage() for r in caplog.records if r.name == "dss_client.transport.retries"
    ]
    assert "GET /api/pro/services failed: " in first
    assert "Retrying in 0.0 s" in first
    assert "a gateway answered 502" in first
    assert "the connection broke" in second


def test_request_to_unknown_host_fails_after_the_last_attempt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = DSSClient("http://no-such-host.invalid", retries=QUICK_RETRIES)
    with client, pytest.raises(TransportError) as caught:
        client.dssp_list_services()

    assert not caught.value.sent
    assert (
        len([r for r in caplog.records if r.name == "dss_client.transport.retries"])
        == QUICK_RETRIES.attempts - 1
    )


def test_request_to_untrusted_server_is_not_repeated(
    https_server: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    with DSSClient(https_server.url_for("")) as client, pytest.raises(ServerNotTrusted):
        client.whoami()

    assert [r for r in caplog.records if r.name == "dss_client.transport.retries"] == []


@pytest.mark.parametrize("repeatable", [True, False])
def test_request_that_waits_when_client_closes_is_not_repeated(repeatable: bool) -> None:
    asked = threading.Event()

    def wait(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        asked.set()
        assert connection.recv(1) == b""

    with (
        raw_server(wait) as server,
        DSSClient(server, session="swordfish-123") as client,
        ThreadPoolExecutor(1) as threads,
    ):
        work = client.whoami if repeatable else partial(client.dssp_claim_ticket, "abc", "lab", "i")
        waiting = threads.submit(work)
        assert asked.wait(10)
        client.close()
        error = waiting.exception(10)

    assert isinstance(error, ClientClosed if repeatable else OutcomeUnknown)
    assert "the client was closed" in str(error)


def test_request_to_server_without_tls_is_not_repeated(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"https://127.0.0.1:{httpserver.port}"
    with DSSClient(address, retries=QUICK_RETRIES) as client, pytest.raises(EncryptionFailed):
        client.whoami()

    assert [r for r in caplog.records if r.name == "dss_client.transport.retries"] == []


@pytest.mark.parametrize("repeatable", [True, False])
def test_too_long_response_is_not_read_completely(
    world: World, client: DSSClient, repeatable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "MAX_BODY", 1000)
    world.server.faults.add(faults.Answer(200, "x" * 1001, media_type="text/csv"))

    if repeatable:
        with pytest.raises(AnswerUnusable, match="The rest of it was not read"):
            client.dssp_list_services()
        assert count_requests(world, SERVICES) == 1
    else:
        with pytest.raises(OutcomeUnknown, match="the answer is too long"):
            client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")


def test_request_to_server_that_hangs_up_fails_after_the_last_attempt(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        seen: list[bytes] = []

        def hang_up() -> None:
            for _ in range(QUICK_RETRIES.attempts):
                connection, _ = listener.accept()
                with connection:
                    seen.append(connection.recv(1 << 16))

        thread = threading.Thread(target=hang_up)
        thread.start()
        client = DSSClient(f"http://127.0.0.1:{port}", retries=QUICK_RETRIES)
        with client, pytest.raises(TransportError) as caught:
            client.dssp_list_services()
        thread.join(10)

    assert caught.value.sent
    assert len(seen) == QUICK_RETRIES.attempts
