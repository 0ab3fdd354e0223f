"""Folders that only one process at a time may use."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Self

NAME = "lock"
"""The file in a folder that is locked; what stands in it has no meaning."""

_OPEN = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class FolderLock:
    """Says that a folder is in use, until it is released or the process ends in whatever way."""

    def __init__(self, file: int) -> None:
        self._file: int | None = file

    @classmethod
    def take(cls, folder: Path, *, create: bool = True) -> Self | None:
        """Lock a folder.

        Args:
            create: whether to lock one that was never locked before.

        Returns:
            `None` if another has it.

        Raises:
            OSError: there can be no lock.
        """
        path = folder / NAME
        file = os.open(path, _OPEN | (os.O_CREAT if create else 0), 0o600)
        try:
            # Between opening and locking it, whoever had it may have removed it.
            if _lock(file) and _is_at(file, path):
                return cls(file)
        except BaseException:
            os.close(file)
            raise
        os.close(file)
        return None

    def release(self) -> None:
        """Let others have the folder."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
