"""The meshes of a workspace."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path, PurePath

from dss_client.workspace import numbered
from dss_client.workspace.tagged import Tagged

KEY = "MeshLayers.Layer"
"""What the folders of meshes are called, without their numbers."""

_FORMATS = {".vtk": "VTK Mesh", ".vtp": "VTP Mesh"}


class MeshLayer(Tagged):
    """A mesh of a workspace, which has a file, or several, for one time point or more.

    A live view, as `Layer` is.
    """

    _NICKNAME = "NickName"

    @property
    def position(self) -> int:
        """Its number among the meshes, from 0."""
        return numbered.position(self.registry)

    @property
    def files(self) -> dict[int, list[Path]]:
        """The files of each time point (from 1), found again when the workspace was moved.

        Raises:
            KeyMissing, KeyUnreadable: the workspace does not say which time point it is.
        """
        points = self.registry.folder("MeshTimePoints")
        files = dict[int, list[Path]]()
        for name in points.folder_keys():
            point = points.folder(name)
            files.setdefault(point.get_int("TimePoint"), []).extend(
                self._workspace.located(part["AbsolutePath"])
                for part in numbered.numbered(point, "PolyData")
            )
        return files

    def add_file(self, path: str | PathLike[str], *, time_point: int = 1) -> None:
        """Add a file, which need not be there yet.

        Args:
            path: of a mesh, ending in `.vtk` or `.vtp`.
            time_point: to which it belongs, from 1.

        Raises:
            ValueError: it is no such file, or no such time point.
        """
        kind = check(path, time_point)
        point = self.registry.folder(f"MeshTimePoints.TimePoint[{time_point:03d}]")
        point["TimePoint"] = time_point
        number = sum(1 for _ in numbered.numbered(point, "PolyData"))
        part = numbered.insert(point, "PolyData", number)
        part["AbsolutePath"] = str(Path(path).absolute())
        part["Format"] = kind


def check(path: str | PathLike[str], time_point: int) -> str:
    """What ITK-SNAP calls the format of a mesh.

    Raises:
        ValueError: by its name it is none that ITK-SNAP reads, or there is no such time point.
    """
    if time_point < 1:
        raise ValueError(f"Time points count from 1; {time_point} is none.")
    kind = _FORMATS.get(PurePath(fspath(path)).suffix.lower())
    if kind is None:
        raise ValueError(f"{path} is no mesh that ITK-SNAP reads: {' or '.join(_FORMATS)}.")
    return kind
