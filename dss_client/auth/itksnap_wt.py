"""The sign-in of the command-line tool `itksnap-wt`, which this client only reads.

`itksnap-wt -dss-auth SERVER` saves the address in `~/.alfabis/server`. It saves the session in a
cookie file in the same folder. The name of that file is a hash of the address as the user typed it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

from dss_api import SESSION_COOKIE, TOKEN_PAGE
from dss_client.auth.address_spellings import is_address_of, list_spellings
from dss_wire.addresses import ServerAddress

MAX_BYTES = 1 << 16
"""The number of bytes that are read from a file."""

_UNIX_TIME = re.compile(r"[0-9]{1,18}")

_log = logging.getLogger(__name__)


@attrs.frozen
class Cookie:
    """A line of a cookie file.

    Attributes:
        include_subdomains: whether the cookie is also for hosts below the domain.
        path: the URL path that the cookie is for, with all URL paths below it.
        secure: whether the cookie is sent over TLS only.
        expires: Unix time in seconds; 0 for never.
    """

    domain: str
    include_subdomains: bool
    path: str
    secure: bool
    expires: int
    name: str
    value: str = attrs.field(repr=False)

    def is_valid_for(self, server: ServerAddress) -> bool:
        """Check whether the cookie can be sent to a server now."""
        host, path = server.origin.host, server.path
        domain = self.domain.lower().lstrip(".")
        below = self.path.rstrip("/")
        return (
            (host == domain or (self.include_subdomains and host.endswith(f".{domain}")))
            and (path == below or path.startswith(f"{below}/"))
            and (server.origin.scheme == "https" or not self.secure)
            and (self.expires == 0 or self.expires > time.time())
        )


def load(server: str) -> str | None:
    """Return the session of `itksnap-wt` at a server."""
    target = ServerAddress.read(server, token_page=TOKEN_PAGE)
    try:
        folder = Path.home() / ".alfabis"
    except RuntimeError as error:
        _log.debug("The home folder with the sign-in of itksnap-wt is unknown: %s", error)
        return None
    typed = _read_text(folder / "server").strip()
    # The server of the last sign-in comes first.
    last = (typed,) if is_address_of(typed, server) else ()
    for address in (*last, *list_spellings(server)):
        name = hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
        for cookie in _parse_cookies(_read_text(folder / f"cookie_{name}.jar")):
            if cookie.name == SESSION_COOKIE and cookie.is_valid_for(target):
                return cookie.value
    return None


def _read_text(file: Path) -> str:
    """Return the text of a file; empty if it does not exist or is not a regular file."""
    try:
        # Without O_NONBLOCK, opening a named pipe can block forever.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ""
            return stream.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        _log.debug("itksnap-wt is not signed in: %s", error)
        return ""


def _parse_cookies(text: str) -> Iterator[Cookie]:
    """Parse a cookie file in Netscape's format; lines that are not cookies are skipped.

    The parser of the standard library is not used, because its error quotes the line, which can
    hold the session.
    """
    for line in text.splitlines():
        # curl marks cookies that scripts must not see; other lines with # are comments.
        fields = line.removeprefix("#HttpOnly_").split("\t")
        if len(fields) == 7 and not fields[0].startswith("#") and _UNIX_TIME.fullmatch(fields[4]):
            domain, subdomains, path, secure, expires, name, value = fields
            yield Cookie(
                domain, subdomains == "TRUE", path, secure == "TRUE", int(expires), name, value
            )
