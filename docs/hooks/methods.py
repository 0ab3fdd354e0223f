"""The methods of the client, one entry for mkdocstrings each."""

from __future__ import annotations

import inspect

from dss_client import DSSClient


def sections(prefix: str) -> str:
    """Return an entry for each public method of `DSSClient` whose name has this prefix."""
    names = [
        name
        for cls in DSSClient.__mro__
        for name, method in vars(cls).items()
        if inspect.isfunction(method) and name.startswith(prefix)
    ]
    return "\n\n".join(f"::: dss_client.DSSClient.{name}" for name in dict.fromkeys(names))
