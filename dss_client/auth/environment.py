"""Session and token from the environment, for programs that run without a user.

`DSS_SESSION` holds a session. `DSS_TOKEN` holds a token, which signs in once. If `DSS_SERVER` is
set, both are for that server only and are never sent to another one. If `DSS_SERVER` is not set,
each value is for the first server of this process that needs the value, so a program with one
server need not set `DSS_SERVER`.
"""

from __future__ import annotations

import os

from dss_api import TOKEN_PAGE
from dss_client.auth.session import Session
from dss_client.errors import TokenSpent
from dss_wire.addresses import ServerAddress
from dss_wire.transport import is_session

SESSION_VARIABLE = "DSS_SESSION"
TOKEN_VARIABLE = "DSS_TOKEN"  # noqa: S105  # the name of the variable, not a token
SERVER_VARIABLE = "DSS_SERVER"

_first_servers: dict[tuple[str, str], ServerAddress] = {}
"""The first server that needed the value of a variable, by the variable's name and value."""


def read_session(server: str) -> Session | None:
    """Return the environment's session for a server.

    Raises:
        ValueError: `DSS_SESSION` does not hold a session, or `DSS_SERVER` is not an address.
    """
    value = _read_for_server(SESSION_VARIABLE, server)
    if not value:
        return None
    if not is_session(value):
        raise ValueError(
            f"{SESSION_VARIABLE} must hold a session: visible ASCII characters without blanks."
        )
    return Session(
        value,
        SESSION_VARIABLE,
        "It takes precedence over the session that login() saves. Replace or unset it.",
    )


def read_token(server: str) -> str | None:
    """Return the environment's token for a server.

    Raises:
        ValueError: `DSS_SERVER` is not an address.
    """
    return _read_for_server(TOKEN_VARIABLE, server)


def create_token_spent_error(server: str) -> TokenSpent:
    """Return the error for a token that was used before, if no valid session is saved."""
    return TokenSpent(
        f"{server} does not know the token in {TOKEN_VARIABLE}. A token works only once, and no "
        f"valid session is saved on this computer. Visit {server}{TOKEN_PAGE} to obtain a new "
        f"token, and set {TOKEN_VARIABLE} to it."
    )


def explain_unused_environment(server: str) -> str:
    """Explain why the environment's session or token is not used for a server.

    Returns:
        A sentence or two; empty if the environment does not hold one for another server.

    Raises:
        ValueError: `DSS_SERVER` is not an address.
    """
    for name in (SESSION_VARIABLE, TOKEN_VARIABLE):
        value = _read_variable(name)
        owner = _find_server(name, value) if value else None
        if owner and owner != ServerAddress.read(server, token_page=TOKEN_PAGE):
            reason = (
                f"{SERVER_VARIABLE} says that it is for {owner.text}."
                if _read_variable(SERVER_VARIABLE)
                else f"this process has used it for {owner.text}. Set {SERVER_VARIABLE} to the "
                "address of the server that it is for."
            )
            return f"{name} was not used because {reason}"
    return ""


def _read_for_server(name: str, server: str) -> str | None:
    """Return the value of a variable if it is for this server."""
    value = _read_variable(name)
    if not value:
        return None
    address = ServerAddress.read(server, token_page=TOKEN_PAGE)
    owner = _find_server(name, value) or _first_servers.setdefault((name, value), address)
    return value if owner == address else None


def _find_server(name: str, value: str) -> ServerAddress | None:
    """Return the server that an environment variable's session or token is for.

    This is the server in `DSS_SERVER`. If that is not set, it is the first server of this process
    that needed the value; `None` if no server has needed the value yet.
    """
    text = _read_variable(SERVER_VARIABLE)
    if not text:
        return _first_servers.get((name, value))
    try:
        return ServerAddress.read(text, token_page=TOKEN_PAGE)
    except ValueError:
        # The message does not show the value because an address may contain a password.
        raise ValueError(f"{SERVER_VARIABLE} must look like https://HOST[:PORT][/PATH].") from None


def _read_variable(name: str) -> str:
    return os.environ.get(name, "").strip()
