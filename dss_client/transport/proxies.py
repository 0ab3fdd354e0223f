"""The proxy for a server, from the environment."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from urllib.request import getproxies_environment

from dss_wire.addresses import Origin, Proxy

_IPV6_BRACKETS = re.compile(r"^\[(.*)\](?=/|$)")


def find_proxy(server: Origin) -> Proxy | None:
    """Return the proxy for requests to a server; `None` if they go directly.

    The proxy is in `HTTPS_PROXY` or `HTTP_PROXY`, by the scheme of the server, or else in
    `ALL_PROXY`. The names can be in lower case, and lower case takes precedence. `NO_PROXY` lists
    servers that bypass the proxy, with commas or blanks between the entries: hosts, hosts with a
    port, domains, networks such as `10.0.0.0/8`, or `*` for all. Requests to this machine bypass
    the proxy only if `NO_PROXY` lists this machine.

    Raises:
        ValueError: the variable does not hold the address of a proxy. The message does not show
            the value.
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
    """Check whether `NO_PROXY` lists a server."""
    return any(_is_match(entry, server) for entry in re.split(r"[\s,]+", exceptions.lower()))


def _is_match(entry: str, server: Origin) -> bool:
    if entry in ("*", server.host, server.place):
        return True
    with suppress(ValueError):  # the entry is not a network, or the host is not an IP address
        network = ipaddress.ip_network(_IPV6_BRACKETS.sub(r"\1", entry), strict=False)
        return ipaddress.ip_address(server.host) in network
    domain, _, port = entry.removeprefix("*").partition(":")
    name = _normalise_host(domain)
    has_suffix = f".{_normalise_host(server.host)}".endswith(f".{name}")
    return bool(name) and has_suffix and port in ("", str(server.port))


def _normalise_host(name: str) -> str:
    """Return a host name in ASCII, without dots at its ends; empty if the name is not valid."""
    with suppress(UnicodeError):
        return name.strip(".").encode("idna").decode()
    return ""
