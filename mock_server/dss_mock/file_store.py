"""The folder in which the bytes of uploads lie."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from typing import BinaryIO, cast

import attrs
from filelock import BaseFileLock, FileLock, Timeout

from .errors import DataDirError

FILES_FOLDER = "files"
"""The folder with the files, within that of a mock."""

LOCK_FILE = "lock"
"""The file in a folder that is locked while a mock uses the folder. Its content has no meaning."""

_PREFIX = "dss_mock_"
_LEFTOVER_AGE = 60
"""After how many seconds a temporary folder that is not locked has nobody who is about to do so."""


@attrs.frozen
class StoredFile:
    """A file that a ticket holds.

    Attributes:
        name: as it is listed.
        path: where its bytes lie; no other file lies there, now or later.
        size: the number of bytes.
    """

    name: str
    path: Path
    size: int

    def read_bytes(self) -> bytes:
        """What is in it.

        Raises:
            FileNotFoundError: it was erased or overwritten.
        """
        return self.path.read_bytes()


class FileStore:
    """Where the files lie; nobody else may use it, from another process or this one.

    Args:
        home: the folder that it is in, which is made if need be; a temporary one, removed with all
            that is in it when this is closed, if there is none.

    Raises:
        DataDirError: another has it.
        OSError: it cannot be made.
    """

    def __init__(self, home: Path | None = None) -> None:
        self._temporary: TemporaryDirectory[str] | None = None
        if home is None:
            _remove_leftovers()
            # What comes while it is removed stays for the next mock to remove.
            self._temporary = TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
            home = Path(self._temporary.name)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock = _lock_folder(home)
        except Timeout as error:
            raise DataDirError(
                f"{home} is in use by another mock; give each a folder of its own"
            ) from error
        self.path = home / FILES_FOLDER
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            self._lock.release()
            raise
        self._numbers = itertools.count(1)

    def create_file(self) -> BinaryIO:
        """A new file, open for writing and reading; its `name` is its path."""
        return cast(BinaryIO, self.allocate_path().open("x+b"))

    def allocate_path(self) -> Path:
        """A path at which nothing is."""
        return self.path / f"{next(self._numbers):08d}"

    def list_files(self) -> list[Path]:
        """The files that lie here."""
        return [path for path in self.path.iterdir() if path.name.isdecimal()]

    def keep_only(self, paths: Iterable[Path]) -> None:
        """Remove all other files; no new one will ever lie where one of these is or was."""
        kept = set(paths)
        found = set(self.list_files())
        self._numbers = itertools.count(
            1 + max((int(path.name) for path in kept | found), default=0)
        )
        remove_files(found - kept)

    def list_files_before(self, path: Path) -> list[Path]:
        """The files that lie here and came before a path was given out."""
        return [other for other in self.list_files() if int(other.name) < int(path.name)]

    def close(self) -> None:
        """Let others use the folder, or remove it if it is temporary."""
        self._lock.release()
        if self._temporary is not None:
            self._temporary.cleanup()


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files, whether or not they are still there."""
    for path in paths:
        # On Windows, a file that somebody reads stays until the next reset or start.
        with suppress(FileNotFoundError, PermissionError):
            path.unlink()


def _lock_folder(folder: Path) -> BaseFileLock:
    """Lock a folder until the lock is released or the process ends.

    Raises:
        Timeout: another mock has locked the folder.
        OSError: the lock cannot be made.
    """
    lock = FileLock(
        folder / LOCK_FILE,
        timeout=0,
        mode=0o600,
        # Another thread than this one may release the lock.
        thread_local=False,
        # The fallback is a mere file, which would stay after a crash.
        fallback_to_soft=False,
    )
    lock.acquire()
    return lock


def _remove_leftovers() -> None:
    """Remove the temporary folders of processes that were killed."""
    for home in Path(gettempdir()).glob(f"{_PREFIX}*"):
        # Others may be able to put things there: only one's own folders count, and no links.
        with suppress(OSError):
            status = home.stat()
            if home.is_symlink() or status.st_uid != _get_own_id():
                continue
            if time.time() - status.st_mtime < _LEFTOVER_AGE:
                continue
            if (home / LOCK_FILE).is_file():
                _lock_folder(home).release()
                rmtree(home)


def _get_own_id() -> int:
    return 0 if sys.platform == "win32" else os.getuid()
