"""Exports of meshes without private texts, named by the hash of their content."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from dss_api import DssError
from dss_client.atomic_write import open_atomically, translate_os_errors
from dss_client.errors import MeshLeftOut, MeshUnreadable
from dss_client.images.gzip_stream import CHUNK_SIZE
from dss_client.workspace import keys
from dss_client.workspace.numbered_folders import iterate_folders

if TYPE_CHECKING:
    from dss_client.workspace.contents import WorkspaceContents
    from dss_client.workspace.meshes import MeshLayer
    from dss_client.workspace.registry import Registry

_NEUTRAL_TITLE = b"mesh\n"
_VERSION_LINE = re.compile(rb"# vtk DataFile Version \d+\.\d+\s*\n")
_MAX_LINE_LENGTH = 1024
_LEGACY_TEXT = re.compile(
    rb"^\S+ +\d+ +\d+ +(unicode_)?string\s*$|^COMPONENT_NAMES\s*$|^DATA (?![-+.e\d ]*\s$)",
    re.MULTILINE | re.IGNORECASE,
)
"""Texts in a legacy file: string arrays, component names, and information about an array."""
_FIELD_DATA = re.compile(rb"<FieldData\b[^>]*?(/>|>.*?</FieldData\s*>)", re.DOTALL)
_ARRAY_INFORMATION = re.compile(rb"<InformationKey\b.*?</InformationKey\s*>", re.DOTALL)
_MARKUP = re.compile(rb"<!--.*?-->|<[^>]*>|[^<]+", re.DOTALL)
_TAG = re.compile(rb"<(/?)(\w+)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(/?)>")
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*("[^"<]*"|'[^'<]*')""")
_KNOWN_ELEMENT = re.compile(
    rb"VTKFile|PolyData|Piece|PointData|CellData|Points|Verts|Lines|Strips|Polys|DataArray"
)
_KNOWN_ATTRIBUTE = re.compile(
    rb"type|version|byte_order|header_type|compressor|NumberOf\w+|Name|format|offset|RangeM\w+"
    rb"|Scalars|Vectors|Normals|Tensors|TCoords|GlobalIds|PedigreeIds"
)
_STRING_ARRAY = re.compile(rb"""<[^>]*\btype\s*=\s*["']String["'][^>]*>""")
_APPENDED_DATA = re.compile(rb"""<AppendedData\s+encoding=["'](raw|base64)["']\s*>\s*_""")
_NUMBERS = re.compile(rb"[\w\s.+/=-]*", re.ASCII)
"""Numbers, in plain text or base64."""


@frozen
class MeshFile:
    """The exported file of a mesh. See `ExportedFile` for the attributes."""

    path: Path
    md5: str
    removed: tuple[str, ...]


def export_mesh(source: Path, folder: Path, *, number: int) -> MeshFile:
    """Export a mesh without its title, comments, field data and other texts.

    Args:
        source: a `.vtk` or `.vtp` file.
        folder: the folder of the new file.
        number: the number of the file among all mesh files of the workspace.

    Raises:
        MeshUnreadable: the mesh cannot be read, or private content cannot be removed from it.
        FileNotWritten: the file cannot be written.
    """
    extension = source.suffix.lower()
    new_file = folder / f"mesh_{number:03d}{extension}"
    content_hash = hashlib.md5(usedforsecurity=False)
    removed = list[str]()
    with open_atomically(new_file) as write:
        for chunk in _read_mesh(source, removed):
            content_hash.update(chunk)
            write(chunk)
    md5 = content_hash.hexdigest()
    path = folder / f"mesh_{number:03d}_{md5}{extension}"
    with translate_os_errors(f"{path} cannot be written"):
        new_file.replace(path)
    return MeshFile(path, md5, tuple(removed))


def remove_meshes(workspace: WorkspaceContents, *, only_missing: bool) -> list[str]:
    """Remove meshes from a workspace, and return the removed keys.

    Args:
        workspace: the workspace. It is changed.
        only_missing: whether to remove only the time points whose files do not exist.

    Warns:
        MeshLeftOut: files of meshes do not exist.
    """
    removed = list[str]()
    for mesh in reversed(workspace.meshes):
        points = mesh.registry.folder("MeshTimePoints")
        for name in points.folder_keys():
            missing = _list_missing_files(workspace, points.folder(name))
            if missing and only_missing:
                warnings.warn(
                    f"{name} of mesh {mesh.position:03d} of {workspace} is left out of the export, "
                    f"because its files are missing: {', '.join(map(str, missing))}.",
                    MeshLeftOut,
                    stacklevel=4,
                )
            if missing or not only_missing:
                removed.append(points.folder(name).key)
                points.remove_folder(name)
        if not points.folder_keys():
            workspace.remove(mesh)
    return removed


def iterate_file_entries(mesh: MeshLayer) -> Iterator[Registry]:
    """Yield the folders of the registry that describe the files of a mesh."""
    points = mesh.registry.folder("MeshTimePoints")
    for name in points.folder_keys():
        yield from iterate_folders(points.folder(name), "PolyData")


def _list_missing_files(workspace: WorkspaceContents, time_point: Registry) -> list[Path]:
    """Return the missing files of a time point."""
    stored = [file.get(keys.PATH) for file in iterate_folders(time_point, "PolyData")]
    return [path for path in map(workspace.resolve_path, stored) if not path.is_file()]


def _read_mesh(source: Path, removed: list[str]) -> Iterator[bytes]:
    try:
        match source.suffix.lower():
            case ".vtk":
                yield from _read_vtk(source, removed)
            case ".vtp":
                yield from _read_vtp(source, removed)
            case "":
                raise _create_error(source, "it does not have an extension")
            case extension:
                raise _create_error(source, f"it is a {extension} file")
    except OSError as cause:
        if isinstance(cause, DssError):
            raise
        raise _create_error(source, str(cause)) from cause


def _read_vtk(source: Path, removed: list[str]) -> Iterator[bytes]:
    """Yield a legacy VTK file with a neutral title in its second line."""
    with source.open("rb") as file:
        version = file.readline(_MAX_LINE_LENGTH)
        title = file.readline(_MAX_LINE_LENGTH)
        if not _VERSION_LINE.fullmatch(version) or not title.endswith(b"\n"):
            raise _create_error(source, "it does not begin like a VTK file")
        with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            if _LEGACY_TEXT.search(content, len(version) + len(title)):
                raise _create_error(source, "it contains text among its numbers")
        if title != _NEUTRAL_TITLE:
            removed.append("title")
        yield version + _NEUTRAL_TITLE
        while chunk := file.read(CHUNK_SIZE):
            yield chunk


def _read_vtp(source: Path, removed: list[str]) -> Iterator[bytes]:
    """Yield the parts of a VTK XML file that describe the mesh. Note the others in `removed`."""
    content = source.read_bytes()
    if b"<VTKFile" not in content:
        raise _create_error(source, "it does not begin like a VTK XML file")
    begin = _APPENDED_DATA.search(content)
    markup = content[: begin.start()] if begin else content
    # Strings in the appended data cannot be removed.
    if any(b"appended" in text for text in _STRING_ARRAY.findall(markup)):
        raise _create_error(source, "it contains text among its numbers")
    for part, pattern in {"field data": _FIELD_DATA, "information": _ARRAY_INFORMATION}.items():
        markup, count = pattern.subn(b"", markup)
        if count:
            removed.append(part)
    if _STRING_ARRAY.search(markup):
        raise _create_error(source, "it contains text among its numbers")
    yield b"".join(_filter_markup(source, markup, removed))
    if begin:
        end = content.rfind(b"</AppendedData")
        if end < begin.end():
            raise _create_error(source, "it ends within its numbers")
        yield b'<AppendedData encoding="' + begin[1] + b'">_'
        yield content[begin.end() : end]
        yield b"</AppendedData>\n</VTKFile>\n"


def _filter_markup(source: Path, markup: bytes, removed: list[str]) -> Iterator[bytes]:
    """Yield the known elements and attributes and the numbers of a VTK XML file."""
    others = set[str]()
    for piece in _MARKUP.findall(markup):
        if not piece.startswith(b"<"):
            if not _NUMBERS.fullmatch(piece):
                raise _create_error(source, "it contains text among its numbers")
            yield piece
        elif piece.startswith(b"<!--"):
            others.add("comments")
        elif piece.startswith(b"<?xml "):
            yield b'<?xml version="1.0"?>'
        else:
            tag = _TAG.fullmatch(piece)
            if tag is None or not _KNOWN_ELEMENT.fullmatch(tag[2]):
                raise _create_error(
                    source, f"it contains {piece[:40]!r}, which is not part of a mesh"
                )
            attributes = _ATTRIBUTE.findall(tag[3])
            known = [pair for pair in attributes if _KNOWN_ATTRIBUTE.fullmatch(pair[0])]
            if len(known) < len(attributes):
                others.add("attributes")
            text = b"".join(b" %s=%s" % pair for pair in known)
            yield b"<%s%s%s%s>" % (tag[1], tag[2], text, tag[4])
    removed += sorted(others)


def _create_error(source: Path, reason: str) -> MeshUnreadable:
    return MeshUnreadable(
        f"The mesh {source} cannot be cleaned of private content: {reason}. Convert it to a legacy "
        "VTK file (.vtk) or a VTK XML file (.vtp), or export without meshes (meshes=False)."
    )
