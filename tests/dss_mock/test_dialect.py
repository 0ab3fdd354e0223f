"""The mock as each version of the middleware."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dss_api import Dialect, LogCategory
from dss_mock import DssServer
from tests.dss_mock.test_app import RawResponse, send_request, sign_in


@pytest.fixture(params=list(Dialect))
def server(request: pytest.FixtureRequest) -> Iterator[DssServer]:
    with DssServer(dialect=request.param) as server:
        yield server


def summarise(answer: RawResponse) -> tuple[int, str, str | None, str]:
    return answer.status, answer.reason, answer.headers.get("Content-Type"), answer.body.decode()


FAULT = (500, "Internal Server Error", "text/html", "internal server error")
NOT_FOUND = (404, "Not Found", "text/html; charset=utf-8", "not found")


def is_old(server: DssServer) -> bool:
    return server.mock.dialect is Dialect.V2020


def test_operation_exists_only_since_its_version(server: DssServer) -> None:
    session = sign_in(server)
    answer = send_request(server, "POST", "/api/pro/services/available", {"services": "a"}, session)
    refused = (401, "unauthorized", None, "You are not a provider for service a ")
    assert summarise(answer) == (NOT_FOUND if is_old(server) else refused)
    answer = send_request(server, "GET", "/api/pro/services/available", session=session)
    assert answer.status == (404 if is_old(server) else 405)


def test_path_of_older_version_is_404_in_newer_one(server: DssServer) -> None:
    path = "/api/pro/services/Some-Name/tickets"
    anonymous = send_request(server, "GET", path)
    known = send_request(server, "GET", path, session=sign_in(server))
    posted = send_request(server, "POST", path, {})
    if not is_old(server):
        assert {summarise(anonymous), summarise(known), summarise(posted)} == {NOT_FOUND}
        return
    assert summarise(anonymous) == (401, "unauthorized", None, "You are not logged in!")
    assert summarise(known) == (
        401,
        "unauthorized",
        None,
        "You are not a provider for service Some-Name ",
    )
    assert summarise(posted) == (405, "Method Not Allowed", "text/html", "method not allowed")
    assert posted.headers["Allow"] == "GET"


def test_error_unknown_to_version_is_500(server: DssServer) -> None:
    session = sign_in(server)
    by_hash = send_request(server, "POST", "/api/tickets", {"githash": "abc"}, session)
    foreseen = (400, "bad request", None, "Service abc is not available")
    assert summarise(by_hash) == (FAULT if is_old(server) else foreseen)
    detail = send_request(server, "GET", "/api/services/abc/detail", session=session)
    assert summarise(detail) == foreseen


@pytest.mark.parametrize("message", ["plain", "é"])
def test_log_in_csv_and_json_is_written_as_by_version(server: DssServer, message: str) -> None:
    user = server.add_user("user@example.com")
    provider = server.add_user("provider@example.com")
    server.add_provider("lab", [provider])
    ticket = server.add_ticket(user, server.add_service("lab"), status="claimed")
    server.client(provider).provider.log_message(
        ticket_id=ticket.id, category=LogCategory.INFO, message=message
    )
    client = server.client(user)
    log = f"/api/tickets/{ticket.id}/log"
    as_csv = send_request(server, "GET", log, session=client.session_id)
    if is_old(server) and not message.isascii():
        assert summarise(as_csv) == (*FAULT[:2], "text/csv, text/html", FAULT[3])
    else:
        assert as_csv.headers["Content-Type"] == "text/csv"
        assert as_csv.body.decode().splitlines()[-1].endswith(f",info,0,{message}")
    as_json = send_request(server, "GET", f"{log}?format=json", session=client.session_id)
    entry = json.loads(as_json.body)["result"][-1]
    assert entry["message"] == message
    if is_old(server):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", entry["atime"])
        assert list(entry) == ["category", "message", "atime", "id", "attachments"]
    else:
        assert isinstance(entry["atime"], int)
        assert list(entry) == ["id", "atime", "category", "attachments", "message"]
    # The client does not know the version.
    assert client.user.get_ticket_log(ticket_id=ticket.id)[-1].message == message


def test_durations_have_precision_of_version(server: DssServer) -> None:
    session = sign_in(server)
    server.state.clock.freeze(datetime(2026, 1, 2, tzinfo=UTC))
    server.add_provider("lab")
    service = server.add_service("lab")
    server.state.clock.advance(hours=25, seconds=1.5)
    answer = send_request(server, "GET", f"/api/services/{service.githash}/stats", session=session)
    old = '0,"1 day, 1:00:01.500000",0,0\r\n'
    assert answer.body.decode() == (old if is_old(server) else "0,0,90001,0\r\n")
