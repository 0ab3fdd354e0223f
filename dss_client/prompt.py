"""Asking for the token where somebody can answer."""

from __future__ import annotations

import getpass
import sys

from dss_api import TOKEN_PAGE
from dss_client.credentials.environment import TOKEN
from dss_client.errors import TokenMissing
from dss_client.progress import in_notebook


def can_ask() -> bool:
    """Whether somebody sits in front of this process, at a terminal or a notebook."""
    terminal = sys.stdin is not None and sys.stdin.isatty()
    return terminal or in_notebook()


def ask_token(server: str) -> str:
    """The token that the user types or pastes, which is not shown.

    Raises:
        TokenMissing: nobody is there to ask, or nothing was typed.
    """
    where = f"Visit {server}{TOKEN_PAGE} to obtain a token"
    how = f'{where}, and pass it: client.login("TOKEN"), or in the environment as {TOKEN}.'
    if not can_ask():
        raise TokenMissing(
            f"Signing in to {server} needs a token, and there is no terminal to ask for it. {how} "
            "The session is kept, so that later processes need no token."
        )
    try:
        token = getpass.getpass(f"{where}\nToken: ").strip()
    except EOFError:
        token = ""
    if not token:
        raise TokenMissing(f"No token was entered for {server}. {how}")
    return token
