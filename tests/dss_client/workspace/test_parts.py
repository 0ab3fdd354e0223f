"""Meshes, time points and annotations of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import KeyMissing, KeyUnreadable, LayerMissing, Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.create("/data/scan.nii")


def test_meshes_are_added_and_found(workspace: Workspace) -> None:
    mesh = workspace.add_mesh("/data/heart.vtk", nickname="Heart", tags=["result"])
    mesh.add_file("/data/heart2.VTP", time_point=2)
    mesh.add_file("/data/more.vtk")

    assert workspace.meshes == [mesh]
    assert (mesh.position, mesh.nickname, mesh.tags) == (0, "Heart", ("result",))
    assert mesh.files == {
        1: [Path("/data/heart.vtk"), Path("/data/more.vtk")],
        2: [Path("/data/heart2.VTP")],
    }
    assert dict(mesh.registry.walk()) == {
        "MeshType": "StandaloneMesh",
        "NickName": "Heart",
        "Tags": "result",
        "MeshTimePoints.TimePoint[001].TimePoint": "1",
        "MeshTimePoints.TimePoint[001].PolyData[000].AbsolutePath": "/data/heart.vtk",
        "MeshTimePoints.TimePoint[001].PolyData[000].Format": "VTK Mesh",
        "MeshTimePoints.TimePoint[001].PolyData[001].AbsolutePath": "/data/more.vtk",
        "MeshTimePoints.TimePoint[001].PolyData[001].Format": "VTK Mesh",
        "MeshTimePoints.TimePoint[002].TimePoint": "2",
        "MeshTimePoints.TimePoint[002].PolyData[000].AbsolutePath": "/data/heart2.VTP",
        "MeshTimePoints.TimePoint[002].PolyData[000].Format": "VTP Mesh",
    }


def test_meshes_are_removed(workspace: Workspace) -> None:
    first, second = workspace.add_mesh("/a.vtk"), workspace.add_mesh("/b.vtk")

    workspace.remove(first)

    assert workspace.meshes == [second]
    assert second.key == "MeshLayers.Layer[000]"
    with pytest.raises(LayerMissing):
        _ = first.files
    assert len(workspace.layers) == 1


@pytest.mark.parametrize(
    ("name", "point", "told"),
    [("a.stl", 1, "is not a mesh"), ("a", 1, "not a mesh"), ("a.vtk", 0, "1, so")],
)
def test_what_is_no_mesh_is_not_added(
    name: str, point: int, told: str, workspace: Workspace
) -> None:
    mesh = workspace.add_mesh("/a.vtk")
    before = workspace.registry.copy()

    with pytest.raises(ValueError, match=told):
        workspace.add_mesh(name, time_point=point)
    with pytest.raises(ValueError, match=told):
        mesh.add_file(name, time_point=point)
    assert workspace.registry == before


def test_a_mesh_without_files_has_none(workspace: Workspace) -> None:
    mesh = workspace.add_mesh("/a.vtk")
    mesh.registry.remove_folder("MeshTimePoints")
    before = workspace.registry.copy()

    assert mesh.files == {}
    assert workspace.registry == before


def test_a_mesh_that_is_wrong_is_named(workspace: Workspace) -> None:
    mesh = workspace.add_mesh("/a.vtk")
    point = mesh.registry.folder("MeshTimePoints.TimePoint[001]")
    point["TimePoint"] = "first"
    with pytest.raises(KeyUnreadable, match=r"MeshLayers\.Layer\[000\].*TimePoint is 'first'"):
        _ = mesh.files
    point["TimePoint"] = 1
    del point["PolyData[000].AbsolutePath"]
    with pytest.raises(KeyMissing, match=r"PolyData\[000\]\.AbsolutePath is missing"):
        _ = mesh.files


def test_the_meshes_of_real_workspaces_are_found(real: Path) -> None:
    one = Workspace.open(real / "MRIcrop-with-mesh.itksnap").meshes
    many = Workspace.open(real / "mesh_workspace.itksnap").meshes

    assert [mesh.files for mesh in one] == [{1: [real / "MRIcrop-ventricle-mesh.vtk"]}]
    assert [sorted(mesh.files) for mesh in many] == [[1, 2, 3]]
    assert many[0].files[1] == [real / "external_mesh_f1.vtp"]


def test_time_points_get_nicknames_and_tags(workspace: Workspace) -> None:
    assert workspace.time_points == []

    workspace.time_point(3).nickname = "Systole"
    workspace.time_point(1).add_tag("reference")
    workspace.time_point(3).add_tag("reference", exclusive=True)

    assert [(point.number, point.nickname, point.tags) for point in workspace.time_points] == [
        (1, "", ()),
        (2, "", ()),
        (3, "Systole", ("reference",)),
    ]
    assert workspace.time_points[2].key == "TimePointProperties.TimePoints.TimePoint[3]"
    assert workspace.registry["TimePointProperties.TimePoints.ArraySize"] == "3"
    assert workspace.registry["TimePointProperties.FormatVersion"] == "1"


def test_time_points_are_in_the_order_of_their_numbers(workspace: Workspace) -> None:
    workspace.time_point(12)

    assert [point.number for point in workspace.time_points] == list(range(1, 13))


def test_time_points_count_from_one(workspace: Workspace) -> None:
    before = workspace.registry.copy()

    with pytest.raises(ValueError, match="count from 1, so 0 is not valid"):
        workspace.time_point(0)
    assert workspace.registry == before


def test_the_time_points_of_a_real_workspace_are_found(real: Path) -> None:
    points = Workspace.open(real / "MRIcrop-with-mesh.itksnap").time_points

    assert [(point.number, point.nickname, point.tags) for point in points] == [(1, "", ())]


def test_a_table_of_time_points_that_promises_too_much_is_no_harm(workspace: Workspace) -> None:
    workspace.time_point(1)
    workspace.registry["TimePointProperties.TimePoints.ArraySize"] = 10**12

    assert len(workspace.time_points) == 1


@pytest.mark.parametrize("size", ["-1000000000", "5", "1000000000000", "many"])
def test_time_points_are_made_whatever_a_wrong_table_says_of_its_size(
    size: str, workspace: Workspace
) -> None:
    workspace.time_point(2).nickname = "Second"
    table = workspace.registry.folder("TimePointProperties.TimePoints")
    table.remove_folder("TimePoint[1]")
    table["TimePoint[4].Nickname"] = "Half of one"
    table["ArraySize"] = size

    workspace.time_point(4)

    points = [(point.number, point.nickname, point.tags) for point in workspace.time_points]
    assert points == [(1, "", ()), (2, "Second", ()), (3, "", ()), (4, "Half of one", ())]
    assert table["ArraySize"] == "4"


def test_asking_for_a_time_point_that_is_there_changes_nothing(workspace: Workspace) -> None:
    workspace.time_point(2)
    before = workspace.registry.copy()

    workspace.time_point(1)

    assert workspace.registry == before


@pytest.fixture
def annotated(workspace: Workspace) -> Workspace:
    """A landmark and a line."""
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


def test_an_annotation_of_a_new_kind_is_listed_too(annotated: Workspace) -> None:
    annotated.registry["Annotations.Annotations.Element[1].Type"] = "CircleAnnotation"

    assert annotated.annotations[1].kind == "CircleAnnotation"
    assert annotated.annotations[1].points == ()


def test_an_annotation_that_is_wrong_is_named(annotated: Workspace) -> None:
    annotated.registry["Annotations.Annotations.Element[0].Pos"] = "1 2"
    with pytest.raises(KeyUnreadable, match=r"Element\[0\]\.Pos is '1 2' .*3 numbers"):
        _ = annotated.annotations

    annotated.registry["Annotations.Annotations.Element[0].Pos"] = "1 2 3"
    annotated.registry["Annotations.Annotations.ArraySize"] = 10**12
    with pytest.raises(KeyMissing, match=r"Element\[2\]\.Type is missing"):
        _ = annotated.annotations


def test_real_workspaces_have_no_annotations(real: Path) -> None:
    for path in real.glob("*.itksnap"):
        assert Workspace.open(path).annotations == []
