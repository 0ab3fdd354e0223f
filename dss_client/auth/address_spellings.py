"""The ways in which the address of a server may have been typed into another tool."""

from __future__ import annotations

from dss_api import TOKEN_PAGE
from dss_wire.addresses import ServerAddress


def list_spellings(server: str) -> tuple[str, ...]:
    """The address as it stands here and in its plain form, each with and without a slash."""
    address = ServerAddress.read(server, token_page=TOKEN_PAGE)
    plain = f"{address.origin}{address.path}"
    written = (f"{text}{end}" for text in (address.text, plain) for end in ("", "/"))
    return tuple(dict.fromkeys(written))


def is_address_of(text: str, server: str) -> bool:
    """Whether what was typed is the address of a server, in whatever way."""
    try:
        return ServerAddress.read(text, token_page=TOKEN_PAGE) == ServerAddress.read(
            server, token_page=TOKEN_PAGE
        )
    except ValueError:
        return False
