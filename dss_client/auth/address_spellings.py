"""Spellings of a server's address that the user may have typed into another tool."""

from __future__ import annotations

from dss_api import TOKEN_PAGE
from dss_wire.addresses import ServerAddress


def list_spellings(server: str) -> tuple[str, ...]:
    """Return the given address and its normal form, each with and without a slash at the end."""
    address = ServerAddress.read(server, token_page=TOKEN_PAGE)
    normal = f"{address.origin}{address.path}"
    spellings = (f"{text}{end}" for text in (address.text, normal) for end in ("", "/"))
    return tuple(dict.fromkeys(spellings))


def is_address_of(text: str, server: str) -> bool:
    """Check whether a string is the address of a server, in any spelling."""
    try:
        return ServerAddress.read(text, token_page=TOKEN_PAGE) == ServerAddress.read(
            server, token_page=TOKEN_PAGE
        )
    except ValueError:
        return False
