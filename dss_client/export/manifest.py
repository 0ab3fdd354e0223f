"""Manifest of an export: the exported files, their sources, and the removed content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import pandas as pd


@frozen
class ExportedFile:
    """One file of an exported workspace.

    Attributes:
        path: the exported file.
        source: the original file. It stays on this machine.
        key: the key of the file's folder in the workspace, such as `Layers.Layer[000]`.
        md5: the MD5 hash that is part of the file name. For an image it is the hash of the voxels
            in their native type, with x fastest and components interleaved. For a mesh it is the
            hash of the exported file.
        copied: whether the compressed voxels were copied unchanged. If not, they were compressed
            again.
        removed: names of the removed content, such as `descrip`.
        grid: the number of voxels of an image along x, y and z. It is empty for a mesh.
    """

    path: Path
    source: Path
    key: str
    md5: str
    copied: bool
    removed: tuple[str, ...]
    grid: tuple[int, ...]


@frozen
class Manifest:
    """The result of an export.

    Attributes:
        workspace: the exported workspace file.
        files: the images in the order of the layers, then the meshes.
        removed: the keys of removed or replaced entries of the workspace.
    """

    workspace: Path
    files: tuple[ExportedFile, ...]
    removed: tuple[str, ...]

    @property
    def paths(self) -> list[Path]:
        """All files to send, each once. The workspace is last, after all of its files."""
        return [*dict.fromkeys(file.path for file in self.files), self.workspace]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per file, with columns `file, source, key, md5, copied, removed`."""
        import pandas as pd  # noqa: PLC0415 - importing the client must not load pandas

        return pd.DataFrame(
            {
                "file": [file.path.name for file in self.files],
                "source": [str(file.source) for file in self.files],
                "key": [file.key for file in self.files],
                "md5": [file.md5 for file in self.files],
                "copied": [file.copied for file in self.files],
                "removed": [", ".join(file.removed) for file in self.files],
            }
        )
