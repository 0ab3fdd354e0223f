"""Keeping the session of each server for the next process.

In the system's keyring; where there is none, in a file that only its owner can read.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from dss_client.errors import SessionFileExposed

KEYRING_SERVICE = "itksnap-dss"
"""The name under which the sessions stand in the keyring, one for each server."""

_log = logging.getLogger(__name__)


def load(server: str) -> str | None:
    """The session that is kept for a server; `None` if there is none.

    Raises:
        SessionFileExposed: others can read the file that keeps it.
    """
    return _load_from_keyring(server) or _load_from_file(server)


def save(server: str, session: str) -> None:
    """Keep the session of a server; where that is impossible, say so in the log and go on."""
    if _save_in_keyring(server, session):
        _forget_file(server)
        return
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
    with _keyring_at_hand() as available:
        if available and _load_from_keyring(server):
            import keyring  # noqa: PLC0415

            keyring.delete_password(KEYRING_SERVICE, server)
    _forget_file(server)


@contextmanager
def _keyring_at_hand() -> Iterator[bool]:
    """Whether there may be a keyring; that it refuses is no fault of the program."""
    # A tenth of a second of import that a client without a session need not pay.
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        yield keyring.get_keyring().priority > 0
    except (KeyringError, OSError) as error:
        _log.debug("The system's keyring is of no use: %s", error)


def _load_from_keyring(server: str) -> str | None:
    with _keyring_at_hand() as available:
        if available:
            import keyring  # noqa: PLC0415

            return keyring.get_password(KEYRING_SERVICE, server)
    return None


def _save_in_keyring(server: str, session: str) -> bool:
    with _keyring_at_hand() as available:
        if available:
            import keyring  # noqa: PLC0415

            keyring.set_password(KEYRING_SERVICE, server, session)
            # Some backends forget at once, and do not say so.
            return keyring.get_password(KEYRING_SERVICE, server) == session
    return False


def session_file(server: str) -> Path:
    """Where the session of a server is kept if there is no keyring."""
    return Path.home() / ".itksnap-dss" / "sessions" / quote(server, safe="")


def _load_from_file(server: str) -> str | None:
    try:
        file = session_file(server)
        with file.open(encoding="utf-8") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SessionFileExposed(
                    f"Others can read the session in {file}, so it is not used. "
                    f"Run `chmod 600 {file}`, or sign in again."
                )
            return stream.read().strip() or None
    except FileNotFoundError:
        return None
    except RuntimeError as error:
        _log.debug("There is no home folder: %s", error)
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
