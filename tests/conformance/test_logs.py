"""Log lines of tickets and their attachments."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest

from .http_client import FORM, Part
from .http_connection import Response
from .responses import (
    NOT_FOUND,
    NOT_SIGNED_IN,
    SERVER_ERROR,
    csv_response,
    json_response,
    refusal,
    text_response,
)
from .sites import Lab


@pytest.fixture
def ticket(lab: Lab) -> int:
    """Create a ticket that prov1 claimed; its log has two lines."""
    return lab.create_claimed_ticket()


def write_log(lab: Lab, ticket: int, message: str, category: str = "info") -> Response:
    return lab.prov1.post(f"/api/pro/tickets/{ticket}/{category}", {"message": message})


def read_last_line(lab: Lab, ticket: int) -> bytes:
    """Return the last line of the CSV log, without its id and time."""
    body = lab.user.get(f"/api/tickets/{ticket}/log?since=2").body
    match = re.fullmatch(rb"[0-9]+,[0-9]{10},(.*)\r\n", body, re.DOTALL)
    assert match, body
    return match[1]


def attach_file(lab: Lab, ticket: int, filename: str = "a.txt", **fields: str) -> Response:
    parts = [Part.field(name, value) for name, value in {"desc": "d", **fields}.items()]
    path = f"/api/pro/tickets/{ticket}/attachments"
    return lab.prov1.upload(path, *parts, Part.file(filename, b"content"))


def list_attachments(lab: Lab, log: int) -> list[dict[str, object]]:
    response = lab.user.get(f"/api/tickets/logs/{log}/attachments?format=json")
    entries = json.loads(response.text)["result"]
    assert isinstance(entries, list)
    return entries


def get_blob_path(lab: Lab, log: int) -> str:
    """Return the path of the only attachment of a log line."""
    (attachment,) = list_attachments(lab, log)
    url = str(attachment["url"])
    assert re.fullmatch("http://dss/blobs/[0-9a-f]{8}", url)
    return url.removeprefix("http://dss")


# ---------------------------------------------------------------------------------- log lines


def test_log_line_can_be_read_as_csv_and_json(lab: Lab, ticket: int) -> None:
    assert write_log(lab, ticket, "Working").summary == text_response("3")
    assert read_last_line(lab, ticket) == b"info,0,Working"
    response = lab.user.get(f"/api/tickets/{ticket}/log?format=json&since=2")
    (line,) = json.loads(response.text)["result"]
    assert list(line) == ["id", "atime", "category", "attachments", "message"]
    expected = {"id": 3, "category": "info", "attachments": 0, "message": "Working"}
    assert line == {**expected, "atime": line["atime"]}
    assert response.summary == json_response({"result": [line]})


@pytest.mark.parametrize("category", ["info", "warning", "error"])
def test_log_category_is_stored(lab: Lab, ticket: int, category: str) -> None:
    assert write_log(lab, ticket, "x", category).summary == text_response("3")
    assert read_last_line(lab, ticket) == f"{category},0,x".encode()


@pytest.mark.parametrize("category", ["INFO", "debug", ""])
def test_unknown_log_category_is_not_found(lab: Lab, ticket: int, category: str) -> None:
    assert write_log(lab, ticket, "x", category).summary == NOT_FOUND


def test_log_category_named_log_fails(lab: Lab, ticket: int) -> None:
    assert write_log(lab, ticket, "x", "log").summary == SERVER_ERROR


@pytest.mark.parametrize(
    ("message", "in_csv"),
    [
        ("", b""),
        ("a, b", b'"a, b"'),
        ('say "no"', b'"say ""no"""'),
        ("two\nlines", b'"two\nlines"'),
        ("a\r\nb\rc", b'"a\r\nb\rc"'),
        ("\t tab ", b"\t tab "),
        ("é ü 中😀", "é ü 中😀".encode()),
        ("nul \0 inside", b"nul \0 inside"),
        ("<script>%41", b"<script>%41"),
        ("None", b"None"),
        ("\ufeff\u2028\x85", "\ufeff\u2028\x85".encode()),
        ("x" * 100_000, b"x" * 100_000),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_log_message_is_stored_unchanged(
    lab: Lab, ticket: int, message: str, in_csv: bytes
) -> None:
    assert write_log(lab, ticket, message).summary == text_response("3")
    assert read_last_line(lab, ticket) == b"info,0," + in_csv
    detail = lab.user.get(f"/api/tickets/{ticket}/detail?since=2")
    assert detail.body.isascii()
    assert json.loads(detail.text)["result"]["log"][0]["message"] == message


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        (b"message=%C3%A9", "é"),
        (b"message=\xc3\xa9", "é"),
        (b"message=%E9", "\ufffd"),
        (b"message=a+b%2Bc", "a b+c"),
        (b"message=a&message=b", "b"),
        (b"message=a;b", "a;b"),
        (b"message=a=b", "a=b"),
        (b"&&message=a&", "a"),
        (b"message", ""),
        (b"message=%zz%", "%zz%"),
    ],
)
def test_log_message_is_decoded_from_the_form(
    lab: Lab, ticket: int, body: bytes, stored: str
) -> None:
    path = f"/api/pro/tickets/{ticket}/info"
    assert lab.prov1.request("POST", path, body, FORM).summary == text_response("3")
    assert read_last_line(lab, ticket) == f"info,0,{stored}".encode()


def test_log_message_that_is_missing_or_not_utf_8_fails(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/info"
    assert lab.prov1.request("POST", path, b"message=\xe9", FORM).summary == SERVER_ERROR
    assert lab.prov1.post(path).summary == SERVER_ERROR
    assert lab.prov1.post(path, {"Message": "x"}).summary == SERVER_ERROR


@pytest.mark.parametrize(
    ("since", "ids"),
    [
        ("0", "123"),
        ("1", "23"),
        ("3", ""),
        ("-1", "123"),
        ("1.5", "23"),
        ("1e0", "23"),
        ("%202", "3"),
        ("2%20", "3"),
        ("%2B1", "23"),
        ("", ""),
        ("x", ""),
        ("nan", ""),
        ("-inf", ""),
        ("1_0", ""),
        ("0x1", ""),
        ("%D9%A1", ""),
        ("1&since=2", "3"),
    ],
)
def test_since_parameter_selects_later_log_lines(
    lab: Lab, ticket: int, since: str, ids: str
) -> None:
    write_log(lab, ticket, "x")
    lines = lab.user.get(f"/api/tickets/{ticket}/log?since={since}").text.splitlines()
    assert "".join(line.split(",")[0] for line in lines) == ids
    detail = lab.user.get(f"/api/tickets/{ticket}/detail?since={since}").text
    log = json.loads(detail)["result"]["log"]
    assert "".join(str(line["id"]) for line in log) == ids


def test_log_lines_of_all_tickets_share_one_numbering(lab: Lab, ticket: int) -> None:
    lab.create_ready_ticket(user=lab.prov2)
    assert write_log(lab, ticket, "x").summary == text_response("4")


# -------------------------------------------------------------------------------- list_attachments


def test_attachment_belongs_to_the_next_log_line(lab: Lab, ticket: int) -> None:
    assert attach_file(lab, ticket).summary == text_response("1")
    assert attach_file(lab, ticket, desc="second").summary == text_response("2")
    assert write_log(lab, ticket, "x").summary == text_response("3")
    assert write_log(lab, ticket, "y").summary == text_response("4")
    log = lab.user.get(f"/api/tickets/{ticket}/log?since=2").text
    assert [line.split(",")[3] for line in log.splitlines()] == ["2", "0"]
    first, second = list_attachments(lab, 3)
    assert list(first) == ["id", "description", "mime_type", "url"]
    assert (first["id"], first["description"], first["mime_type"]) == (1, "d", "text/plain")
    assert (second["id"], second["description"]) == (2, "second")
    rows = lab.user.get("/api/tickets/logs/3/attachments")
    assert rows.summary == csv_response(
        f"1,d,text/plain,{first['url']}", f"2,second,text/plain,{second['url']}"
    )
    detail = json.loads(lab.user.get(f"/api/tickets/{ticket}/detail").text)["result"]
    assert detail["log"][2]["attachments"] == [first, second]
    assert lab.user.get("/api/tickets/logs/4/attachments").summary == csv_response()


def test_waiting_attachment_belongs_to_the_log_line_of_a_retry(lab: Lab, ticket: int) -> None:
    attach_file(lab, ticket)
    lab.finish_ticket(ticket, "failed")
    lab.user.get(f"/api/tickets/{ticket}/retry")
    assert list_attachments(lab, 3)[0]["id"] == 1
    assert "Retrying ticket" in lab.user.get(f"/api/tickets/{ticket}/log").text
    assert lab.anonymous.get(get_blob_path(lab, 3)).body == b"content"


def test_blob_can_be_downloaded_without_a_session(lab: Lab, ticket: int) -> None:
    attach_file(lab, ticket, mime_type="image/png")
    write_log(lab, ticket, "x")
    path = get_blob_path(lab, 3)
    for actor in (lab.anonymous, lab.user, lab.prov2):
        response = actor.get(path)
        assert response.summary == ("200 OK", "image/png", b"content")
        names = [name for name, _ in response.headers]
        expected = ["Content-Type", "Set-Cookie", "Transfer-Encoding", "Date", "Server"]
        assert names == expected
    wrong = f"{path}{'0' * 24}"
    expected_text = f"Resource {wrong.removeprefix('/blobs/')} not found"
    assert lab.anonymous.get(wrong).summary == refusal(expected_text)


@pytest.mark.parametrize("name", ["0" * 8, "f" * 32])
def test_unknown_blob_is_refused(lab: Lab, name: str) -> None:
    assert lab.anonymous.get(f"/blobs/{name}").summary == refusal(f"Resource {name} not found")


@pytest.mark.parametrize(
    "name", ["", "0" * 7, "0" * 9, "DEADBEEF", "zzzzzzzz", "deadbeef.txt", "dead-bee", "0" * 31]
)
def test_malformed_blob_name_is_not_found(lab: Lab, name: str) -> None:
    assert lab.anonymous.get(f"/blobs/{name}").summary == NOT_FOUND


@pytest.mark.parametrize(
    ("filename", "mime_type"),
    [
        ("a.txt", "text/plain"),
        ("a.png", "image/png"),
        ("é.PNG", "image/png"),
        ("a.csv", "text/csv"),
        ("a.json", "application/json"),
        ("a.html", "text/html"),
        ("a.svg", "image/svg+xml"),
        ("a.tar.gz", "application/x-tar"),
        ("a.nii.gz", "application/octet-stream"),
        ("a.gz", "application/octet-stream"),
        ("a.itksnap", "application/octet-stream"),
        ("none", "application/octet-stream"),
        ("..", "application/octet-stream"),
        ("dir/", "application/octet-stream"),
    ],
)
def test_attachment_type_is_guessed_from_its_file_name(
    lab: Lab, ticket: int, filename: str, mime_type: str
) -> None:
    assert attach_file(lab, ticket, filename).summary == text_response("1")
    write_log(lab, ticket, "x")
    assert list_attachments(lab, 3)[0]["mime_type"] == mime_type
    assert lab.anonymous.get(get_blob_path(lab, 3)).media_type == mime_type


@pytest.mark.parametrize("mime_type", ["", "not a mime", "é/é", "text/html; charset=utf-8"])
def test_attachment_type_in_the_request_is_stored_unchanged(
    lab: Lab, ticket: int, mime_type: str
) -> None:
    attach_file(lab, ticket, mime_type=mime_type)
    write_log(lab, ticket, "x")
    assert list_attachments(lab, 3)[0]["mime_type"] == mime_type
    assert lab.anonymous.get(get_blob_path(lab, 3)).media_type == mime_type


def test_blob_with_a_type_outside_latin_1_fails_without_text(lab: Lab, ticket: int) -> None:
    attach_file(lab, ticket, mime_type="中")
    write_log(lab, ticket, "x")
    expected = ("500 Internal Server Error", "text/plain", b"")
    assert lab.anonymous.get(get_blob_path(lab, 3)).summary == expected


@pytest.mark.parametrize("mime_type", ["a\nb", "a\r\nb", "a\rb", "中\n"])
def test_blob_with_a_line_end_in_its_type_fails(lab: Lab, ticket: int, mime_type: str) -> None:
    attach_file(lab, ticket, mime_type=mime_type)
    write_log(lab, ticket, "x")
    assert list_attachments(lab, 3)[0]["mime_type"] == mime_type
    response = lab.anonymous.get(get_blob_path(lab, 3))
    assert response.summary == SERVER_ERROR
    assert response.header("Set-Cookie")


@pytest.mark.parametrize("desc", ["", 'é 中, "q"', "two\nlines"])
def test_attachment_description_is_stored_unchanged(lab: Lab, ticket: int, desc: str) -> None:
    attach_file(lab, ticket, desc=desc)
    write_log(lab, ticket, "x")
    assert list_attachments(lab, 3)[0]["description"] == desc


def test_incomplete_attachment_fails(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/attachments"
    described = Part.field("desc", "d")
    for parts in (
        [],
        [described],
        [Part.file("a.txt", b"x")],
        [described, Part(b'name="myfile"', b"x")],
        [described, Part.file("", b"x")],
        [described, Part.file("a.txt", b"x", name="other")],
    ):
        assert lab.prov1.upload(path, *parts).summary == SERVER_ERROR
    assert lab.prov1.post(path, {"desc": "d", "myfile": "x"}).summary == SERVER_ERROR
    assert attach_file(lab, ticket).summary == text_response("1")


def test_attachment_description_is_accepted_in_the_query(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/attachments?desc=q"
    assert lab.prov1.upload_file(path, "a.txt").summary == text_response("1")


def test_blob_of_a_deleted_ticket_cannot_be_downloaded(lab: Lab, ticket: int) -> None:
    attach_file(lab, ticket)
    write_log(lab, ticket, "x")
    path = get_blob_path(lab, 3)
    lab.user.get(f"/api/tickets/{ticket}/delete")
    assert len(list_attachments(lab, 3)) == 1
    assert lab.anonymous.get(path).summary == SERVER_ERROR
    assert attach_file(lab, ticket).summary == refusal(f"Ticket {ticket} has been deleted ")


def test_blob_stays_deleted_after_its_ticket_is_submitted_again(lab: Lab, ticket: int) -> None:
    attach_file(lab, ticket)
    write_log(lab, ticket, "x")
    path = get_blob_path(lab, 3)
    lab.user.get(f"/api/tickets/{ticket}/delete")
    # Administrators can submit a ticket in every status.
    assert lab.admin.post(
        f"/api/tickets/{ticket}/status", {"status": "ready"}
    ).summary == text_response("ready")
    assert lab.anonymous.get(path).summary == SERVER_ERROR
    attach_file(lab, ticket)
    name = path.rpartition("/")[2]
    assert lab.anonymous.get(path).summary == refusal(f"Resource {name} not found in directory")


@pytest.mark.parametrize("log", ["0", "999", "003", "%D9%A1"])
def test_attachments_of_an_unknown_log_line_are_refused(lab: Lab, log: str) -> None:
    shown = unquote(log)
    expected = refusal(f"Log entry {shown} is not readable by user 4")
    assert lab.user.get(f"/api/tickets/logs/{log}/attachments").summary == expected


def test_attachments_of_another_user_are_refused(lab: Lab, ticket: int) -> None:
    attach_file(lab, ticket)
    write_log(lab, ticket, "x")
    path = "/api/tickets/logs/3/attachments"
    assert lab.prov1.get(path).summary == refusal("Log entry 3 is not readable by user 2")
    assert lab.admin.get(path).summary == refusal("Log entry 3 is not readable by user 1")
    assert lab.anonymous.get(path).summary == NOT_SIGNED_IN
    assert lab.user.get("/api/tickets/logs/x/attachments").summary == NOT_FOUND
