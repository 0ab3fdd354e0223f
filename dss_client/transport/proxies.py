"""By way of which proxy a server is reached, as the environment says."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from urllib.request import getproxies_environment

from dss_wire.addresses import Origin, Proxy

_IPV6_BRACKETS = re.compile(r"^\[(.*)\](?=/|$)")


def find_proxy(server: Origin) -> Proxy | None:
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
    if not address or _is_excluded(server, settings.get("no", "")):
        return None
    try:
        return Proxy.read(address)
    except ValueError as error:
        variable = f"{name}_proxy"
        raise ValueError(
            f"The environment variable {variable.upper()} or {variable} is wrong. {error}"
        ) from None


def _is_excluded(server: Origin, exceptions: str) -> bool:
    """Whether `NO_PROXY` names a server."""
    return any(_is_match(text, server) for text in re.split(r"[\s,]+", exceptions.lower()))


def _is_match(entry: str, server: Origin) -> bool:
    if entry in ("*", server.host, server.place):
        return True
    with suppress(ValueError):  # no network, or not by number
        network = ipaddress.ip_network(_IPV6_BRACKETS.sub(r"\1", entry), strict=False)
        return ipaddress.ip_address(server.host) in network
    domain, _, port = entry.removeprefix("*").partition(":")
    name = _normalise_host(domain)
    ends = f".{_normalise_host(server.host)}".endswith(f".{name}")
    return bool(name) and ends and port in ("", str(server.port))


def _normalise_host(name: str) -> str:
    """A name as it is asked for on the network, without dots around it."""
    with suppress(UnicodeError):  # nobody has such a name
        return name.strip(".").encode("idna").decode()
    return ""
