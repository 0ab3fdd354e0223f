"""Signing in and out."""

from __future__ import annotations

from dss_api import Account, TermsNotAccepted

from ..call import Call
from ..refusal import Refused


def login(call: Call) -> Account:
    """Spend a token on a session."""
    user = call.state.accounts.login(call.session, call.required("token"))
    return Account(email=user.email)


def get_login(call: Call) -> Account:
    """Say who is signed in."""
    return Account(email=call.user.email)


def get_token(call: Call) -> str:
    """Give the token for the next sign-in."""
    if call.actor is None or not call.actor.accepted_terms:
        raise Refused(TermsNotAccepted)
    return call.actor.token


def logout(call: Call) -> None:
    """End the session."""
    call.state.accounts.end(call.session)
