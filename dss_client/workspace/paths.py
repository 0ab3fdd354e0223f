"""Where the files of a workspace are after it was moved, copied, or sent elsewhere."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
from pathlib import Path

_WINDOWS_ROOT = re.compile(r"[A-Za-z]:[\\/]|\\\\")
"""How the path of a file begins that was saved on Windows."""


def resolve_path(stored: str, saved_folder: str, folder: Path | None) -> Path:
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
        return folder / _use_forward_slashes(stored)
    beside = _rebase_path(stored, saved_folder, folder)
    # A link that leads to nothing is not there.
    return beside if beside is not None and os.path.exists(beside) else Path(stored)  # noqa: PTH110


def resolve_path_for_saving(stored: str, saved_folder: str, folder: Path | None) -> Path:
    """Where a workspace shall say that a file is when it is saved.

    As `found`. But a file that is nowhere yet, and lay with the workspace, is where it would be if
    it came along with it.

    Args:
        stored, saved_in, folder: as for `found`.
    """
    path = resolve_path(stored, saved_folder, folder)
    if folder is None or os.path.exists(path):  # noqa: PTH110
        return path
    beside = _rebase_path(stored, saved_folder, folder)
    return beside if beside is not None and beside.is_relative_to(folder) else path


def confine_path(path: Path, folder: Path) -> Path:
    """A path that does not lead out of a folder: the same, or of a file of that name in it.

    Links are followed, so that none leads out either.
    """
    inside = Path(os.path.normpath(path))  # as `found` has it, else it could lead elsewhere then
    name = get_file_name(str(path)).strip(".") or "unnamed"
    while not Path(os.path.realpath(inside)).is_relative_to(os.path.realpath(folder)):
        inside, name = folder / name, f"_{name}"
    return inside


def is_absolute(stored: str) -> bool:
    """Whether a path is whole, on the system on which it was written."""
    return bool(_WINDOWS_ROOT.match(stored)) or posixpath.isabs(stored)


def get_file_name(stored: str) -> str:
    """The last part of a path, on the system on which it was written."""
    return ntpath.basename(stored) if _WINDOWS_ROOT.match(stored) else posixpath.basename(stored)


def _rebase_path(stored: str, saved_folder: str, folder: Path) -> Path | None:
    """What lies as seen from a folder as a file did from another; `None` if there is no way."""
    if not (is_absolute(stored) and is_absolute(saved_folder)):
        return None
    if not (_WINDOWS_ROOT.match(stored) or _WINDOWS_ROOT.match(saved_folder)):
        return Path(os.path.normpath(folder / posixpath.relpath(stored, saved_folder)))
    try:
        return Path(
            os.path.normpath(folder / _use_forward_slashes(ntpath.relpath(stored, saved_folder)))
        )
    except ValueError:  # they are on different drives
        return None


def _use_forward_slashes(relative: str) -> str:
    return relative.replace("\\", "/")
