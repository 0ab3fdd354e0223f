"""What an export made: which files leave, where each comes from, and what was taken out of it."""

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
        path: the file that was made.
        source: the file that it was made from; stays on this machine.
        key: where the workspace has it, such as `Layers.Layer[000]`.
        md5: hash of the voxels, in their native type, x fastest and components interleaved; of a
            mesh, of the exported file. Stands in the file's name.
        copied: whether the compressed voxels were taken over as they are; else they were
            compressed anew.
        removed: what was taken out, such as `descrip`.
        grid: how many voxels an image has along x, y and z; empty for a mesh.
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
    """What an export made.

    Attributes:
        workspace: the exported workspace file.
        files: the layers' images in the order of the layers, then the meshes.
        removed: the keys of the workspace whose values were taken out or replaced.
    """

    workspace: Path
    files: tuple[ExportedFile, ...]
    removed: tuple[str, ...]

    @property
    def paths(self) -> list[Path]:
        """All files to send, each once, the workspace last: where it is, the others are."""
        return [*dict.fromkeys(file.path for file in self.files), self.workspace]

    def to_frame(self) -> pd.DataFrame:
        """One row for each file; columns `file, source, key, md5, copied, removed`."""
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
