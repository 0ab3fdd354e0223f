"""`DSSClient`: the client of a DSS middleware."""

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
    """A client of one DSS middleware, for users, providers and administrators.

    ```python
    client = DSSClient("https://dss.itksnap.org")
    client.login_if_needed()
    print(client.dssp_list_services())
    ```

    The first letters of a method's name say who uses it: `dss_` users, `dssp_` providers, `dssa_`
    system administrators. Several threads can share a client.

    **Tickets.** A ticket's id can be an `int`, a numpy integer from a table, or a string of digits.

    **Errors.** Every error of the network or the middleware is a `DssError`. Its message names the
    request, the middleware's response, and what to do. Invalid arguments raise a `ValueError` or a
    `TypeError` before anything is sent. The errors that most methods can raise are listed in
    `dss_api.errors`; the docstring of a method lists only its own.

    **Retries.** The client sends a request again if this is safe:

    * If the contract marks the request as safe to repeat, the client repeats it after a failed or
      broken connection, a timeout, or a 502, 503 or 504 from a gateway. `retries` sets the number
      of attempts and the delays. The client respects `Retry-After`.
    * Some requests must not be sent twice: claiming, creating or retrying a ticket, logging,
      attaching, setting a status, signing in. The client repeats them only if they certainly never
      reached the middleware. Otherwise it raises `OutcomeUnknown`, whose message says what to do.
      After a claim, look for the ticket with `dssp_find_claimed`. `dssp_set_status` and
      `dss_retry_ticket` read the ticket's status themselves to find out.
    * The client does not repeat a request if the server's certificate is not trusted, TLS fails, or
      the proxy rejects the request, because it would fail again.
    * The client does not repeat a request that the middleware refuses. The exception is an expired
      session that `on_session_expired` renews.
    * Interrupted uploads and downloads start again from the first byte. A downloaded file appears
      under its name only when it is complete.
    * Waiting for a ticket or for its results continues through failures, until the timeout.

    **Proxy.** The client uses the proxy in `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, in upper or
    lower case, except for the hosts in `NO_PROXY`.

    Attributes:
        server: the middleware's address.
        api: the same middleware without tables: one typed method for each operation.
        retries: the number of attempts for a request, and the delays between them.

    Args:
        server: the middleware's address, such as `https://dss.itksnap.org`.
        verify: which certificates of the server to trust.

            * `True`: the certificates in the file or folder that `REQUESTS_CA_BUNDLE` or
              `SSL_CERT_FILE` names, or else the system's certificates.
            * A path: the certificates in this PEM file, or in this folder after `openssl rehash`.
            * `False`: all certificates, with the warning `UnverifiedServer`.
        cert: this client's own certificate, if the server requires one: the path of a PEM file with
            certificate and key, or `(certificate, key)`, or `(certificate, key, password)`.
        session: the value of the middleware's session cookie. It is not saved. If it is not given,
            the first request looks for a session in this order: `DSS_SESSION` and `DSS_TOKEN` in
            the environment; the place where `login` saves it; the sign-ins of `itksnap-wt` and of
            the original Python client, which are only read. The environment's values are sent to
            the server in `DSS_SERVER`, or, if that is not set, to the first server that this
            process uses them for.
        connect_timeout: seconds to wait for a connection, and for each step of the TLS handshake.
        read_timeout: seconds to wait until the next byte is received or sent. A transfer can take
            hours, but fails if no byte moves for this time.
        retries: how often a request is sent again, and when.
        on_session_expired: a function that is called with this client when its session has expired.
            It must sign in again, as in `lambda client: client.login(fetch_token())`. Then the
            refused request, which had no effect, is sent once more. If the client still has no
            valid session, it raises `SessionExpired`. If several threads share the client, one
            calls the function and the others wait. If a request of the function itself is refused,
            the function is not called again. Exceptions of the function reach the caller of the
            refused request. An interrupt from the keyboard during a download takes effect after the
            function returns. Without a session, the function is not called.

    Raises:
        ValueError: the server's or the proxy's address is not valid, or the server's address
            contains a password; a timeout is not positive; or the session has invalid characters.
        TypeError: an argument has the wrong type.
        CertificateUnusable: a file with certificates or a key is missing or not valid.
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
        # The transport takes as long to import as most of the rest of the package.
        from dss_api import DssApi, Urllib3Transport  # noqa: PLC0415
        from dss_client.transport import tls  # noqa: PLC0415
        from dss_client.transport.proxies import find_proxy  # noqa: PLC0415
        from dss_client.transport.session import SessionTransport  # noqa: PLC0415

        _check_types(server, retries, on_session_expired)
        address = ServerAddress.read(server, token_page=TOKEN_PAGE)
        proxy = find_proxy(address.origin)
        peers = " and ".join(map(str, list_tls_peers(address.origin, proxy)))
        self.server = address.text
        self._transport = Urllib3Transport(
            self.server,
            ssl_context=tls.make_context(peers, verify, cert) if peers else None,
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
        """Close the connections to the middleware, even if other threads are using them.

        In these threads, the call raises `ClientClosed`, or `OutcomeUnknown` if its request must
        not be sent twice. The session is kept. The client can be used again, with new connections.
        A `with` block closes the client at its end.
        """
        self._transport.close()

    def login(self, token: str | None = None) -> None:
        """Sign in, and save the session for later processes.

        A session is valid for a year. It is saved in the system keyring. Without a keyring, it is
        saved in a file in `~/.itksnap-dss` that only this user can read. For each server, one
        session is saved: a new sign-in replaces the session that later clients on this account use.
        Clients that are already signed in keep their own session.

        A program that starts often should call `login_if_needed`, which uses the saved session.

        Like `itksnap-wt -dss-auth SERVER`.

        Args:
            token: the token that the middleware's page `/token` shows. It can be used once. If it
                is not given, the client takes it from `DSS_TOKEN`; if that token was used before,
                a saved session that is still valid is enough. Otherwise the client asks the user
                for a token, in a terminal or a notebook.

        Raises:
            InvalidToken: the middleware does not know the given or entered token, or this token was
                used before.
            TokenMissing: no token was given, and the user cannot be asked.
            TokenSpent: the token in `DSS_TOKEN` was used before, no valid session is left, and the
                user cannot be asked.
            SessionMissing: the middleware accepted the token, but returned no session.
        """
        if token is None:
            environment_token = environment.read_token(self.server)
            if environment_token and self._sign_in_with_environment(environment_token):
                return
            try:
                token = prompt.ask_token(self.server, self._session.explain_sign_in())
            except TokenMissing:
                if environment_token:
                    raise environment.create_token_spent_error(self.server) from None
                raise
        self._session.sign_in(validation.read_login_token(token))

    def login_if_needed(self) -> None:
        """Sign in, unless there is a valid session.

        Raises:
            TokenMissing: a token is needed, and the user cannot be asked.
            InvalidToken: the middleware does not know the token that the user entered.
        """
        if not self._is_signed_in():
            self.login()

    def whoami(self) -> str:
        """Return the e-mail address of the user who is signed in.

        Raises:
            NotLoggedIn: the client does not have a session.
            SessionExpired: the session is no longer valid.
        """
        return self.api.session.get_login().email

    def logout(self) -> None:
        """End the session at the middleware, and remove it from this machine.

        The session is removed here even if the middleware cannot be reached. Without a session,
        nothing happens. Files of `itksnap-wt` and of the original client are not changed; but if
        the session came from them, it ends for these programs too.

        Raises:
            DssError: the middleware could not be reached, so the session can stay valid there until
                it expires.
            SessionFileExposed: other users can read the session file. The client does not use the
                session in this file, so the session does not end, and the file stays.
        """
        self._session.sign_out()

    def _sign_in_with_environment(self, token: str) -> bool:
        """Try the environment's token; return whether there is a valid session afterwards."""
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
    """Check the types of the arguments of a client.

    Raises:
        TypeError: an argument has the wrong type.
    """
    if not isinstance(server, str):
        raise TypeError(
            "The server must be given by its address, such as 'https://dss.itksnap.org', not as "
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
