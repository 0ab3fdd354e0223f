"""A workspace's tree of keys and values, its file, and the paths of other files in it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from dss_client.workspace import keys, paths
from dss_client.workspace.registry import Registry

FORMAT_VERSION = "20250815"
"""The release of ITK-SNAP whose format is written."""


class Document:
    """The tree of a workspace, and where the files that it names are.

    Attributes:
        registry: the tree of keys and values.
    """

    def __init__(self) -> None:
        """Create an empty tree."""
        self.registry = Registry()
        self._path: Path | None = None

    @property
    def path(self) -> Path | None:
        """The file; `None` as long as there is none."""
        return self._path

    @property
    def folder(self) -> Path | None:
        """Where the file is; `None` as long as there is none."""
        return None if self._path is None else self._path.parent

    def copy(self) -> Self:
        """The same workspace once more, which does not change with this one."""
        copied = type(self)()
        copied.registry = self.registry.copy()
        copied._path = self._path
        return copied

    def resolve_path(self, stored: str) -> Path:
        """Where a file is that the workspace names, found again when the workspace was moved.

        Looked for first where it lies as seen from the workspace's folder, if it lay so when the
        workspace was saved; else it is where the workspace says. It need not be there.

        Args:
            stored: the path as it stands in the workspace.
        """
        return paths.resolve_path(stored, self.registry.get(keys.SAVE_LOCATION), self.folder)

    def refresh_paths(self) -> None:
        """Let a workspace that was moved name its files by where they are now.

        Else a path that it is given would be taken for one from before it was moved, and a file of
        that name beside it for the one that is meant. Whatever adds a file here does this first.
        """
        if self.folder is not None and self.registry.get(keys.SAVE_LOCATION) != str(self.folder):
            self._rewrite_paths(self.folder)

    def _rewrite_paths(self, folder: Path, *, confined: bool = False) -> None:
        """Let the workspace name its files by where they are, seen from a folder.

        Args:
            folder: in which the workspace is, or will be.
            confined: whether no path may lead out of it.
        """
        saved_in, entries = self.registry.get(keys.SAVE_LOCATION), self.registry.walk()
        named = [(key, text) for key, text in entries if key.rpartition(".")[2] == keys.PATH]
        for key, stored in named:
            if stored:
                path = paths.resolve_path_for_saving(stored, saved_in, self.folder)
                self.registry[key] = str(paths.confine_path(path, folder) if confined else path)
        self.registry[keys.SAVE_LOCATION] = str(folder)

    def __str__(self) -> str:
        return str(self._path) if self._path is not None else "the new workspace"
