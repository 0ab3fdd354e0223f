"""Paths of a workspace's files after the workspace was moved, copied or sent."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
from pathlib import Path

_WINDOWS_ROOT = re.compile(r"[A-Za-z]:[\\/]|\\\\")
"""The beginning of an absolute Windows path."""


def resolve_path(stored: str, saved_folder: str, folder: Path | None) -> Path:
    """Return the current path of a file that a workspace names.

    If the workspace was moved together with the file, the result is the new path. Otherwise it is
    the stored path.

    Args:
        stored: the path as the workspace stores it.
        saved_folder: the folder that the workspace was last saved in.
        folder: the folder that the workspace is in now; `None` if it was never read or saved.
    """
    if folder is None or not stored:
        return Path(stored)
    if not is_absolute(stored):
        return folder / _use_forward_slashes(stored)
    beside = _rebase_path(stored, saved_folder, folder)
    # A broken symbolic link counts as a missing file.
    return beside if beside is not None and os.path.exists(beside) else Path(stored)  # noqa: PTH110


def resolve_path_for_saving(stored: str, saved_folder: str, folder: Path | None) -> Path:
    """Return the path to write when saving the workspace.

    It is the result of `resolve_path`, except for a missing file that was below the workspace's
    folder. For such a file, the result is the path that it would have below the current folder.

    Args:
        stored: the path as the workspace stores it.
        saved_folder: the folder that the workspace was last saved in.
        folder: the folder that the workspace is in now; `None` if it was never read or saved.
    """
    path = resolve_path(stored, saved_folder, folder)
    if folder is None or os.path.exists(path):  # noqa: PTH110
        return path
    beside = _rebase_path(stored, saved_folder, folder)
    return beside if beside is not None and beside.is_relative_to(folder) else path


def confine_path(path: Path, folder: Path) -> Path:
    """Return the path if it lies inside the folder; otherwise a path in the folder with its name.

    Symbolic links are followed, so a link cannot lead out of the folder either.
    """
    # `resolve_path` will normalise the saved path, which could otherwise lead to another file.
    inside = Path(os.path.normpath(path))
    name = get_file_name(str(path)).strip(".") or "unnamed"
    while not Path(os.path.realpath(inside)).is_relative_to(os.path.realpath(folder)):
        inside, name = folder / name, f"_{name}"
    return inside


def is_absolute(stored: str) -> bool:
    """Tell whether a path is absolute on the system that wrote it."""
    return bool(_WINDOWS_ROOT.match(stored)) or posixpath.isabs(stored)


def get_file_name(stored: str) -> str:
    """Return the last part of a path, by the rules of the system that wrote it."""
    return ntpath.basename(stored) if _WINDOWS_ROOT.match(stored) else posixpath.basename(stored)


def _rebase_path(stored: str, saved_folder: str, folder: Path) -> Path | None:
    """Rebase a path from the saved folder onto the current one; `None` if that is impossible."""
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
