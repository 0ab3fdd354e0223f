"""The keyring of the system; where there is none that works, nothing is in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "itksnap-dss"
"""The name under which the sessions stand in the keyring, one for each server."""

MAX_WAIT = 60.0
"""Seconds that the keyring has for an answer; it may be that somebody has to unlock it first."""

T = TypeVar("T")

_unanswered_threads: set[threading.Thread] = set()
"""The threads that the keyring did not answer in time."""

_log = logging.getLogger(__name__)


def load(server: str) -> str | None:
    """The session that is kept for a server."""
    return read_entry(SERVICE, server)


def save(server: str, session: str) -> bool:
    """Keep the session of a server; false if the keyring cannot."""

    def keep(ring: KeyringBackend) -> bool:
        ring.set_password(SERVICE, server, session)
        # Some backends forget at once, and do not say so.
        return ring.get_password(SERVICE, server) == session

    return bool(_call_keyring(keep))


def forget(server: str, session: str | None = None) -> None:
    """Keep the session of a server no longer; if a session is given, only that one."""

    def remove(ring: KeyringBackend) -> None:
        kept = ring.get_password(SERVICE, server)
        if kept is not None and session in (None, kept):
            ring.delete_password(SERVICE, server)

    _call_keyring(remove)


def read_entry(service: str, name: str) -> str | None:
    """What stands under a name in the keyring."""
    return _call_keyring(lambda ring: ring.get_password(service, name))


def _call_keyring(action: Callable[[KeyringBackend], T]) -> T | None:
    """What an action on the system's keyring gives; `None` where there is none that works."""
    # One wait is enough: it is the same keyring that would be waited for again.
    if any(thread.is_alive() for thread in tuple(_unanswered_threads)):
        return None
    found: list[T | None] = []
    # A thread of its own, for a keyring that waits to be unlocked cannot be told to give up.
    asking = threading.Thread(target=lambda: found.append(_run_action(action)), daemon=True)
    asking.start()
    asking.join(MAX_WAIT)
    if found:
        return found[0]
    _unanswered_threads.add(asking)
    _log.warning(
        "The system's keyring gave no answer within %.0f s; perhaps it waits to be unlocked. Until "
        "it answers, sessions are looked for and kept without it.",
        MAX_WAIT,
    )
    return None


def _run_action(action: Callable[[KeyringBackend], T]) -> T | None:
    """What an action on the system's keyring gives; `None` where there is none that works."""
    try:
        # A tenth of a second of import that a client with a session need not pay.
        import keyring  # noqa: PLC0415

        ring = keyring.get_keyring()
        return action(ring) if ring.priority > 0 else None
    # Backends are plug-ins and raise what they please; one that fails is as good as none.
    except Exception as error:  # noqa: BLE001
        _log.debug("The system's keyring is of no use: %s", type(error).__name__)
        return None
