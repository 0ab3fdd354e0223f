"""The cookie in which clients send their session."""

from __future__ import annotations

from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import unquote

from dss_api import SESSION_COOKIE


def find_session_id(header: str) -> str | None:
    """The session that a `Cookie` header names; the last one, if it names several."""
    if '"' in header:
        return _find_quoted(header)
    found: str | None = None
    for cookie in header.split(";"):
        name, is_given, value = cookie.partition("=")
        if is_given and name.strip() == SESSION_COOKIE:
            found = unquote(value.strip())
    return found


def _find_quoted(header: str) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header)
    except CookieError:
        # One of them cannot be a cookie; the others count.
        for cookie in header.split(";"):
            with suppress(CookieError):
                cookies.load(cookie)
    return cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else None
