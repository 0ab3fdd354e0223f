"""The order in which a session is looked for; only what a client is given itself comes before."""

from __future__ import annotations

import logging
from collections.abc import Callable

from dss_api import InvalidToken
from dss_api.transport import is_session

from . import environment, itksnap_wt, original_client, owner_file, system_keyring

PLACES: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("the system's keyring", system_keyring.load),
    ("the file of this client", owner_file.load),
    ("the sign-in of itksnap-wt", itksnap_wt.load),
    ("the sign-in of the original client", original_client.load),
)
"""Where a session may be found after the environment, in this order."""

_log = logging.getLogger(__name__)


def find(server: str, sign_in: Callable[[str], str] | None = None) -> str | None:
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
    session = environment.session(server)
    if session:
        _log.debug("The session at %s is that of %s", server, environment.SESSION)
        return session
    token = environment.token(server) if sign_in else None
    if token and sign_in:
        try:
            return sign_in(token)
        except InvalidToken:
            _log.debug("The token in %s is spent; looking for what came of it", environment.TOKEN)
    for place, load in PLACES:
        session = load(server)
        if session and is_session(session):
            _log.debug("The session at %s is that of %s", server, place)
            return session
    if token:
        raise environment.token_spent(server)
    return None
