"""The effect of each kind of fault on a client."""

from __future__ import annotations

import http.client
import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack

import pytest

from dss_api import (
    AnswerCutShort,
    AnswerTimeout,
    FileArea,
    MiddlewareUnavailable,
    NotLoggedIn,
    OutcomeUnknown,
    ProxyPage,
    TicketStatus,
    TransportError,
    UnexpectedAnswer,
)
from dss_mock import DssServer, faults
from dss_mock.http_server import THREADS

from .conftest import Scenario

TIMEOUT = 10.0
"""Seconds that no test needs unless it hangs."""


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def download_as_user(scenario: Scenario) -> bytes:
    with scenario.asker.user.download_ticket_file(
        ticket_id=scenario.ticket.id, area=FileArea.INPUT, index=0
    ) as download:
        return b"".join(download)


def download_as_provider(scenario: Scenario) -> bytes:
    with scenario.provider.provider.download_claimed_ticket_file(
        ticket_id=scenario.ticket.id, area=FileArea.INPUT, index=0
    ) as download:
        return b"".join(download)


def test_answer_fault_returns_its_status_and_body_without_handling_request(
    dss_server: DssServer, scenario: Scenario
) -> None:
    fault = faults.Answer(503, "Come back later.", headers={"Retry-After": "2"})
    dss_server.faults.add(fault, operation="claim_ticket", times=1)
    with pytest.raises(MiddlewareUnavailable, match="Come back later") as caught:
        scenario.claim()
    assert caught.value.status == 503
    assert scenario.ticket.status is TicketStatus.READY
    assert scenario.claim() == scenario.ticket.id


def test_answer_fault_sends_its_headers_and_no_cookie(dss_server: DssServer) -> None:
    dss_server.faults.add(faults.Answer(429, headers={"Retry-After": "2"}))
    connection = http.client.HTTPConnection(dss_server.host, dss_server.port, timeout=TIMEOUT)
    connection.request("GET", "/api/services")
    answer = connection.getresponse()
    assert (answer.status, answer.reason) == (429, "Too Many Requests")
    assert answer.getheader("Retry-After") == "2"
    assert answer.getheader("Set-Cookie") is None
    connection.close()


@pytest.mark.parametrize("status", [200, 502])
def test_proxy_page_fault_answers_with_web_page(
    dss_server: DssServer, scenario: Scenario, status: int
) -> None:
    dss_server.faults.add(faults.ProxyPage(status), operation="list_tickets", times=1)
    with pytest.raises((ProxyPage, MiddlewareUnavailable)):
        scenario.asker.user.list_tickets()
    assert [ticket.id for ticket in scenario.asker.user.list_tickets()] == [scenario.ticket.id]


def test_garbage_fault_makes_response_unreadable(dss_server: DssServer, scenario: Scenario) -> None:
    dss_server.faults.add(faults.Garbage(), operation="list_tickets", times=1)
    with pytest.raises(UnexpectedAnswer):
        scenario.asker.user.list_tickets()
    with pytest.raises(UnexpectedAnswer), dss_server.faults.add(faults.Garbage()):
        scenario.asker.user.get_ticket_status(ticket_id=scenario.ticket.id)


def test_garbage_fault_strikes_after_request_took_effect(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.Garbage(), operation="claim_ticket")
    with pytest.raises(OutcomeUnknown):
        scenario.claim()
    assert scenario.ticket.status is TicketStatus.CLAIMED


def test_garbage_fault_keeps_size_of_downloaded_file(
    dss_server: DssServer, scenario: Scenario
) -> None:
    whole = download_as_user(scenario)
    dss_server.faults.add(faults.Garbage(), operation="download_ticket_file")
    garbage = download_as_user(scenario)
    assert len(garbage) == len(whole)
    assert garbage != whole


def test_delay_fault_postpones_response(dss_server: DssServer, scenario: Scenario) -> None:
    dss_server.faults.add(faults.Delay(0.3), operation="list_tickets")
    begun = time.monotonic()
    assert len(scenario.asker.user.list_tickets()) == 1
    assert time.monotonic() - begun >= 0.3


def test_delay_fault_beyond_read_timeout_makes_client_time_out(
    dss_server: DssServer, scenario: Scenario
) -> None:
    impatient = dss_server.client(scenario.user, read_timeout=0.2)
    with dss_server.faults.add(faults.Delay(60), times=1), pytest.raises(AnswerTimeout):
        impatient.user.list_tickets()
    assert len(impatient.user.list_tickets()) == 1


def test_removing_delay_fault_releases_waiting_request(
    dss_server: DssServer, scenario: Scenario
) -> None:
    fault = dss_server.faults.add(faults.Delay(60), operation="list_tickets")
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scenario.asker.user.list_tickets)
        assert not wait([waiting], timeout=0.2).done
        fault.lift()
        assert len(waiting.result(TIMEOUT)) == 1
    assert time.monotonic() - begun < TIMEOUT


def test_removing_all_faults_releases_request_delayed_by_used_up_fault(
    dss_server: DssServer, scenario: Scenario
) -> None:
    # The second fault starts to wait when the first is over, and has no requests left by then.
    outer = dss_server.faults.add(faults.Delay(60), operation="list_tickets", times=1)
    inner = dss_server.faults.add(faults.Delay(60), operation="list_tickets", times=1)
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scenario.asker.user.list_tickets)
        wait_until(lambda: inner.hits == 1)
        assert not dss_server.faults.list_active()
        dss_server.faults.lift_all()
        assert len(waiting.result(TIMEOUT)) == 1
    assert outer.is_lifted
    assert time.monotonic() - begun < TIMEOUT


def test_delayed_clients_that_disconnect_do_not_block_other_clients(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.Delay(60), operation="list_services")
    for _ in range(2 * THREADS):
        with socket.create_connection((dss_server.host, dss_server.port), TIMEOUT) as peer:
            peer.sendall(b"GET /api/services HTTP/1.1\r\nHost: h\r\n\r\n")
    assert len(scenario.asker.user.list_tickets()) == 1


def test_delayed_clients_that_wait_do_not_block_other_clients(
    dss_server: DssServer, scenario: Scenario
) -> None:
    delay = dss_server.faults.add(faults.Delay(60), operation="list_services")
    with ExitStack() as peers:
        for _ in range(THREADS + 1):
            peer = socket.create_connection((dss_server.host, dss_server.port), TIMEOUT)
            peers.enter_context(peer)
            peer.sendall(b"GET /api/services HTTP/1.1\r\nHost: h\r\n\r\n")
        assert len(scenario.asker.user.list_tickets()) == 1
        wait_until(lambda: delay.hits == THREADS + 1)


def test_stopping_server_does_not_wait_for_delay_fault() -> None:
    with DssServer() as server, ThreadPoolExecutor(1) as pool:
        client = server.client(server.add_user("user@example.com"))
        fault = server.faults.add(faults.Delay(60), times=1)
        waiting = pool.submit(client.user.list_tickets)
        wait_until(lambda: fault.hits == 1)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < TIMEOUT
        wait([waiting], timeout=TIMEOUT)


def test_trickle_fault_sends_body_slowly_but_completely(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.Trickle(size=40_000, every=0.05), operation="download_ticket_file")
    begun = time.monotonic()
    assert download_as_user(scenario) == bytes(range(256)) * 400
    assert time.monotonic() - begun >= 0.15


def test_drop_before_fault_breaks_connection_before_request_takes_effect(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.DropBefore(), operation="claim_ticket", times=1)
    with pytest.raises(TransportError):
        scenario.claim()
    assert scenario.ticket.status is TicketStatus.READY


def test_drop_after_fault_breaks_connection_after_request_took_effect(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)
    with pytest.raises(TransportError):
        scenario.claim()
    assert scenario.ticket.status is TicketStatus.CLAIMED
    assert scenario.claim() is None


@pytest.mark.parametrize("sized", [True, False])
@pytest.mark.parametrize("after", [None, 0, 1000])
def test_cut_fault_makes_download_end_too_early(
    dss_server: DssServer, scenario: Scenario, sized: bool, after: int | None
) -> None:
    scenario.claim()
    dss_server.faults.add(faults.Cut(after, sized=sized), path="/api/*tickets/*/files/*")
    for reading in (download_as_user, download_as_provider):
        with pytest.raises(AnswerCutShort):
            reading(scenario)


@pytest.mark.parametrize("sized", [True, False])
def test_cut_fault_makes_list_end_too_early(
    dss_server: DssServer, scenario: Scenario, sized: bool
) -> None:
    dss_server.faults.add(faults.Cut(sized=sized), operation="list_tickets")
    with pytest.raises(AnswerCutShort):
        scenario.asker.user.list_tickets()


def test_expire_session_fault_signs_client_out(dss_server: DssServer, scenario: Scenario) -> None:
    scenario.claim()
    dss_server.faults.add(faults.ExpireSession(), operation="set_progress", times=1)
    for _ in range(2):
        with pytest.raises(NotLoggedIn):
            scenario.provider.provider.set_progress(
                ticket_id=scenario.ticket.id, chunk_start=0, chunk_end=1, progress=0.5
            )
    assert scenario.ticket.progress == 0


def test_close_idle_fault_closes_connection_without_announcement(
    dss_server: DssServer, scenario: Scenario
) -> None:
    dss_server.faults.add(faults.CloseIdle(), times=1)
    with socket.create_connection((dss_server.host, dss_server.port), timeout=TIMEOUT) as peer:
        peer.sendall(b"GET /api/services HTTP/1.1\r\nHost: h\r\n\r\n")
        stream = peer.makefile("rb")
        head = b"".join(iter(stream.readline, b"\r\n"))
        assert head.startswith(b"HTTP/1.1 401 ")
        # The headers do not announce the end of the connection.
        assert b"connection: close" not in head.lower()
        assert stream.read().endswith(b"\r\n0\r\n\r\n")
        stream.close()


def test_connection_stays_open_without_fault(dss_server: DssServer) -> None:
    connection = http.client.HTTPConnection(dss_server.host, dss_server.port, timeout=TIMEOUT)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/api/services")
        connection.getresponse().read()
    assert connection.sock is first
    connection.close()


def test_fault_description_includes_description_of_its_kind(dss_server: DssServer) -> None:
    for kind in faults.KINDS.values():
        assert kind().description in dss_server.faults.add(kind()).description


@pytest.mark.parametrize(
    ("kind", "parameters", "said"),
    [
        ("answer", {"status": "503"}, "status must be a whole number from 200 to 599, not '503'"),
        ("answer", {"status": 100}, "status must be a whole number from 200 to 599, not 100"),
        ("answer", {"status": 204, "body": "x"}, "a response with status 204 cannot have a body"),
        ("answer", {"body": b"x"}, "body must be a string, not b'x'"),
        ("answer", {"media_type": "a\r\nb"}, "media_type must be one line"),
        ("answer", {"headers": ["a"]}, "headers must be a mapping"),
        (
            "answer",
            {"headers": {"Retry-After": 1}},
            "the header Retry-After must be a string, not 1",
        ),
        ("answer", {"headers": {"X": "a\r\nY: b"}}, "the header X must be one line"),
        ("proxy_page", {"status": True}, "status must be"),
        ("delay", {"seconds": 0}, "seconds must be above 0 and at most 86400 seconds, not 0"),
        ("delay", {"seconds": float("inf")}, "not inf"),
        ("delay", {"seconds": float("nan")}, "not nan"),
        ("delay", {"seconds": "1"}, "not '1'"),
        ("trickle", {"size": 0}, "size must be a whole number from 1 up, not 0"),
        ("trickle", {"every": -1}, "every must be above 0"),
        ("cut", {"after": -1}, "after must be a whole number from 0 up, not -1"),
    ],
)
def test_fault_with_invalid_parameter_is_refused(
    kind: str, parameters: dict[str, object], said: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(said)):
        faults.KINDS[kind](**parameters)
