"""Paths and methods, before anything is done."""

from __future__ import annotations

import pytest

from .asking import Actor, compose
from .expected import NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, plain, refused
from .raw import Connection
from .site import Lab, Site

BOTH = (
    "/api/login",
    "/api/tickets",
    "/api/tickets/1/files/input",
    "/api/tickets/1/status",
    "/api/pro/services/abc/claims",
    "/api/pro/tickets/1/files/results",
    "/api/pro/tickets/1/status",
    "/api/pro/tickets/1/progress",
    "/api/admin/providers",
    "/api/admin/providers/p/users",
    "/api/admin/providers/p/services",
)
POSTED = (
    "/api/pro/services/claims",
    "/api/pro/services/available",
    "/api/pro/tickets/1/info",
    "/api/pro/tickets/1/warning",
    "/api/pro/tickets/1/error",
    "/api/pro/tickets/1/log",
    "/api/pro/tickets/1/attachments",
    "/api/admin/tickets/purge/all",
)
GOTTEN = (
    "/logout",
    "/api/token",
    "/api/services",
    "/api/services/abc/detail",
    "/api/services/abc/stats",
    "/api/tickets/1/files/input/0",
    "/api/tickets/1/log",
    "/api/tickets/logs/1/attachments",
    "/api/tickets/1/detail",
    "/api/tickets/1/progress",
    "/api/tickets/1/queuepos",
    "/api/tickets/1/delete",
    "/api/tickets/1/retry",
    "/api/pro/services",
    "/api/pro/tickets/1/files/input/0",
    "/api/admin/providers/p/delete",
    "/api/admin/providers/p/users/1/delete",
    "/api/admin/providers/p/services/abc/delete",
    "/api/admin/tickets",
    "/blobs/00000000",
    "/token",
)
ALLOWED = [
    *((path, "GET, POST") for path in BOTH),
    *((path, "POST") for path in POSTED),
    *((path, "GET") for path in GOTTEN),
]


@pytest.mark.parametrize(("path", "allowed"), ALLOWED)
def test_methods_that_are_not_allowed(site: Site, path: str, allowed: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        if method not in allowed.split(", "):
            answer = site.nobody.ask(method, path)
            assert answer.said == NOT_ALLOWED
            assert answer.header("Allow") == allowed


@pytest.mark.parametrize("path", POSTED)
def test_head_is_no_better_than_get(site: Site, path: str) -> None:
    answer = site.nobody.ask("HEAD", path)
    assert (answer.line, answer.header("Allow")) == (NOT_ALLOWED[0], "POST")


def test_head_is_answered_with_the_whole_body(lab: Lab) -> None:
    ticket = lab.new_ticket({"a.txt": b"12345"})
    with Connection(lab.address) as connection:
        path = f"/api/tickets/{ticket}/files/input/0"
        connection.send(compose("HEAD", path, lab.user.cookies))
        download = connection.receive()
        assert (download.line, download.header("Content-Length")) == ("200 OK", "5")
        assert download.body == b"12345"
        # It has its length, so that the connection is kept.
        connection.send(compose("GET", "/nosuch"))
        assert connection.receive().said == NOT_FOUND
    status = lab.user.ask("HEAD", f"/api/tickets/{ticket}/status")
    assert status.said == plain("init")
    assert status.header("Transfer-Encoding") is None
    assert lab.user.ask("HEAD", "/api/tickets/9/status").said == refused(
        "Ticket 9 not found for user 4"
    )


def test_the_page_of_services(site: Site) -> None:
    answer = site.user.get("/services")
    assert [item for item in answer.headers if item[0] not in ("Set-Cookie", "Date")] == [
        ("Cache-Control", "no-cache, no-store, must-revalidate"),
        ("Pragma", "no-cache"),
        ("Expires", "0"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Transfer-Encoding", "chunked"),
        ("Server", "localhost"),
    ]


def test_the_page_of_services_is_for_those_who_signed_in(site: Site) -> None:
    answer = site.nobody.get("/services")
    assert answer.said == ("303 See Other", "text/html", b"")
    assert [name for name, _ in answer.headers][:2] == ["Content-Type", "Location"]


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/nosuch",
        "/API/services",
        "/api/Services",
        "/api/services/",
        "/api/tickets/1",
        "/api/tickets/1/status/",
        "/api/tickets//status",
        "/api/pro",
        "/api/admin",
        "/blobs",
        "/blobs/",
        "/login",
        "/favicon.ico",
        "/api%2Fservices",
        "/api/services%00",
        "/api/./services",
        "/api/../api/services",
        "/api/services;x=1",
        "/api/login%0A",
        "/api/login%20",
        "/api/services/ABC/detail",
        "/api/services/xyz/detail",
        "/api/services/a.b/stats",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_paths_that_there_are_not(site: Site, path: str, method: str) -> None:
    assert site.nobody.ask(method, path).said == NOT_FOUND


@pytest.mark.parametrize("path", ["/api/%6cogin", "/api/login?x", "/api/login?x=1&&y"])
def test_ways_to_write_a_path(site: Site, path: str) -> None:
    assert site.nobody.get(path).said == NOT_SIGNED_IN


@pytest.mark.parametrize("format_", ["JSON", "csv", "", "xml", "json ", "jsonp"])
def test_unknown_formats_are_csv(site: Site, format_: str) -> None:
    answer = site.user.get(f"/api/tickets?format={format_.replace(' ', '%20')}")
    assert answer.said == ("200 OK", "text/csv", b"")


def test_of_several_formats_the_last_counts(site: Site) -> None:
    assert site.user.get("/api/tickets?format=csv&format=json").text == '{"result": []}'
    assert site.user.get("/api/tickets?format=json&format=csv").text == ""


def test_the_body_of_a_get_is_not_read(site: Site) -> None:
    answer = site.user.ask("GET", "/api/tickets", b"format=json", "text/plain")
    assert answer.said == ("200 OK", "text/csv", b"")


def test_who_asks_counts_after_the_method(site: Site) -> None:
    stranger = Actor(site.address, "0" * 40)
    assert stranger.ask("DELETE", "/api/services").said == NOT_ALLOWED
    assert stranger.get("/api/services").said == NOT_SIGNED_IN
