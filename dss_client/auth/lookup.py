"""The order of the sources of a session; the argument `session=` takes precedence over all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from dss_api import InvalidToken
from dss_client.auth import environment, file_store, itksnap_wt, keyring_store, legacy_client
from dss_client.auth.session import Session
from dss_wire.cancellation import sleep
from dss_wire.transport import is_session

PLACES: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("the system keyring", keyring_store.load),
    ("the folder ~/.itksnap-dss", file_store.load),
    ("the sign-in of itksnap-wt", itksnap_wt.load),
    ("the sign-in of the original client", legacy_client.load),
)
"""The sources of sessions after the environment, in order: description and loading function."""

MAX_SAVE_WAIT = 3.0
"""Seconds to wait until another process, which signed in with the same token, saves its session."""

_first_refusals: dict[str, float] = {}
"""The time when each spent token was first refused, on the monotonic clock."""

_log = logging.getLogger(__name__)


def find_session(server: str, sign_in: Callable[[str], Session] | None = None) -> Session | None:
    """Return the session for a server from the first source that has a session.

    Args:
        sign_in: a function that signs in with a token and returns the session. Without this
            function, the environment's token is not used.

    Raises:
        TokenSpent: the environment's token was used before, and no source has a session.
        SessionFileExposed: other users can read the session file.
        ValueError: a variable in the environment holds an invalid value.
        DssError: signing in with the token failed.
    """
    session = environment.read_session(server)
    token = environment.read_token(server) if sign_in and not session else None
    if token and sign_in:
        try:
            session = sign_in(token)
        except InvalidToken:
            _log.debug(
                "The token in %s is spent; looking for its session", environment.TOKEN_VARIABLE
            )
            session = _wait_for_saved_session(token, server)
    elif not session:
        session = _find_saved_session(server)
    if session:
        _log.debug("The session at %s comes from %s", server, session.place)
    return session


def _wait_for_saved_session(token: str, server: str) -> Session:
    """Return the session that a sign-in with the environment's token has saved.

    Raises:
        TokenSpent: no source has a session.
    """
    # If several processes start together, one signs in. The others may look for its session
    # before it is saved.
    deadline = _first_refusals.setdefault(token, time.monotonic()) + MAX_SAVE_WAIT
    while not (session := _find_saved_session(server)):
        if time.monotonic() >= deadline:
            raise environment.create_token_spent_error(server)
        sleep(0.1)
    return session


def _find_saved_session(server: str) -> Session | None:
    """Return the session from the first of `PLACES` that has a session."""
    for place, load in PLACES:
        value = load(server)
        if value and is_session(value):
            return Session(value, place)
    return None
