"""The HTML pages for users."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection

import attrs
import pytest

from dss_api import SESSION_COOKIE
from dss_mock import DssServer
from dss_mock.state import User


@attrs.frozen
class PageResponse:
    status: int
    headers: Mapping[str, str]
    text: str


def get_page(
    server: DssServer, path: str, user: User | None = None, *, method: str = "GET", **more: str
) -> PageResponse:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if user is not None:
        headers["Cookie"] = f"{SESSION_COOKIE}={server.state.accounts.sign_in(user).id}"
    with closing(HTTPConnection(server.host, server.port, timeout=30)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return PageResponse(answer.status, dict(answer.getheaders()), answer.read().decode())


def test_token_page_shows_token_of_signed_in_user(dss_server: DssServer) -> None:
    user = dss_server.add_user("<b>anna@example.com")
    answer = get_page(dss_server, "/token", user)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f">{user.token}</pre>" in answer.text
    assert "&lt;b&gt;anna@example.com" in answer.text


def test_token_page_without_session_is_401(dss_server: DssServer) -> None:
    user = dss_server.add_user("anna@example.com")
    answer = get_page(dss_server, "/token")
    assert answer.status == 401
    assert user.token not in answer.text


def test_token_page_shows_token_to_every_visitor_if_noauth() -> None:
    with DssServer(noauth=True) as server:
        answer = get_page(server, "/token")
        assert answer.status == 200
        assert f">{server.state.accounts.users[1].token}</pre>" in answer.text
        assert get_page(server, "/services").status == 200


def test_services_page_lists_services_on_offer(dss_server: DssServer) -> None:
    user = dss_server.add_user("anna@example.com")
    assert "No services are on offer." in get_page(dss_server, "/services", user).text
    dss_server.add_provider("testlab")
    descriptor = {"name": "<script>1</script>", "version": "1.0", "shortdesc": "a & b"}
    service = dss_server.add_service("testlab", descriptor)
    answer = get_page(dss_server, "/services", user)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache, no-store, must-revalidate"
    assert "&lt;script&gt;1&lt;/script&gt;" in answer.text
    assert "<script>" not in answer.text
    assert "a &amp; b" in answer.text
    assert service.githash in answer.text

    dss_server.state.catalogue.withdraw_service("testlab", service.githash)
    assert service.githash not in get_page(dss_server, "/services", user).text


def test_services_page_without_session_redirects_to_start_page(dss_server: DssServer) -> None:
    answer = get_page(dss_server, "/services")
    assert answer.status == 303
    assert answer.headers["Location"] == f"{dss_server.url}/"
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.text == ""


def test_start_page_loads_only_its_own_files(dss_server: DssServer) -> None:
    answer = get_page(dss_server, "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "://" not in answer.text
    assert get_page(dss_server, "/", If_None_Match=answer.headers["ETag"]).status == 304
    for file, media_type in (
        ("dashboard.css", "text/css; charset=utf-8"),
        ("dashboard.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ):
        assert f"/_mock/page/{file}" in answer.text
        found = get_page(dss_server, f"/_mock/page/{file}")
        assert found.headers["Content-Type"] == media_type
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert int(found.headers["Content-Length"]) == len(found.text.encode())


@pytest.mark.parametrize("path", ["/", "/token", "/services"])
def test_page_refuses_post(dss_server: DssServer, path: str) -> None:
    answer = get_page(dss_server, path, method="POST")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"


def test_expectation_overrides_start_page(dss_server: DssServer) -> None:
    dss_server.expect_oneshot_request("/").respond_with_data("of the test")
    assert get_page(dss_server, "/").text == "of the test"
    assert "DSS mock middleware" in get_page(dss_server, "/").text
