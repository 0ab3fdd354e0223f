"""The file that keeps the session of a server for its owner alone, where there is no keyring."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import stat
from pathlib import Path

from dss_client.errors import SessionFileExposed

MAX_BYTES = 4096
"""How many bytes of the file are looked at; a cookie is no longer."""

_log = logging.getLogger(__name__)

# A link leads where somebody else may write; to open a pipe may take forever. Windows has neither.
_SAFE_OPEN_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def get_path(server: str) -> Path:
    """Where the session of a server is kept.

    Raises:
        RuntimeError: this user has no home folder.
    """
    # Not by the address itself, which can be longer than a file's name.
    name = hashlib.sha256(server.encode()).hexdigest()[:32]
    return Path.home() / ".itksnap-dss" / "sessions" / name


def load(server: str) -> str | None:
    """The session that is kept for a server.

    Raises:
        SessionFileExposed: others can read the file, or have put it there.
    """
    try:
        file = get_path(server)
        if file.is_symlink():
            raise SessionFileExposed(
                f"{file} is a link, so the session that it leads to is not used. "
                "Remove it, and sign in again."
            )
        descriptor = os.open(file, os.O_RDONLY | _SAFE_OPEN_FLAGS)
        with os.fdopen(descriptor, "rb") as stream:
            found = os.fstat(descriptor)
            _check_access(file, found)
            if not stat.S_ISREG(found.st_mode):
                return None
            return stream.read(MAX_BYTES).decode("ascii", "replace").strip()
    except SessionFileExposed:
        raise
    except (OSError, RuntimeError) as error:
        _log.debug("No session is kept in a file for %s: %s", server, error)
        return None


def save(server: str, session: str) -> None:
    """Keep the session of a server; the file appears with all of it, or not at all.

    Raises:
        OSError: it cannot be written.
        RuntimeError: this user has no home folder.
    """
    file = get_path(server)
    for folder in (file.parent.parent, file.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    temporary = file.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(session)
            stream.flush()
            os.fsync(descriptor)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def forget(server: str, session: str | None = None) -> None:
    """Keep the session of a server no longer; if a session is given, only that one."""
    try:
        try:
            kept = load(server)
        except SessionFileExposed:
            kept = None
        # What cannot be read is of no use to anybody here.
        if kept is None or session in (None, kept):
            get_path(server).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        _log.debug("The file of the session could not be removed: %s", error)


def _check_access(file: Path, status: os.stat_result) -> None:
    """Refuse a file that others can read, or have put there.

    Raises:
        SessionFileExposed: so it is.
    """
    if os.name != "posix":
        return
    if status.st_uid != os.geteuid():
        raise SessionFileExposed(
            f"{file} belongs to another user, so the session in it is not used. "
            "Remove it, and sign in again."
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SessionFileExposed(
            f"Others can read the session in {file}, so it is not used. "
            f"Run `chmod 600 {file}`, or sign in again."
        )
