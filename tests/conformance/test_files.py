"""Files that users and providers upload and download."""

from __future__ import annotations

import logging

import pytest

from .http_client import FORM, Part, compose_request
from .http_connection import Connection, Response
from .responses import (
    NOT_FOUND,
    NOT_SIGNED_IN,
    SERVER_ERROR,
    UPLOAD_REFUSED,
    csv_response,
    text_response,
)
from .sites import Lab

SIDES = ["user", "provider"]


class Files:
    """The files of a ticket as a user or a provider sees them."""

    def __init__(self, lab: Lab, side: str) -> None:
        self.lab = lab
        if side == "user":
            self.actor, self.path = lab.user, f"/api/tickets/{lab.create_ticket()}/files"
        else:
            self.actor, self.path = (
                lab.prov1,
                f"/api/pro/tickets/{lab.create_claimed_ticket()}/files",
            )

    def put(self, filename: str | bytes, content: bytes = b"x", area: str = "input") -> Response:
        response = self.actor.upload_file(f"{self.path}/{area}", filename, content)
        self.lab.middleware.wait_for_new_mtime()
        return response

    def list(self, area: str = "input") -> Response:
        return self.actor.get(f"{self.path}/{area}")

    def get(self, index: int | str = 0, area: str = "input") -> Response:
        return self.actor.get(f"{self.path}/{area}/{index}")


@pytest.fixture(params=SIDES)
def files(request: pytest.FixtureRequest, lab: Lab) -> Files:
    """Return the files of a ticket that accepts uploads."""
    return Files(lab, request.param)


@pytest.mark.parametrize("area", ["input", "results"])
def test_uploaded_file_can_be_listed_and_downloaded(files: Files, area: str) -> None:
    assert files.list(area).summary == csv_response()
    content = bytes(range(256)) * 40 + b"\r\n--\r\n"
    assert files.put("scan.nii.gz", content, area).summary == text_response("success")
    assert files.list(area).summary == csv_response("0,scan.nii.gz")
    assert files.get(0, area).body == content
    other = "results" if area == "input" else "input"
    assert files.list(other).summary == csv_response()


def test_download_by_a_user_has_a_content_length(lab: Lab) -> None:
    files = Files(lab, "user")
    files.put("p2.bin", b"123456789")
    response = files.get()
    assert response.status_line == "200 OK"
    assert [header for header in response.headers if header[0] != "Date"] == [
        ("Content-Disposition", 'attachment; filename="p2.bin"'),
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", "9"),
        ("Content-transfer-encoding", "binary"),
        ("Set-Cookie", f"webpy_session_id={lab.user.session}; HttpOnly; Path=/"),
        ("Server", "localhost"),
    ]


def test_download_by_a_provider_is_chunked(lab: Lab) -> None:
    files = Files(lab, "provider")
    files.put("p2.bin", b"123456789")
    response = files.get()
    assert response.status_line == "200 OK"
    assert [header for header in response.headers if header[0] != "Date"] == [
        ("Content-Disposition", 'attachment; filename="p2.bin"'),
        ("Content-Type", "application/octet-stream"),
        ("Content-transfer-encoding", "binary"),
        ("Set-Cookie", f"webpy_session_id={lab.prov1.session}; HttpOnly; Path=/"),
        ("Transfer-Encoding", "chunked"),
        ("Server", "localhost"),
    ]


def test_empty_file_is_downloaded_empty(files: Files) -> None:
    files.put("empty", b"")
    response = files.get()
    assert (response.status_line, response.body) == ("200 OK", b"")
    assert response.header("Content-Length") in ("0", None)


def test_large_file_is_downloaded_unchanged(files: Files) -> None:
    content = bytes(range(256)) * (1 << 14)
    files.put("large", content)
    assert files.get().body == content


def test_range_header_is_ignored(files: Files) -> None:
    files.put("a", b"12345")
    response = files.actor.request("GET", f"{files.path}/input/0", headers=[("Range", "bytes=1-2")])
    assert (response.status_line, response.body) == ("200 OK", b"12345")


def test_file_moves_to_the_last_index_when_it_is_uploaded_again(files: Files) -> None:
    for name in ("a", "c", "b"):
        files.put(name)
    assert files.list().summary == csv_response("0,a", "1,c", "2,b")
    files.put("a", b"new")
    assert files.list().summary == csv_response("0,c", "1,b", "2,a")
    assert files.get(2).body == b"new"
    assert files.get("02").body == b"new"


@pytest.mark.parametrize("index", ["1", "9", "9" * 30])
def test_unknown_file_index_fails(files: Files, index: str) -> None:
    files.put("a")
    assert files.get(index).summary == SERVER_ERROR


@pytest.mark.parametrize("index", ["x", "-1", "0.5", "", "0%20"])
def test_malformed_file_index_is_not_found(files: Files, index: str) -> None:
    assert files.get(index).summary == NOT_FOUND


@pytest.mark.parametrize("area", ["foo", "INPUT", "inputs", "result", ""])
def test_unknown_area_is_not_found(files: Files, area: str) -> None:
    assert files.list(area).summary == NOT_FOUND
    assert files.put("a", area=area).summary == NOT_FOUND


@pytest.mark.parametrize("query", ["?format=json", "?format=csv"])
def test_list_of_files_is_csv_in_every_format(files: Files, query: str) -> None:
    files.put("a")
    assert files.actor.get(f"{files.path}/input{query}").summary == csv_response("0,a")


def test_user_cannot_upload_to_a_submitted_ticket(lab: Lab) -> None:
    ticket = lab.create_ready_ticket()
    response = lab.user.upload_file(f"/api/tickets/{ticket}/files/input", "a")
    assert response.text == f"Ticket {ticket} not found for user 4"


def test_provider_can_upload_to_a_finished_ticket(lab: Lab) -> None:
    ticket = lab.create_finished_ticket("success")
    path = f"/api/pro/tickets/{ticket}/files"
    assert lab.prov1.upload_file(f"{path}/results", "a").summary == text_response("success")
    assert lab.user.get(f"/api/tickets/{ticket}/files/results").summary == csv_response("0,a")


def test_files_require_a_session(lab: Lab) -> None:
    for path in ("/api/tickets/1/files/input", "/api/pro/tickets/1/files/input"):
        assert lab.anonymous.get(path).summary == NOT_SIGNED_IN
        assert lab.anonymous.get(f"{path}/0").summary == NOT_SIGNED_IN
        assert lab.anonymous.upload_file(path, "a").summary == NOT_SIGNED_IN
        assert lab.anonymous.post(path, b"nonsense").summary == NOT_SIGNED_IN


# -------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"a b.txt", "a b.txt"),
        (b" lead.txt", " lead.txt"),
        (b"trail.txt ", "trail.txt "),
        (b"a;b.txt", "a;b.txt"),
        (b"a'b.txt", "a'b.txt"),
        (b"<b>&.txt", "<b>&.txt"),
        (b"a?b#c.txt", "a?b#c.txt"),
        (b"a:b.txt", "a:b.txt"),
        (b"a\tb.txt", "a\tb.txt"),
        (b"CON", "CON"),
        (b"-rf", "-rf"),
        (b"~", "~"),
        (b"100%.txt", "100%.txt"),
        (b"%C3%A9.txt", "%C3%A9.txt"),
        (b"a%20b%2Fc", "a%20b%2Fc"),
        (b"a%5Cb", "a%5Cb"),
        (b"%2e%2e%2fx", "%2e%2e%2fx"),
        (b"a%0ab.txt", "a%0ab.txt"),
        (b"/abs/path", "path"),
        (rb"a/b\c", "c"),
        (rb"C:\dir\file.txt", "file.txt"),
        (b"../../up.txt", "up.txt"),
        (rb"..\up2.txt", "up2.txt"),
        (rb"x\\y", "y"),
        (b"x" * 255, "x" * 255),
        ("é".encode(), "é"),
    ],
)
def test_file_name_is_stored_without_its_folder(files: Files, sent: bytes, name: str) -> None:
    assert files.put(sent).summary == text_response("success")
    assert files.list().summary == csv_response(f"0,{name}")
    # Headers are encoded in Latin-1.
    assert files.get().header("Content-Disposition") == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    ("sent", "listed", "name"),
    [
        (b"a,b.txt", '"a,b.txt"', "a,b.txt"),
        (rb"q\"q.txt", '"q""q.txt"', 'q"q.txt'),
        (b"q%22q.txt", '"q""q.txt"', 'q"q.txt'),
    ],
)
def test_file_name_with_comma_or_quote_is_quoted_in_csv(
    files: Files, sent: bytes, listed: str, name: str
) -> None:
    files.put(sent)
    assert files.list().summary == csv_response(f"0,{listed}")
    assert files.get().header("Content-Disposition") == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    "sent",
    [
        b"..",
        b".",
        b"",
        b"dir/",
        b"end\\\\",
        b"x" * 256,
        "é".encode() * 128,
        b"nul\0.txt",
        b"\xe9.txt",
    ],
)
def test_invalid_file_name_is_refused(files: Files, sent: bytes) -> None:
    assert files.put(sent).summary == UPLOAD_REFUSED
    assert files.list().summary == csv_response()


def test_hidden_file_is_accepted_but_not_listed(files: Files) -> None:
    assert files.put(b".hidden").summary == text_response("success")
    assert files.list().summary == csv_response()
    assert files.get().summary == SERVER_ERROR
    files.put("a")
    assert files.list().summary == csv_response("0,a")


@pytest.mark.parametrize(("sent", "listed"), [(b"a%0Ab", '"a\nb"'), (b"a%0Db", '"a\rb"')])
def test_file_with_a_line_end_in_its_name_cannot_be_downloaded(
    files: Files, sent: bytes, listed: str
) -> None:
    assert files.put(sent).summary == text_response("success")
    assert files.list().summary == csv_response(f"0,{listed}")
    assert files.get().summary == SERVER_ERROR


def test_file_with_a_name_outside_latin_1_cannot_be_downloaded(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    assert files.put("中😀.txt").summary == text_response("success")
    assert files.list().summary == csv_response("0,中😀.txt")
    request = compose_request("GET", f"{files.path}/input/0", files.actor.cookies)
    with caplog.at_level(logging.ERROR), Connection(files.lab.address) as connection:
        connection.send(request)
        response = connection.receive()
        assert connection.is_at_end()
    assert response.summary == ("500 Internal Server Error", "text/plain", b"")
    assert response.headers == (("Content-Length", "0"), ("Content-Type", "text/plain"))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# ----------------------------------------------------------------------------- malformed uploads


@pytest.mark.parametrize(
    "disposition",
    [
        b'name="myfile"',
        b'name="other"; filename="a.txt"',
        b"name=\"myfile\"; filename*=UTF-8''a.txt",
        b'name="myfile"; filename=""',
        b'name="MYFILE"; filename="a.txt"',
        b'filename="a.txt"',
    ],
)
def test_part_that_is_not_a_file_is_refused(files: Files, disposition: bytes) -> None:
    response = files.actor.upload(f"{files.path}/input", Part(disposition, b"x"))
    assert response.summary == UPLOAD_REFUSED


def test_body_that_is_not_an_upload_is_refused(files: Files) -> None:
    path = f"{files.path}/input"
    assert files.actor.post(path, {"myfile": "abc"}).summary == UPLOAD_REFUSED
    octets = files.actor.request("POST", path, b"abc", "application/octet-stream")
    assert octets.summary == UPLOAD_REFUSED
    assert files.actor.request("POST", path, b"", FORM).summary == UPLOAD_REFUSED
    assert files.actor.request("POST", path).summary == UPLOAD_REFUSED
    assert files.actor.upload(path).summary == UPLOAD_REFUSED
