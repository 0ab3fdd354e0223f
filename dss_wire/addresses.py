"""Addresses of middlewares and proxies."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

import attrs

_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"[!-~]*")


@attrs.frozen
class Origin:
    """Scheme, host and port of a server.

    Attributes:
        scheme: `http` or `https`.
        host: the name or IP address; an IPv6 address without brackets.
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, address: str) -> Self:
        """Return scheme, host and port of an absolute address.

        Raises:
            ValueError: the address does not begin with `http://HOST` or `https://HOST`.
        """
        return cls._from_parts(urlsplit(address))

    @classmethod
    def _from_parts(cls, parts: SplitResult) -> Self:
        host = parts.hostname
        if parts.scheme not in _PORTS or not host:
            raise ValueError("The address must begin with http://HOST or https://HOST.")
        name = host.encode("idna").decode()  # refuses labels that are empty or too long
        if not re.fullmatch(r"[!-~]+", name):
            raise ValueError("The host of the address must be ASCII without spaces.")
        return cls(parts.scheme, name, _PORTS[parts.scheme] if parts.port is None else parts.port)

    @property
    def place(self) -> str:
        """Host and port as written in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        place = self.place.removesuffix(f":{_PORTS[self.scheme]}")
        return f"{self.scheme}://{place}"


@attrs.frozen
class ServerAddress:
    """The address of a middleware. Two spellings of the same address are equal.

    Attributes:
        text: the address without a slash at the end, so that a path can follow.
        path: the path of the middleware on its host; usually empty.
    """

    text: str = attrs.field(eq=False)
    origin: Origin
    path: str

    @classmethod
    def read(cls, text: str, *, token_page: str = "") -> Self:
        """Parse an address.

        Args:
            token_page: the path of the page that shows the token; users often paste its address.

        Raises:
            ValueError: the text is not the address of a middleware. The message never shows a
                password.
        """
        shown = "The server's address" if set("@?#") & set(text) else f"The address {text!r}"
        wanted = f"{shown} must look like https://HOST[:PORT][/PATH]."
        try:
            parts = urlsplit(text)
            origin = Origin._from_parts(parts)
        except ValueError:
            raise ValueError(wanted) from None
        if "@" in parts.netloc:
            raise ValueError(f"The address of {origin.host!r} must contain no user and password.")
        if parts.query or parts.fragment:
            raise ValueError(
                f"The address of {origin.host!r} must end with the path, without a query."
            )
        if not _PATH.fullmatch(parts.path):
            raise ValueError(wanted)
        path = parts.path.rstrip("/")
        plain = f"{parts.scheme}://{parts.netloc}{path}"
        if token_page and path.endswith(token_page):
            raise ValueError(
                f"{plain} is the page that shows the token for signing in; the middleware's "
                f"address is {plain.removesuffix(token_page)}."
            )
        return cls(plain, origin, path)


@attrs.frozen
class Proxy:
    """A proxy between this machine and the middleware.

    Attributes:
        authorization: the value of `Proxy-Authorization`; empty if the header is not sent.
    """

    origin: Origin
    authorization: str = attrs.field(default="", repr=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse the address of a proxy; `http://` may be left out.

        Raises:
            ValueError: the text is not the address of an HTTP proxy. The message does not show the
                text.
        """
        address = text.strip()
        scheme, found, _ = address.partition("://")
        if found and scheme.lower().startswith("socks"):
            raise ValueError("SOCKS proxies are not supported, only HTTP proxies.")
        try:
            parts = urlsplit(address if found else f"http://{address}")
            origin = Origin._from_parts(parts)
            if parts.path.strip("/") or parts.query or parts.fragment:
                raise ValueError("more than host and port")  # perhaps the end of a password
        except ValueError:
            raise ValueError(
                "A proxy's address must look like http://[USER:PASSWORD@]HOST:PORT. It is not "
                "shown because it may contain a password. Write @, /, ? and # in a password as "
                "%40, %2F, %3F and %23."
            ) from None
        if parts.username is None:
            return cls(origin)
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return cls(origin, f"Basic {b64encode(known.encode()).decode()}")

    def __str__(self) -> str:
        return f"the proxy {self.origin.place}"


def list_tls_peers(server: Origin, proxy: Proxy | None) -> list[Origin | Proxy]:
    """Return the peers that are reached over TLS: the server, the proxy, both, or none."""
    return [
        *([server] if server.scheme == "https" else []),
        *([proxy] if proxy and proxy.origin.scheme == "https" else []),
    ]
