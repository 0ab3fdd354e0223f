"""Keeping the session of each server for the next process.

In the system's keyring; where there is none, in a file that only its owner can read.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dss_api.transport import is_session
from dss_client.errors import SessionFileExposed

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEYRING_SERVICE = "itksnap-dss"
"""The name under which the sessions stand in the keyring, one for each server."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


def load(server: str) -> str | None:
    """The session that is kept for a server; `None` if there is none that can be read.

    Raises:
        SessionFileExposed: others can read the file that keeps it.
    """
    kept = _with_keyring(lambda ring: ring.get_password(KEYRING_SERVICE, server))
    kept = kept or _load_from_file(server)
    return kept if kept and is_session(kept) else None


def save(server: str, session: str) -> None:
    """Keep the session of a server; where that is impossible, say so in the log and go on."""

    def keep(ring: KeyringBackend) -> bool:
        ring.set_password(KEYRING_SERVICE, server, session)
        # Some backends forget at once, and do not say so.
        return ring.get_password(KEYRING_SERVICE, server) == session

    if _with_keyring(keep):
        _forget_file(server)
        return
    # An older session that is still there would be found before the file.
    _forget_in_keyring(server)
    try:
        _save_in_file(server, session)
    except (OSError, RuntimeError) as error:
        _log.warning(
            "The session at %s could not be kept for the next process, which will have to sign "
            "in again: %s",
            server,
            error,
        )


def forget(server: str) -> None:
    """Keep the session of a server no longer."""
    _forget_in_keyring(server)
    _forget_file(server)


def session_file(server: str) -> Path:
    """Where the session of a server is kept if there is no keyring.

    Raises:
        RuntimeError: this user has no home folder.
    """
    # Not by the address itself, which can be longer than a file's name.
    name = hashlib.sha256(server.encode()).hexdigest()[:32]
    return Path.home() / ".itksnap-dss" / "sessions" / name


def _with_keyring(action: Callable[[KeyringBackend], T]) -> T | None:
    """What an action on the system's keyring gives; `None` where there is none that works."""
    try:
        # A tenth of a second of import that a client without a session need not pay.
        import keyring  # noqa: PLC0415

        ring = keyring.get_keyring()
        return action(ring) if ring.priority > 0 else None
    # Backends are plug-ins and raise what they please; one that fails is as good as none.
    except Exception as error:  # noqa: BLE001
        _log.debug("The system's keyring is of no use: %s", type(error).__name__)
        return None


def _forget_in_keyring(server: str) -> None:
    def remove(ring: KeyringBackend) -> None:
        if ring.get_password(KEYRING_SERVICE, server) is not None:
            ring.delete_password(KEYRING_SERVICE, server)

    _with_keyring(remove)


def _load_from_file(server: str) -> str | None:
    try:
        file = session_file(server)
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SessionFileExposed(
                    f"Others can read the session in {file}, so it is not used. "
                    f"Run `chmod 600 {file}`, or sign in again."
                )
            return stream.read().decode("ascii", "replace").strip()
    except SessionFileExposed:
        raise
    except (OSError, RuntimeError) as error:
        _log.debug("No session is kept in a file for %s: %s", server, error)
        return None


def _save_in_file(server: str, session: str) -> None:
    file = session_file(server)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(session)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _forget_file(server: str) -> None:
    try:
        session_file(server).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        _log.debug("The file of the session could not be removed: %s", error)
