"""The meshes of a workspace."""

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
    """A mesh of a workspace, which has a file, or several, for one time point or more.

    A live view, as `Layer` is.
    """

    _NICKNAME_KEY = "NickName"

    @property
    def position(self) -> int:
        """Its number among the meshes, from 0."""
        return numbered_folders.get_number(self.registry)

    @property
    def files(self) -> dict[int, list[Path]]:
        """The files of each time point (from 1), found again when the workspace was moved.

        Raises:
            KeyMissing, KeyUnreadable: the workspace does not say which time point it is.
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
        """Add a file, which need not be there yet.

        Args:
            path: of a mesh, ending in `.vtk` or `.vtp`.
            time_point: to which it belongs, from 1.

        Raises:
            ValueError: it is no such file, or no such time point.
        """
        self._workspace.refresh_paths()
        _add_file(self.registry, path, time_point)


def create_mesh_entries(
    path: str | PathLike[str], time_point: int, nickname: str, tags: Iterable[str]
) -> Registry:
    """What a workspace says of a mesh that is new to it.

    Raises:
        ValueError: it is no mesh, no time point, a tag is none, or XML cannot hold what is given.
    """
    folder = Registry()
    folder["MeshType"] = "StandaloneMesh"
    folder["NickName"] = nickname
    folder[keys.TAGS] = join_tags(tags)
    _add_file(folder, path, time_point)
    return folder


def _add_file(mesh: Registry, path: str | PathLike[str], time_point: int) -> None:
    if time_point < 1:
        raise ValueError(f"Time points count from 1; {time_point} is none.")
    kind = _FORMATS.get(Path(path).suffix.lower())
    if kind is None:
        raise ValueError(f"{path} is no mesh that ITK-SNAP reads: {' or '.join(_FORMATS)}.")
    file = Registry()
    file[keys.PATH] = str(Path(path).absolute())
    file["Format"] = kind
    point = mesh.folder(f"{_TIME_POINTS}.TimePoint[{time_point:03d}]")
    point["TimePoint"] = time_point
    numbered_folders.insert_folder(
        point, "PolyData", sum(1 for _ in numbered_folders.iterate_folders(point, "PolyData")), file
    )
