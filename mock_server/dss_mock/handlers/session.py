"""The handlers for signing in and out."""

from __future__ import annotations

from dss_api import Account, TermsNotAccepted

from ..errors import RequestRefused
from ..request import MockRequest


def login(request: MockRequest) -> Account:
    """Sign in with a token."""
    user = request.state.accounts.login(request.session, request.require_parameter("token"))
    return Account(email=user.email)


def get_login(request: MockRequest) -> Account:
    """Return the signed-in user."""
    return Account(email=request.user.email)


def get_token(request: MockRequest) -> str:
    """Return the token for the next sign-in."""
    if request.actor is None or not request.actor.accepted_terms:
        raise RequestRefused(TermsNotAccepted)
    return request.actor.token


def logout(request: MockRequest) -> None:
    """End the session."""
    request.state.accounts.end_session(request.session)
