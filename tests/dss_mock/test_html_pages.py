"""The pages that people are sent to."""

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
class Answered:
    status: int
    headers: Mapping[str, str]
    text: str


def visit(
    server: DssServer, path: str, user: User | None = None, *, method: str = "GET", **more: str
) -> Answered:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if user is not None:
        headers["Cookie"] = f"{SESSION_COOKIE}={server.state.accounts.sign_in(user).id}"
    with closing(HTTPConnection(server.host, server.port, timeout=30)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return Answered(answer.status, dict(answer.getheaders()), answer.read().decode())


def test_the_token_of_who_is_signed_in(dss_server: DssServer) -> None:
    user = dss_server.add_user("<b>anna@example.com")
    answer = visit(dss_server, "/token", user)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f">{user.token}</pre>" in answer.text
    assert "&lt;b&gt;anna@example.com" in answer.text


def test_no_token_for_strangers(dss_server: DssServer) -> None:
    user = dss_server.add_user("anna@example.com")
    answer = visit(dss_server, "/token")
    assert answer.status == 401
    assert user.token not in answer.text


def test_everybody_has_a_token_without_logins() -> None:
    with DssServer(noauth=True) as server:
        answer = visit(server, "/token")
        assert answer.status == 200
        assert f">{server.state.accounts.users[1].token}</pre>" in answer.text
        assert visit(server, "/services").status == 200


def test_the_services(dss_server: DssServer) -> None:
    user = dss_server.add_user("anna@example.com")
    assert "No services are on offer." in visit(dss_server, "/services", user).text
    dss_server.add_provider("testlab")
    descriptor = {"name": "<script>1</script>", "version": "1.0", "shortdesc": "a & b"}
    service = dss_server.add_service("testlab", descriptor)
    answer = visit(dss_server, "/services", user)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache, no-store, must-revalidate"
    assert "&lt;script&gt;1&lt;/script&gt;" in answer.text
    assert "<script>" not in answer.text
    assert "a &amp; b" in answer.text
    assert service.githash in answer.text

    dss_server.state.catalogue.withdraw_service("testlab", service.githash)
    assert service.githash not in visit(dss_server, "/services", user).text


def test_who_is_not_signed_in_is_sent_home(dss_server: DssServer) -> None:
    answer = visit(dss_server, "/services")
    assert answer.status == 303
    assert answer.headers["Location"] == f"{dss_server.url}/"
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.text == ""


def test_the_page_to_watch(dss_server: DssServer) -> None:
    answer = visit(dss_server, "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "://" not in answer.text
    assert visit(dss_server, "/", If_None_Match=answer.headers["ETag"]).status == 304
    for file, media_type in (
        ("dashboard.css", "text/css; charset=utf-8"),
        ("dashboard.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ):
        assert f"/_mock/page/{file}" in answer.text
        found = visit(dss_server, f"/_mock/page/{file}")
        assert found.headers["Content-Type"] == media_type
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert int(found.headers["Content-Length"]) == len(found.text.encode())


@pytest.mark.parametrize("path", ["/", "/token", "/services"])
def test_pages_are_only_for_reading(dss_server: DssServer, path: str) -> None:
    answer = visit(dss_server, path, method="POST")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"


def test_what_a_test_expects_wins(dss_server: DssServer) -> None:
    dss_server.expect_oneshot_request("/").respond_with_data("of the test")
    assert visit(dss_server, "/").text == "of the test"
    assert "DSS mock middleware" in visit(dss_server, "/").text
