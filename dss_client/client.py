"""The client that providers use."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

from dss_api import TOKEN_PAGE, InvalidToken, NotLoggedIn
from dss_client import validation
from dss_client.admin import AdminMethods
from dss_client.auth import environment, prompt
from dss_client.errors import TokenMissing, TokenSpent
from dss_client.provider import ProviderMethods
from dss_client.transport.retries import Retries, RetryingTransport
from dss_client.user import UserMethods
from dss_client.version import __version__
from dss_wire.addresses import ServerAddress, list_tls_peers

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from dss_client.transport.tls import Cert


class DSSClient(ProviderMethods, UserMethods, AdminMethods):
    """A connection to one DSS middleware, for providers, users and administrators.

    Every method raises a `DssError` when the middleware refuses or cannot be reached, with the
    request, what the middleware said and what to do about it; and a `ValueError` or `TypeError`
    for arguments that cannot be right, before anything is sent. Tickets may be given as `int`, as
    numpy integers from a table, or as digits.

    What goes wrong on the way is dealt with so:

    * A request that is harmless to repeat, as the contract says of each, is sent again when no
      connection could be made, the connection broke, no answer came in time, or a gateway answered
      502, 503 or 504; with growing pauses, or those that `Retry-After` asks for. How often,
      `retries` says.
    * A request that must not be repeated (claim a ticket, create or retry one, log, attach, set a
      status, sign in) is sent again only if it certainly never reached the middleware. Else it
      raises an `OutcomeUnknown`, which says what to do; after a claim, look for the ticket with
      `dssp_find_claimed`. For a status, `dssp_set_status` and its like look what became of it.
    * A server that is not trusted, a proxy that does not let requests pass, and whoever does not
      speak TLS as it should, are not tried again.
    * An answer of the middleware is never asked for again because it is a refusal; but a request
      whose session has expired is sent once more if `on_session_expired` has renewed it.
    * A file that is uploaded is sent again from its beginning, never from where it broke off.
    * A file that is downloaded is fetched again from its beginning, and appears under its name
      only when it is whole.
    * Waits for a ticket or its results go on through all this, until their time is up.

    The middleware is reached by way of the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`
    names, in either letter case, unless `NO_PROXY` excepts it. Threads may share a client.

    Attributes:
        server: the middleware's address.
        api: the same middleware as typed methods without tables, one for each operation.

    Args:
        server: the middleware's address, such as `https://dss.itksnap.org`.
        verify: how the server proves who it is: by a certificate that the system trusts, or one of
            those in the file that `REQUESTS_CA_BUNDLE` or `SSL_CERT_FILE` names (True); by one of
            those in the PEM file or the hashed folder of this path; or not at all (False), with the
            warning `UnverifiedServer`.
        cert: the certificate by which this client proves who it is, where the server wants one: the
            path of a PEM file with certificate and key, or `(certificate, key)`, or
            `(certificate, key, password)`.
        session: to begin with, the value of the middleware's cookie; nothing is kept of it. If it
            is not given, the first request looks for one: in the environment, `DSS_SESSION` or
            `DSS_TOKEN`, both for `DSS_SERVER` alone if that is set, else for the first server of
            this process that needs them; where `login` keeps it; and in the sign-ins of
            `itksnap-wt` and of the original Python client, which are only read.
        connect_timeout: seconds to wait for a connection, and for each step of its encryption.
        read_timeout: seconds to wait for the next byte to come or to be taken. A transfer may take
            hours, but fails when it stands still for so long.
        retries: how often a request is sent again, and when.
        on_session_expired: called with this client when the middleware refuses a session that it
            no longer knows, to sign in again, as in `lambda client: client.login(fetch_token())`.
            Then the refused request, which did nothing, is sent once more; if the client has no
            new session by then, or that is refused too, it is a `SessionExpired`. Of several
            threads one calls it, and the others wait; what it sends itself is not renewed, and
            what it raises reaches whoever sent the request. A download that is interrupted from the
            keyboard waits until it has returned. It is not called where there was no session.

    Raises:
        ValueError: the address is not that of an HTTP server, or holds a password; a proxy's is
            none; a time is not positive; or the session cannot be one.
        TypeError: an argument is not of its kind.
        CertificateUnusable: a file with certificates or a key is missing, or not what it should be.
    """

    def __init__(
        self,
        server: str,
        verify: bool | str | PathLike[str] = True,
        *,
        cert: Cert | None = None,
        session: str | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        retries: Retries = Retries(),
        on_session_expired: Callable[[DSSClient], object] | None = None,
    ) -> None:
        # What speaks to a server takes as long to import as most of the rest.
        from dss_api import DssApi, Urllib3Transport  # noqa: PLC0415
        from dss_client.transport import tls  # noqa: PLC0415
        from dss_client.transport.proxies import find_proxy  # noqa: PLC0415
        from dss_client.transport.session import SessionTransport  # noqa: PLC0415

        _check_types(server, retries, on_session_expired)
        address = ServerAddress.read(server, token_page=TOKEN_PAGE)
        proxy = find_proxy(address.origin)
        who = " and ".join(str(one) for one in list_tls_peers(address.origin, proxy))
        self.server = address.text
        self._transport = Urllib3Transport(
            self.server,
            ssl_context=tls.make_context(who, verify, cert) if who else None,
            proxy=proxy,
            connect_timeout=validation.read_network_timeout("connect_timeout", connect_timeout),
            read_timeout=validation.read_network_timeout("read_timeout", read_timeout),
            user_agent=f"itksnap-dss/{__version__}",
        )
        self.retries = retries
        self._session = SessionTransport(
            RetryingTransport(self._transport, retries, self.server),
            self.server,
            session=session,
            renew=None if on_session_expired is None else partial(on_session_expired, self),
        )
        self.api = DssApi(self._session)

    def __repr__(self) -> str:
        return f"DSSClient({self.server!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the middleware, also those that other threads wait for.

        These meet a `ClientClosed`, or an `OutcomeUnknown` if their request must not be repeated.
        The session stays, and the client may be used again, over new connections.
        """
        self._transport.close()

    def login(self, token: str | None = None) -> None:
        """Sign in, and keep the session for the next process.

        One session is kept for each server: whoever signs in last on this account of this machine
        is who later clients are, while clients that signed in themselves stay who they are.

        The session goes to the system's keyring; where there is none, to a file in
        `~/.itksnap-dss` that only its owner can read. Like `itksnap-wt -dss-auth SERVER`. A program
        that starts again and again calls `login_if_needed` in place of this, which asks for a new
        token only where no session is left.

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
            given = environment.read_token(self.server)
            if given and self._sign_in_with_environment(given):
                return
            try:
                token = prompt.ask_token(self.server, self._session.explain_sign_in())
            except TokenMissing:
                if given:
                    raise environment.make_token_spent_error(self.server) from None
                raise
        self._session.sign_in(validation.read_login_token(token))

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

    def _sign_in_with_environment(self, token: str) -> bool:
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


def _check_types(server: object, retries: object, renew: object) -> None:
    """See whether the arguments of a client are of their kinds.

    Raises:
        TypeError: one is not.
    """
    if not isinstance(server, str):
        raise TypeError(
            "The server is given by its address, such as 'https://dss.itksnap.org', not as "
            f"{type(server).__name__}."
        )
    if not isinstance(retries, Retries):
        raise TypeError(
            f"retries must be a Retries, such as Retries(attempts=3), not {type(retries).__name__}."
        )
    if renew is not None and not callable(renew):
        raise TypeError(
            "on_session_expired must be a function that takes the client, not "
            f"{type(renew).__name__}."
        )
