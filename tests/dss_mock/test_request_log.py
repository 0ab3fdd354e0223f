"""The content of the request log, and secrets that it must not contain."""

from __future__ import annotations

from contextlib import suppress

from dss_api import AnswerError, FileArea
from dss_mock import DssServer
from dss_mock.request_log import RequestLog

from .conftest import Connect


def test_request_log_shows_each_request_with_its_response(
    dss_server: DssServer, connect: Connect
) -> None:
    person = dss_server.add_user("u@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    ticket = dss_server.add_ticket(person, service, {"a.bin": b"12345"})
    client = dss_server.client(person)
    client.user.list_tickets()
    with client.user.download_ticket_file(
        ticket_id=ticket.id, area=FileArea.INPUT, index=0
    ) as download:
        assert b"".join(download) == b"12345"
    with suppress(AnswerError):
        connect(None).user.create_ticket(name="é")
    found = [
        (entry.number, entry.method, entry.path, entry.actor, entry.operation, entry.status)
        for entry in dss_server.requests
    ]
    assert found == [
        (1, "GET", "/api/tickets", "u@example.com", "list_tickets", 200),
        (2, "GET", "/api/tickets/1/files/input/0", "u@example.com", "download_ticket_file", 200),
        (3, "POST", "/api/tickets", None, "create_ticket", 401),
    ]
    assert [entry.received for entry in dss_server.requests] == [0, 0, len("name=%C3%A9")]
    assert dss_server.requests[1].sent == 5
    times = [entry.time for entry in dss_server.requests]
    assert times == sorted(times)


def test_request_log_contains_no_token(dss_server: DssServer, connect: Connect) -> None:
    person = dss_server.add_user("u@example.com")
    token = person.token
    connect(person)
    connect(None)
    with suppress(AnswerError):
        connect(None).session.login(token="not-" + token)
    shown = repr(list(dss_server.requests)) + "".join(map(str, dss_server.requests))
    assert "/api/login" in shown
    assert token not in shown


def test_request_log_includes_expected_requests(dss_server: DssServer) -> None:
    dss_server.expect_request("/api/services").respond_with_data("", status=502)
    with suppress(AnswerError):
        dss_server.client(dss_server.add_user("u@example.com")).user.list_services()
    (entry,) = dss_server.requests.filter("list_services")
    assert (entry.status, entry.actor) == (502, "u@example.com")


def test_reset_clears_request_log(dss_server: DssServer) -> None:
    dss_server.client(dss_server.add_user("u@example.com")).user.list_services()
    assert len(dss_server.requests) == 1
    dss_server.reset()
    assert (len(dss_server.requests), dss_server.requests.total) == (0, 0)


def test_request_log_line_escapes_control_characters() -> None:
    entry = RequestLog(lambda: 0.0).add("\x1b[2J", "/\x1b[2J" + "a" * 5000)
    entry.actor, entry.faults = "a\x9b@b", ("answers \x07",)
    assert str(entry).isprintable()
    assert len(str(entry)) < 1200


def test_request_log_keeps_only_last_requests() -> None:
    log = RequestLog(lambda: 0.0, length=3)
    for number in range(10):
        log.add("GET", f"/{number}")
    assert [entry.number for entry in log] == [8, 9, 10]
    assert [entry.path for entry in log[:2]] == ["/7", "/8"]
    assert log.total == 10
