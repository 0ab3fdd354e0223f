"""The session or the token in the environment, for programs that nobody watches.

`DSS_SESSION` holds a session, `DSS_TOKEN` a token that signs in once. With `DSS_SERVER`, both are
for that server only, and no other is ever sent them. Without it each is for the first server of
this process that needs it, so that a program of one server needs to say nothing.
"""

from __future__ import annotations

import os

from dss_api import TOKEN_PAGE
from dss_client.auth.session import Session
from dss_client.errors import TokenSpent
from dss_wire.addresses import ServerAddress
from dss_wire.transport import is_session

SESSION_VARIABLE = "DSS_SESSION"
TOKEN_VARIABLE = "DSS_TOKEN"  # noqa: S105  # the name of one
SERVER_VARIABLE = "DSS_SERVER"

_first_servers: dict[tuple[str, str], ServerAddress] = {}
"""The server that was the first to need what stands under a name; another value begins anew."""


def read_session(server: str) -> Session | None:
    """The session for a server.

    Raises:
        ValueError: it cannot be one; or the environment's server is none.
    """
    found = _read_for_server(SESSION_VARIABLE, server)
    if not found:
        return None
    if not is_session(found):
        raise ValueError(
            f"{SESSION_VARIABLE} must hold a session, which is visible ASCII without blanks."
        )
    return Session(
        found,
        f"the one in {SESSION_VARIABLE}, which comes before the one that login() keeps: "
        "replace or unset it",
    )


def read_token(server: str) -> str | None:
    """The token for a server.

    Raises:
        ValueError: the environment's server is none.
    """
    return _read_for_server(TOKEN_VARIABLE, server)


def make_token_spent_error(server: str) -> TokenSpent:
    """The error for a token that has signed in before, where nothing came of it that is left."""
    return TokenSpent(
        f"{server} does not know the token in {TOKEN_VARIABLE}: a token works only once, "
        f"and no session that is still valid is kept here. Visit {server}{TOKEN_PAGE} to obtain a "
        f"new one, and set {TOKEN_VARIABLE} to it."
    )


def explain_unused(server: str) -> str:
    """What to say of a session or token that is here, but not for this server; empty if none is.

    Raises:
        ValueError: the environment's server is none.
    """
    for name in (SESSION_VARIABLE, TOKEN_VARIABLE):
        value = _read_variable(name)
        owner = _find_server(name, value) if value else None
        if owner and owner != ServerAddress.read(server, token_page=TOKEN_PAGE):
            why = (
                f"{SERVER_VARIABLE} says that it is for {owner.text}."
                if _read_variable(SERVER_VARIABLE)
                else f"this process has used it for {owner.text}. Set {SERVER_VARIABLE} to the "
                "address of the server that it is for."
            )
            return f"{name} was not used, for {why}"
    return ""


def _read_for_server(name: str, server: str) -> str | None:
    value = _read_variable(name)
    if not value:
        return None
    asking = ServerAddress.read(server, token_page=TOKEN_PAGE)
    owner = _find_server(name, value) or _first_servers.setdefault((name, value), asking)
    return value if owner == asking else None


def _find_server(name: str, value: str) -> ServerAddress | None:
    """The server that what stands under a name is for, as is said or was seen."""
    meant = _read_variable(SERVER_VARIABLE)
    if not meant:
        return _first_servers.get((name, value))
    try:
        return ServerAddress.read(meant, token_page=TOKEN_PAGE)
    except ValueError:
        # Not repeated: people put passwords into addresses.
        raise ValueError(f"{SERVER_VARIABLE} must look like https://HOST[:PORT][/PATH].") from None


def _read_variable(name: str) -> str:
    return os.environ.get(name, "").strip()
