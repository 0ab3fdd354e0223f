"""Annotations of a workspace: landmarks and lines."""

from __future__ import annotations

from attrs import frozen

from dss_client.workspace import keys, tags
from dss_client.workspace.registry import Registry

ANNOTATIONS = "Annotations.Annotations"
"""The key of the folder of annotations."""


@frozen
class Annotation:
    """A landmark or a line that the user drew on the main image.

    Attributes:
        key: the key of its folder in the workspace.
        kind: `LandmarkAnnotation`, `LineSegmentAnnotation`, or another type that ITK-SNAP wrote.
        points: the position of a landmark, or the two ends of a line, with the numbers that the
            file contains. Empty for other types.
        text: the text of a landmark.
        colour: red, green and blue, each 0 to 1.
        plane: the direction of the slices that the annotation was drawn on, as in the file.
        in_all_slices: whether ITK-SNAP shows it on all slices of that direction.
        in_all_planes: whether ITK-SNAP shows it on slices of every direction.
        tags: the tags of the annotation. A service finds the annotation by its tags.
    """

    key: str
    kind: str
    points: tuple[tuple[float, ...], ...]
    text: str
    colour: tuple[float, ...]
    plane: str
    in_all_slices: bool
    in_all_planes: bool
    tags: tuple[str, ...]


def read_annotations(workspace: Registry) -> list[Annotation]:
    """Return the annotations of a workspace, in the order of the file.

    Raises:
        KeyMissing: a key of an annotation is missing.
        KeyUnreadable: a value of an annotation does not have the expected form.
    """
    if not workspace.has_folder(ANNOTATIONS):
        return []
    table = workspace.folder(ANNOTATIONS)
    count = table.get_int("ArraySize", 0)
    return [_read_annotation(table, f"Element[{number}]") for number in range(count)]


def _read_annotation(table: Registry, key: str) -> Annotation:
    kind = table[f"{key}.Type"]
    folder = table.folder(key)
    ends = {"LandmarkAnnotation": ("Pos",), "LineSegmentAnnotation": ("Point1", "Point2")}
    return Annotation(
        key=folder.key,
        kind=kind,
        points=tuple(folder.get_vector(name, 3) for name in ends.get(kind, ())),
        text=folder.get("Text"),
        colour=folder.get_vector("Color", 3, (1.0, 0.0, 0.0)),
        plane=folder.get("Plane"),
        in_all_slices=folder.get_bool("VisibleInAllSlices", False),
        in_all_planes=folder.get_bool("VisibleInAllPlanes", False),
        tags=tags.read_tags(folder, keys.TAGS),
    )
