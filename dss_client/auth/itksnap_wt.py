"""The sign-in of the command-line tool `itksnap-wt`, which is read and never changed.

`itksnap-wt -dss-auth SERVER` leaves the address in `~/.alfabis/server`, and the session in a
cookie file beside it whose name is made of the address as it was typed.
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
"""How many bytes of a file are looked at."""

_UNIX_TIME = re.compile(r"[0-9]{1,18}")

_log = logging.getLogger(__name__)


@attrs.frozen
class Cookie:
    """A line of a cookie file.

    Attributes:
        deep: whether it is for hosts below the domain too.
        path: at which it begins to hold.
        secure: whether it goes over TLS only.
        expires: in Unix seconds; 0 for never.
    """

    domain: str
    include_subdomains: bool
    path: str
    secure: bool
    expires: int
    name: str
    value: str = attrs.field(repr=False)

    def is_valid_for(self, server: ServerAddress) -> bool:
        """Whether a server is to be sent it, now."""
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
    """The session with which `itksnap-wt` is signed in at a server."""
    wanted = ServerAddress.read(server, token_page=TOKEN_PAGE)
    try:
        folder = Path.home() / ".alfabis"
    except RuntimeError as error:
        _log.debug("There is no home in which itksnap-wt could be signed in: %s", error)
        return None
    typed = _read_text(folder / "server").strip()
    # First of all, for that is where it signed in last.
    last = (typed,) if is_address_of(typed, server) else ()
    for address in (*last, *list_spellings(server)):
        name = hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
        for cookie in _parse_cookies(_read_text(folder / f"cookie_{name}.jar")):
            if cookie.name == SESSION_COOKIE and cookie.is_valid_for(wanted):
                return cookie.value
    return None


def _read_text(file: Path) -> str:
    """The text of a file; none where there is no such file."""
    try:
        # To open a pipe may take forever.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ""
            return stream.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        _log.debug("itksnap-wt is not signed in: %s", error)
        return ""


def _parse_cookies(text: str) -> Iterator[Cookie]:
    """The cookies of a file as Netscape wrote them; what is no cookie in it is passed over.

    The standard library quotes the line that it cannot read, which may hold the session.
    """
    for line in text.splitlines():
        # How curl marks what browsers hide from scripts; all other lines like it are remarks.
        fields = line.removeprefix("#HttpOnly_").split("\t")
        if len(fields) == 7 and not fields[0].startswith("#") and _UNIX_TIME.fullmatch(fields[4]):
            domain, deep, path, secure, expires, name, value = fields
            yield Cookie(domain, deep == "TRUE", path, secure == "TRUE", int(expires), name, value)
