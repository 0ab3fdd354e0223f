"""Session storage in files that only their owner can read, for systems without a keyring."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import stat
from pathlib import Path

from dss_client.errors import SessionFileExposed

MAX_BYTES = 4096
"""The number of bytes that are read from a file; a cookie is not longer."""

_log = logging.getLogger(__name__)

# Another user may be able to write the target of a link, and opening a named pipe can block
# forever. Windows does not have these flags.
_SAFE_OPEN_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def get_path(server: str) -> Path:
    """Return the path of the file for the session of a server.

    Raises:
        RuntimeError: the user does not have a home folder.
    """
    # A hash, because an address can be longer than a file name.
    name = hashlib.sha256(server.encode()).hexdigest()[:32]
    return Path.home() / ".itksnap-dss" / "sessions" / name


def load(server: str) -> str | None:
    """Return the saved session of a server.

    Raises:
        SessionFileExposed: other users can read the file, or it is a link or belongs to another
            user.
    """
    try:
        file = get_path(server)
        if file.is_symlink():
            raise SessionFileExposed(
                f"{file} is a symbolic link, so the session in it is not used. "
                "Remove the link, and sign in again."
            )
        descriptor = os.open(file, os.O_RDONLY | _SAFE_OPEN_FLAGS)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            _check_access(file, status)
            if not stat.S_ISREG(status.st_mode):
                return None
            return stream.read(MAX_BYTES).decode("ascii", "replace").strip()
    except SessionFileExposed:
        raise
    except (OSError, RuntimeError) as error:
        _log.debug("No session file can be read for %s: %s", server, error)
        return None


def save(server: str, session: str) -> None:
    """Save the session of a server. The file is written completely or not at all.

    Raises:
        OSError: the file cannot be written.
        RuntimeError: the user does not have a home folder.
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
    """Remove the saved session of a server; if a session is given, only that session."""
    try:
        try:
            saved = load(server)
        except SessionFileExposed:
            saved = None
        # This client cannot use a file that it cannot read, so it removes it too.
        if saved is None or session in (None, saved):
            get_path(server).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        _log.debug("The session file cannot be removed: %s", error)


def _check_access(file: Path, status: os.stat_result) -> None:
    """Check that a file belongs to this user and that other users cannot read it.

    Raises:
        SessionFileExposed: the check fails.
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
            f"Other users can read the session in {file}, so it is not used. "
            f"Run `chmod 600 {file}`, or sign in again."
        )
