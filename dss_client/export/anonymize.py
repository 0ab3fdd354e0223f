"""Removal of entries that can identify people, places and machines from a workspace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dss_client.workspace import keys

if TYPE_CHECKING:
    from dss_client.workspace.registry import Registry

NEUTRAL_FOLDER = "/workspace"
"""The folder that an exported workspace names as its save location.

Readers only use it to find files relative to the workspace, so its name is arbitrary.
"""

_WORKSPACE_KEYS = frozenset(
    {keys.SAVE_LOCATION, "Version", "Annotations", "Layers", "MeshLayers", "TimePointProperties"}
)
_LAYER_KEYS = frozenset(
    {keys.PATH, keys.ROLE, keys.TAGS, "ImageTransform", "LayerMetaData", "ProjectMetaData"}
)
"""Known keys of a workspace and of a layer. Even numbers in unknown entries may be private."""
_PRIVATE_FOLDERS = (keys.HINTS, "ProjectMetaData.IOHistory")
"""Folders with reading hints, which include DICOM headers, and with former paths."""
_PATH_KEY = re.compile(rf"{keys.SAVE_LOCATION}|(.+\.)?{keys.PATH}")
"""Paths. The export rewrites or removes them."""


def _compile_key_pattern(**names: str) -> re.Pattern[str]:
    """Compile a pattern for keys of entries, from the names of folders and of their entries."""
    keys_in_folders = (rf"(.+\.)?{folder}(\[\d+\])?\.({name})" for folder, name in names.items())
    return re.compile("|".join(keys_in_folders))


_USER_TEXT_KEY = _compile_key_pattern(
    Layer="NickName",
    LayerMetaData="CustomNickName",
    TimePoint="Nickname",
    Element="Label|Text",
)
"""Texts that users write for other users."""
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
"""Entries with ITK-SNAP's own terms, and tags, which services use to find images."""
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|[-+]?nan|[-+]?inf", re.IGNORECASE)
"""A number. Dates and DICOM UIDs do not match."""


def anonymize_registry(registry: Registry, *, strict: bool) -> list[str]:
    """Remove entries that may identify a person or a place from a workspace.

    These entries stay: nicknames, label names and annotation texts, tags, numbers in known
    folders, and ITK-SNAP's own terms. All other entries are removed.

    Args:
        registry: the registry of the workspace. It is changed. Its paths stay, because the export
            rewrites them.
        strict: whether to remove nicknames, label names and annotation texts too.

    Returns:
        The keys of the removed entries and folders.
    """
    removed = _remove_unknown(registry, _WORKSPACE_KEYS)
    layers = registry.folder("Layers")
    for layer in map(layers.folder, layers.folder_keys()):
        for name in _PRIVATE_FOLDERS:
            if layer.has_folder(name):
                removed += [f"{layer.key}.{name}"] if any(layer.folder(name).walk()) else []
                layer.remove_folder(name)
        removed += _remove_unknown(layer, _LAYER_KEYS)
        layer.folder(keys.HINTS)  # create it empty, as itksnap-wt does
    private = [key for key, value in registry.walk() if not _is_harmless(key, value, strict=strict)]
    for key in private:
        del registry[key]
    for key in private:
        if strict and _USER_TEXT_KEY.fullmatch(key) and key.endswith(".Label"):
            registry[key] = f"Label {registry.get(key.removesuffix('Label') + 'Index')}"
    return removed + private


def _remove_unknown(folder: Registry, known: frozenset[str]) -> list[str]:
    """Remove unknown folders and entries, and return their keys."""
    folders = [name for name in folder.folder_keys() if name not in known]
    for name in folders:
        folder.remove_folder(name)
    entries = [name for name in folder.entry_keys() if name not in known]
    for name in entries:
        del folder[name]
    prefix = f"{folder.key}." if folder.key else ""
    return [f"{prefix}{name}" for name in folders + entries]


def _is_harmless(key: str, value: str, *, strict: bool) -> bool:
    """Check whether an entry may be exported."""
    if _USER_TEXT_KEY.fullmatch(key):
        return not (strict and value)
    if _PATH_KEY.fullmatch(key) or _TERM_KEY.fullmatch(key):
        return True
    return all(_NUMBER.fullmatch(part) for part in value.split())
