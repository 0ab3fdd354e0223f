"""The order in which a session is looked for; only what a client is given itself comes before."""

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
    ("the one in the system's keyring", keyring_store.load),
    ("the one in the folder ~/.itksnap-dss", file_store.load),
    ("that of itksnap-wt", itksnap_wt.load),
    ("that of the original client", legacy_client.load),
)
"""Where a session may be found after the environment, in this order."""

MAX_SAVE_WAIT = 3.0
"""Seconds that a process has for keeping the session of a token that it has spent."""

_first_refusals: dict[str, float] = {}
"""When a token was first found to be spent, on the monotonic clock."""

_log = logging.getLogger(__name__)


def find_session(server: str, sign_in: Callable[[str], Session] | None = None) -> Session | None:
    """The session for a server, from the first place that has one.

    Args:
        sign_in: signs in with a token and gives the session; if it is not given, the token in the
            environment is left alone.

    Raises:
        TokenSpent: the environment's token is spent, and no place has a session.
        SessionFileExposed: others can read the file that keeps it.
        ValueError: what the environment holds cannot be right.
        DssError: the token could not be used.
    """
    session = environment.read_session(server)
    token = environment.read_token(server) if sign_in and not session else None
    if token and sign_in:
        try:
            session = sign_in(token)
        except InvalidToken:
            _log.debug(
                "The token in %s is spent; looking for what came of it", environment.TOKEN_VARIABLE
            )
            session = _wait_for_saved_session(token, server)
    elif not session:
        session = _find_saved_session(server)
    if session:
        _log.debug("The session at %s is %s", server, session.place)
    return session


def _wait_for_saved_session(token: str, server: str) -> Session:
    """The session that came of the environment's token.

    Raises:
        TokenSpent: there is none.
    """
    # Of processes that start together one signs in, and the others may be here before it has kept
    # its session.
    deadline = _first_refusals.setdefault(token, time.monotonic()) + MAX_SAVE_WAIT
    while not (session := _find_saved_session(server)):
        if time.monotonic() >= deadline:
            raise environment.make_token_spent_error(server)
        sleep(0.1)
    return session


def _find_saved_session(server: str) -> Session | None:
    """The session from the first of the places that has one."""
    for place, load in PLACES:
        found = load(server)
        if found and is_session(found):
            return Session(found, place)
    return None
