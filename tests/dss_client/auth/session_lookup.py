"""Looking for a session, whatever place it is from."""

from __future__ import annotations

from collections.abc import Callable

from dss_client import auth


def find_session_value(server: str, sign_in: Callable[[str], str] | None = None) -> str | None:
    """The session for a server, from the first place that has one.

    Args:
        sign_in: gives a session for a token.
    """

    def signed_in(token: str) -> auth.Session:
        assert sign_in is not None
        return auth.Session(sign_in(token), "that of the test")

    session = auth.find_session(server, signed_in if sign_in else None)
    return session.value if session else None
