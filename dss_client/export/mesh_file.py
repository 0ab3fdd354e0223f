"""A mesh made into a file that may leave: called by its content, with no text that tells more."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from dss_api import DssError
from dss_client.export.errors import MeshLeftOut, MeshUnreadable
from dss_client.export.gzip_files import PIECE
from dss_client.whole_files import whole_file, writing

if TYPE_CHECKING:
    from dss_client.workspace import Registry, Workspace

_TITLE = b"mesh\n"
_LONGEST_LINE = 1024
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_FIELD_DATA = re.compile(rb"<FieldData\s*>.*?</FieldData\s*>", re.DOTALL)
_TEXT_ELSEWHERE = re.compile(rb"""<(?=[^>]*type=["']String)(?=[^>]*format=["']appended)[^>]*>""")
_APPENDED = b"<AppendedData"


@frozen
class MeshFile:
    """A file that was made of a mesh; see `ExportedFile`."""

    path: Path
    md5: str
    removed: tuple[str, ...]


def export_mesh(source: Path, folder: Path, number: int) -> MeshFile:
    """Make the file of a mesh, without its title, comments and field data.

    Args:
        source: a `.vtk` or `.vtp` file.
        folder: where the file is put.
        number: of the file among those of the workspace's meshes.

    Raises:
        MeshUnreadable: the mesh cannot be read, or it is not known how to take out of such a file
            what must not leave.
        FileNotWritten: the file cannot be written.
    """
    kind = source.suffix.lower()
    made = folder / f"mesh_{number:03d}{kind}"
    found = hashlib.md5(usedforsecurity=False)
    removed = list[str]()
    with whole_file(made) as write:
        for piece in _read(source, removed):
            found.update(piece)
            write(piece)
    md5 = found.hexdigest()
    path = folder / f"mesh_{number:03d}_{md5}{kind}"
    with writing(f"{path} cannot be written"):
        made.replace(path)
    return MeshFile(path, md5, tuple(removed))


def leave_out(workspace: Workspace, *, only_missing: bool) -> list[str]:
    """Take meshes out of a workspace; the keys of what was taken.

    Args:
        only_missing: whether those stay whose files are there.

    Warns:
        MeshLeftOut: files of meshes are not there.
    """
    removed = list[str]()
    for mesh in reversed(workspace.meshes):
        points = mesh.registry.folder("MeshTimePoints")
        for name in points.folder_keys():
            missing = _missing(workspace, points.folder(name))
            if missing and only_missing:
                warnings.warn(
                    f"Mesh {mesh.position:03d} of {workspace} is left out of the export at "
                    f"{name}, for its files are not there: {', '.join(map(str, missing))}.",
                    MeshLeftOut,
                    stacklevel=4,
                )
            if missing or not only_missing:
                removed.append(points.folder(name).key)
                points.remove_folder(name)
        if not points.folder_keys():
            workspace.remove(mesh)
    return removed


def _missing(workspace: Workspace, point: Registry) -> list[Path]:
    """The files of a time point that are not there."""
    stored = (value for key, value in point.walk() if key.endswith("AbsolutePath"))
    return [path for path in map(workspace.located, stored) if not path.is_file()]


def _read(source: Path, removed: list[str]) -> Iterator[bytes]:
    try:
        match source.suffix.lower():
            case ".vtk":
                yield from _vtk(source, removed)
            case ".vtp":
                yield from _vtp(source, removed)
            case kind:
                raise _refused(source, f"{kind or 'a file without an extension'} is none of these")
    except OSError as cause:
        if isinstance(cause, DssError):
            raise
        raise _refused(source, str(cause)) from cause


def _vtk(source: Path, removed: list[str]) -> Iterator[bytes]:
    """A legacy VTK file, whose second line is a title that its writer is free to choose."""
    with source.open("rb") as file:
        version = file.readline(_LONGEST_LINE)
        title = file.readline(_LONGEST_LINE)
        if not version.startswith(b"# vtk DataFile") or not title.endswith(b"\n"):
            raise _refused(source, "it does not begin as a VTK file does")
        if title != _TITLE:
            removed.append("title")
        yield version + _TITLE
        while piece := file.read(PIECE):
            yield piece


def _vtp(source: Path, removed: list[str]) -> Iterator[bytes]:
    """A VTK XML file: comments and field data go, which are not of the mesh itself."""
    content, mark, appended = source.read_bytes().partition(_APPENDED)
    if b"<VTKFile" not in content:
        raise _refused(source, "it does not begin as a VTK XML file does")
    if _TEXT_ELSEWHERE.search(content):
        raise _refused(source, "it has texts among its numbers")
    for what, pattern in {"comments": _COMMENT, "field data": _FIELD_DATA}.items():
        content, count = pattern.subn(b"", content)
        if count:
            removed.append(what)
    yield content
    yield mark + appended


def _refused(source: Path, why: str) -> MeshUnreadable:
    return MeshUnreadable(
        f"The mesh {source} cannot be cleaned of what must not leave: {why}. A legacy VTK file "
        "(.vtk) or a VTK XML one (.vtp) can be; or leave meshes out, with meshes=False."
    )
