"""What was marked in the images of a workspace: points and lines, with a text."""

from __future__ import annotations

from attrs import frozen

from dss_client.workspace import keys, tags
from dss_client.workspace.registry import Registry

ANNOTATIONS = "Annotations.Annotations"
"""The folder of the annotations."""


@frozen
class Annotation:
    """A mark in the main image.

    Attributes:
        key: where it stands in the workspace.
        kind: `LandmarkAnnotation`, `LineSegmentAnnotation`, or what ITK-SNAP may have of new.
        points: of a landmark, where it is; of a line, its ends. Numbers as they are in the file.
        text: of a landmark.
        colour: red, green and blue, each 0 to 1.
        plane: the direction of the slices in which it was drawn, as it is in the file.
        in_all_slices: whether it is shown in all slices of that direction.
        in_all_planes: whether it is shown in slices of every direction.
        tags: by which a service finds it.
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
    """The annotations of a workspace, in their order.

    Raises:
        KeyMissing, KeyUnreadable: one is not what it should be.
    """
    if not workspace.has_folder(ANNOTATIONS):
        return []
    row = workspace.folder(ANNOTATIONS)
    count = row.get_int("ArraySize", 0)
    return [_read_annotation(row, f"Element[{number}]") for number in range(count)]


def _read_annotation(row: Registry, key: str) -> Annotation:
    kind = row[f"{key}.Type"]
    folder = row.folder(key)
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
