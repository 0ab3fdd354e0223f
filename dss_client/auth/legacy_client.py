"""The sign-in of the original Python client, which is read and never changed."""

from __future__ import annotations

from dss_client.auth import keyring_store
from dss_client.auth.address_spellings import list_spellings

SERVICE = "system"
"""The name under which the original client has its sessions in the keyring."""


def load(server: str) -> str | None:
    """The session with which the original client is signed in at a server."""
    names = (f"itksnap_dss_python:{address}" for address in list_spellings(server))
    return next(filter(None, (keyring_store.read_entry(SERVICE, name) for name in names)), None)
