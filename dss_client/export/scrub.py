"""Taking out of a workspace what names people, places and machines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dss_client.workspace import Registry

FOLDER = "/workspace"
"""Where an exported workspace says that it was saved.

Readers find its files by where they lie as seen from there, so any folder serves, and this one
names nobody.
"""

_PATHS = frozenset({"SaveLocation", "AbsolutePath"})
"""Paths, which the export writes anew."""
_EMPTIED = ("IOHints", "ProjectMetaData.IOHistory")
"""Folders that hold how files were read, DICOM headers among it, and where they were."""
_CONTENT = frozenset({"CustomNickName", "NickName", "Nickname", "Label", "Text"})
"""What people wrote for others to read."""
_TERMS = frozenset(
    {
        *("ActiveVectorMode", "ArrayName", "ArrayType", "CoverageMode", "Format", "FormatDate"),
        *("InterpolationMethod", "MeshType", "Orientation", "Preset", "Role", "SelectedScalarRep"),
        *("SliceViewLayerLayout", "SnakeType", "SolverAlgorithm", "Tags", "Type", "Version"),
    }
)
"""What ITK-SNAP says in words of its own, and the tags, by which services find their images."""
_NUMBERS = re.compile(r"[-+0-9.eE\s]*|true|false|nan|inf", re.IGNORECASE)


def scrub(registry: Registry, *, strict: bool) -> list[str]:
    """Take out of a workspace whatever may name somebody, or some place.

    What people wrote for others to read stays: nicknames, labels' names and annotations' texts. So
    do tags, numbers, and what ITK-SNAP says in words of its own. Whatever else there is goes, known
    or not.

    Args:
        registry: of the workspace; changed. Its paths stay, for the export to write new ones.
        strict: whether nicknames, labels' names and annotations' texts go too.

    Returns:
        The keys of what was taken out.
    """
    removed = list[str]()
    layers = registry.folder("Layers")
    for layer in map(layers.folder, layers.folder_keys()):
        for name in _EMPTIED:
            if layer.has_folder(name):
                removed += [f"{layer.key}.{name}"] if any(layer.folder(name).walk()) else []
                layer.remove_folder(name)
        layer.folder("IOHints")  # which itksnap-wt leaves, empty
    for key, value in list(registry.walk()):
        if not _may_leave(key.rpartition(".")[2], value, strict=strict):
            removed.append(key)
            if key.endswith(".Label"):
                registry[key] = f"Label {registry.get(key.removesuffix('Label') + 'Index')}"
            else:
                del registry[key]
    return removed


def _may_leave(name: str, value: str, *, strict: bool) -> bool:
    """Whether an entry may leave, by the last part of its key and its text."""
    if name in _CONTENT:
        return not (strict and value)
    return name in _PATHS or name in _TERMS or _NUMBERS.fullmatch(value) is not None
