"""The document of a workspace: its tree of keys and values, its file, and the paths in it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from dss_client.workspace import keys, paths
from dss_client.workspace.registry import Registry

D = TypeVar("D", bound="WorkspaceDocument")

FORMAT_VERSION = "20250815"
"""The value of `Version` in a saved workspace.

It names the release of ITK-SNAP that defines the written format.
"""


class WorkspaceDocument:
    """The tree of a workspace and the location of its file.

    Attributes:
        registry: the tree of keys and values.
    """

    def __init__(self) -> None:
        """Create an empty tree."""
        self.registry = Registry()
        self._path: Path | None = None

    @property
    def path(self) -> Path | None:
        """The path of the workspace file; `None` if it was never read or saved."""
        return self._path

    @property
    def folder(self) -> Path | None:
        """The folder of the workspace file; `None` if it was never read or saved."""
        return None if self._path is None else self._path.parent

    def _copy_into(self, target: D) -> D:
        """Give an empty document a copy of this tree and the same file, and return it."""
        target.registry = self.registry.copy()
        target._path = self._path
        return target

    def resolve_path(self, stored: str) -> Path:
        """Return the current path of a file that the workspace names. The file may be missing.

        If the workspace was moved together with the file, the result is the new path. Otherwise it
        is the stored path.

        Args:
            stored: the path as the workspace stores it.
        """
        return paths.resolve_path(stored, self.registry.get(keys.SAVE_LOCATION), self.folder)

    def refresh_paths(self) -> None:
        """Replace all stored paths by the current ones if the workspace was moved.

        Call this before a new path is added to the workspace. Otherwise the new path would be
        rebased like the old ones, and could mean another file of the same name.
        """
        if self.folder is not None and self.registry.get(keys.SAVE_LOCATION) != str(self.folder):
            self._rewrite_paths(self.folder)

    def _rewrite_paths(self, folder: Path, *, confined: bool = False) -> None:
        """Replace all stored paths by the current ones.

        Args:
            folder: the folder that the workspace is in, or will be saved in.
            confined: whether to replace paths that lead out of this folder.
        """
        saved_folder, entries = self.registry.get(keys.SAVE_LOCATION), self.registry.walk()
        stored_paths = [(key, text) for key, text in entries if key.rpartition(".")[2] == keys.PATH]
        for key, stored in stored_paths:
            if stored:
                path = paths.resolve_path_for_saving(stored, saved_folder, self.folder)
                self.registry[key] = str(paths.confine_path(path, folder) if confined else path)
        self.registry[keys.SAVE_LOCATION] = str(folder)

    def __str__(self) -> str:
        return str(self._path) if self._path is not None else "the new workspace"
