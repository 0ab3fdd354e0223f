"""The server: expectations, streams, start and stop."""

from __future__ import annotations

import os
import socket
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from werkzeug import Response

from dss_api import (
    AnswerCutShort,
    FileArea,
    MiddlewareUnavailable,
    NotLoggedIn,
    ServiceNotFound,
    TicketStatus,
    Upload,
)
from dss_mock import DssServer, State
from dss_mock.dss_server import LOG_LENGTH

from .conftest import Connect


def test_ordered_expectation_is_answered_once(dss_server: DssServer, connect: Connect) -> None:
    api = connect(dss_server.add_user("u@example.com"))
    dss_server.expect_ordered_request("/api/services").respond_with_data("down", status=502)
    assert api.session.get_login().email == "u@example.com"
    with pytest.raises(MiddlewareUnavailable):
        api.user.list_services()
    assert api.user.list_services() == []
    assert len(dss_server.log) == 1
    dss_server.check()


def test_expectation_for_body_leaves_other_requests_to_mock(
    dss_server: DssServer, connect: Connect
) -> None:
    api = connect(dss_server.add_user("u@example.com"))
    dss_server.expect_oneshot_request("/api/tickets", data="name=Other").respond_with_data("77")
    with pytest.raises(ServiceNotFound, match="Example"):
        api.user.create_ticket(name="Example")
    assert api.user.create_ticket(name="Other") == 77
    dss_server.check()


def test_permanent_expectation_is_answered_until_reset(
    dss_server: DssServer, connect: Connect
) -> None:
    api = connect(dss_server.add_user("u@example.com"))
    dss_server.expect_request("/api/services").respond_with_data("", content_type="text/csv")
    for _ in range(LOG_LENGTH // 500):
        assert api.user.list_services() == []
    dss_server.reset()
    assert (dss_server.log, dss_server.handlers) == ([], [])


def test_expected_response_shorter_than_its_length_ends_at_once(
    dss_server: DssServer, connect: Connect
) -> None:
    api = connect(dss_server.add_user("u@example.com"))
    dss_server.expect_request("/api/services").respond_with_response(
        Response(iter([b"a,b"]), headers={"Content-Type": "text/csv", "Content-Length": "100"})
    )
    begun = time.monotonic()
    with pytest.raises(AnswerCutShort):
        api.user.list_services()
    # The connection ends long before its idle timeout.
    assert time.monotonic() - begun < 5


def test_failing_expectation_is_reported_by_check(dss_server: DssServer, connect: Connect) -> None:
    def fail(_: object) -> None:
        raise AssertionError("not like this")

    api = connect(dss_server.add_user("u@example.com"))
    dss_server.expect_request("/api/services").respond_with_handler(fail)  # type: ignore[arg-type]  # it raises
    with pytest.raises(Exception, match="500"):
        api.user.list_services()
    with pytest.raises(AssertionError, match="not like this"):
        dss_server.check()


def test_large_file_is_not_held_in_memory(
    dss_server: DssServer, connect: Connect, tmp_path: Path
) -> None:
    size = 50 << 20
    person = dss_server.add_user("u@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    ticket = dss_server.state.tickets.create(person, service)
    api = connect(person)
    # An expectation for another path must not read the body.
    dss_server.expect_request("/api/services").respond_with_data("")
    path = tmp_path / "big.bin"
    path.touch()
    os.truncate(path, size)
    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            file = Upload.of(path, stream)
            api.user.upload_ticket_file(ticket_id=ticket.id, area=FileArea.INPUT, file=file)
        with api.user.download_ticket_file(
            ticket_id=ticket.id, area=FileArea.INPUT, index=0
        ) as download:
            assert sum(len(chunk) for chunk in download) == size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # werkzeug allocates 10 MB of this to read the rest of a request.
    assert peak < 16 << 20
    assert ticket.files[FileArea.INPUT]["big.bin"].size == size


def test_large_upload_without_session_is_refused(
    dss_server: DssServer, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "big.bin"
    path.touch()
    os.truncate(path, 20 << 20)
    with path.open("rb") as stream, pytest.raises(NotLoggedIn):
        connect(None).user.upload_ticket_file(
            ticket_id=1, area=FileArea.INPUT, file=Upload.of(path, stream)
        )


def test_interrupted_upload_leaves_no_file(dss_server: DssServer, connect: Connect) -> None:
    person = dss_server.add_user("u@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    ticket = dss_server.state.tickets.create(person, service)
    answer = connect(person).user.get_ticket_status(ticket_id=ticket.id)
    assert answer is TicketStatus.INIT
    session = next(iter(dss_server.state.accounts._sessions))
    head = (
        f"POST /api/tickets/{ticket.id}/files/input HTTP/1.1\r\nHost: h\r\n"
        f"Cookie: webpy_session_id={session}\r\nContent-Length: 10000\r\n"
        "Content-Type: multipart/form-data; boundary=xyz\r\n\r\n"
        '--xyz\r\nContent-Disposition: form-data; name="myfile"; filename="a"\r\n\r\nbegun'
    )
    with socket.create_connection((dss_server.host, dss_server.port), timeout=30) as connection:
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert ticket.files[FileArea.INPUT] == {}
    assert list(dss_server.state.file_store.path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")
def test_aborted_downloads_leave_no_file_open(dss_server: DssServer, connect: Connect) -> None:
    person = dss_server.add_user("u@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    ticket = dss_server.add_ticket(person, service, files={"a.bin": bytes(1 << 20)})
    api = connect(person)
    for _ in range(40):
        api.user.download_ticket_file(ticket_id=ticket.id, area=FileArea.INPUT, index=0).close()

    deadline = time.monotonic() + 30
    while list_open_files(dss_server.state.file_store.path):
        assert time.monotonic() < deadline, "files stay open"
        time.sleep(0.01)


def list_open_files(folder: Path) -> list[str]:
    """Return the files in a folder that this process has open."""
    links = (entry for entry in Path("/proc/self/fd").iterdir())
    names: list[str] = []
    for link in links:
        with suppress(FileNotFoundError):
            names.append(str(link.readlink()))
    return [name for name in names if name.startswith(str(folder))]


def test_concurrent_claims_over_sockets_take_each_ticket_once(
    dss_server: DssServer, connect: Connect
) -> None:
    lab = dss_server.add_user("l@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab", users=[lab]))
    for _ in range(40):
        dss_server.add_ticket(lab, service)
    apis = []
    for _ in range(8):
        apis.append(connect(lab))
    start = threading.Barrier(8)

    def claim_all(number: int) -> list[int]:
        start.wait(timeout=30)
        provider = apis[number].provider
        claimed: list[int] = []
        while (
            ticket_id := provider.claim_service_ticket(githash=service.githash, provider="p")
        ) is not None:
            claimed.append(ticket_id)
        return claimed

    with ThreadPoolExecutor(8) as pool:
        claimed = [number for numbers in pool.map(claim_all, range(8)) for number in numbers]
    assert sorted(claimed) == list(range(1, 41))


@pytest.mark.parametrize("status", TicketStatus)
def test_add_ticket_reaches_any_status(dss_server: DssServer, status: TicketStatus) -> None:
    person, lab = dss_server.add_user("u@example.com"), dss_server.add_user("l@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab", users=[lab]))
    ticket = dss_server.add_ticket(person, service, files={"a": b"1"}, status=status)
    assert ticket.status is status
    claimed = status not in (TicketStatus.INIT, TicketStatus.READY, TicketStatus.DELETED)
    assert ticket.claimers == ({lab.id} if claimed else set())


def test_add_claimed_ticket_without_provider_user_is_refused(dss_server: DssServer) -> None:
    person = dss_server.add_user("u@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    with pytest.raises(ValueError, match="No user belongs to a provider"):
        dss_server.add_ticket(person, service, status=TicketStatus.CLAIMED)


def test_server_starts_and_stops() -> None:
    server = DssServer()
    folder = server.state.file_store.path
    began = time.monotonic()
    with server:
        port = server.port
        assert server.url == f"http://127.0.0.1:{port}"
        with pytest.raises(RuntimeError):
            server.start()
        with socket.create_connection(("127.0.0.1", port), timeout=30):
            pass
    assert time.monotonic() - began < 10
    assert not folder.exists()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=30)
    server.close()


def test_server_on_port_in_use_fails_and_closes_state() -> None:
    with DssServer() as first, State() as state:
        with pytest.raises(OSError), DssServer(port=first.port, state=state):
            pass
        assert not state.file_store.path.exists()
