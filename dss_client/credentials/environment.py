"""The session or the token in the environment, for programs that nobody watches.

`DSS_SESSION` holds a session, `DSS_TOKEN` a token that signs in once. With `DSS_SERVER`, both are
for that server only, and no other is ever sent them.
"""

from __future__ import annotations

import os

from dss_api import TOKEN_PAGE
from dss_api.transport import is_session
from dss_client.errors import TokenSpent

from .address import parts, same

SESSION = "DSS_SESSION"
TOKEN = "DSS_TOKEN"  # noqa: S105  # the name of one
SERVER = "DSS_SERVER"


def session(server: str) -> str | None:
    """The session for a server.

    Raises:
        ValueError: it cannot be one; or the environment's server is none.
    """
    found = _given(SESSION, server)
    if found and not is_session(found):
        raise ValueError(f"{SESSION} must hold a session, which is visible ASCII without blanks.")
    return found


def token(server: str) -> str | None:
    """The token for a server.

    Raises:
        ValueError: the environment's server is none.
    """
    return _given(TOKEN, server)


def token_spent(server: str) -> TokenSpent:
    """The error for a token that has signed in before, where nothing came of it that is left."""
    return TokenSpent(
        f"{server} does not know the token in {TOKEN}: a token works only once, and no session "
        f"that is still valid is kept here. Visit {server}{TOKEN_PAGE} to obtain a new one, and "
        f"set {TOKEN} to it."
    )


def _given(name: str, server: str) -> str | None:
    found = os.environ.get(name, "").strip()
    return found if found and _is_meant(server) else None


def _is_meant(server: str) -> bool:
    meant = os.environ.get(SERVER, "").strip()
    if meant and parts(meant) is None:
        # Not repeated: people put passwords into addresses.
        raise ValueError(f"{SERVER} must look like https://HOST[:PORT][/PATH].")
    return not meant or same(meant, server)
