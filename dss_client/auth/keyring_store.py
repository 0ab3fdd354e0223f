"""Session storage in the system keyring."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "itksnap-dss"
"""The service name of the keyring entries; each server has one entry."""

MAX_WAIT = 60.0
"""Seconds to wait for the keyring, because the user may have to unlock it."""

T = TypeVar("T")

_unanswered_threads: set[threading.Thread] = set()
"""Threads that the keyring did not answer in time."""

_log = logging.getLogger(__name__)


def load(server: str) -> str | None:
    """Return the saved session of a server."""
    return read_entry(SERVICE, server)


def save(server: str, session: str) -> bool:
    """Save the session of a server. Return False if the keyring cannot."""

    def set_entry(ring: KeyringBackend) -> bool:
        ring.set_password(SERVICE, server, session)
        # Some backends accept an entry and do not save it.
        return ring.get_password(SERVICE, server) == session

    return bool(_call_keyring(set_entry))


def forget(server: str, session: str | None = None) -> None:
    """Remove the saved session of a server; if a session is given, only that session."""

    def remove_entry(ring: KeyringBackend) -> None:
        saved = ring.get_password(SERVICE, server)
        if saved is not None and session in (None, saved):
            ring.delete_password(SERVICE, server)

    _call_keyring(remove_entry)


def read_entry(service: str, name: str) -> str | None:
    """Return an entry of the keyring."""
    return _call_keyring(lambda ring: ring.get_password(service, name))


def _call_keyring(action: Callable[[KeyringBackend], T]) -> T | None:
    """Run an action on the system keyring; `None` if no keyring works or answers in time."""
    # Wait only once: a further call would wait for the same keyring.
    if any(thread.is_alive() for thread in tuple(_unanswered_threads)):
        return None
    results: list[T | None] = []
    # In a thread, because a call to a locked keyring cannot be cancelled.
    thread = threading.Thread(target=lambda: results.append(_run_action(action)), daemon=True)
    thread.start()
    thread.join(MAX_WAIT)
    if results:
        return results[0]
    _unanswered_threads.add(thread)
    _log.warning(
        "The system keyring did not answer within %.0f s. Perhaps it is waiting to be unlocked. "
        "Until it answers, sessions are read and saved without it.",
        MAX_WAIT,
    )
    return None


def _run_action(action: Callable[[KeyringBackend], T]) -> T | None:
    """Run an action on the system keyring; `None` if no keyring works."""
    try:
        # The import takes 0.1 s, which a client with a session does not need.
        import keyring  # noqa: PLC0415

        ring = keyring.get_keyring()
        return action(ring) if ring.priority > 0 else None
    # Backends are plug-ins and can raise any error.
    except Exception as error:  # noqa: BLE001
        _log.debug("The system keyring does not work: %s", type(error).__name__)
        return None
