"""`WorkspaceWrapper` with the methods of existing scripts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dss_client import DssError
from itksnap_dss import Registry, WorkspaceWrapper

LABELS = """\
# Labels
0 0 0 0 0 0 0 "Clear Label"
3 255 128 0 0.5 1 0 "Bright"
"""

MISSING_KEY = "Layers.Layer[007]"


@pytest.fixture
def work(tmp_path: Path) -> WorkspaceWrapper:
    """Create a workspace with two anatomical images, a segmentation and a mesh."""
    work = WorkspaceWrapper()
    work.add_layer("MainRole", tmp_path / "t1.nii.gz")
    work.add_layer("AnatomicalRole", str(tmp_path / "t2.nii.gz"))
    work.add_layer("SegmentationRole", str(tmp_path / "seg.nii.gz"))
    work.add_mesh_layer(str(tmp_path / "surface.vtk"), 2)
    return work


def test_layers_have_valid_keys(work: WorkspaceWrapper) -> None:
    assert work.get_number_of_layers() == 3
    assert work.get_number_of_mesh_layers() == 1
    assert work.get_main_layer_key() == "Layers.Layer[000]"
    assert work.is_key_valid_layer("Layers.Layer[002]")
    assert not work.is_key_valid_layer(MISSING_KEY)
    assert not work.is_key_valid_layer("Layers")
    assert not work.is_key_valid_layer("MeshLayers.Layer[000]")
    assert work.is_key_valid_mesh_layer("MeshLayers.Layer[000]")
    assert not work.is_key_valid_mesh_layer("Layers.Layer[000]")


@pytest.mark.parametrize(
    ("role", "position", "key"),
    [
        ("MainRole", 0, "Layers.Layer[000]"),
        ("MainRole", 1, ""),
        ("OverlayRole", 0, "Layers.Layer[001]"),
        ("AnatomicalRole", 1, "Layers.Layer[001]"),
        ("AnatomicalRole", -2, "Layers.Layer[000]"),
        ("AnatomicalRole", -3, ""),
        ("SegmentationRole", 0, "Layers.Layer[002]"),
        ("NoRole", 0, ""),
        ("", 0, ""),
    ],
)
def test_role_and_position_find_a_layer(
    work: WorkspaceWrapper, role: str, position: int, key: str
) -> None:
    assert work.find_layer_by_role(role, position) == key


@pytest.mark.parametrize(
    ("spec", "key"),
    [
        ("M", "Layers.Layer[000]"),
        ("S", "Layers.Layer[002]"),
        ("A:1", "Layers.Layer[001]"),
        ("O:-1", "Layers.Layer[001]"),
        ("002", "Layers.Layer[002]"),
        ("1", "Layers.Layer[001]"),
    ],
)
def test_layer_spec_finds_the_same_layer_as_itksnap_wt(
    work: WorkspaceWrapper, spec: str, key: str
) -> None:
    assert work.layer_spec_to_key(spec) == key


@pytest.mark.parametrize("spec", ["S:1", "O:5", "9", "-1", "X", "", "A:x"])
def test_layer_spec_of_a_missing_layer_raises_value_error(
    work: WorkspaceWrapper, spec: str
) -> None:
    with pytest.raises(ValueError):  # the client chooses the message
        work.layer_spec_to_key(spec)


def test_missing_layer_raises_value_error_and_changes_nothing(work: WorkspaceWrapper) -> None:
    before = work.registry.collect_keys()

    for call in (
        lambda: work.get_layer_folder(7),
        lambda: work.get_layer_folder(-1),
        lambda: work.get_mesh_layer_folder(7),
        lambda: work.get_layer_folder_by_key("Layers"),
        lambda: work.get_layer_actual_path(MISSING_KEY),
        lambda: work.set_layer_nickname(MISSING_KEY, "x"),
        lambda: work.add_tag_to_layer(MISSING_KEY, "x"),
        lambda: work.remove_tag_from_layer(MISSING_KEY, "x"),
    ):
        with pytest.raises(ValueError, match="has no layer") as caught:
            call()
        assert isinstance(caught.value, LookupError)
        assert isinstance(caught.value, DssError)

    assert work.registry.collect_keys() == before
    assert work.get_number_of_layers() == 3


def test_layer_folder_changes_the_registry(work: WorkspaceWrapper) -> None:
    folder = work.get_layer_folder(1)

    folder["LayerMetaData.Alpha"].set(0.5)

    assert folder == work.get_layer_folder_by_key("Layers.Layer[001]")
    assert work.registry["Layers.Layer[001].LayerMetaData.Alpha"].get(0.0) == 0.5
    assert work.get_mesh_layer_folder(0)["MeshType"].get_string() == "StandaloneMesh"


def test_missing_main_image_raises_value_error(tmp_path: Path) -> None:
    labels = tmp_path / "some.label"
    labels.write_text(LABELS, encoding="utf-8")
    work = WorkspaceWrapper()

    for call in (
        work.get_main_layer_key,
        lambda: work.add_layer("OverlayRole", "a.nii.gz"),
        lambda: work.add_layer("SegmentationRole", "a.nii.gz"),
        lambda: work.set_layer("OverlayRole", "a.nii.gz"),
        lambda: work.set_layer("SegmentationRole", "a.nii.gz"),
        lambda: work.add_mesh_layer("a.vtk"),
        lambda: work.set_labels(str(labels)),
    ):
        with pytest.raises(ValueError, match="main image") as caught:
            call()
        assert isinstance(caught.value, DssError)

    assert work.registry.is_empty()
    work.clear_labels()
    assert work.find_layers_by_tag("any") == []
    assert work.get_workspace_directory() == ""


def test_first_anatomical_image_becomes_the_main_image(tmp_path: Path) -> None:
    work = WorkspaceWrapper()

    assert work.add_layer("AnatomicalRole", str(tmp_path / "a.nii.gz")) == "Layers.Layer[000]"

    assert work.get_main_layer_key() == "Layers.Layer[000]"


def test_second_main_image_is_refused(work: WorkspaceWrapper) -> None:
    with pytest.raises(ValueError, match="main image already"):
        work.add_layer("MainRole", "other.nii.gz")

    assert work.get_number_of_layers() == 3


@pytest.mark.parametrize("role", ["NoRole", "Main", ""])
def test_unknown_role_is_refused(work: WorkspaceWrapper, role: str) -> None:
    with pytest.raises(ValueError, match="Use one of MainRole, "):
        work.add_layer(role, "other.nii.gz")
    with pytest.raises(ValueError, match="Use one of MainRole, "):
        work.set_layer(role, "other.nii.gz")


@pytest.mark.parametrize(
    ("role", "key", "becomes"),
    [
        ("MainRole", "Layers.Layer[000]", "MainRole"),
        ("AnatomicalRole", "Layers.Layer[000]", "MainRole"),
        ("OverlayRole", "Layers.Layer[001]", "OverlayRole"),
        ("SegmentationRole", "Layers.Layer[002]", "SegmentationRole"),
    ],
)
def test_replaced_image_loses_its_nickname_and_tags(
    work: WorkspaceWrapper, tmp_path: Path, role: str, key: str, becomes: str
) -> None:
    work.set_layer_nickname(key, "Before")
    work.add_tag_to_layer(key, "Before")

    assert work.set_layer(role, str(tmp_path / "new.nii.gz")) == key

    folder = work.get_layer_folder_by_key(key)
    assert folder["Role"].get_string() == becomes
    assert work.get_layer_actual_path(key) == str(tmp_path / "new.nii.gz")
    assert folder["LayerMetaData.CustomNickName"].get_string() == ""
    assert work.get_tags(folder) == set()
    assert work.get_number_of_layers() == 3


def test_set_layer_adds_an_image_when_the_role_is_unused(tmp_path: Path) -> None:
    work = WorkspaceWrapper()

    keys = [
        work.set_layer(role, str(tmp_path / "a.nii.gz"))
        for role in ("MainRole", "OverlayRole", "SegmentationRole")
    ]

    assert keys == ["Layers.Layer[000]", "Layers.Layer[001]", "Layers.Layer[002]"]


def test_added_mesh_has_the_entries_that_itksnap_needs(
    work: WorkspaceWrapper, tmp_path: Path
) -> None:
    assert work.add_mesh_layer(str(tmp_path / "more.vtp")) == "MeshLayers.Layer[001]"
    work.set_layer_nickname("MeshLayers.Layer[001]", "More")

    folder = work.get_mesh_layer_folder(1)
    part = folder.folder("MeshTimePoints.TimePoint[001].PolyData[000]")
    assert folder["NickName"].get_string() == "More"
    assert part["Format"].get_string() == "VTP Mesh"
    assert work.get_layer_actual_path(part) == str(tmp_path / "more.vtp")
    at_two = work.get_mesh_layer_folder(0).folder("MeshTimePoints")
    assert at_two.get_folder_keys() == ["TimePoint[002]"]


@pytest.mark.parametrize(("name", "time_point"), [("a.vtk", 0), ("a.vtk", -1), ("a.png", 1)])
def test_mesh_with_invalid_time_point_or_format_is_refused(
    work: WorkspaceWrapper, name: str, time_point: int
) -> None:
    with pytest.raises(ValueError):  # the client chooses the message
        work.add_mesh_layer(name, time_point)

    assert work.get_number_of_mesh_layers() == 1


def test_tags_of_a_layer_are_added_removed_and_replaced(work: WorkspaceWrapper) -> None:
    folder = work.get_layer_folder(1)

    work.add_tag(folder, "T2")
    work.add_tag(folder, " Brain ")
    work.add_tag(folder, "T2")
    assert work.get_tags(folder) == {"T2", "Brain"}
    work.remove_tag(folder, "Brain")
    work.remove_tag(folder, "Not there")
    assert work.get_tags(work.get_layer_folder(1)) == {"T2"}
    work.put_tags(folder, {"b", "a", "c, d", ""})
    assert work.get_tags(folder) == {"a", "b", "c", "d"}
    work.put_tags(folder, set())
    assert work.get_tags(folder) == set()


def test_tags_of_any_folder_are_stored_in_its_tags_entry(
    work: WorkspaceWrapper, tmp_path: Path
) -> None:
    work.save_workspace(tmp_path / "work.itksnap")
    earlier = work.get_layer_folder(1)
    work.load_workspace(tmp_path / "work.itksnap")
    elsewhere = WorkspaceWrapper(tmp_path / "work.itksnap").get_layer_folder(1)

    for folder in (Registry(), earlier, elsewhere, work.registry.folder("Annotations")):
        work.put_tags(folder, {"b", "a"})
        work.add_tag(folder, "c")
        work.remove_tag(folder, "b")

        assert work.get_tags(folder) == {"a", "c"}
        assert folder["Tags"].get_string() == "a,c"
    assert work.find_layers_by_tag("a") == []


def test_layer_key_selects_the_layer_to_tag(work: WorkspaceWrapper) -> None:
    work.add_tag_to_layer("Layers.Layer[001]", "T2")
    work.add_tag_to_layer("MeshLayers.Layer[000]", "Surface")
    assert work.get_tags(work.get_layer_folder(1)) == {"T2"}
    assert work.find_layers_by_tag("Surface") == ["MeshLayers.Layer[000]"]

    work.remove_tag_from_layer("Layers.Layer[001]", "T2")

    assert work.find_layers_by_tag("T2") == []


def test_tag_finds_all_layers_and_meshes_with_it(work: WorkspaceWrapper) -> None:
    for index in (0, 2):
        work.add_tag(work.get_layer_folder(index), "Both")
    work.add_tag(work.get_mesh_layer_folder(0), "Both")

    assert work.find_layers_by_tag("Both") == [
        "Layers.Layer[000]",
        "Layers.Layer[002]",
        "MeshLayers.Layer[000]",
    ]
    assert work.find_layers_by_tag("both") == []
    assert work.find_layers_by_tag("") == []


def test_tags_set_in_itksnap_are_found_and_removed(work: WorkspaceWrapper) -> None:
    work.registry["Layers.Layer[001].LayerMetaData.Tags"].set("T2-MRI")

    assert work.find_layers_by_tag("T2-MRI") == ["Layers.Layer[001]"]

    work.remove_tag_from_layer("Layers.Layer[001]", "T2-MRI")
    assert work.find_layers_by_tag("T2-MRI") == []


def test_labels_are_read_from_a_file_and_cleared(work: WorkspaceWrapper, tmp_path: Path) -> None:
    path = tmp_path / "some.label"
    path.write_text(LABELS, encoding="utf-8")

    work.set_labels(str(path))

    table = work.get_layer_folder(0).folder("ProjectMetaData.IRIS.LabelTable")
    assert table["NumberOfElements"].get(0) == 1
    assert table["Element[0].Index"].get(0) == 3
    assert table["Element[0].Label"].get_string() == "Bright"
    assert table["Element[0].Color"].get([0]) == [255, 128, 0]
    assert table["Element[0].Flags"].get_string() == "0 1"

    work.clear_labels()

    assert len(work.workspace.labels) == 0
    assert table["NumberOfElements"].get(7) == 0


def test_missing_or_malformed_label_file_raises(work: WorkspaceWrapper, tmp_path: Path) -> None:
    path = tmp_path / "some.label"
    path.write_text("1 2 3\n", encoding="utf-8")

    with pytest.raises(FileNotFoundError):
        work.set_labels(str(tmp_path / "none.label"))
    with pytest.raises(ValueError, match=r"some\.label"):
        work.set_labels(str(path))


def test_saved_workspace_is_read_back_unchanged(work: WorkspaceWrapper, tmp_path: Path) -> None:
    path = tmp_path / "work.itksnap"
    work.set_layer_nickname("Layers.Layer[002]", "Result <1> & more")

    work.save_workspace(str(path))

    assert work.get_workspace_directory() == str(tmp_path)
    again = WorkspaceWrapper(str(path))
    assert again.registry == work.registry == Registry(str(path))
    assert again.get_workspace_directory() == str(tmp_path)
    assert again.get_layer_actual_path("Layers.Layer[001]") == str(tmp_path / "t2.nii.gz")


def test_load_workspace_removes_all_earlier_entries(work: WorkspaceWrapper, tmp_path: Path) -> None:
    path = tmp_path / "work.itksnap"
    work.save_workspace(path)
    work.registry["Own"].set("x")
    work.add_layer("OverlayRole", "more.nii.gz")

    work.load_workspace(path)

    assert not work.registry.has_entry("Own")
    assert work.get_number_of_layers() == 3


def test_moved_workspace_finds_its_images(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    (before / "t1.nii.gz").write_bytes(b"voxels")
    work = WorkspaceWrapper()
    work.add_layer("MainRole", before / "t1.nii.gz")
    work.add_layer("OverlayRole", tmp_path / "elsewhere.nii.gz")
    work.save_workspace(before / "work.itksnap")
    shutil.move(before, after)

    moved = WorkspaceWrapper(after / "work.itksnap")

    assert moved.get_layer_actual_path("Layers.Layer[000]") == str(after / "t1.nii.gz")
    assert moved.get_layer_actual_path("Layers.Layer[001]") == str(tmp_path / "elsewhere.nii.gz")
    moved.set_all_layer_paths_to_actual_paths()
    stored = moved.registry["Layers.Layer[000].AbsolutePath"].get_string()
    assert stored == str(after / "t1.nii.gz")


def test_confined_workspace_looks_for_images_only_in_its_folder(
    work: WorkspaceWrapper, tmp_path: Path
) -> None:
    folder = tmp_path / "ticket"
    folder.mkdir()
    path = folder / "work.itksnap"
    work.save_workspace(path)
    outside, inside = str(tmp_path / "t1.nii.gz"), str(folder / "t1.nii.gz")

    assert WorkspaceWrapper(path).get_layer_actual_path("Layers.Layer[000]") == outside
    confined = WorkspaceWrapper(path, confined=True)
    assert confined.get_layer_actual_path("Layers.Layer[000]") == inside
    confined.load_workspace(path)
    assert confined.get_layer_actual_path("Layers.Layer[000]") == outside
    confined.load_workspace(path, confined=True)
    assert confined.get_layer_actual_path("Layers.Layer[000]") == inside


def test_moved_workspace_saved_in_another_folder_finds_its_images(tmp_path: Path) -> None:
    before, after, results = (tmp_path / name for name in ("before", "after", "results"))
    before.mkdir()
    results.mkdir()
    (before / "t1.nii.gz").write_bytes(b"voxels")
    work = WorkspaceWrapper()
    work.add_layer("MainRole", before / "t1.nii.gz")
    work.save_workspace(before / "work.itksnap")
    shutil.move(before, after)

    WorkspaceWrapper(after / "work.itksnap").save_workspace(results / "work.itksnap")

    saved = WorkspaceWrapper(results / "work.itksnap")
    assert saved.get_layer_actual_path("Layers.Layer[000]") == str(after / "t1.nii.gz")


def test_layer_without_a_path_raises_value_error(work: WorkspaceWrapper) -> None:
    work.get_layer_folder(1)["AbsolutePath"].set(None)

    with pytest.raises(ValueError, match="AbsolutePath"):
        work.get_layer_actual_path("Layers.Layer[001]")

    work.set_all_layer_paths_to_actual_paths()
    assert work.get_layer_folder(1)["AbsolutePath"].is_null()


def test_missing_or_malformed_workspace_file_raises(tmp_path: Path) -> None:
    broken = tmp_path / "broken.itksnap"
    broken.write_text("<registry><entry", encoding="utf-8")

    with pytest.raises(FileNotFoundError):
        WorkspaceWrapper(str(tmp_path / "none.itksnap"))
    with pytest.raises(ValueError, match=r"broken\.itksnap"):
        WorkspaceWrapper(str(broken))
    with pytest.raises(DssError):
        WorkspaceWrapper(str(tmp_path))


def test_workspace_in_a_missing_folder_raises_os_error(
    work: WorkspaceWrapper, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="no_such_folder"):
        work.save_workspace(tmp_path / "no_such_folder" / "work.itksnap")

    assert work.get_workspace_directory() == ""


def test_exported_files_have_neutral_names(tmp_path: Path) -> None:
    pytest.importorskip("SimpleITK")
    from . import scans

    scans.write_scans(tmp_path / "scans", "T1-MRI")
    work = WorkspaceWrapper(tmp_path / "scans" / "scan.itksnap")
    before = work.registry.tree.copy()

    work.export_workspace(str(tmp_path / "out" / "work.itksnap"))

    assert work.registry.tree == before
    exported = WorkspaceWrapper(tmp_path / "out" / "work.itksnap")
    (key,) = exported.find_layers_by_tag("T1-MRI")
    assert key == "Layers.Layer[001]"
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert [re.sub("[0-9a-f]{32}", "HASH", name) for name in names] == [
        "layer_000_HASH.nii.gz",
        "layer_001_HASH.nii.gz",
        "work.itksnap",
    ]
    assert Path(exported.get_layer_actual_path(key)) == tmp_path / "out" / names[1]


def test_export_with_original_file_names_is_refused(work: WorkspaceWrapper, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scramble_filenames"):
        work.export_workspace(str(tmp_path / "out" / "work.itksnap"), False)

    assert not (tmp_path / "out").exists()
