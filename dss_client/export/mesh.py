"""A mesh made into a file that may leave: called by its content, with no text that tells more."""

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
    from dss_client.workspace.contents import Contents
    from dss_client.workspace.meshes import MeshLayer
    from dss_client.workspace.registry import Registry

_NEUTRAL_TITLE = b"mesh\n"
_VERSION_LINE = re.compile(rb"# vtk DataFile Version \d+\.\d+\s*\n")
_MAX_LINE_LENGTH = 1024
_LEGACY_TEXT = re.compile(
    rb"^\S+ +\d+ +\d+ +(unicode_)?string\s*$|^COMPONENT_NAMES\s*$|^DATA (?![-+.e\d ]*\s$)",
    re.MULTILINE | re.IGNORECASE,
)
"""Texts in a legacy file: arrays of them, names of components, and what is said of an array."""
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
"""Numbers, as such or in base64."""


@frozen
class MeshFile:
    """A file that was made of a mesh; see `ExportedFile`."""

    path: Path
    md5: str
    removed: tuple[str, ...]


def export_mesh(source: Path, folder: Path, *, number: int) -> MeshFile:
    """Make the file of a mesh, without its title, comments, field data and other texts.

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
    with open_atomically(made) as write:
        for piece in _read_mesh(source, removed):
            found.update(piece)
            write(piece)
    md5 = found.hexdigest()
    path = folder / f"mesh_{number:03d}_{md5}{kind}"
    with translate_os_errors(f"{path} cannot be written"):
        made.replace(path)
    return MeshFile(path, md5, tuple(removed))


def remove_meshes(workspace: Contents, *, only_missing: bool) -> list[str]:
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
            missing = _list_missing_files(workspace, points.folder(name))
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


def iterate_file_entries(mesh: MeshLayer) -> Iterator[Registry]:
    """The folders in which a mesh says what its files are."""
    points = mesh.registry.folder("MeshTimePoints")
    for name in points.folder_keys():
        yield from iterate_folders(points.folder(name), "PolyData")


def _list_missing_files(workspace: Contents, time_point: Registry) -> list[Path]:
    """The files of a time point that are not there."""
    stored = [file.get(keys.PATH) for file in iterate_folders(time_point, "PolyData")]
    return [path for path in map(workspace.resolve_path, stored) if not path.is_file()]


def _read_mesh(source: Path, removed: list[str]) -> Iterator[bytes]:
    try:
        match source.suffix.lower():
            case ".vtk":
                yield from _read_vtk(source, removed)
            case ".vtp":
                yield from _read_vtp(source, removed)
            case kind:
                raise _create_error(
                    source, f"{kind or 'a file without an extension'} is none of these"
                )
    except OSError as cause:
        if isinstance(cause, DssError):
            raise
        raise _create_error(source, str(cause)) from cause


def _read_vtk(source: Path, removed: list[str]) -> Iterator[bytes]:
    """A legacy VTK file, whose second line is a title that its writer is free to choose."""
    with source.open("rb") as file:
        version = file.readline(_MAX_LINE_LENGTH)
        title = file.readline(_MAX_LINE_LENGTH)
        if not _VERSION_LINE.fullmatch(version) or not title.endswith(b"\n"):
            raise _create_error(source, "it does not begin as a VTK file does")
        with mmap(file.fileno(), 0, access=ACCESS_READ) as whole:
            if _LEGACY_TEXT.search(whole, len(version) + len(title)):
                raise _create_error(source, "it has texts among its numbers")
        if title != _NEUTRAL_TITLE:
            removed.append("title")
        yield version + _NEUTRAL_TITLE
        while piece := file.read(CHUNK_SIZE):
            yield piece


def _read_vtp(source: Path, removed: list[str]) -> Iterator[bytes]:
    """A VTK XML file, of which only what makes up the mesh itself is kept."""
    content = source.read_bytes()
    if b"<VTKFile" not in content:
        raise _create_error(source, "it does not begin as a VTK XML file does")
    begin = _APPENDED_DATA.search(content)
    markup = content[: begin.start()] if begin else content
    # What is appended cannot be taken out, even if what names it is.
    if any(b"appended" in text for text in _STRING_ARRAY.findall(markup)):
        raise _create_error(source, "it has texts among its numbers")
    for what, pattern in {"field data": _FIELD_DATA, "information": _ARRAY_INFORMATION}.items():
        markup, count = pattern.subn(b"", markup)
        if count:
            removed.append(what)
    if _STRING_ARRAY.search(markup):
        raise _create_error(source, "it has texts among its numbers")
    yield b"".join(_filter_markup(source, markup, removed))
    if begin:
        end = content.rfind(b"</AppendedData")
        if end < begin.end():
            raise _create_error(source, "it ends within its numbers")
        yield b'<AppendedData encoding="' + begin[1] + b'">_'
        yield content[begin.end() : end]
        yield b"</AppendedData>\n</VTKFile>\n"


def _filter_markup(source: Path, markup: bytes, removed: list[str]) -> Iterator[bytes]:
    """What of a VTK XML file makes up the mesh: known elements and attributes, and numbers."""
    others = set[str]()
    for piece in _MARKUP.findall(markup):
        if not piece.startswith(b"<"):
            if not _NUMBERS.fullmatch(piece):
                raise _create_error(source, "it has texts among its numbers")
            yield piece
        elif piece.startswith(b"<!--"):
            others.add("comments")
        elif piece.startswith(b"<?xml "):
            yield b'<?xml version="1.0"?>'
        else:
            tag = _TAG.fullmatch(piece)
            if tag is None or not _KNOWN_ELEMENT.fullmatch(tag[2]):
                raise _create_error(source, f"it has {piece[:40]!r}, which is no part of a mesh")
            attributes = _ATTRIBUTE.findall(tag[3])
            known = [pair for pair in attributes if _KNOWN_ATTRIBUTE.fullmatch(pair[0])]
            if len(known) < len(attributes):
                others.add("attributes")
            told = b"".join(b" %s=%s" % pair for pair in known)
            yield b"<%s%s%s%s>" % (tag[1], tag[2], told, tag[4])
    removed += sorted(others)


def _create_error(source: Path, reason: str) -> MeshUnreadable:
    return MeshUnreadable(
        f"The mesh {source} cannot be cleaned of what must not leave: {reason}. A legacy VTK file "
        "(.vtk) or a VTK XML one (.vtp) can be; or leave meshes out, with meshes=False."
    )
