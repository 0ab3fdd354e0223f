"""Lookup of the value of a session."""

from __future__ import annotations

from collections.abc import Callable

from dss_client import auth


def find_session_value(server: str, sign_in: Callable[[str], str] | None = None) -> str | None:
    """Return the value of the session for a server, from the first place that has one.

    Args:
        sign_in: returns a session for a token.
    """

    def sign_in_as_session(token: str) -> auth.Session:
        assert sign_in is not None
        return auth.Session(sign_in(token), "the test")

    session = auth.find_session(server, sign_in_as_session if sign_in else None)
    return session.value if session else None
