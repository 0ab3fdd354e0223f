"""The folder of uploaded files."""

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
"""The folder of the files, inside the folder of the mock."""

LOCK_FILE = "lock"
"""The file that is locked while a mock uses the folder. Its content does not matter."""

_PREFIX = "dss_mock_"
_LEFTOVER_AGE = 60
"""Seconds after which an unlocked temporary folder counts as left over. A younger folder can belong
to a mock that has not locked it yet.
"""


@attrs.frozen
class StoredFile:
    """A file of a ticket.

    Attributes:
        name: the name in lists of files.
        path: the path of the bytes on this disk. No other file ever gets this path.
        size: the number of bytes.
    """

    name: str
    path: Path
    size: int

    def read_bytes(self) -> bytes:
        """Return the content of the file.

        Raises:
            FileNotFoundError: the file was deleted or overwritten.
        """
        return self.path.read_bytes()


class FileStore:
    """The folder of uploaded files. One mock uses it at a time, across all processes.

    Args:
        home: the folder of the mock, which is created if needed. The default is a temporary folder,
            which `close()` deletes.

    Raises:
        DataDirError: another mock uses the folder.
        OSError: the folder cannot be created.
    """

    def __init__(self, home: Path | None = None) -> None:
        self._temporary: TemporaryDirectory[str] | None = None
        if home is None:
            _remove_leftovers()
            # Files that arrive during the deletion stay. The next mock deletes them.
            self._temporary = TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
            home = Path(self._temporary.name)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock = _lock_folder(home)
        except Timeout:
            raise DataDirError(
                f"{home} is in use by another mock. Give each mock its own folder."
            ) from None
        self.path = home / FILES_FOLDER
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            self._lock.release()
            raise
        self._numbers = itertools.count(1)

    def create_file(self) -> BinaryIO:
        """Create a file, open for writing and reading. Its `name` is its path."""
        return cast(BinaryIO, self.allocate_path().open("x+b"))

    def allocate_path(self) -> Path:
        """Return a path that no file has."""
        return self.path / f"{next(self._numbers):08d}"

    def list_files(self) -> list[Path]:
        """Return the files in the folder."""
        return [path for path in self.path.iterdir() if path.name.isdecimal()]

    def keep_only(self, paths: Iterable[Path]) -> None:
        """Delete all files except these. No new file gets the path of a kept or deleted file."""
        kept = set(paths)
        found = set(self.list_files())
        self._numbers = itertools.count(
            1 + max((int(path.name) for path in kept | found), default=0)
        )
        remove_files(found - kept)

    def list_files_before(self, path: Path) -> list[Path]:
        """Return the files that were created before a path was allocated."""
        return [other for other in self.list_files() if int(other.name) < int(path.name)]

    def close(self) -> None:
        """Release the folder, and delete it if it is temporary."""
        self._lock.release()
        if self._temporary is not None:
            self._temporary.cleanup()


def remove_files(paths: Iterable[Path]) -> None:
    """Delete files. A file that no longer exists is not an error."""
    for path in paths:
        # On Windows, a file that is being read stays until the next reset or start.
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
        # Another thread may release the lock.
        thread_local=False,
        # The soft fallback is only a file, which would remain after a crash.
        fallback_to_soft=False,
        # The default deletes the file on Windows only.
        preserve_lock_file=True,
    )
    lock.acquire()
    return lock


def _remove_leftovers() -> None:
    """Delete the temporary folders of killed processes."""
    for home in Path(gettempdir()).glob(f"{_PREFIX}*"):
        # Other users can write to this folder too: skip what is not our own, and links.
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
