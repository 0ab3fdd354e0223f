"""Asking for the token where somebody can answer."""

from __future__ import annotations

import getpass
import sys

from dss_api import TOKEN_PAGE
from dss_client.auth.environment import TOKEN_VARIABLE
from dss_client.errors import TokenMissing
from dss_client.progress import is_notebook


def ask_token(server: str, reason: str = "") -> str:
    """The token that the user types or pastes, which is not shown.

    Args:
        remark: a sentence on why it is asked for.

    Raises:
        TokenMissing: nobody is there to ask, or nothing was typed.
    """
    where = f"Visit {server}{TOKEN_PAGE} to obtain a token"
    how = f'{where}, and pass it: client.login("TOKEN"), or in the environment as {TOKEN_VARIABLE}.'
    token = _read_token("\n".join(filter(None, (reason, where, "Token: "))))
    if token is None:
        sentences = (
            f"Signing in to {server} needs a token, and nobody is there to ask for it.",
            reason,
            how,
            "Where a session is kept from before, client.login_if_needed() needs no token.",
        )
        raise TokenMissing(" ".join(filter(None, sentences)))
    if not token:
        raise TokenMissing(f"No token was entered for {server}. {how}")
    return token


def _read_token(question: str) -> str | None:
    """What the user types, without blanks around it; `None` if nobody is there."""
    if not _is_interactive():
        return None
    try:
        return getpass.getpass(question).strip()
    except EOFError:
        return ""
    # How a notebook says that it is run by a program.
    except NotImplementedError:
        return None


def _is_interactive() -> bool:
    """Whether this process has a terminal or a notebook."""
    terminal = sys.stdin is not None and sys.stdin.isatty()
    return terminal or is_notebook()
