"""The content that a test adds, and what it can inspect afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from io import BytesIO
from socket import create_connection
from typing import cast

import pytest

from dss_api import (
    SESSION_COOKIE,
    FileArea,
    LogCategory,
    NotLoggedIn,
    PurgeScope,
    TicketStatus,
    Upload,
)
from dss_mock import DssServer, faults
from dss_mock.dss_server import Client
from dss_mock.state import Ticket, User


def make_upload(name: str, content: bytes) -> Upload:
    return Upload(name, BytesIO(content), len(content))


def test_ticket_shows_what_provider_did(dss_server: DssServer) -> None:
    user, me = dss_server.add_user("user@example.com"), dss_server.add_user("me@example.com")
    service = dss_server.add_service(dss_server.add_provider("mylab", users=[me]))
    ticket_id = dss_server.add_ticket(user, service, files={"scan.nii.gz": b"scan"}).id
    api = dss_server.client(me).provider
    claim = api.claim_ticket(services=(service.githash,), provider="mylab", code="ws1")
    assert claim is not None
    api.set_progress(ticket_id=ticket_id, chunk_start=0, chunk_end=0.5, progress=0.5)
    api.attach_file(
        ticket_id=ticket_id,
        desc="Volume",
        file=make_upload("volume.txt", b"12 ml"),
    )
    api.log_message(ticket_id=ticket_id, category=LogCategory.INFO, message="Done")
    api.upload_claimed_ticket_file(
        ticket_id=ticket_id, area=FileArea.RESULTS, file=make_upload("mask.nii.gz", b"mask")
    )
    api.set_claimed_ticket_status(ticket_id=ticket_id, status=TicketStatus.SUCCESS)

    ticket = dss_server.tickets[ticket_id]
    assert ticket.status is TicketStatus.SUCCESS
    assert ticket.statuses == ["init", "ready", "claimed", "success"]
    assert ticket.progress == 0.25
    assert [entry.message for entry in ticket.log][1:] == [
        "Ticket claimed by provider mylab instance ws1",
        "Done",
    ]
    (attachment,) = ticket.attachments
    assert (attachment.description, attachment.read_bytes()) == ("Volume", b"12 ml")
    assert ticket.inputs["scan.nii.gz"].read_bytes() == b"scan"
    assert ticket.results["mask.nii.gz"].read_bytes() == b"mask"
    with pytest.raises(KeyError):
        dss_server.tickets[99]


def test_client_does_not_use_up_token(dss_server: DssServer) -> None:
    user = dss_server.add_user("user@example.com")
    token = user.token
    with dss_server.client(user) as first, dss_server.client(user) as second:
        assert first.session.get_login() == second.session.get_login()
        assert first.session_id != second.session_id
    assert user.token == token


# -------------------------------------------------------------------------------------- clock


def test_times_and_durations_follow_clock(dss_server: DssServer) -> None:
    dss_server.clock.freeze(datetime(2030, 1, 1, tzinfo=UTC))
    user, me = dss_server.add_user("user@example.com"), dss_server.add_user("me@example.com")
    service = dss_server.add_service(dss_server.add_provider("mylab", users=[me]))
    ticket = dss_server.add_ticket(user, service, status="claimed")
    dss_server.clock.advance(minutes=90)
    api = dss_server.client(me).provider
    api.set_claimed_ticket_status(ticket_id=ticket.id, status=TicketStatus.SUCCESS)
    asker = dss_server.client(user).user
    stats = asker.get_service_stats(githash=service.githash)
    assert stats.avg_duration == timedelta(minutes=90)
    assert stats.last_heard_from == timedelta(minutes=90)
    dss_server.clock.advance(hours=25)
    assert asker.get_service_stats(githash=service.githash).n_success == 0
    (entry, _) = asker.get_ticket_log(ticket_id=ticket.id)
    assert entry.atime == datetime(2030, 1, 1, tzinfo=UTC)
    assert dss_server.requests[-1].time == datetime(2030, 1, 2, 2, 30, tzinfo=UTC)


def test_purge_follows_clock(dss_server: DssServer) -> None:
    admin = dss_server.client(dss_server.add_user("admin@example.com", sysadmin=True)).admin
    user = dss_server.add_user("user@example.com")
    service = dss_server.add_service(dss_server.add_provider("mylab"))
    dss_server.add_ticket(user, service)
    assert admin.purge_tickets(scope=PurgeScope.ALL) == 0
    dss_server.clock.advance(days=8)
    assert admin.purge_tickets(scope=PurgeScope.ALL) == 1


# -------------------------------------------------------------------------------------- chance


def make_random_names(server: DssServer) -> tuple[str, str]:
    user = server.add_user("user@example.com")
    service = server.add_service(server.add_provider("mylab", users=[user]))
    ticket = server.add_ticket(user, service, status="claimed")
    client = server.client(user)
    file = make_upload("a.txt", b"")
    client.provider.attach_file(ticket_id=ticket.id, desc="", file=file)
    return user.token, ticket.attachments[0].blob


def test_random_names_are_equal_after_each_reset(dss_server: DssServer) -> None:
    first = make_random_names(dss_server)
    dss_server.reset()
    assert make_random_names(dss_server) == first
    dss_server.reset(random_seed=1)
    assert make_random_names(dss_server) != first
    with DssServer() as other:
        assert make_random_names(other) == first


def test_anonymous_request_does_not_change_names_of_attachments(dss_server: DssServer) -> None:
    _, blob = make_random_names(dss_server)
    dss_server.reset()
    with closing(HTTPConnection(dss_server.host, dss_server.port, timeout=30)) as visitor:
        visitor.request("GET", "/api/services")
        assert visitor.getresponse().status == 401
    assert make_random_names(dss_server)[1] == blob


# -------------------------------------------------------------------------------------- reset


def test_session_from_before_reset_is_unknown_afterwards(dss_server: DssServer) -> None:
    old = dss_server.client(dss_server.add_user("a@example.com")).session_id
    dss_server.reset()
    new = dss_server.client(dss_server.add_user("b@example.com")).session_id
    assert new != old
    with Client(dss_server.url, old) as client, pytest.raises(NotLoggedIn):
        client.session.get_login()


@pytest.mark.parametrize(
    ("sysadmin", "path"),
    [
        (False, "/api/pro/tickets/1/files/results"),
        (False, "/api/pro/tickets/1/attachments"),
        (True, "/api/tickets/1/files/input"),
        (True, "/api/tickets/99/files/input"),
    ],
)
def test_upload_that_started_before_reset_is_refused(
    dss_server: DssServer, sysadmin: bool, path: str
) -> None:
    def stage() -> tuple[User, Ticket]:
        me = dss_server.add_user("me@example.com", sysadmin=sysadmin)
        service = dss_server.add_service(dss_server.add_provider("mylab", users=[me]))
        return me, dss_server.add_ticket(me, service, status="claimed")

    me, _ = stage()
    begun = (
        b'--X\r\nContent-Disposition: form-data; name="desc"\r\n\r\nof before\r\n--X\r\n'
        b'Content-Disposition: form-data; name="myfile"; filename="old"\r\n\r\nof '
    )
    ended = b"before\r\n--X--\r\n"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {dss_server.host}\r\nConnection: close\r\n"
        f"Cookie: {SESSION_COOKIE}={dss_server.client(me).session_id}\r\n"
        "Content-Type: multipart/form-data; boundary=X\r\n"
        f"Content-Length: {len(begun + ended)}\r\n\r\n"
    )
    address = (dss_server.host, dss_server.port)
    with create_connection(address, timeout=30) as connection, connection.makefile("rb") as answer:
        connection.sendall(head.encode() + begun)
        deadline = time.monotonic() + 30
        while not dss_server.state.file_store.list_files():
            assert time.monotonic() < deadline, "the upload did not start"
            time.sleep(0.001)
        dss_server.reset()
        _, ticket = stage()
        connection.sendall(ended)
        assert answer.readline().split()[1] == b"401"
        answer.read()
    assert (ticket.paths, ticket.attachments) == ([], [])
    assert dss_server.state.file_areas.list_files(99, FileArea.INPUT) == []
    assert dss_server.state.file_store.list_files() == []


# -------------------------------------------------------------------------------- what cannot be


def test_adding_provider_with_address_instead_of_user_is_refused(dss_server: DssServer) -> None:
    with pytest.raises(
        TypeError, match=r"'me@example.com' is not a user\. Create one with add_user\(\)"
    ):
        dss_server.add_provider("mylab", users=cast(list[User], ["me@example.com"]))
    assert not dss_server.state.catalogue.providers


def test_adding_service_for_unknown_provider_is_refused(dss_server: DssServer) -> None:
    with pytest.raises(
        ValueError, match=r"The provider 'nope' does not exist\. Create it with add_provider\(\)"
    ):
        dss_server.add_service("nope")


def test_adding_service_with_incomplete_descriptor_is_refused(dss_server: DssServer) -> None:
    with pytest.raises(ValueError, match="The descriptor lacks name, shortdesc"):
        dss_server.add_service(dss_server.add_provider("mylab"), {"version": "1"})


@pytest.mark.parametrize(
    "wrong", [{"shortdesc": 5}, {"shortdesc": ["s"]}, {"name": ["A"]}, {"version": {}}]
)
def test_adding_service_with_wrong_type_in_descriptor_is_refused(
    dss_server: DssServer, wrong: dict[str, object]
) -> None:
    provider = dss_server.add_provider("mylab")
    descriptor = {"name": "A", "version": "1", "shortdesc": "s", **wrong}
    with pytest.raises(ValueError, match=r"^In the descriptor, name and version must be strings"):
        dss_server.add_service(provider, descriptor)


def test_adding_service_with_name_and_version_of_existing_service_is_refused(
    dss_server: DssServer,
) -> None:
    provider = dss_server.add_provider("mylab")
    dss_server.add_service(provider)
    with pytest.raises(ValueError, match=r"The service Example 1\.0\.0 exists already"):
        dss_server.add_service(provider, githash="a" * 40)


def add_ticket(server: DssServer, **unusual: object) -> None:
    user = server.add_user("user@example.com")
    service = server.add_service(server.add_provider("mylab"))
    arguments: dict[str, object] = {"user": user, "service": service, **unusual}
    cast(Callable[..., object], server.add_ticket)(**arguments)


@pytest.mark.parametrize(
    ("unusual", "error", "said"),
    [
        ({"files": {"a": "text"}}, TypeError, "'a' must be bytes, not str"),
        ({"files": ["a.txt"]}, TypeError, "files must map names to bytes"),
        ({"service": "a" * 40}, TypeError, r"is not a service\. Create one with add_service\(\)"),
        (
            {"claimed_by": "me@example.com"},
            TypeError,
            r"is not a user\. Create one with add_user\(\)",
        ),
        ({"user": "user@example.com"}, TypeError, "is not a user"),
        ({"status": "done"}, ValueError, "done"),
        ({"status": "claimed"}, ValueError, "No user belongs to a provider"),
    ],
)
def test_adding_ticket_with_invalid_argument_is_refused(
    dss_server: DssServer, unusual: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        add_ticket(dss_server, **unusual)
    assert len(dss_server.tickets) == 0


def test_user_and_service_from_before_reset_are_refused(dss_server: DssServer) -> None:
    user = dss_server.add_user("user@example.com")
    service = dss_server.add_service(dss_server.add_provider("mylab"))
    dss_server.reset()
    with pytest.raises(
        ValueError, match=r"user@example\.com is unknown, or a reset has removed it"
    ):
        dss_server.client(user)
    again = dss_server.add_user("user@example.com")
    with pytest.raises(ValueError, match="Example is unknown, or a reset has removed it"):
        dss_server.add_ticket(again, service)


@pytest.mark.parametrize("email", [None, 5, ""])
def test_adding_user_without_address_is_refused(dss_server: DssServer, email: str) -> None:
    with pytest.raises((TypeError, ValueError), match="the e-mail address must"):
        dss_server.add_user(email)


def test_server_lists_all_tickets_and_faults(dss_server: DssServer) -> None:
    user = dss_server.add_user("user@example.com")
    service = dss_server.add_service(dss_server.add_provider("mylab"))
    tickets = [dss_server.add_ticket(user, service) for _ in range(2)]
    assert list(dss_server.tickets) == tickets
    fault = dss_server.faults.add(faults.Answer())
    assert list(dss_server.faults) == [fault]
    assert len(dss_server.faults) == 1


def test_clock_refuses_arguments_of_wrong_type(dss_server: DssServer) -> None:
    with pytest.raises(TypeError, match=r"3600 is not a timedelta\. Pass a timedelta"):
        dss_server.clock.advance(cast(timedelta, 3600))
    with pytest.raises(TypeError, match="'2030-01-01' is not a datetime"):
        dss_server.clock.freeze(cast(datetime, "2030-01-01"))
