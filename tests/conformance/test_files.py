"""Files that go to tickets and come from them."""

from __future__ import annotations

import logging

import pytest

from .asking import FORM, Part, compose
from .expected import FAULT, NOT_FOUND, NOT_SIGNED_IN, UPLOAD_REFUSED, csv, plain
from .raw import Answer, Connection
from .site import Lab

SIDES = ["user", "provider"]


class Files:
    """The files of a ticket, on one of its two sides."""

    def __init__(self, lab: Lab, side: str) -> None:
        self.lab = lab
        if side == "user":
            self.actor, self.path = lab.user, f"/api/tickets/{lab.new_ticket()}/files"
        else:
            self.actor, self.path = lab.prov1, f"/api/pro/tickets/{lab.claimed_ticket()}/files"

    def put(self, filename: str | bytes, content: bytes = b"x", area: str = "input") -> Answer:
        answer = self.actor.upload_file(f"{self.path}/{area}", filename, content)
        self.lab.middleware.settle()
        return answer

    def list(self, area: str = "input") -> Answer:
        return self.actor.get(f"{self.path}/{area}")

    def get(self, index: int | str = 0, area: str = "input") -> Answer:
        return self.actor.get(f"{self.path}/{area}/{index}")


@pytest.fixture(params=SIDES)
def files(request: pytest.FixtureRequest, lab: Lab) -> Files:
    """The files of a ticket that can be uploaded."""
    return Files(lab, request.param)


@pytest.mark.parametrize("area", ["input", "results"])
def test_there_and_back(files: Files, area: str) -> None:
    assert files.list(area).said == csv()
    content = bytes(range(256)) * 40 + b"\r\n--\r\n"
    assert files.put("scan.nii.gz", content, area).said == plain("success")
    assert files.list(area).said == csv("0,scan.nii.gz")
    assert files.get(0, area).body == content
    other = "results" if area == "input" else "input"
    assert files.list(other).said == csv()


def test_what_a_users_download_says(lab: Lab) -> None:
    files = Files(lab, "user")
    files.put("p2.bin", b"123456789")
    answer = files.get()
    assert answer.line == "200 OK"
    assert [header for header in answer.headers if header[0] != "Date"] == [
        ("Content-Disposition", 'attachment; filename="p2.bin"'),
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", "9"),
        ("Content-transfer-encoding", "binary"),
        ("Set-Cookie", f"webpy_session_id={lab.user.session}; HttpOnly; Path=/"),
        ("Server", "localhost"),
    ]


def test_what_a_providers_download_says(lab: Lab) -> None:
    files = Files(lab, "provider")
    files.put("p2.bin", b"123456789")
    answer = files.get()
    assert answer.line == "200 OK"
    assert [header for header in answer.headers if header[0] != "Date"] == [
        ("Content-Disposition", 'attachment; filename="p2.bin"'),
        ("Content-Type", "application/octet-stream"),
        ("Content-transfer-encoding", "binary"),
        ("Set-Cookie", f"webpy_session_id={lab.prov1.session}; HttpOnly; Path=/"),
        ("Transfer-Encoding", "chunked"),
        ("Server", "localhost"),
    ]


def test_an_empty_file(files: Files) -> None:
    files.put("empty", b"")
    answer = files.get()
    assert (answer.line, answer.body) == ("200 OK", b"")
    assert answer.header("Content-Length") in ("0", None)


def test_a_large_file(files: Files) -> None:
    content = bytes(range(256)) * (1 << 14)
    files.put("large", content)
    assert files.get().body == content


def test_ranges_are_not_known(files: Files) -> None:
    files.put("a", b"12345")
    answer = files.actor.ask("GET", f"{files.path}/input/0", headers=[("Range", "bytes=1-2")])
    assert (answer.line, answer.body) == ("200 OK", b"12345")


def test_indices_shift_when_a_file_is_written_anew(files: Files) -> None:
    for name in ("a", "c", "b"):
        files.put(name)
    assert files.list().said == csv("0,a", "1,c", "2,b")
    files.put("a", b"new")
    assert files.list().said == csv("0,c", "1,b", "2,a")
    assert files.get(2).body == b"new"
    assert files.get("02").body == b"new"


@pytest.mark.parametrize("index", ["1", "9", "9" * 30])
def test_an_index_that_there_is_not(files: Files, index: str) -> None:
    files.put("a")
    assert files.get(index).said == FAULT


@pytest.mark.parametrize("index", ["x", "-1", "0.5", "", "0%20"])
def test_what_is_no_index(files: Files, index: str) -> None:
    assert files.get(index).said == NOT_FOUND


@pytest.mark.parametrize("area", ["foo", "INPUT", "inputs", "result", ""])
def test_areas_that_there_are_not(files: Files, area: str) -> None:
    assert files.list(area).said == NOT_FOUND
    assert files.put("a", area=area).said == NOT_FOUND


@pytest.mark.parametrize("query", ["?format=json", "?format=csv"])
def test_lists_of_files_are_csv(files: Files, query: str) -> None:
    files.put("a")
    assert files.actor.get(f"{files.path}/input{query}").said == csv("0,a")


def test_a_user_uploads_only_to_a_new_ticket(lab: Lab) -> None:
    ticket = lab.ready_ticket()
    answer = lab.user.upload_file(f"/api/tickets/{ticket}/files/input", "a")
    assert answer.text == f"Ticket {ticket} not found for user 4"


def test_a_provider_uploads_also_to_a_finished_one(lab: Lab) -> None:
    ticket = lab.finished_ticket("success")
    path = f"/api/pro/tickets/{ticket}/files"
    assert lab.prov1.upload_file(f"{path}/results", "a").said == plain("success")
    assert lab.user.get(f"/api/tickets/{ticket}/files/results").said == csv("0,a")


def test_who_is_not_signed_in(lab: Lab) -> None:
    for path in ("/api/tickets/1/files/input", "/api/pro/tickets/1/files/input"):
        assert lab.nobody.get(path).said == NOT_SIGNED_IN
        assert lab.nobody.get(f"{path}/0").said == NOT_SIGNED_IN
        assert lab.nobody.upload_file(path, "a").said == NOT_SIGNED_IN
        assert lab.nobody.post(path, b"nonsense").said == NOT_SIGNED_IN


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
def test_names_that_are_kept(files: Files, sent: bytes, name: str) -> None:
    assert files.put(sent).said == plain("success")
    assert files.list().said == csv(f"0,{name}")
    # What a header can hold at all stands in it as Latin-1.
    assert files.get().header("Content-Disposition") == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    ("sent", "listed", "name"),
    [
        (b"a,b.txt", '"a,b.txt"', "a,b.txt"),
        (rb"q\"q.txt", '"q""q.txt"', 'q"q.txt'),
        (b"q%22q.txt", '"q""q.txt"', 'q"q.txt'),
    ],
)
def test_names_that_are_quoted(files: Files, sent: bytes, listed: str, name: str) -> None:
    files.put(sent)
    assert files.list().said == csv(f"0,{listed}")
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
def test_names_that_are_refused(files: Files, sent: bytes) -> None:
    assert files.put(sent).said == UPLOAD_REFUSED
    assert files.list().said == csv()


def test_a_hidden_file_is_kept_but_not_shown(files: Files) -> None:
    assert files.put(b".hidden").said == plain("success")
    assert files.list().said == csv()
    assert files.get().said == FAULT
    files.put("a")
    assert files.list().said == csv("0,a")


@pytest.mark.parametrize(("sent", "listed"), [(b"a%0Ab", '"a\nb"'), (b"a%0Db", '"a\rb"')])
def test_a_line_end_in_a_name(files: Files, sent: bytes, listed: str) -> None:
    assert files.put(sent).said == plain("success")
    assert files.list().said == csv(f"0,{listed}")
    assert files.get().said == FAULT


def test_a_name_that_no_header_can_hold(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    assert files.put("中😀.txt").said == plain("success")
    assert files.list().said == csv("0,中😀.txt")
    request = compose("GET", f"{files.path}/input/0", files.actor.cookies)
    with caplog.at_level(logging.ERROR), Connection(files.lab.address) as connection:
        connection.send(request)
        answer = connection.receive()
        assert connection.is_at_end()
    assert answer.said == ("500 Internal Server Error", "text/plain", b"")
    assert answer.headers == (("Content-Length", "0"), ("Content-Type", "text/plain"))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# --------------------------------------------------------------------------- what is no upload


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
def test_parts_that_are_no_file(files: Files, disposition: bytes) -> None:
    answer = files.actor.upload(f"{files.path}/input", Part(disposition, b"x"))
    assert answer.said == UPLOAD_REFUSED


def test_bodies_that_are_no_upload(files: Files) -> None:
    path = f"{files.path}/input"
    assert files.actor.post(path, {"myfile": "abc"}).said == UPLOAD_REFUSED
    octets = files.actor.ask("POST", path, b"abc", "application/octet-stream")
    assert octets.said == UPLOAD_REFUSED
    assert files.actor.ask("POST", path, b"", FORM).said == UPLOAD_REFUSED
    assert files.actor.ask("POST", path).said == UPLOAD_REFUSED
    assert files.actor.upload(path).said == UPLOAD_REFUSED
