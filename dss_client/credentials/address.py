"""Whether two addresses are those of one server."""

from __future__ import annotations

from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}

Parts = tuple[str, str, int, str]


def parts(address: str) -> Parts | None:
    """Scheme, host, port and path, however they are written; `None` if it is no such address."""
    try:
        split = urlsplit(address.strip())
        port = split.port
    except ValueError:
        return None
    if split.scheme not in _PORTS or not split.hostname:
        return None
    # Not `or`: 0 is a port that somebody wrote.
    number = _PORTS[split.scheme] if port is None else port
    return split.scheme, split.hostname, number, split.path.rstrip("/")


def same(address: str, server: str) -> bool:
    """Whether two addresses are those of one server."""
    found = parts(address)
    return found is not None and found == parts(server)
