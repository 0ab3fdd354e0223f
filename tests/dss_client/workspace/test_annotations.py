"""Annotations of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import KeyMissing, KeyUnreadable, Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.create("/data/scan.nii")


@pytest.fixture
def annotated(workspace: Workspace) -> Workspace:
    """Return a workspace with a landmark and a line."""
    registry = workspace.registry
    registry["Annotations.Format"] = "ITK-SNAP Annotation File"
    row = registry.folder("Annotations.Annotations")
    row["ArraySize"] = 2
    for number, entries in enumerate(
        (
            {
                "Type": "LandmarkAnnotation",
                "Pos": "1 2.5 -3",
                "Offset": "5 5",
                "Text": "Tumour & edge",
                "Color": "0 0.5 1",
                "Plane": "2",
                "Selected": "0",
                "VisibleInAllSlices": "1",
                "VisibleInAllPlanes": "0",
                "Tags": "seed,left",
            },
            {"Type": "LineSegmentAnnotation", "Point1": "1 2 3", "Point2": "4 5 6"},
        )
    ):
        for key, value in entries.items():
            row[f"Element[{number}].{key}"] = value
    return workspace


def test_annotations_are_listed(annotated: Workspace) -> None:
    landmark, line = annotated.annotations

    assert landmark.key == "Annotations.Annotations.Element[0]"
    assert landmark.kind == "LandmarkAnnotation"
    assert landmark.points == ((1, 2.5, -3),)
    assert landmark.text == "Tumour & edge"
    assert landmark.colour == (0, 0.5, 1)
    assert landmark.plane == "2"
    assert (landmark.in_all_slices, landmark.in_all_planes) == (True, False)
    assert landmark.tags == ("seed", "left")
    assert line.points == ((1, 2, 3), (4, 5, 6))
    assert (line.text, line.tags) == ("", ())


def test_annotation_of_an_unknown_kind_is_listed_without_points(annotated: Workspace) -> None:
    annotated.registry["Annotations.Annotations.Element[1].Type"] = "CircleAnnotation"

    assert annotated.annotations[1].kind == "CircleAnnotation"
    assert annotated.annotations[1].points == ()


def test_unreadable_annotation_error_names_its_key(annotated: Workspace) -> None:
    annotated.registry["Annotations.Annotations.Element[0].Pos"] = "1 2"
    with pytest.raises(KeyUnreadable, match=r"Element\[0\]\.Pos is '1 2' .*3 numbers"):
        _ = annotated.annotations

    annotated.registry["Annotations.Annotations.Element[0].Pos"] = "1 2 3"
    annotated.registry["Annotations.Annotations.ArraySize"] = 10**12
    with pytest.raises(KeyMissing, match=r"Element\[2\]\.Type is missing"):
        _ = annotated.annotations


def test_itksnap_test_workspaces_have_no_annotations(itksnap_data: Path) -> None:
    for path in itksnap_data.glob("*.itksnap"):
        assert Workspace.open(path).annotations == []
