"""By way of which proxy a server is reached, as the environment says."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from urllib.request import getproxies_environment

from dss_wire.addresses import Origin, Proxy

_BRACKETS = re.compile(r"^\[(.*)\](?=/|$)")


def proxy_for(server: Origin) -> Proxy | None:
    """The proxy by way of which a server is reached; None if there is none.

    `HTTPS_PROXY` or `HTTP_PROXY`, by how the server is spoken to, or else `ALL_PROXY`; in either
    letter case, of which the small one wins. `NO_PROXY` names what is reached without, this machine
    too: hosts, with or without a port, domains, networks such as `10.0.0.0/8`, or `*` for all; with
    commas or blanks between them.

    Raises:
        ValueError: what is set is no address of a proxy; the message does not repeat it.
    """
    settings = getproxies_environment()
    name = server.scheme if settings.get(server.scheme) else "all"
    address = settings.get(name)
    if not address or _excepted(server, settings.get("no", "")):
        return None
    try:
        return Proxy.read(address)
    except ValueError as error:
        variable = f"{name}_proxy"
        raise ValueError(
            f"The environment variable {variable.upper()} or {variable} is wrong. {error}"
        ) from None


def _excepted(server: Origin, exceptions: str) -> bool:
    """Whether `NO_PROXY` names a server."""
    return any(_names(text, server) for text in re.split(r"[\s,]+", exceptions.lower()))


def _names(text: str, server: Origin) -> bool:
    if text in ("*", server.host, server.place):
        return True
    with suppress(ValueError):  # no network, or not by number
        network = ipaddress.ip_network(_BRACKETS.sub(r"\1", text), strict=False)
        return ipaddress.ip_address(server.host) in network
    domain, _, port = text.removeprefix("*").partition(":")
    name = _plain(domain)
    ends = f".{_plain(server.host)}".endswith(f".{name}")
    return bool(name) and ends and port in ("", str(server.port))


def _plain(name: str) -> str:
    """A name as it is asked for on the network, without dots around it."""
    with suppress(UnicodeError):  # nobody has such a name
        return name.strip(".").encode("idna").decode()
    return ""
