"""Sessions: sign-in, sign-out and cookies."""

from __future__ import annotations

import json
import re

import pytest

from .http_client import Actor, get_session
from .responses import BAD_TOKEN, NOT_SIGNED_IN, SERVER_ERROR, text_response
from .sites import Site

COOKIE = re.compile(r"webpy_session_id=([0-9a-f]{40}); HttpOnly; Path=/")
EXPIRED_COOKIE = re.compile(
    r"webpy_session_id=([0-9a-f]{40}); expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT; "
    r"HttpOnly; Path=/"
)


def get_cookie_session(header: str | None) -> str:
    """Return the session in a `Set-Cookie` header."""
    match = COOKIE.fullmatch(header or "")
    assert match, header
    return match[1]


def test_token_signs_in_a_user(site: Site) -> None:
    response = site.anonymous.post("/api/login", {"token": "d" * 48})
    assert response.summary == text_response("logged in as user@example.com \n")
    session = get_cookie_session(response.header("Set-Cookie"))
    actor = Actor(site.address, session)
    again = actor.get("/api/login")
    assert again.summary == text_response("logged in as user@example.com \n")
    assert get_cookie_session(again.header("Set-Cookie")) == session


def test_token_works_once(site: Site) -> None:
    assert site.anonymous.post("/api/login", {"token": "d" * 48}).status == 200
    assert site.anonymous.post("/api/login", {"token": "d" * 48}).summary == BAD_TOKEN
    token = site.middleware.get_token("user")
    assert re.fullmatch("[0-9a-f]{48}", token)
    assert token != "d" * 48
    assert site.anonymous.post("/api/login", {"token": token}).status == 200


@pytest.mark.parametrize("target", ["/api/login?format=json", "/api/login"])
def test_sign_in_with_json_format_returns_the_email(site: Site, target: str) -> None:
    form = {"token": "d" * 48, "format": "json"}
    if "?" in target:
        del form["format"]
    expected = json.dumps({"result": {"email": "user@example.com"}})
    assert site.anonymous.post(target, form).summary == text_response(expected)
    assert site.prov1.get("/api/login?format=json").text == expected.replace("user", "prov1")


def test_token_is_accepted_in_the_query_of_a_post(site: Site) -> None:
    assert site.anonymous.get(f"/api/login?token={'d' * 48}").summary == NOT_SIGNED_IN
    assert site.anonymous.post(f"/api/login?token={'d' * 48}").status == 200


@pytest.mark.parametrize("token", ["", "zz", "D" * 48, "d" * 47, "é", "' or 1=1 --"])
def test_unknown_token_is_refused(site: Site, token: str) -> None:
    response = site.anonymous.post("/api/login", {"token": token})
    assert response.summary == BAD_TOKEN
    assert response.header("Set-Cookie") is None


def test_sign_in_without_token_fails(site: Site) -> None:
    assert site.anonymous.post("/api/login").summary == SERVER_ERROR
    json = site.anonymous.request("POST", "/api/login", b'{"token": "x"}', "application/json")
    assert json.summary == SERVER_ERROR


def test_failed_sign_in_ends_the_session(site: Site) -> None:
    session = site.user.session
    response = site.user.post("/api/login", {"token": "zz"})
    assert response.summary == BAD_TOKEN
    match = EXPIRED_COOKIE.fullmatch(response.header("Set-Cookie") or "")
    assert match
    assert match[1] == session
    after = site.user.get("/api/login")
    assert after.summary == NOT_SIGNED_IN
    assert get_cookie_session(after.header("Set-Cookie")) != session


def test_second_sign_in_keeps_the_session_cookie(site: Site) -> None:
    session = site.user.session
    response = site.user.post("/api/login", {"token": "b" * 48})
    assert response.summary == text_response("logged in as prov1@example.com \n")
    assert get_session(response) == session
    assert site.user.get("/api/login").summary == text_response("logged in as prov1@example.com \n")


def test_request_without_session_gets_a_new_session_each_time(site: Site) -> None:
    responses = [site.anonymous.get(path) for path in ("/api/login", "/api/login", "/api/nosuch")]
    assert len({get_cookie_session(response.header("Set-Cookie")) for response in responses}) == 3
    unknown = Actor(site.address, "0" * 40).get("/api/login")
    assert unknown.summary == NOT_SIGNED_IN
    assert get_cookie_session(unknown.header("Set-Cookie")) != "0" * 40


def test_session_of_an_anonymous_user_can_sign_in(site: Site) -> None:
    stranger = site.anonymous
    stranger.session = get_session(stranger.get("/api/login"))
    response = stranger.post("/api/login", {"token": "d" * 48})
    assert get_session(response) == stranger.session
    assert stranger.get("/api/tickets").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/login", 200),
        ("GET", "/api/nosuch", 404),
        ("DELETE", "/api/login", 405),
        ("GET", "/api/tickets/7/status", 400),
        ("GET", "/api/admin/providers", 401),
        ("POST", "/api/login", 500),
    ],
)
def test_every_response_sets_the_session_cookie(
    site: Site, method: str, path: str, status: int
) -> None:
    response = site.user.request(method, path)
    assert response.status == status
    assert get_cookie_session(response.header("Set-Cookie")) == site.user.session


def test_sign_out_does_not_end_other_sessions_of_the_user(site: Site) -> None:
    first, second = site.sign_in_as("user"), site.sign_in_as("user")
    assert first.session != second.session
    first.get("/logout")
    assert first.get("/api/login").summary == NOT_SIGNED_IN
    assert second.get("/api/login").status == 200


def test_sign_out_ends_the_session_and_redirects(site: Site) -> None:
    response = site.user.get("/logout")
    assert response.summary == ("303 See Other", "text/html", b"")
    assert response.header("Location") == "http://dss/"
    match = EXPIRED_COOKIE.fullmatch(response.header("Set-Cookie") or "")
    assert match
    assert match[1] == site.user.session
    assert site.user.get("/api/login").summary == NOT_SIGNED_IN


def test_sign_out_without_session_only_redirects(site: Site) -> None:
    response = site.anonymous.get("/logout")
    assert response.summary == ("303 See Other", "text/html", b"")
    assert response.header("Set-Cookie") is None


def test_new_token_is_refused_before_the_user_accepts_the_terms(site: Site) -> None:
    refused = ("401 unauthorized", None, b"Unauthorized access")
    assert site.user.get("/api/token").summary == refused
    assert site.anonymous.get("/api/token").summary == refused


@pytest.mark.parametrize(
    "header", ["", "webpy_session_id=", "webpy_session_id", "other=1", "=", "webpy_session_id=../x"]
)
def test_malformed_cookie_counts_as_no_session(site: Site, header: str) -> None:
    response = site.anonymous.request("GET", "/api/login", headers=[("Cookie", header)])
    assert response.summary == NOT_SIGNED_IN
    assert get_cookie_session(response.header("Set-Cookie"))


def test_session_cookie_is_found_among_other_cookies(site: Site) -> None:
    session = f"webpy_session_id={site.user.session}"
    for header in (f"a=b; {session}", f"{session}; a=b", f"{session};a", f' a="x;y"; {session}'):
        assert (
            site.anonymous.request("GET", "/api/login", headers=[("Cookie", header)]).status == 200
        )
