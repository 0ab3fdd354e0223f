"""Where the files of a workspace are after it was moved, copied, or sent elsewhere."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
from pathlib import Path

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
"""How the path of a file begins that was saved on Windows."""


def found(stored: str, saved_in: str, folder: Path | None) -> Path:
    """Where a file is that a workspace names.

    Looked for first where it lies as seen from the folder in which the workspace is now, if it lay
    so when the workspace was saved; else it is where the workspace says.

    Args:
        stored: what the workspace says.
        saved_in: the folder in which the workspace was saved.
        folder: the folder in which it is now; `None` if it is in none yet.
    """
    if folder is None or not stored:
        return Path(stored)
    if not is_absolute(stored):
        return folder / _native(stored)
    beside = _relative(stored, saved_in)
    if beside is not None:
        path = Path(os.path.normpath(folder / beside))
        if os.path.lexists(path):
            return path
    return Path(stored)


def confined(path: Path, folder: Path) -> Path:
    """A path that does not lead out of a folder: the same, or of a file of that name in it.

    Links are followed, so that none leads out either.
    """
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        return path
    return folder / (file_name(str(path)).strip(".") or "unnamed")


def is_absolute(stored: str) -> bool:
    """Whether a path is whole, on the system on which it was written."""
    return bool(_WINDOWS.match(stored)) or posixpath.isabs(stored)


def file_name(stored: str) -> str:
    """The last part of a path, on the system on which it was written."""
    return ntpath.basename(stored) if _WINDOWS.match(stored) else posixpath.basename(stored)


def _relative(stored: str, saved_in: str) -> str | None:
    """How to get from one folder to a file, in this system's terms; `None` if there is no way."""
    if not is_absolute(saved_in):
        return None
    if not (_WINDOWS.match(stored) or _WINDOWS.match(saved_in)):
        return posixpath.relpath(stored, saved_in)
    try:
        return _native(ntpath.relpath(stored, saved_in))
    except ValueError:  # they are on different drives
        return None


def _native(relative: str) -> str:
    return relative.replace("\\", "/")
