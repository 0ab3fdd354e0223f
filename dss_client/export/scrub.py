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
_EMPTIED = frozenset({"IOHints", "IOHistory"})
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
    for key, value in list(registry.walk()):
        *folders, name = key.split(".")
        if name in _CONTENT:
            goes = strict and bool(value)
        else:
            known = name in _PATHS or name in _TERMS or _NUMBERS.fullmatch(value)
            goes = not known or not _EMPTIED.isdisjoint(folders)
        if goes:
            removed.append(key)
            del registry[key]
        if goes and name == "Label":
            number = registry.get(f"{key.rpartition('.')[0]}.Index")
            registry[key] = f"Label {number}"
    for name in registry.folder("Layers").folder_keys():
        layer = registry.folder(f"Layers.{name}")
        layer.folder("IOHints").clear()  # which itksnap-wt leaves, empty
        layer.remove_folder("ProjectMetaData.IOHistory")
    return removed
