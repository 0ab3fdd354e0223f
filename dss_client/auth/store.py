"""Storage that keeps the session of each server for the next process.

Sessions are saved in the system keyring. If no keyring works, they are saved in files that only
their owner can read.
"""

from __future__ import annotations

import logging

from dss_client.auth import file_store, keyring_store

_log = logging.getLogger(__name__)


def save(server: str, session: str) -> None:
    """Save the session of a server; if that is impossible, log a warning."""
    if keyring_store.save(server, session):
        file_store.forget(server)
        return
    # An older session in the keyring would be found before the file.
    keyring_store.forget(server)
    try:
        file_store.save(server, session)
    except (OSError, RuntimeError) as error:
        _log.warning(
            "The session at %s could not be saved: %s. The next process must sign in again.",
            server,
            error,
        )


def forget(server: str, session: str | None = None) -> None:
    """Remove the saved session of a server; if a session is given, only that session.

    The sessions of other tools are not removed.
    """
    keyring_store.forget(server, session)
    file_store.forget(server, session)
