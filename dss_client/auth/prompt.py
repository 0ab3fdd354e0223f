"""Prompt for the token, at a terminal or in a notebook."""

from __future__ import annotations

import getpass
import sys

from dss_api import TOKEN_PAGE
from dss_client.auth.environment import TOKEN_VARIABLE
from dss_client.errors import TokenMissing
from dss_client.progress import is_notebook


def ask_token(server: str, reason: str = "") -> str:
    """Ask the user for the token. The input is not shown.

    Args:
        reason: a sentence on why the token is needed.

    Raises:
        TokenMissing: the process has no terminal or notebook, or the user entered nothing.
    """
    where = f"Visit {server}{TOKEN_PAGE} to obtain a token"
    how = (
        f"Take a token from {server}{TOKEN_PAGE}. Pass it with client.login('TOKEN'), or set "
        f"{TOKEN_VARIABLE}."
    )
    token = _read_token("\n".join(filter(None, (reason, where, "Token: "))))
    if token is None:
        sentences = (
            f"Signing in to {server} needs a token, and there is no terminal or interactive "
            "notebook to type it in.",
            reason,
            how,
            "If a session was saved before, client.login_if_needed() needs no token.",
        )
        raise TokenMissing(" ".join(filter(None, sentences)))
    if not token:
        raise TokenMissing(f"No token was entered for {server}. {how}")
    return token


def _read_token(question: str) -> str | None:
    """Return the user's input without blanks at its ends; `None` if no user can be asked."""
    if not _is_interactive():
        return None
    try:
        return getpass.getpass(question).strip()
    except EOFError:
        return ""
    # Raised by a notebook that a program runs.
    except NotImplementedError:
        return None


def _is_interactive() -> bool:
    """Check whether this process has a terminal or a notebook."""
    terminal = sys.stdin is not None and sys.stdin.isatty()
    return terminal or is_notebook()
