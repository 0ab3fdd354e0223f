"""Meshes of a workspace."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from dss_client.workspace import keys, numbered_folders
from dss_client.workspace.registry import Registry
from dss_client.workspace.tagged_folder import TaggedFolder
from dss_client.workspace.tags import join_tags

_TIME_POINTS = "MeshTimePoints"
_FORMATS = {".vtk": "VTK Mesh", ".vtp": "VTP Mesh"}


class MeshLayer(TaggedFolder):
    """A mesh of a workspace, with one or more files for each time point.

    The object is a live view, like `Layer`.
    """

    _NICKNAME_KEY = "NickName"

    @property
    def position(self) -> int:
        """The number of the mesh, from 0."""
        return numbered_folders.get_number(self.registry)

    @property
    def files(self) -> dict[int, list[Path]]:
        """The current paths of the files of each time point, from 1.

        If the files were moved together with the workspace, the paths are updated.

        Raises:
            KeyMissing: the workspace does not store the number of a time point.
            KeyUnreadable: the stored number of a time point is not a whole number.
        """
        files = dict[int, list[Path]]()
        if not self.registry.has_folder(_TIME_POINTS):
            return files
        points = self.registry.folder(_TIME_POINTS)
        for name in points.folder_keys():
            point = points.folder(name)
            files.setdefault(point.get_int("TimePoint"), []).extend(
                self._workspace.resolve_path(part[keys.PATH])
                for part in numbered_folders.iterate_folders(point, "PolyData")
            )
        return files

    def add_file(self, path: str | PathLike[str], *, time_point: int = 1) -> None:
        """Add a file. It does not have to exist yet.

        Args:
            path: the file, which ends in `.vtk` or `.vtp`.
            time_point: the time point that the file belongs to, from 1.

        Raises:
            ValueError: the file name or the time point is not valid.
        """
        self._workspace.refresh_paths()
        _add_file(self.registry, path, time_point)


def create_mesh_entries(
    path: str | PathLike[str], time_point: int, nickname: str, tags: Iterable[str]
) -> Registry:
    """Return the entries of a new mesh.

    Raises:
        ValueError: the file name, the time point or a tag is not valid, or a value contains a
            character that XML cannot hold.
    """
    folder = Registry()
    folder["MeshType"] = "StandaloneMesh"
    folder["NickName"] = nickname
    folder[keys.TAGS] = join_tags(tags)
    _add_file(folder, path, time_point)
    return folder


def _add_file(mesh: Registry, path: str | PathLike[str], time_point: int) -> None:
    if time_point < 1:
        raise ValueError(f"Time points count from 1, so {time_point} is not valid.")
    kind = _FORMATS.get(Path(path).suffix.lower())
    if kind is None:
        raise ValueError(f"{path} is not a mesh for ITK-SNAP: it must be {' or '.join(_FORMATS)}.")
    file = Registry()
    file[keys.PATH] = str(Path(path).absolute())
    file["Format"] = kind
    point = mesh.folder(f"{_TIME_POINTS}.TimePoint[{time_point:03d}]")
    point["TimePoint"] = time_point
    numbered_folders.insert_folder(
        point, "PolyData", sum(1 for _ in numbered_folders.iterate_folders(point, "PolyData")), file
    )
