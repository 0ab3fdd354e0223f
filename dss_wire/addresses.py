{% include "header" %}
"""Addresses of middlewares, and of the proxies on the way to them."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

import attrs

from .transport import TOKEN_PAGE

_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"[!-~]*")


@attrs.frozen
class Origin:
    """Where a server listens, and how it is spoken to.

    Attributes:
        scheme: `http` or `https`.
        host: its name or number; a number of IPv6 without brackets.
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, address: str) -> Self:
        """The origin of an absolute address, whatever else stands in it.

        Raises:
            ValueError: it has none.
        """
        return cls._of(urlsplit(address))

    @classmethod
    def _of(cls, parts: SplitResult) -> Self:
        host = parts.hostname
        if parts.scheme not in _PORTS or not host:
            raise ValueError("no address of an HTTP server")
        name = host.encode("idna").decode()  # which refuses labels that are empty or too long
        if not re.fullmatch(r"[!-~]+", name):
            raise ValueError("no name of a host")
        return cls(parts.scheme, name, _PORTS[parts.scheme] if parts.port is None else parts.port)

    @property
    def place(self) -> str:
        """Host and port, as in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        place = self.place.removesuffix(f":{_PORTS[self.scheme]}")
        return f"{self.scheme}://{place}"


@attrs.frozen
class ServerAddress:
    """The address of a middleware; equal to any other that leads to the same place.

    Attributes:
        text: as it was written, but so that paths can be put behind.
        path: under which the middleware stands there; empty for most.
    """

    text: str = attrs.field(eq=False)
    origin: Origin
    path: str

    @classmethod
    def read(cls, text: str) -> Self:
        """The address that a text is.

        Raises:
            ValueError: it is none; the message repeats nothing that could be a password.
        """
        shown = "The server's address" if set("@?#") & set(text) else f"The address {text!r}"
        wanted = f"{shown} must look like https://HOST[:PORT][/PATH]."
        try:
            parts = urlsplit(text)
            origin = Origin._of(parts)
        except ValueError:
            raise ValueError(wanted) from None
        if "@" in parts.netloc:
            raise ValueError(f"The address of {origin.host!r} must hold no user and password.")
        if parts.query or parts.fragment:
            raise ValueError(
                f"The address of {origin.host!r} must end with the path, without a query."
            )
        if not _PATH.fullmatch(parts.path):
            raise ValueError(wanted)
        path = parts.path.rstrip("/")
        plain = f"{parts.scheme}://{parts.netloc}{path}"
        if path.endswith(TOKEN_PAGE):
            raise ValueError(
                f"{plain} is the page that shows the token for signing in; the middleware's "
                f"address is {plain.removesuffix(TOKEN_PAGE)}."
            )
        return cls(plain, origin, path)


@attrs.frozen
class Proxy:
    """A proxy that stands between this machine and the middleware.

    Attributes:
        authorization: what it is to be told of who asks; empty if nothing.
    """

    origin: Origin
    authorization: str = attrs.field(default="", repr=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """The proxy at an address; `http://` may be left out.

        Raises:
            ValueError: it is none; the message repeats nothing that could be a password.
        """
        address = text.strip()
        scheme, found, _ = address.partition("://")
        if found and scheme.lower().startswith("socks"):
            raise ValueError("SOCKS proxies are not supported, only those that speak HTTP.")
        try:
            parts = urlsplit(address if found else f"http://{address}")
            origin = Origin._of(parts)
            if parts.path.strip("/") or parts.query or parts.fragment:
                raise ValueError("more than a place")  # perhaps the end of a password
        except ValueError:
            raise ValueError(
                "A proxy's address must look like http://[USER:PASSWORD@]HOST:PORT; it is not "
                "shown, for it may hold a password, in which @, /, ? and # are written as %40, "
                "%2F, %3F and %23."
            ) from None
        if parts.username is None:
            return cls(origin)
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return cls(origin, f"Basic {b64encode(known.encode()).decode()}")

    def __str__(self) -> str:
        return f"the proxy {self.origin.place}"


def encrypted(server: Origin, proxy: Proxy | None) -> list[Origin | Proxy]:
    """With whom TLS is spoken on the way: the server, the proxy, both, or nobody."""
    return [
        *([server] if server.scheme == "https" else []),
        *([proxy] if proxy and proxy.origin.scheme == "https" else []),
    ]
