"""The session cookie: read from requests, written to responses."""

from __future__ import annotations

from contextlib import suppress
from email.utils import formatdate
from http.cookies import CookieError, SimpleCookie
from urllib.parse import unquote

from dss_api import SESSION_COOKIE
from dss_api.constants import COOKIE_AGE

from .state import Session


def find_session_id(header: str) -> str | None:
    """Return the session id in a `Cookie` header. The last one counts."""
    if '"' in header:
        return _find_quoted_session_id(header)
    found: str | None = None
    for cookie in header.split(";"):
        name, is_given, value = cookie.partition("=")
        if is_given and name.strip() == SESSION_COOKIE:
            found = unquote(value.strip())
    return found


def _find_quoted_session_id(header: str) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header)
    except CookieError:
        # One of the cookies is not valid. Read the others.
        for cookie in header.split(";"):
            with suppress(CookieError):
                cookies.load(cookie)
    return cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else None


def make_session_cookie(session: Session, now: float) -> str:
    """Return the `Set-Cookie` header of a session.

    An ended session gets an expiry date in the past, so that the client deletes the cookie.
    """
    parts = [f"{SESSION_COOKIE}={session.id}", "HttpOnly", "Path=/"]
    if session.is_ended:
        parts.insert(1, f"expires={formatdate(now - COOKIE_AGE, usegmt=True)}")
    return "; ".join(parts)
