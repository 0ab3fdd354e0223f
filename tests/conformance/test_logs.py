"""What is logged about tickets, and what is attached to it."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest

from .asking import FORM, Part
from .expected import FAULT, NOT_FOUND, NOT_SIGNED_IN, csv, in_json, plain, refused
from .raw import Answer
from .site import Lab


@pytest.fixture
def ticket(lab: Lab) -> int:
    """A ticket that prov1 claimed, whose log has two lines."""
    return lab.claimed_ticket()


def write(lab: Lab, ticket: int, message: str, category: str = "info") -> Answer:
    return lab.prov1.post(f"/api/pro/tickets/{ticket}/{category}", {"message": message})


def last(lab: Lab, ticket: int) -> bytes:
    """The last line of the log as it stands in CSV, behind its time."""
    body = lab.user.get(f"/api/tickets/{ticket}/log?since=2").body
    match = re.fullmatch(rb"[0-9]+,[0-9]{10},(.*)\r\n", body, re.DOTALL)
    assert match, body
    return match[1]


def attach(lab: Lab, ticket: int, filename: str = "a.txt", **fields: str) -> Answer:
    parts = [Part.field(name, value) for name, value in {"desc": "d", **fields}.items()]
    path = f"/api/pro/tickets/{ticket}/attachments"
    return lab.prov1.upload(path, *parts, Part.file(filename, b"content"))


def attachments(lab: Lab, log: int) -> list[dict[str, object]]:
    answer = lab.user.get(f"/api/tickets/logs/{log}/attachments?format=json")
    found = json.loads(answer.text)["result"]
    assert isinstance(found, list)
    return found


def blob(lab: Lab, log: int) -> str:
    """The path of the only attachment of a line."""
    (found,) = attachments(lab, log)
    url = str(found["url"])
    assert re.fullmatch("http://dss/blobs/[0-9a-f]{8}", url)
    return url.removeprefix("http://dss")


# ---------------------------------------------------------------------------------- the lines


def test_a_line_in_both_forms(lab: Lab, ticket: int) -> None:
    assert write(lab, ticket, "Working").said == plain("3")
    assert last(lab, ticket) == b"info,0,Working"
    answer = lab.user.get(f"/api/tickets/{ticket}/log?format=json&since=2")
    (line,) = json.loads(answer.text)["result"]
    assert list(line) == ["id", "atime", "category", "attachments", "message"]
    expected = {"id": 3, "category": "info", "attachments": 0, "message": "Working"}
    assert line == {**expected, "atime": line["atime"]}
    assert answer.said == in_json({"result": [line]})


@pytest.mark.parametrize("category", ["info", "warning", "error"])
def test_categories(lab: Lab, ticket: int, category: str) -> None:
    assert write(lab, ticket, "x", category).said == plain("3")
    assert last(lab, ticket) == f"{category},0,x".encode()


@pytest.mark.parametrize("category", ["INFO", "debug", ""])
def test_categories_that_there_are_not(lab: Lab, ticket: int, category: str) -> None:
    assert write(lab, ticket, "x", category).said == NOT_FOUND


def test_the_category_log_is_broken(lab: Lab, ticket: int) -> None:
    assert write(lab, ticket, "x", "log").said == FAULT


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
def test_messages(lab: Lab, ticket: int, message: str, in_csv: bytes) -> None:
    assert write(lab, ticket, message).said == plain("3")
    assert last(lab, ticket) == b"info,0," + in_csv
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
def test_encodings(lab: Lab, ticket: int, body: bytes, stored: str) -> None:
    path = f"/api/pro/tickets/{ticket}/info"
    assert lab.prov1.ask("POST", path, body, FORM).said == plain("3")
    assert last(lab, ticket) == f"info,0,{stored}".encode()


def test_a_message_must_be_utf_8(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/info"
    assert lab.prov1.ask("POST", path, b"message=\xe9", FORM).said == FAULT
    assert lab.prov1.post(path).said == FAULT
    assert lab.prov1.post(path, {"Message": "x"}).said == FAULT


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
def test_lines_later_than(lab: Lab, ticket: int, since: str, ids: str) -> None:
    write(lab, ticket, "x")
    lines = lab.user.get(f"/api/tickets/{ticket}/log?since={since}").text.splitlines()
    assert "".join(line.split(",")[0] for line in lines) == ids
    detail = lab.user.get(f"/api/tickets/{ticket}/detail?since={since}").text
    found = json.loads(detail)["result"]["log"]
    assert "".join(str(line["id"]) for line in found) == ids


def test_lines_of_all_tickets_are_numbered_together(lab: Lab, ticket: int) -> None:
    lab.ready_ticket(user=lab.prov2)
    assert write(lab, ticket, "x").said == plain("4")


# -------------------------------------------------------------------------------- attachments


def test_an_attachment_goes_with_the_next_line(lab: Lab, ticket: int) -> None:
    assert attach(lab, ticket).said == plain("1")
    assert attach(lab, ticket, desc="second").said == plain("2")
    assert write(lab, ticket, "x").said == plain("3")
    assert write(lab, ticket, "y").said == plain("4")
    log = lab.user.get(f"/api/tickets/{ticket}/log?since=2").text
    assert [line.split(",")[3] for line in log.splitlines()] == ["2", "0"]
    first, second = attachments(lab, 3)
    assert list(first) == ["id", "description", "mime_type", "url"]
    assert (first["id"], first["description"], first["mime_type"]) == (1, "d", "text/plain")
    assert (second["id"], second["description"]) == (2, "second")
    rows = lab.user.get("/api/tickets/logs/3/attachments")
    assert rows.said == csv(
        f"1,d,text/plain,{first['url']}", f"2,second,text/plain,{second['url']}"
    )
    detail = json.loads(lab.user.get(f"/api/tickets/{ticket}/detail").text)["result"]
    assert detail["log"][2]["attachments"] == [first, second]
    assert lab.user.get("/api/tickets/logs/4/attachments").said == csv()


def test_any_line_takes_what_waits(lab: Lab, ticket: int) -> None:
    attach(lab, ticket)
    lab.finish(ticket, "failed")
    lab.user.get(f"/api/tickets/{ticket}/retry")
    assert attachments(lab, 3)[0]["id"] == 1
    assert "Retrying ticket" in lab.user.get(f"/api/tickets/{ticket}/log").text
    assert lab.nobody.get(blob(lab, 3)).body == b"content"


def test_a_blob_needs_no_login(lab: Lab, ticket: int) -> None:
    attach(lab, ticket, mime_type="image/png")
    write(lab, ticket, "x")
    path = blob(lab, 3)
    for actor in (lab.nobody, lab.user, lab.prov2):
        answer = actor.get(path)
        assert answer.said == ("200 OK", "image/png", b"content")
        names = [name for name, _ in answer.headers]
        expected = ["Content-Type", "Set-Cookie", "Transfer-Encoding", "Date", "Server"]
        assert names == expected
    wrong = f"{path}{'0' * 24}"
    expected_text = f"Resource {wrong.removeprefix('/blobs/')} not found"
    assert lab.nobody.get(wrong).said == refused(expected_text)


@pytest.mark.parametrize("name", ["0" * 8, "f" * 32])
def test_blobs_that_there_are_not(lab: Lab, name: str) -> None:
    assert lab.nobody.get(f"/blobs/{name}").said == refused(f"Resource {name} not found")


@pytest.mark.parametrize(
    "name", ["", "0" * 7, "0" * 9, "DEADBEEF", "zzzzzzzz", "deadbeef.txt", "dead-bee", "0" * 31]
)
def test_names_that_no_blob_has(lab: Lab, name: str) -> None:
    assert lab.nobody.get(f"/blobs/{name}").said == NOT_FOUND


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
def test_types_that_are_guessed(lab: Lab, ticket: int, filename: str, mime_type: str) -> None:
    assert attach(lab, ticket, filename).said == plain("1")
    write(lab, ticket, "x")
    assert attachments(lab, 3)[0]["mime_type"] == mime_type
    assert lab.nobody.get(blob(lab, 3)).media_type == mime_type


@pytest.mark.parametrize("mime_type", ["", "not a mime", "é/é", "text/html; charset=utf-8"])
def test_types_that_are_given(lab: Lab, ticket: int, mime_type: str) -> None:
    attach(lab, ticket, mime_type=mime_type)
    write(lab, ticket, "x")
    assert attachments(lab, 3)[0]["mime_type"] == mime_type
    assert lab.nobody.get(blob(lab, 3)).media_type == mime_type


def test_a_type_that_no_header_can_hold(lab: Lab, ticket: int) -> None:
    attach(lab, ticket, mime_type="中")
    write(lab, ticket, "x")
    expected = ("500 Internal Server Error", "text/plain", b"")
    assert lab.nobody.get(blob(lab, 3)).said == expected


@pytest.mark.parametrize("mime_type", ["a\nb", "a\r\nb", "a\rb", "中\n"])
def test_a_type_of_two_lines(lab: Lab, ticket: int, mime_type: str) -> None:
    attach(lab, ticket, mime_type=mime_type)
    write(lab, ticket, "x")
    assert attachments(lab, 3)[0]["mime_type"] == mime_type
    answer = lab.nobody.get(blob(lab, 3))
    assert answer.said == FAULT
    assert answer.header("Set-Cookie")


@pytest.mark.parametrize("desc", ["", 'é 中, "q"', "two\nlines"])
def test_descriptions(lab: Lab, ticket: int, desc: str) -> None:
    attach(lab, ticket, desc=desc)
    write(lab, ticket, "x")
    assert attachments(lab, 3)[0]["description"] == desc


def test_what_is_no_attachment(lab: Lab, ticket: int) -> None:
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
        assert lab.prov1.upload(path, *parts).said == FAULT
    assert lab.prov1.post(path, {"desc": "d", "myfile": "x"}).said == FAULT
    assert attach(lab, ticket).said == plain("1")


def test_the_description_may_stand_in_the_query(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/attachments?desc=q"
    assert lab.prov1.upload_file(path, "a.txt").said == plain("1")


def test_attachments_of_a_deleted_ticket(lab: Lab, ticket: int) -> None:
    attach(lab, ticket)
    write(lab, ticket, "x")
    path = blob(lab, 3)
    lab.user.get(f"/api/tickets/{ticket}/delete")
    assert len(attachments(lab, 3)) == 1
    assert lab.nobody.get(path).said == FAULT
    assert attach(lab, ticket).said == refused(f"Ticket {ticket} has been deleted ")


def test_attachments_of_a_ticket_that_was_brought_back(lab: Lab, ticket: int) -> None:
    attach(lab, ticket)
    write(lab, ticket, "x")
    path = blob(lab, 3)
    lab.user.get(f"/api/tickets/{ticket}/delete")
    # Administrators may, whatever its status.
    assert lab.admin.post(f"/api/tickets/{ticket}/status", {"status": "ready"}).said == plain(
        "ready"
    )
    assert lab.nobody.get(path).said == FAULT
    attach(lab, ticket)
    name = path.rpartition("/")[2]
    assert lab.nobody.get(path).said == refused(f"Resource {name} not found in directory")


@pytest.mark.parametrize("log", ["0", "999", "003", "%D9%A1"])
def test_lines_that_there_are_not(lab: Lab, log: str) -> None:
    shown = unquote(log)
    expected = refused(f"Log entry {shown} is not readable by user 4")
    assert lab.user.get(f"/api/tickets/logs/{log}/attachments").said == expected


def test_lines_of_others(lab: Lab, ticket: int) -> None:
    attach(lab, ticket)
    write(lab, ticket, "x")
    path = "/api/tickets/logs/3/attachments"
    assert lab.prov1.get(path).said == refused("Log entry 3 is not readable by user 2")
    assert lab.admin.get(path).said == refused("Log entry 3 is not readable by user 1")
    assert lab.nobody.get(path).said == NOT_SIGNED_IN
    assert lab.user.get("/api/tickets/logs/x/attachments").said == NOT_FOUND
