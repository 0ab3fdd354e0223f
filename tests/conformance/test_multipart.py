"""Multipart bodies, well-formed and malformed."""

from __future__ import annotations

import pytest

from .http_client import BOUNDARY, MULTIPART, Part, encode_multipart
from .http_connection import Response
from .responses import BAD_TOKEN, SERVER_ERROR, UPLOAD_REFUSED, csv_response, text_response
from .sites import Lab

FILE = Part.file("a.txt", b"content")
BODY = encode_multipart([FILE])


@pytest.fixture
def path(lab: Lab) -> str:
    """Return a path that accepts uploads."""
    return f"/api/tickets/{lab.create_ticket()}/files/input"


def upload_body(lab: Lab, path: str, body: bytes, media_type: str | None = MULTIPART) -> Response:
    return lab.user.request("POST", path, body, media_type)


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
def test_content_disposition_variants_are_accepted(lab: Lab, path: str, disposition: bytes) -> None:
    assert upload_body(
        lab, path, encode_multipart([Part(disposition, b"content")])
    ).summary == text_response("success")
    assert lab.user.get(path).summary == csv_response("0,a.txt")
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
def test_part_headers_do_not_change_the_content(lab: Lab, path: str, header: bytes) -> None:
    part = Part(FILE.disposition, b"\r\n\xff\x00", (header,))
    assert upload_body(lab, path, encode_multipart([part])).summary == text_response("success")
    assert lab.user.get(f"{path}/0").body == b"\r\n\xff\x00"


def test_wrong_content_length_of_a_part_is_refused(lab: Lab, path: str) -> None:
    part = Part(FILE.disposition, b"123", (b"Content-Length: 1",))
    assert upload_body(lab, path, encode_multipart([part])).summary == UPLOAD_REFUSED


@pytest.mark.parametrize(
    "media_type",
    [
        f'multipart/form-data; boundary="{BOUNDARY}"',
        f"multipart/form-data; charset=utf-8; boundary={BOUNDARY}",
        f"Multipart/Form-Data; Boundary={BOUNDARY}",
        f"multipart/form-data;boundary={BOUNDARY}",
    ],
)
def test_content_type_variants_are_accepted(lab: Lab, path: str, media_type: str) -> None:
    assert upload_body(lab, path, BODY, media_type).summary == text_response("success")


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
def test_upload_with_another_content_type_is_refused(
    lab: Lab, path: str, media_type: str | None
) -> None:
    assert upload_body(lab, path, BODY, media_type).summary == UPLOAD_REFUSED


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        BODY.removesuffix(b"\r\n"),
        BODY + b"epilogue",
        b"\r\n" + BODY,
        b"preamble\r\n" + BODY,
        encode_multipart([FILE, Part.field("submit", "send")]),
        encode_multipart([Part.field("filename", "x"), FILE]),
    ],
    ids=[
        "unchanged",
        "without_last_line_end",
        "with_epilogue",
        "after_line_end",
        "after_preamble",
        "before_field",
        "after_field",
    ],
)
def test_text_and_parts_around_the_file_are_ignored(lab: Lab, path: str, body: bytes) -> None:
    assert upload_body(lab, path, body).summary == text_response("success")
    assert lab.user.get(f"{path}/0").body == b"content"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        encode_multipart([FILE], b"\n"),
        BODY[: BODY.index(b"content") + 3],
        b"preamble" + BODY,
        BODY.replace(b"--" + BOUNDARY.encode(), b"--" + BOUNDARY.encode() + b"  "),
        BODY.replace(b"form-data", b"attachment"),
        BODY.replace(b"Content-Disposition", b"Content-Other"),
    ],
    ids=[
        "empty",
        "line_feeds_only",
        "cut_off",
        "preamble_without_line_end",
        "boundary_with_spaces",
        "disposition_attachment",
        "without_disposition",
    ],
)
def test_malformed_multipart_body_is_refused(lab: Lab, path: str, body: bytes) -> None:
    assert upload_body(lab, path, body).summary == UPLOAD_REFUSED
    assert lab.user.get(path).summary == csv_response()


def test_complete_part_counts_when_a_later_part_is_cut_off(lab: Lab, path: str) -> None:
    # The second of two files is cut off.
    body = encode_multipart([FILE, Part.file("b.txt", b"more")])
    assert upload_body(lab, path, body[: body.index(b"more")]).summary == text_response("success")
    assert lab.user.get(path).summary == csv_response("0,a.txt")
    lab.middleware.wait_for_new_mtime()
    assert upload_body(lab, path, body).summary == text_response("success")
    assert lab.user.get(path).summary == csv_response("0,a.txt", "1,b.txt")


def test_last_boundary_is_required_but_its_closing_hyphens_are_not(lab: Lab, path: str) -> None:
    # The boundary after the file announces another part, which does not come.
    assert upload_body(lab, path, BODY.replace(b"--\r\n", b"\r\n")).summary == text_response(
        "success"
    )
    assert upload_body(lab, path, encode_multipart([FILE], end=False)).summary == UPLOAD_REFUSED


def test_only_the_first_128_parts_are_read(lab: Lab, path: str) -> None:
    fields = [Part.field(f"x{number}", "") for number in range(127)]
    assert upload_body(lab, path, encode_multipart([*fields, FILE])).summary == text_response(
        "success"
    )
    assert (
        upload_body(lab, path, encode_multipart([*fields, fields[0], FILE])).summary
        == UPLOAD_REFUSED
    )


def test_multipart_form_is_decoded_by_the_charset_of_each_part(lab: Lab) -> None:
    parts = [Part.field("githash", lab.service), Part.field("name", "é")]
    assert lab.user.upload("/api/tickets", *parts).summary == text_response("1")
    text = Part(b'name="githash"', b"\xe9")
    assert lab.user.upload("/api/tickets", text).summary == SERVER_ERROR
    latin = Part(b'name="githash"', b"\xe9", (b"Content-Type: text/plain; charset=latin-1",))
    expected = "Service é is not available"
    assert lab.user.upload("/api/tickets", latin).text == expected


def test_file_in_place_of_a_message_is_stored_as_its_python_repr(lab: Lab) -> None:
    path = f"/api/pro/tickets/{lab.create_claimed_ticket()}/info"
    text, file = Part.field("message", "text"), Part.file("f", b"h\xc3\xa9'", "message")
    for parts in ([file], [file, text], [text, file], [Part.file("g", b"x", "message"), file]):
        assert lab.prov1.upload(path, *parts).status == 200
    assert lab.prov1.upload(f"{path}?message=q", file).status == 200
    rows = lab.user.get("/api/tickets/1/log").text.splitlines()[2:]
    assert [row.split(",", 4)[4] for row in rows] == ['"b""h\\xc3\\xa9\'"""'] * 5


def test_file_in_place_of_a_parameter_is_refused(lab: Lab) -> None:
    path = f"/api/tickets/{lab.create_ticket()}/status"
    expected = "Changing ticket status to b'ready' is not supported"
    assert lab.user.upload(path, Part.file("f", b"ready", "status")).text == expected
    assert lab.anonymous.upload("/api/login", Part.file("f", b"x", "token")).summary == BAD_TOKEN
    for path in ("/api/pro/services/claims", "/api/pro/services/available"):
        assert lab.anonymous.upload(path, Part.file("f", b"x", "services")).summary == SERVER_ERROR


def test_unknown_ticket_is_reported_before_a_malformed_body(lab: Lab) -> None:
    text = Part(b'name="x"', b"\xe9")
    response = lab.user.upload("/api/tickets/9/files/input", text, FILE)
    assert response.text == "Ticket 9 not found for user 4"
