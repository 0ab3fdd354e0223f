"""Bodies in parts, as they should be and as they come."""

from __future__ import annotations

import pytest

from .asking import BOUNDARY, MULTIPART, Part, multipart
from .expected import BAD_TOKEN, FAULT, UPLOAD_REFUSED, csv, plain
from .raw import Answer
from .site import Lab

FILE = Part.file("a.txt", b"content")
WHOLE = multipart([FILE])


@pytest.fixture
def path(lab: Lab) -> str:
    """Where files can be uploaded."""
    return f"/api/tickets/{lab.new_ticket()}/files/input"


def send(lab: Lab, path: str, body: bytes, media_type: str | None = MULTIPART) -> Answer:
    return lab.user.ask("POST", path, body, media_type)


@pytest.mark.parametrize(
    "disposition",
    [
        b'name="myfile"; filename="a.txt"',
        b'filename="a.txt"; name="myfile"',
        b"name=myfile; filename=a.txt",
        b'name="myfile";filename="a.txt"',
        b'NAME="myfile"; FileName="a.txt"',
        b'name="myfile"; filename="a.txt"; x="y"',
        b'name="myfile"; filename="a.txt"; filename*=UTF-8\'\'b.txt',
    ],
)
def test_ways_to_name_a_file(lab: Lab, path: str, disposition: bytes) -> None:
    assert send(lab, path, multipart([Part(disposition, b"content")])).said == plain("success")
    assert lab.user.get(path).said == csv("0,a.txt")
    assert lab.user.get(f"{path}/0").body == b"content"


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: text/plain",
        b"Content-Type: application/json; charset=latin-1",
        b"Content-Transfer-Encoding: base64",
        b"X-Other: 1",
        b"Content-Length: 4",
    ],
)
def test_a_parts_headers_change_nothing(lab: Lab, path: str, header: bytes) -> None:
    part = Part(FILE.disposition, b"\r\n\xff\x00", (header,))
    assert send(lab, path, multipart([part])).said == plain("success")
    assert lab.user.get(f"{path}/0").body == b"\r\n\xff\x00"


def test_a_parts_length_must_be_right(lab: Lab, path: str) -> None:
    part = Part(FILE.disposition, b"123", (b"Content-Length: 1",))
    assert send(lab, path, multipart([part])).said == UPLOAD_REFUSED


@pytest.mark.parametrize(
    "media_type",
    [
        f'multipart/form-data; boundary="{BOUNDARY}"',
        f"multipart/form-data; charset=utf-8; boundary={BOUNDARY}",
        f"Multipart/Form-Data; Boundary={BOUNDARY}",
        f"multipart/form-data;boundary={BOUNDARY}",
    ],
)
def test_ways_to_say_that_it_is_multipart(lab: Lab, path: str, media_type: str) -> None:
    assert send(lab, path, WHOLE, media_type).said == plain("success")


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=other",
        f"multipart/mixed; boundary={BOUNDARY}",
        f"multipart/form-data; charset=nonsense; boundary={BOUNDARY}",
        "application/x-www-form-urlencoded",
    ],
)
def test_what_does_not_say_it(lab: Lab, path: str, media_type: str | None) -> None:
    assert send(lab, path, WHOLE, media_type).said == UPLOAD_REFUSED


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        WHOLE.removesuffix(b"\r\n"),
        WHOLE + b"epilogue",
        b"\r\n" + WHOLE,
        b"preamble\r\n" + WHOLE,
        multipart([FILE, Part.field("submit", "send")]),
        multipart([Part.field("filename", "x"), FILE]),
    ],
    ids=["whole", "no last line end", "epilogue", "line end", "preamble", "after", "before"],
)
def test_what_stands_around_the_file(lab: Lab, path: str, body: bytes) -> None:
    assert send(lab, path, body).said == plain("success")
    assert lab.user.get(f"{path}/0").body == b"content"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        multipart([FILE], b"\n"),
        WHOLE[: WHOLE.index(b"content") + 3],
        b"preamble" + WHOLE,
        WHOLE.replace(b"--" + BOUNDARY.encode(), b"--" + BOUNDARY.encode() + b"  "),
        WHOLE.replace(b"form-data", b"attachment"),
        WHOLE.replace(b"Content-Disposition", b"Content-Other"),
    ],
    ids=["empty", "LF", "cut off", "preamble", "blanks", "attachment", "no disposition"],
)
def test_bodies_that_cannot_be_read(lab: Lab, path: str, body: bytes) -> None:
    assert send(lab, path, body).said == UPLOAD_REFUSED
    assert lab.user.get(path).said == csv()


def test_what_came_whole_counts_though_the_rest_is_broken(lab: Lab, path: str) -> None:
    # Of two files, the second one is cut off; without it, it was the last that counted.
    body = multipart([FILE, Part.file("b.txt", b"more")])
    assert send(lab, path, body[: body.index(b"more")]).said == plain("success")
    assert lab.user.get(path).said == csv("0,a.txt")
    lab.middleware.settle()
    assert send(lab, path, body).said == plain("success")
    assert lab.user.get(path).said == csv("0,a.txt", "1,b.txt")


def test_without_its_last_boundary(lab: Lab, path: str) -> None:
    # There is one behind the file, as if another part came.
    assert send(lab, path, WHOLE.replace(b"--\r\n", b"\r\n")).said == plain("success")
    assert send(lab, path, multipart([FILE], end=False)).said == UPLOAD_REFUSED


def test_of_many_parts_not_all_are_read(lab: Lab, path: str) -> None:
    fields = [Part.field(f"x{number}", "") for number in range(127)]
    assert send(lab, path, multipart([*fields, FILE])).said == plain("success")
    assert send(lab, path, multipart([*fields, fields[0], FILE])).said == UPLOAD_REFUSED


def test_a_form_in_parts(lab: Lab) -> None:
    parts = [Part.field("githash", lab.service), Part.field("name", "é")]
    assert lab.user.upload("/api/tickets", *parts).said == plain("1")
    text = Part(b'name="githash"', b"\xe9")
    assert lab.user.upload("/api/tickets", text).said == FAULT
    latin = Part(b'name="githash"', b"\xe9", (b"Content-Type: text/plain; charset=latin-1",))
    expected = "Service é is not available"
    assert lab.user.upload("/api/tickets", latin).text == expected


def test_a_file_in_the_place_of_a_text(lab: Lab) -> None:
    path = f"/api/pro/tickets/{lab.claimed_ticket()}/info"
    text, file = Part.field("message", "text"), Part.file("f", b"h\xc3\xa9'", "message")
    for parts in ([file], [file, text], [text, file], [Part.file("g", b"x", "message"), file]):
        assert lab.prov1.upload(path, *parts).status == 200
    assert lab.prov1.upload(f"{path}?message=q", file).status == 200
    rows = lab.user.get("/api/tickets/1/log").text.splitlines()[2:]
    assert [row.split(",", 4)[4] for row in rows] == ['"b""h\\xc3\\xa9\'"""'] * 5


def test_a_file_that_is_no_good_text(lab: Lab) -> None:
    path = f"/api/tickets/{lab.new_ticket()}/status"
    expected = "Changing ticket status to b'ready' is not supported"
    assert lab.user.upload(path, Part.file("f", b"ready", "status")).text == expected
    assert lab.nobody.upload("/api/login", Part.file("f", b"x", "token")).said == BAD_TOKEN
    for path in ("/api/pro/services/claims", "/api/pro/services/available"):
        assert lab.nobody.upload(path, Part.file("f", b"x", "services")).said == FAULT


def test_whether_a_ticket_is_there_counts_before_what_is_sent(lab: Lab) -> None:
    text = Part(b'name="x"', b"\xe9")
    answer = lab.user.upload("/api/tickets/9/files/input", text, FILE)
    assert answer.text == "Ticket 9 not found for user 4"
