"""The client that providers use."""

from __future__ import annotations

from os import PathLike
from typing import Self

from dss_api import DssApi, NotLoggedIn, Urllib3Transport
from dss_api.addresses import ServerAddress
from dss_client import arguments, prompt, tls
from dss_client.admin import AdminMethods
from dss_client.errors import SessionMissing
from dss_client.provider import ProviderMethods
from dss_client.proxies import proxy_for
from dss_client.session import SessionTransport
from dss_client.tls import Cert
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

    The middleware is reached by way of the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`
    names, in either letter case, unless `NO_PROXY` excepts it. Threads may share a client.

    Args:
        server: the middleware's address, such as `https://dss.itksnap.org`.
        verify: how the server proves who it is: by a certificate that the system trusts, or one of
            those in the file that `REQUESTS_CA_BUNDLE` or `SSL_CERT_FILE` names (True); by one of
            those in the PEM file or the hashed folder of this path; or not at all (False), with the
            warning `UnverifiedServer`.
        cert: the certificate by which this client proves who it is, where the server wants one: the
            path of a PEM file with certificate and key, or `(certificate, key)`, or
            `(certificate, key, password)`.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next byte to come or to be taken. A transfer may take
            hours, but fails when it stands still for so long.

    Raises:
        ValueError: the address is not that of an HTTP server, or holds a password; a proxy's is
            none; or a time is not positive.
        TypeError: an argument is not of its kind.
        CertificateUnusable: a file with certificates or a key is missing, or not what it should be.
    """

    def __init__(
        self,
        server: str,
        verify: bool | str | PathLike[str] = True,
        *,
        cert: Cert | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
    ) -> None:
        address = ServerAddress.read(server)
        proxy = proxy_for(address.origin)
        # A proxy may be spoken to over TLS, whatever the server speaks.
        encrypted = any(text.lower().startswith("https:") for text in (server, proxy or ""))
        self.server = address.text
        self._transport = Urllib3Transport(
            self.server,
            ssl_context=tls.context(self.server, verify, cert) if encrypted else None,
            proxy=proxy,
            connect_timeout=arguments.network_timeout("connect_timeout", connect_timeout),
            read_timeout=arguments.network_timeout("read_timeout", read_timeout),
            user_agent=f"itksnap-dss/{__version__}",
        )
        self._session = SessionTransport(self._transport, self.server)
        self.api = DssApi(self._session)

    def __repr__(self) -> str:
        return f"DSSClient({self.server!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the middleware, also those that other threads wait for.

        The session stays, and the client may be used again, over new connections.
        """
        self._transport.close()

    def login(self, token: str | None = None) -> None:
        """Sign in, and keep the session for the next process.

        One session is kept for each server: whoever signs in last on this account of this machine
        is who later clients are, while clients that signed in themselves stay who they are.

        The session goes to the system's keyring; where there is none, to a file in
        `~/.itksnap-dss` that only its owner can read. Like `itksnap-wt -dss-auth SERVER`.

        Args:
            token: the token that the middleware's page /token shows, which works once. If none is
                given it is asked for, at a terminal or in a notebook.

        Raises:
            InvalidToken: the middleware does not know the token.
            TokenMissing: no token was given, and nobody is there to ask.
            SessionMissing: the token was accepted, but no session came with the answer.
        """
        given = arguments.login_token(prompt.ask_token(self.server) if token is None else token)
        self.api.session.login(token=given)
        if not self._session.keep():
            raise SessionMissing(
                f"{self.server} accepted the token, but no session cookie came with its answer. "
                "Something in between, such as a proxy, must let cookies pass."
            )

    def login_if_needed(self) -> None:
        """Sign in, but only if the kept session is missing or no longer valid.

        Raises:
            TokenMissing: a token is needed, and nobody is there to ask.
        """
        try:
            self.api.session.get_login()
        except NotLoggedIn:
            self.login()
