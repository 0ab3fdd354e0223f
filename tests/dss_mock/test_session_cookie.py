"""The session of a request, read from the cookie header as the real middleware reads it."""

from __future__ import annotations

import http.client

import pytest

from dss_api import SESSION_COOKIE
from dss_mock import DssServer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("{name}={session}", 200),
        ("a=b;{name}={session};c=d", 200),
        (" {name} = {session} ", 200),
        ('{name}="{session}"', 200),
        ("{name}=%{first:02x}{rest}", 200),
        ("{name}=other; {name}={session}", 200),
        ("{name}={session}; {name}=other", 401),
        ('{name}={session}; {name}="other"', 401),
        ('$Version=1; {name}={session}; $Path="/"', 200),
        ("\xe9=1; {name}={session}", 200),
        ("a b=1; {name}={session}", 200),
        ('a b="1"; {name}={session}', 401),
        ('a@="1"; {name}={session}', 200),
        ('a="q;{name}={session}"', 401),
        ('{name}="{session}', 401),
        ("{name}={session} x", 401),
        ("a=b,{name}={session}", 401),
        ("NAME={session}", 401),
        ("{name}", 401),
        ("", 401),
    ],
)
def test_session_is_read_from_cookie_header_as_by_middleware(
    dss_server: DssServer, sent: str, status: int
) -> None:
    user = dss_server.add_user("someone@example.com")
    session = dss_server.client(user).session_id
    cookie = sent.format(
        name=SESSION_COOKIE, session=session, first=ord(session[0]), rest=session[1:]
    )

    connection = http.client.HTTPConnection(dss_server.host, dss_server.port, timeout=30)
    connection.request("GET", "/api/login", headers={"Cookie": cookie})
    assert connection.getresponse().status == status
    connection.close()
