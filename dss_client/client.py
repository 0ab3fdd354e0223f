"""The client that providers use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Self

from dss_api import DssApi, InvalidToken, NotLoggedIn, Urllib3Transport
from dss_client import arguments, prompt
from dss_client.admin import AdminMethods
from dss_client.credentials import environment
from dss_client.errors import TokenSpent
from dss_client.provider import ProviderMethods
from dss_client.session import SessionTransport
from dss_client.user import UserMethods
from dss_client.version import __version__


class DSSClient(ProviderMethods, UserMethods, AdminMethods):
    """A connection to one DSS middleware, for providers, users and administrators.

    Every method raises a `DssError` when the middleware refuses or cannot be reached, with the
    request, what the middleware said and what to do about it; and a `ValueError` or `TypeError`
    for arguments that cannot be right, before anything is sent. Tickets may be given as `int`, as
    numpy integers from a table, or as digits.

    Attributes:
        server: the middleware's address.
        api: the same middleware as typed methods without tables, one for each operation.

    Args:
        server: the middleware's address, such as `https://dss.itksnap.org`.
        verify: whether the server's certificate must be valid.
        session: to begin with, the value of the middleware's cookie; nothing is kept of it. If it
            is not given, the first request looks for one: in the environment, `DSS_SESSION` or
            `DSS_TOKEN`, both for `DSS_SERVER` alone if that is set; where `login` keeps it; and in
            the sign-ins of `itksnap-wt` and of the original Python client, which are only read.
        on_session_expired: called with this client when the middleware refuses a session that it
            no longer knows, to sign in again, as in `lambda client: client.login(fetch_token())`.
            Then the refused request, which did nothing, is sent once more; if the client has no
            new session by then, or that is refused too, it is a `SessionExpired`. Of several
            threads one calls it, and the others wait; what it sends itself is not renewed, and
            what it raises reaches whoever sent the request. It is not called where there was no
            session at all.

    Raises:
        ValueError: the address is not that of an HTTP server, or holds a password; or the session
            cannot be one.
    """

    def __init__(
        self,
        server: str,
        verify: bool = True,
        *,
        session: str | None = None,
        on_session_expired: Callable[[DSSClient], object] | None = None,
    ) -> None:
        self._transport = Urllib3Transport(
            server, verify=verify, user_agent=f"itksnap-dss/{__version__}"
        )
        self.server = self._transport.server
        self._session = SessionTransport(
            self._transport,
            self.server,
            session=session,
            renew=on_session_expired and partial(on_session_expired, self),
        )
        self.api = DssApi(self._session)

    def __repr__(self) -> str:
        return f"DSSClient({self.server!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the middleware; the session stays."""
        self._transport.close()

    def login(self, token: str | None = None) -> None:
        """Sign in, and keep the session for the next process.

        One session is kept for each server: whoever signs in last on this account of this machine
        is who later clients are, while clients that signed in themselves stay who they are.

        The session goes to the system's keyring; where there is none, to a file in
        `~/.itksnap-dss` that only its owner can read. Like `itksnap-wt -dss-auth SERVER`.

        Args:
            token: the token that the middleware's page /token shows, which works once. If none is
                given it is that in the environment, `DSS_TOKEN`; if that is spent, a session that
                is still valid does as well. Else it is asked for, at a terminal or in a notebook.

        Raises:
            InvalidToken: the middleware does not know the token.
            TokenMissing: no token was given, and nobody is there to ask; `TokenSpent` if that in
                the environment signed in before, and no session is left.
            SessionMissing: the token was accepted, but no session came with the answer.
        """
        if token is None:
            given = environment.token(self.server)
            if given and self._signs_in_with(given):
                return
            if given and not prompt.can_ask():
                raise environment.token_spent(self.server)
            token = prompt.ask_token(self.server)
        self._session.sign_in(arguments.login_token(token))

    def login_if_needed(self) -> None:
        """Sign in, but only if no session is found that is still valid.

        Raises:
            TokenMissing: a token is needed, and nobody is there to ask.
        """
        if not self._is_signed_in():
            self.login()

    def whoami(self) -> str:
        """The e-mail address of who is signed in.

        Raises:
            NotLoggedIn: nobody is; `SessionExpired` if the session is no longer valid.
        """
        return self.api.session.get_login().email

    def logout(self) -> None:
        """End the session at the middleware, and forget it here; without one, nothing happens.

        It is forgotten here even if the middleware cannot be reached. What other tools keep of
        their sign-ins is never written or removed; but a session that was found there ends for
        them too, for it is the same one.

        Raises:
            DssError: the session may live on at the middleware, until it expires.
            SessionFileExposed: others can read the file that keeps it, so it is not used for this
                either, and stays.
        """
        self._session.sign_out()

    def _signs_in_with(self, token: str) -> bool:
        """Whether the environment's token signs in, or has left a session that is still valid."""
        try:
            self._session.sign_in(token)
        except InvalidToken:
            return self._is_signed_in()
        return True

    def _is_signed_in(self) -> bool:
        try:
            self.whoami()
        except (NotLoggedIn, TokenSpent):
            return False
        return True
