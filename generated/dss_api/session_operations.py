# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Operations to sign in and out."""

from __future__ import annotations

from dss_wire.codec import call
from dss_wire.transport import Transport

from . import requests, routes
from .models import Account


class SessionOperations:
    """Operations to sign in and out."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def login(self, *, token: str) -> Account:
        """Sign in with a token.

        A token works once: the middleware replaces it when it is used. A failed login ends the
        session that the request carried, so this request does not carry one.

        Not safe to repeat: the second request is refused because the first spent the token. If
        it is not known whether it took effect: The token may be spent. Try it once more; if it
        is refused, take a new one from the middleware's page /token.

        Args:
            token: The token that the middleware's page /token shows; 48 hexadecimal digits.

        Returns:
            The account; the session cookie is valid for a year.

        Raises:
            InvalidToken: The middleware does not know this token.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.LOGIN, requests.LoginRequest(token=token))

    def get_login(self) -> Account:
        """Return the account that is signed in.

        Returns:
            The account that the session belongs to.

        Raises:
            DssError: any failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.GET_LOGIN, requests.GetLoginRequest())

    def get_token(self) -> str:
        """Return the signed-in user's next login token.

        Works only after the user has accepted the terms of service in a browser, or with
        `--noauth`.

        Returns:
            The token.

        Raises:
            TermsNotAccepted: The middleware gives no token to this session.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.GET_TOKEN, requests.GetTokenRequest())

    def logout(self) -> None:
        """End the session.

        Raises:
            DssError: any failure; see `dss_api.errors`.
        """
        call(self._transport, routes.LOGOUT, requests.LogoutRequest())
