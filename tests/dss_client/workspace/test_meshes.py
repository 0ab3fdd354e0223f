"""Meshes of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import KeyMissing, KeyUnreadable, LayerMissing, Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.create("/data/scan.nii")


def test_added_mesh_files_are_stored_and_listed(workspace: Workspace) -> None:
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


def test_removing_a_mesh_renumbers_the_others(workspace: Workspace) -> None:
    first, second = workspace.add_mesh("/a.vtk"), workspace.add_mesh("/b.vtk")

    workspace.remove(first)

    assert workspace.meshes == [second]
    assert second.key == "MeshLayers.Layer[000]"
    with pytest.raises(LayerMissing):
        _ = first.files
    assert len(workspace.layers) == 1


@pytest.mark.parametrize(
    ("name", "point", "expected"),
    [("a.stl", 1, "is not a mesh"), ("a", 1, "not a mesh"), ("a.vtk", 0, "1, so")],
)
def test_mesh_with_invalid_name_or_time_point_is_not_added(
    name: str, point: int, expected: str, workspace: Workspace
) -> None:
    mesh = workspace.add_mesh("/a.vtk")
    before = workspace.registry.copy()

    with pytest.raises(ValueError, match=expected):
        workspace.add_mesh(name, time_point=point)
    with pytest.raises(ValueError, match=expected):
        mesh.add_file(name, time_point=point)
    assert workspace.registry == before


def test_mesh_without_files_lists_no_files(workspace: Workspace) -> None:
    mesh = workspace.add_mesh("/a.vtk")
    mesh.registry.remove_folder("MeshTimePoints")
    before = workspace.registry.copy()

    assert mesh.files == {}
    assert workspace.registry == before


def test_unreadable_mesh_error_names_its_key(workspace: Workspace) -> None:
    mesh = workspace.add_mesh("/a.vtk")
    point = mesh.registry.folder("MeshTimePoints.TimePoint[001]")
    point["TimePoint"] = "first"
    with pytest.raises(KeyUnreadable, match=r"MeshLayers\.Layer\[000\].*TimePoint is 'first'"):
        _ = mesh.files
    point["TimePoint"] = 1
    del point["PolyData[000].AbsolutePath"]
    with pytest.raises(KeyMissing, match=r"PolyData\[000\]\.AbsolutePath is missing"):
        _ = mesh.files


def test_meshes_of_itksnap_test_workspaces_are_read(itksnap_data: Path) -> None:
    one = Workspace.open(itksnap_data / "MRIcrop-with-mesh.itksnap").meshes
    many = Workspace.open(itksnap_data / "mesh_workspace.itksnap").meshes

    assert [mesh.files for mesh in one] == [{1: [itksnap_data / "MRIcrop-ventricle-mesh.vtk"]}]
    assert [sorted(mesh.files) for mesh in many] == [[1, 2, 3]]
    assert many[0].files[1] == [itksnap_data / "external_mesh_f1.vtp"]
