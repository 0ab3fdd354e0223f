"""Paths and methods of requests."""

from __future__ import annotations

import pytest

from .http_client import Actor, compose_request
from .http_connection import Connection
from .responses import METHOD_NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, refusal, text_response
from .sites import Lab, Site

GET_AND_POST_PATHS = (
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
POST_PATHS = (
    "/api/pro/services/claims",
    "/api/pro/services/available",
    "/api/pro/tickets/1/info",
    "/api/pro/tickets/1/warning",
    "/api/pro/tickets/1/error",
    "/api/pro/tickets/1/log",
    "/api/pro/tickets/1/attachments",
    "/api/admin/tickets/purge/all",
)
GET_PATHS = (
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
ALLOWED_METHODS = [
    *((path, "GET, POST") for path in GET_AND_POST_PATHS),
    *((path, "POST") for path in POST_PATHS),
    *((path, "GET") for path in GET_PATHS),
]


@pytest.mark.parametrize(("path", "allowed"), ALLOWED_METHODS)
def test_unsupported_method_is_not_allowed(site: Site, path: str, allowed: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        if method not in allowed.split(", "):
            response = site.anonymous.request(method, path)
            assert response.summary == METHOD_NOT_ALLOWED
            assert response.header("Allow") == allowed


@pytest.mark.parametrize("path", POST_PATHS)
def test_head_is_not_allowed_where_get_is_not_allowed(site: Site, path: str) -> None:
    response = site.anonymous.request("HEAD", path)
    assert (response.status_line, response.header("Allow")) == (METHOD_NOT_ALLOWED[0], "POST")


def test_head_response_has_the_complete_body(lab: Lab) -> None:
    ticket = lab.create_ticket({"a.txt": b"12345"})
    with Connection(lab.address) as connection:
        path = f"/api/tickets/{ticket}/files/input/0"
        connection.send(compose_request("HEAD", path, lab.user.cookies))
        download = connection.receive()
        assert (download.status_line, download.header("Content-Length")) == ("200 OK", "5")
        assert download.body == b"12345"
        # The response has a length, so the connection stays open.
        connection.send(compose_request("GET", "/nosuch"))
        assert connection.receive().summary == NOT_FOUND
    status = lab.user.request("HEAD", f"/api/tickets/{ticket}/status")
    assert status.summary == text_response("init")
    assert status.header("Transfer-Encoding") is None
    assert lab.user.request("HEAD", "/api/tickets/9/status").summary == refusal(
        "Ticket 9 not found for user 4"
    )


def test_page_of_services_must_not_be_cached(site: Site) -> None:
    response = site.user.get("/services")
    assert [item for item in response.headers if item[0] not in ("Set-Cookie", "Date")] == [
        ("Cache-Control", "no-cache, no-store, must-revalidate"),
        ("Pragma", "no-cache"),
        ("Expires", "0"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Transfer-Encoding", "chunked"),
        ("Server", "localhost"),
    ]


def test_page_of_services_redirects_without_a_session(site: Site) -> None:
    response = site.anonymous.get("/services")
    assert response.summary == ("303 See Other", "text/html", b"")
    assert [name for name, _ in response.headers][:2] == ["Content-Type", "Location"]


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
def test_unknown_path_is_not_found(site: Site, path: str, method: str) -> None:
    assert site.anonymous.request(method, path).summary == NOT_FOUND


@pytest.mark.parametrize("path", ["/api/%6cogin", "/api/login?x", "/api/login?x=1&&y"])
def test_path_is_found_with_escapes_and_queries(site: Site, path: str) -> None:
    assert site.anonymous.get(path).summary == NOT_SIGNED_IN


@pytest.mark.parametrize("format_", ["JSON", "csv", "", "xml", "json ", "jsonp"])
def test_unknown_format_gives_csv(site: Site, format_: str) -> None:
    response = site.user.get(f"/api/tickets?format={format_.replace(' ', '%20')}")
    assert response.summary == ("200 OK", "text/csv", b"")


def test_last_of_several_formats_counts(site: Site) -> None:
    assert site.user.get("/api/tickets?format=csv&format=json").text == '{"result": []}'
    assert site.user.get("/api/tickets?format=json&format=csv").text == ""


def test_body_of_a_get_request_is_ignored(site: Site) -> None:
    response = site.user.request("GET", "/api/tickets", b"format=json", "text/plain")
    assert response.summary == ("200 OK", "text/csv", b"")


def test_method_is_checked_before_the_session(site: Site) -> None:
    stranger = Actor(site.address, "0" * 40)
    assert stranger.request("DELETE", "/api/services").summary == METHOD_NOT_ALLOWED
    assert stranger.get("/api/services").summary == NOT_SIGNED_IN
