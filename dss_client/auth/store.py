"""Keeping the session of each server for the next process.

In the system's keyring; where there is none, in a file that only its owner can read.
"""

from __future__ import annotations

import logging

from dss_client.auth import file_store, keyring_store

_log = logging.getLogger(__name__)


def save(server: str, session: str) -> None:
    """Keep the session of a server; where that is impossible, say so in the log and go on."""
    if keyring_store.save(server, session):
        file_store.forget(server)
        return
    # An older session that is still there would be found before the file.
    keyring_store.forget(server)
    try:
        file_store.save(server, session)
    except (OSError, RuntimeError) as error:
        _log.warning(
            "The session at %s could not be kept for the next process, which will have to sign "
            "in again: %s",
            server,
            error,
        )


def forget(server: str, session: str | None = None) -> None:
    """Keep the session of a server no longer; if a session is given, only that one.

    What other tools keep is theirs, and stays.
    """
    keyring_store.forget(server, session)
    file_store.forget(server, session)
