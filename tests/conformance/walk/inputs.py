"""Usual and odd names, texts and numbers for the requests of a walk."""

from __future__ import annotations

from pathlib import Path

import attrs

from ..repositories import Repository, describe

USERS = ("admin", "prov1", "prov2", "user")
ACTORS = (*USERS, "anonymous", "stale")
"""The senders of requests; `stale` sends the cookie of the session that ended last."""

PROVIDERS = ("testlab", "otherlab", "third_lab", "été")
ODD_PROVIDERS = (
    "",
    "nosuch",
    "a b",
    "a.b",
    "a/b",
    "a'b",
    "100%",
    "x" * 300,
    "中",
    "TESTLAB",
    "-",
    "_",
)
EMAILS = tuple(f"{user}@example.com" for user in USERS)
ODD_EMAILS = ("", "nosuch@example.com", "ADMIN@example.com", " user@example.com", "é@example.com")

MESSAGES = (
    "Processing started",
    "",
    "a, b and c",
    'she said "no"',
    "two\nlines",
    "a\r\nb\rc",
    "\t tab",
    "é ü ß",
    "中文 😀",
    "<script>alert(1)</script>",
    "nul \0 inside",
    "=1+1",
    "' or 1=1 --",
    "%41 %",
    "None",
    " spaces ",
    "\ufeffbom \u2028 \x85",
    "x" * 3000,
)

FILENAMES: tuple[bytes, ...] = (
    b"a.txt",
    b"b.nii.gz",
    b"c.png",
    b"ticket_00000001.itksnap",
    b"a b.txt",
    b" lead.txt",
    b"trail.txt ",
    b"a;b.txt",
    b"a,b.txt",
    b"a'b.txt",
    b"<b>&.txt",
    b"a?b#c.txt",
    b"a:b.txt",
    b"a\tb.txt",
    "é.txt".encode(),
    "中😀.txt".encode(),
    b"\xe9.txt",
    rb"q\"q.txt",
    b"q%22q.txt",
    b"100%.txt",
    b"%C3%A9.txt",
    b"a%20b",
    b"a%0Ab.txt",
    b"a%0Db.txt",
    b"a%0ab.txt",
    b"a%5Cb",
    b"%2e%2e%2fx",
    b"..",
    b".",
    b"",
    b"dir/",
    b"/abs/path",
    rb"a/b\c",
    rb"x\\y",
    rb"C:\dir\file.txt",
    b"../../up.txt",
    rb"..\up2.txt",
    b".hidden",
    b"x" * 255,
    b"x" * 256,
    "é".encode() * 127,
    "é".encode() * 128,
    b"nul\0.txt",
    b"CON",
    b"-rf",
    b"a.tar.gz",
    b"a.json",
    b"a.CSV",
    b"a.html",
    b"a.svg",
    b"noending",
    b"a.",
    b"a.txt.",
    b"~",
    b"*.txt",
    b"%",
)

MIME_TYPES = ("text/plain", "image/png", "", "not a mime", "é/é", "中", "text/html; charset=utf-8")

IDS = (
    "0",
    "999",
    "99999999999999999999999",
    "007",
    "01",
    "abc",
    "-1",
    "1.5",
    "",
    "%31",
    "1%20",
    "%201",
    "1_0",
    "%D9%A1",
    "+1",
    "0x1",
)
GITHASHES = ("f" * 40, "abc", "F" * 40, "", "a-b", "a.b", "é", "a,b", "0", "%66", "a%20", "x" * 200)
AREAS = ("foo", "INPUT", "", "inputs", "result")
CATEGORIES = ("log", "INFO", "debug", "", "status", "files")
SCOPES = ("COMPLETED", "foo", "")
BLOBS = (
    "0" * 8,
    "f" * 32,
    "0" * 7,
    "0" * 9,
    "DEADBEEF",
    "zzzzzzzz",
    "",
    "deadbeef.txt",
    "dead-bee",
)

NUMBERS = ("0", "0.1", "0.25", "0.3", "0.30", "0.5", "0.75", "1", "1.0")
ODD_NUMBERS = (
    "2",
    "-1",
    "100",
    "1e-7",
    "1e3",
    "1E2",
    "1_0",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    " .5 ",
    "\t1\n",
    "",
    " ",
    "abc",
    "0,5",
    "50%",
    "0x10",
    ".5",
    "5.",
    "+1",
    "--1",
    "1e400",
    "-1e400",
    "1e",
    "-0",
    "-0.0",
    "0.1000000000000000055511151231257827",
    "٣",
    "1 2",
    "None",
    "True",
    "1d",
    "9" * 400,
    "1" * 20,
    "0.5\0",
)
SINCES = (
    "0",
    "1",
    "2",
    "5",
    "10",
    "",
    "x",
    "1.5",
    "-1",
    "1e1",
    "nan",
    "inf",
    "-inf",
    " 2",
    "2 ",
    "1_0",
    "0x1",
    "٣",
    "9" * 30,
    "+1",
    "1;2",
    "2\0",
)
INTEGERS = (
    "0",
    "1",
    "2",
    "-1",
    "",
    "true",
    "True",
    "yes",
    "1.0",
    " 1 ",
    "1_0",
    "+1",
    "٣",
    "9" * 30,
    "0x1",
)
AGES = (
    # The clock advances in steps of 5 hours, so these ages avoid multiples of 5 hours.
    ("days", "-1"),
    ("days", "0.4"),
    ("days", "0.9"),
    ("days", "7"),
    ("days", "1e9"),
    ("days", "-inf"),
    ("days", "inf"),
    ("days", "nan"),
    ("days", ""),
    ("days", "x"),
    ("days", "1_0"),
    ("days", " 3 "),
    ("days", "9" * 400),
    ("hours", "-1"),
    ("hours", "3"),
    ("hours", "8.5"),
    ("hours", "x"),
    ("hours", ""),
    ("hours", "1e300"),
)
STATUSES = ("success", "failed", "ready")
ODD_STATUSES = ("claimed", "timeout", "deleted", "init", "SUCCESS", "", "é", "a b", "success ")

MEDIA_TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "application/x-www-form-urlencoded; charset=latin-1",
    "Application/X-WWW-Form-URLEncoded",
    "",
    "application/json",
    "text/plain",
    "application/octet-stream",
    "multipart/form-data",
    "nonsense",
)
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")

UNKNOWN_PATHS: tuple[bytes, ...] = (
    b"/api",
    b"/api/",
    b"/api/nosuch",
    b"/API/services",
    b"/api/services/",
    b"/api/tickets/1",
    b"/api/tickets/1/",
    b"/api/tickets/1/status/",
    b"/api/tickets//status",
    b"/api/pro",
    b"/api/pro/tickets",
    b"/api/admin",
    b"/blobs",
    b"/blobs/",
    b"/login",
    b"/favicon.ico",
    b"/api%2Fservices",
    b"/api/services%00",
    b"/api/./services",
    b"/api/../api/services",
    b"/api/services;x=1",
    b"/api/login?x#y",
    b"/api/%6cogin",
    b"/api/login%0A",
    b"/api/login%20",
)

TIME_STEP = 5 * 3600
"""Seconds that one step adds to the time."""


@attrs.frozen
class ServiceSources:
    """Repositories that services are registered from.

    Attributes:
        good: pairs of repository and reference that the middleware accepts.
        odd: pairs that the middleware refuses, always or after another pair was registered.
        githashes: the hashes of all services in `good`.
        names: the names of the services.
    """

    good: tuple[tuple[str, str], ...]
    odd: tuple[tuple[str, str], ...]
    githashes: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def create(cls, folder: Path) -> ServiceSources:
        """Create the repositories in an empty folder."""
        first = Repository.create(folder / "first")
        hashes = [first.commit()]
        first.git("tag", "light")
        refs = ["master", "light", ""]
        for branch, version in (("next", "0.3.0"), ("latest", "0.10.0"), ("number", 1.5)):
            first.git("checkout", "--quiet", "-b", branch)
            hashes.append(first.commit(describe("RegistrationExample", version)))
            refs.append(branch)
        first.git("tag", "--annotate", "--message", "A tag", "heavy")
        refs += ["heavy", hashes[1]]
        odd = [
            (str(first.path), ref)
            for ref in ("nosuch", hashes[0][:8], "HEAD~1", "-x", "é", "f" * 40)
        ]
        for branch, text in (
            ("bad", "{"),
            ("list", "[]"),
            ("nameless", '{"version": "1", "shortdesc": "x"}'),
            ("null", '{"name": "N", "version": "1", "shortdesc": null}'),
            ("bom", "\ufeff{}"),
        ):
            first.git("checkout", "--quiet", "-B", branch, "master")
            first.commit(text)
            odd.append((str(first.path), branch))
        first.git("checkout", "--quiet", "-B", "clash", "master")
        first.commit(describe("RegistrationExample", "0.1.0", shortdesc="Another"))
        odd.append((str(first.path), "clash"))
        first.git("checkout", "--quiet", "master")
        second = Repository.create(folder / "second")
        hashes.append(
            second.commit(
                describe(
                    'Brain, "cut" é中', "1.0", shortdesc='é, "x" 中 ' * 20, extra=[1.50, 1e3, None]
                )
            )
        )
        odd += [(str(folder / "nosuch"), "master"), ("", ""), ("https://127.0.0.1:1/x", "master")]
        good = [(str(first.path), ref) for ref in refs]
        good += [(f"file://{first.path}", "master"), (str(second.path), "master")]
        names = ("RegistrationExample", 'Brain, "cut" é中')
        return cls(tuple(good), tuple(odd), tuple(hashes), names)
