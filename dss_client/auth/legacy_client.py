"""The sign-in of the original Python client, which this client only reads."""

from __future__ import annotations

from dss_client.auth import keyring_store
from dss_client.auth.address_spellings import list_spellings

SERVICE = "system"
"""The service name of the original client's keyring entries."""


def load(server: str) -> str | None:
    """Return the session of the original client at a server."""
    names = (f"itksnap_dss_python:{address}" for address in list_spellings(server))
    return next(filter(None, (keyring_store.read_entry(SERVICE, name) for name in names)), None)
