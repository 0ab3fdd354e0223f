"""Signing in and out."""

from __future__ import annotations

import json
import re

import pytest

from .asking import Actor, session_in
from .expected import BAD_TOKEN, FAULT, NOT_SIGNED_IN, plain
from .site import Site

COOKIE = re.compile(r"webpy_session_id=([0-9a-f]{40}); HttpOnly; Path=/")
ENDED = re.compile(
    r"webpy_session_id=([0-9a-f]{40}); expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT; "
    r"HttpOnly; Path=/"
)


def cookie(header: str | None) -> str:
    """What a header says that gives a session."""
    match = COOKIE.fullmatch(header or "")
    assert match, header
    return match[1]


def test_a_token_signs_in(site: Site) -> None:
    answer = site.nobody.post("/api/login", {"token": "d" * 48})
    assert answer.said == plain("logged in as user@example.com \n")
    session = cookie(answer.header("Set-Cookie"))
    actor = Actor(site.address, session)
    again = actor.get("/api/login")
    assert again.said == plain("logged in as user@example.com \n")
    assert cookie(again.header("Set-Cookie")) == session


def test_a_token_works_once(site: Site) -> None:
    assert site.nobody.post("/api/login", {"token": "d" * 48}).status == 200
    assert site.nobody.post("/api/login", {"token": "d" * 48}).said == BAD_TOKEN
    token = site.middleware.token("user")
    assert re.fullmatch("[0-9a-f]{48}", token)
    assert token != "d" * 48
    assert site.nobody.post("/api/login", {"token": token}).status == 200


@pytest.mark.parametrize("target", ["/api/login?format=json", "/api/login"])
def test_signing_in_for_json(site: Site, target: str) -> None:
    form = {"token": "d" * 48, "format": "json"}
    if "?" in target:
        del form["format"]
    expected = json.dumps({"result": {"email": "user@example.com"}})
    assert site.nobody.post(target, form).said == plain(expected)
    assert site.prov1.get("/api/login?format=json").text == expected.replace("user", "prov1")


def test_the_token_may_stand_in_the_query(site: Site) -> None:
    assert site.nobody.get(f"/api/login?token={'d' * 48}").said == NOT_SIGNED_IN
    assert site.nobody.post(f"/api/login?token={'d' * 48}").status == 200


@pytest.mark.parametrize("token", ["", "zz", "D" * 48, "d" * 47, "é", "' or 1=1 --"])
def test_an_unknown_token(site: Site, token: str) -> None:
    answer = site.nobody.post("/api/login", {"token": token})
    assert answer.said == BAD_TOKEN
    assert answer.header("Set-Cookie") is None


def test_no_token_at_all(site: Site) -> None:
    assert site.nobody.post("/api/login").said == FAULT
    json = site.nobody.ask("POST", "/api/login", b'{"token": "x"}', "application/json")
    assert json.said == FAULT


def test_a_failed_sign_in_ends_the_session(site: Site) -> None:
    session = site.user.session
    answer = site.user.post("/api/login", {"token": "zz"})
    assert answer.said == BAD_TOKEN
    match = ENDED.fullmatch(answer.header("Set-Cookie") or "")
    assert match
    assert match[1] == session
    after = site.user.get("/api/login")
    assert after.said == NOT_SIGNED_IN
    assert cookie(after.header("Set-Cookie")) != session


def test_a_second_sign_in_keeps_the_session(site: Site) -> None:
    session = site.user.session
    answer = site.user.post("/api/login", {"token": "b" * 48})
    assert answer.said == plain("logged in as prov1@example.com \n")
    assert session_in(answer) == session
    assert site.user.get("/api/login").said == plain("logged in as prov1@example.com \n")


def test_a_stranger_gets_another_session_each_time(site: Site) -> None:
    answers = [site.nobody.get(path) for path in ("/api/login", "/api/login", "/api/nosuch")]
    assert len({cookie(answer.header("Set-Cookie")) for answer in answers}) == 3
    unknown = Actor(site.address, "0" * 40).get("/api/login")
    assert unknown.said == NOT_SIGNED_IN
    assert cookie(unknown.header("Set-Cookie")) != "0" * 40


def test_a_strangers_session_can_be_signed_in(site: Site) -> None:
    stranger = site.nobody
    stranger.session = session_in(stranger.get("/api/login"))
    answer = stranger.post("/api/login", {"token": "d" * 48})
    assert session_in(answer) == stranger.session
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
def test_the_session_stands_in_every_answer(
    site: Site, method: str, path: str, status: int
) -> None:
    answer = site.user.ask(method, path)
    assert answer.status == status
    assert cookie(answer.header("Set-Cookie")) == site.user.session


def test_several_sessions_of_one_user(site: Site) -> None:
    first, second = site.signed_in("user"), site.signed_in("user")
    assert first.session != second.session
    first.get("/logout")
    assert first.get("/api/login").said == NOT_SIGNED_IN
    assert second.get("/api/login").status == 200


def test_signing_out(site: Site) -> None:
    answer = site.user.get("/logout")
    assert answer.said == ("303 See Other", "text/html", b"")
    assert answer.header("Location") == "http://dss/"
    match = ENDED.fullmatch(answer.header("Set-Cookie") or "")
    assert match
    assert match[1] == site.user.session
    assert site.user.get("/api/login").said == NOT_SIGNED_IN


def test_signing_out_as_nobody(site: Site) -> None:
    answer = site.nobody.get("/logout")
    assert answer.said == ("303 See Other", "text/html", b"")
    assert answer.header("Set-Cookie") is None


def test_no_token_without_the_terms(site: Site) -> None:
    refused = ("401 unauthorized", None, b"Unauthorized access")
    assert site.user.get("/api/token").said == refused
    assert site.nobody.get("/api/token").said == refused


@pytest.mark.parametrize(
    "header", ["", "webpy_session_id=", "webpy_session_id", "other=1", "=", "webpy_session_id=../x"]
)
def test_odd_cookies(site: Site, header: str) -> None:
    answer = site.nobody.ask("GET", "/api/login", headers=[("Cookie", header)])
    assert answer.said == NOT_SIGNED_IN
    assert cookie(answer.header("Set-Cookie"))


def test_the_session_among_other_cookies(site: Site) -> None:
    session = f"webpy_session_id={site.user.session}"
    for header in (f"a=b; {session}", f"{session}; a=b", f"{session};a", f' a="x;y"; {session}'):
        assert site.nobody.ask("GET", "/api/login", headers=[("Cookie", header)]).status == 200
