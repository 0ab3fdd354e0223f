"""Attachments and files under `/_mock/`, and that nothing changes by watching."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dss_api import FileArea, LogCategory, Upload
from dss_mock import DssServer, State, faults
from dss_mock.state import Ticket, User

from .asking import STATE, Answered, ask, seen

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
NAMES = (
    "scan 1.nii.gz",
    "<script>1<script>",
    "\u202etxt.exe \u05e9\u05dc\u05d5\u05dd",
    "100%2F?#&;.nii",
    "a\"b'c\\d\r\ne.nii",
)


@pytest.fixture
def member(dss_server: DssServer) -> User:
    member = dss_server.add_user("pipeline@example.com")
    dss_server.add_provider("testlab", [member])
    return member


@pytest.fixture
def ticket(dss_server: DssServer, member: User) -> Ticket:
    """A claimed one, with files of all kinds of names."""
    user = dss_server.add_user("anna@example.com")
    service = dss_server.add_service("testlab")
    files = {name: name.encode() for name in NAMES}
    return dss_server.add_ticket(user, service, files, "claimed", claimed_by=member)


def attach(state: State, member: User, mime_type: str, content: bytes) -> str:
    """Attach something to ticket 1; gives the address at which the page finds it."""
    path = state.file_store.allocate_path()
    path.write_bytes(content)
    blob = state.logbook.attach(member, 1, "A report", mime_type, path).short_blob
    return f"/_mock/attachments/{blob}"


def assert_is_kept(answer: Answered) -> None:
    """Nothing of it runs in a browser, even if it is opened on its own."""
    assert answer.status == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert "Set-Cookie" not in answer.headers


def test_an_attachment(dss_server: DssServer, member: User, ticket: Ticket) -> None:
    url = attach(dss_server.state, member, "image/svg+xml", SVG)
    answer = ask(dss_server, url)
    assert answer.body == SVG
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert 'filename="attachment-1.svg"' in answer.headers["Content-Disposition"]
    assert_is_kept(answer)
    [shown] = seen(dss_server, f"open={ticket.id}")["opened"][0]["pending"]
    assert shown["url"] == url


@pytest.mark.usefixtures("ticket")
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Text/HTML; charset=utf-8", "text/html"),
        ("", "application/octet-stream"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("m\u00e9dia/type", "application/octet-stream"),
        ("javascript:alert(1)", "application/octet-stream"),
    ],
)
def test_the_types_of_attachments(
    dss_server: DssServer, member: User, given: str, sent: str
) -> None:
    answer = ask(dss_server, attach(dss_server.state, member, given, b"1"))
    assert answer.headers["Content-Type"] == sent
    assert_is_kept(answer)


def test_an_attachment_that_was_erased(dss_server: DssServer, member: User, ticket: Ticket) -> None:
    url = attach(dss_server.state, member, "text/plain", b"1")
    dss_server.state.tickets.delete(ticket.user, ticket.id)
    answer = ask(dss_server, url)
    assert answer.status == 404
    assert answer.document == {"error": "This attachment was erased with its ticket."}
    answer = ask(dss_server, "/_mock/attachments/00000000")
    assert answer.status == 404
    assert answer.document == {"error": "There is no such attachment."}


def test_the_files_of_a_ticket(dss_server: DssServer, ticket: Ticket) -> None:
    files = seen(dss_server, f"open={ticket.id}")["opened"][0]["input"]["files"]
    assert [file["name"] for file in files] == list(NAMES)
    for file in files:
        assert file["url"].startswith("/_mock/tickets/1/input/")
        answer = ask(dss_server, file["url"])
        assert answer.text == file["name"]
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert_is_kept(answer)
    disposition = ask(dss_server, files[0]["url"]).headers["Content-Disposition"]
    assert disposition == (
        "attachment; filename=\"scan 1.nii.gz\"; filename*=UTF-8''scan%201.nii.gz"
    )

    dss_server.state.tickets.delete(ticket.user, ticket.id)
    answer = ask(dss_server, files[0]["url"])
    assert answer.status == 404
    assert "There is no such file in the area input of ticket 1" in answer.document["error"]


def test_a_result_is_the_last_one_of_its_name(
    dss_server: DssServer, member: User, ticket: Ticket, tmp_path: Path
) -> None:
    path = tmp_path / "brain.nii.gz"
    # More than is read at once.
    for content in (b"first", bytes(range(256)) * 4096):
        path.write_bytes(content)
        with path.open("rb") as stream:
            dss_server.client(member).provider.upload_claimed_ticket_file(
                ticket_id=ticket.id, area=FileArea.RESULTS, file=Upload.of(path, stream)
            )
        [file] = seen(dss_server, "open=1")["opened"][0]["results"]["files"]
        assert file["url"] == "/_mock/tickets/1/results/brain.nii.gz"
        assert ask(dss_server, file["url"]).body == content


@pytest.mark.usefixtures("ticket")
@pytest.mark.parametrize(
    "path",
    [
        "/_mock/attachments/",
        "/_mock/attachments/../state",
        "/_mock/tickets/",
        "/_mock/tickets/1/input",
        "/_mock/tickets/1/input/",
        "/_mock/tickets/1/input/%ff",
        "/_mock/tickets/1/logs/x",
        "/_mock/tickets/1/input/..%2f..%2fstate.sqlite",
        "/_mock/tickets/999999999999999999/input/x",
        "/_mock/tickets/%D9%A1/input/scan%201.nii.gz",
    ],
)
def test_where_nothing_is(dss_server: DssServer, path: str) -> None:
    answer = ask(dss_server, path)
    assert answer.status == 404
    assert answer.document["error"]


# ----------------------------------------------------------------------- watching changes nothing


@pytest.fixture
def struck(dss_server: DssServer) -> Iterator[faults.ActiveFault]:
    """Every request meets a fault."""
    with dss_server.faults.add(faults.Answer(502), times=3) as added:
        yield added


def test_who_watches_changes_nothing(
    dss_server: DssServer, member: User, ticket: Ticket, struck: faults.ActiveFault
) -> None:
    state = dss_server.state
    url = attach(state, member, "text/plain", b"1")
    state.logbook.write(member, ticket.id, LogCategory.INFO, "Please check")
    file = seen(dss_server, "open=1")["opened"][0]["input"]["files"][0]["url"]
    for path in ("/", url, file, STATE, "/_mock/page/dashboard.css"):
        answer = ask(dss_server, path)
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
    assert ask(dss_server, "/", "HEAD").status == 200
    assert len(dss_server.requests) == 0
    assert struck.hits == 0

    # All else is struck as ever.
    assert ask(dss_server, "/", "POST").status == 502
    assert ask(dss_server, "/token").status == 502
    assert [exchange.path for exchange in dss_server.requests] == ["/", "/token"]


def test_what_a_test_expects_at_home_is_a_request(
    dss_server: DssServer, struck: faults.ActiveFault
) -> None:
    dss_server.expect_request("/").respond_with_data("of the test")
    assert ask(dss_server, "/").status == 502
    struck.lift()
    assert ask(dss_server, "/").text == "of the test"
    assert [exchange.path for exchange in dss_server.requests] == ["/", "/"]
