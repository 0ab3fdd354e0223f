"""Taking out of a workspace what names people, places and machines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dss_client.workspace import keys

if TYPE_CHECKING:
    from dss_client.workspace.registry import Registry

NEUTRAL_FOLDER = "/workspace"
"""Where an exported workspace says that it was saved.

Readers find its files by where they lie as seen from there, so any folder serves, and this one
names nobody.
"""

_WORKSPACE_KEYS = frozenset(
    {keys.SAVE_LOCATION, "Version", "Annotations", "Layers", "MeshLayers", "TimePointProperties"}
)
_LAYER_KEYS = frozenset(
    {keys.PATH, keys.ROLE, keys.TAGS, "ImageTransform", "LayerMetaData", "ProjectMetaData"}
)
"""What is known to stand in a workspace, and in a layer; of all else even a number may tell."""
_PRIVATE_FOLDERS = (keys.HINTS, "ProjectMetaData.IOHistory")
"""Folders that hold how files were read, DICOM headers among it, and where they were."""
_PATH_KEY = re.compile(rf"{keys.SAVE_LOCATION}|(.+\.)?{keys.PATH}")
"""Paths, which the export writes anew or removes."""


def _compile_key_pattern(**names: str) -> re.Pattern[str]:
    """What matches the keys of entries, by the folder in which they stand and their own names."""
    places = "|".join(rf"(.+\.)?{folder}(\[\d+\])?\.({own})" for folder, own in names.items())
    return re.compile(places)


_USER_TEXT_KEY = _compile_key_pattern(
    Layer="NickName",
    LayerMetaData="CustomNickName",
    TimePoint="Nickname",
    Element="Label|Text",
)
"""What people wrote for others to read."""
_TERM_KEY = _compile_key_pattern(
    Annotations="Format",
    BoundingBox="InterpolationMethod",
    ColorMap="Preset",
    DataArray="ActiveVectorMode|ArrayName|ArrayType",
    DisplayMapping="SelectedScalarRep",
    Element="Tags|Type",
    Grey="Orientation",
    IRIS="SliceViewLayerLayout",
    LabelState="CoverageMode",
    Layer="MeshType|Role|Tags",
    LayerMetaData="Tags",
    PolyData="Format",
    SnakeParameters="SnakeType|SolverAlgorithm",
    TimePoint="Tags",
)
"""What ITK-SNAP says in words of its own, and the tags, by which services find their images."""
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|[-+]?nan|[-+]?inf", re.IGNORECASE)
"""Dates are none, nor what has several dots, by which DICOM calls people's images."""


def anonymize_registry(registry: Registry, *, strict: bool) -> list[str]:
    """Take out of a workspace whatever may name somebody, or some place.

    What people wrote for others to read stays: nicknames, labels' names and annotations' texts. So
    do tags, numbers in folders that are known, and what ITK-SNAP says in words of its own. Whatever
    else there is goes.

    Args:
        registry: of the workspace; changed. Its paths stay, for the export to write new ones.
        strict: whether nicknames, labels' names and annotations' texts go too.

    Returns:
        The keys of what was taken out.
    """
    removed = _remove_unknown(registry, _WORKSPACE_KEYS)
    layers = registry.folder("Layers")
    for layer in map(layers.folder, layers.folder_keys()):
        for name in _PRIVATE_FOLDERS:
            if layer.has_folder(name):
                removed += [f"{layer.key}.{name}"] if any(layer.folder(name).walk()) else []
                layer.remove_folder(name)
        removed += _remove_unknown(layer, _LAYER_KEYS)
        layer.folder(keys.HINTS)  # which itksnap-wt leaves, empty
    gone = [key for key, value in registry.walk() if not _is_harmless(key, value, strict=strict)]
    for key in gone:
        del registry[key]
    for key in gone:
        if strict and _USER_TEXT_KEY.fullmatch(key) and key.endswith(".Label"):
            registry[key] = f"Label {registry.get(key.removesuffix('Label') + 'Index')}"
    return removed + gone


def _remove_unknown(folder: Registry, known: frozenset[str]) -> list[str]:
    """Take out the folders and entries that are not known; their keys."""
    folders = [name for name in folder.folder_keys() if name not in known]
    for name in folders:
        folder.remove_folder(name)
    entries = [name for name in folder.entry_keys() if name not in known]
    for name in entries:
        del folder[name]
    place = f"{folder.key}." if folder.key else ""
    return [f"{place}{name}" for name in folders + entries]


def _is_harmless(key: str, value: str, *, strict: bool) -> bool:
    """Whether an entry may leave, by its key and its text."""
    if _USER_TEXT_KEY.fullmatch(key):
        return not (strict and value)
    if _PATH_KEY.fullmatch(key) or _TERM_KEY.fullmatch(key):
        return True
    return all(_NUMBER.fullmatch(part) for part in value.split())
