"""Workspaces: create, open, change and save them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from dss_client import (
    FileNotWritten,
    ImageMissing,
    Label,
    Labels,
    LayerMissing,
    MainImageNeeded,
    NoMainImage,
    Registry,
    Role,
    Workspace,
    WorkspaceMissing,
    WorkspaceNotUnique,
)
from tests.dss_client.images import nifti


@pytest.fixture
def workspace() -> Workspace:
    """Return a workspace with a main image, two overlays and two segmentations."""
    workspace = Workspace.create("/data/scan.nii.gz", nickname="Scan", tags=["T1"])
    workspace.add_image("/data/flair.nii.gz", tags=["FLAIR", "raw"])
    workspace.add_image("/data/map.mha", nickname="Map")
    workspace.add_segmentation("/data/seg.nii.gz", nickname="Ventricles", tags=["result"])
    workspace.add_segmentation("/data/second.gipl.gz")
    return workspace


def list_names(workspace: Workspace) -> list[str]:
    return [layer.path.name.partition(".")[0] for layer in workspace.layers]


def test_new_workspace_is_empty() -> None:
    workspace = Workspace()

    assert workspace.layers == workspace.meshes == workspace.overlays == []
    assert workspace.path is None
    assert workspace.folder is None
    with pytest.raises(NoMainImage, match="the new workspace has no main image") as caught:
        _ = workspace.main
    assert isinstance(caught.value, LookupError)


def test_first_image_is_the_main_image_and_others_are_overlays(workspace: Workspace) -> None:
    assert [layer.role for layer in workspace.layers] == [
        *(Role.MAIN, Role.OVERLAY, Role.OVERLAY, Role.SEGMENTATION, Role.SEGMENTATION)
    ]
    assert [layer.position for layer in workspace.layers] == [0, 1, 2, 3, 4]
    assert [layer.key for layer in workspace.layers][3] == "Layers.Layer[003]"
    assert workspace.main.path == Path("/data/scan.nii.gz")
    assert workspace.main.nickname == "Scan"
    assert workspace.main.tags == ("T1",)
    assert [layer.tags for layer in workspace.overlays] == [("FLAIR", "raw"), ()]
    assert [layer.nickname for layer in workspace.segmentations] == ["Ventricles", ""]


def test_layers_are_found_by_role(workspace: Workspace) -> None:
    workspace.layers[2].registry["Role"] = "RoleOfTheFuture"

    assert [layer.position for layer in workspace.by_role(Role.ANATOMICAL)] == [0, 1]
    assert [layer.position for layer in workspace.by_role(Role.SEGMENTATION)] == [3, 4]
    assert [layer.position for layer in workspace.by_role(Role.OVERLAY)] == [1]


def test_name_of_a_layer_is_its_nickname_or_its_file_name(workspace: Workspace) -> None:
    assert [layer.name for layer in workspace.layers] == [
        *("Scan", "flair", "Map", "Ventricles", "second")
    ]
    workspace.main.nickname = ""
    workspace.main.registry["AbsolutePath"] = "C:\\data\\my.scan.nii.gz"
    assert workspace.main.name == "my.scan"
    workspace.main.registry["AbsolutePath"] = "/data/dicom"
    assert workspace.main.name == "dicom"


def test_relative_paths_are_stored_as_absolute_paths(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert Workspace.create("scan.nii").main.stored_path == str(tmp_path / "scan.nii")
    assert Workspace.create(Path("scan.nii")).main.path == tmp_path / "scan.nii"


def test_main_image_added_later_becomes_the_first_layer(workspace: Workspace) -> None:
    seg = workspace.segmentations[0]
    workspace.main.registry["Role"] = Role.OVERLAY

    added = workspace.add_image("/data/new.nii")

    assert added == workspace.main
    assert added.position == 0
    assert list_names(workspace) == ["new", "scan", "flair", "map", "seg", "second"]
    assert seg.position == 4
    assert seg.nickname == "Ventricles"


def test_segmentation_without_a_main_image_raises_no_main_image() -> None:
    for add in (Workspace().add_segmentation, Workspace().set_segmentation):
        with pytest.raises(NoMainImage):
            add("/data/seg.nii")


def test_set_main_and_set_segmentation_replace_all_entries_of_the_layer(
    workspace: Workspace,
) -> None:
    workspace.labels = Labels([Label(1, "Left", 255, 0, 0)])
    workspace.layers[3].alpha = 0.25

    main = workspace.set_main("/data/other.nii", tags=["T2"])
    seg = workspace.set_segmentation("/data/better.nii", nickname="Better")

    assert list_names(workspace) == ["other", "flair", "map", "better", "second"]
    assert (main.position, main.role, main.nickname, main.tags) == (0, Role.MAIN, "", ("T2",))
    assert (seg.position, seg.role, seg.nickname) == (3, Role.SEGMENTATION, "Better")
    assert "LayerMetaData.Alpha" not in seg.registry
    assert len(workspace.labels) == 0


def test_set_main_and_set_segmentation_add_missing_layers() -> None:
    workspace = Workspace()

    workspace.set_main("/data/scan.nii", nickname="Scan")
    workspace.set_segmentation("/data/seg.nii", tags=["result"])

    assert list_names(workspace) == ["scan", "seg"]
    assert workspace.main.nickname == "Scan"
    assert workspace.segmentations[0].tags == ("result",)


def test_removing_a_layer_renumbers_the_others_and_views_stay_valid(
    workspace: Workspace,
) -> None:
    scan, flair, shown, seg, second = workspace.layers

    workspace.remove(flair)

    assert workspace.layers == [scan, shown, seg, second]
    assert workspace.registry.folder("Layers").folder_keys() == [
        *("Layer[000]", "Layer[001]", "Layer[002]", "Layer[003]")
    ]
    assert [layer.position for layer in (scan, shown, seg, second)] == [0, 1, 2, 3]
    assert shown.nickname == "Map"
    shown.nickname = "Another"
    assert workspace.layers[1].nickname == "Another"


def test_every_use_of_a_removed_layer_raises_layer_missing(workspace: Workspace) -> None:
    removed = workspace.layers[1]
    workspace.remove(removed)

    for ask in (
        lambda: removed.position,
        lambda: removed.tags,
        lambda: removed.path,
        lambda: removed.registry,
        lambda: removed.add_tag("x"),
        lambda: workspace.remove(removed),
    ):
        with pytest.raises(LayerMissing, match=r"The former Layers\.Layer\[001\] is no longer"):
            ask()
    assert "Layer[001]" in repr(removed)
    assert len(workspace.layers) == 4


def test_removing_a_layer_of_another_workspace_raises_layer_missing(workspace: Workspace) -> None:
    other = workspace.copy()

    with pytest.raises(LayerMissing, match="is not in"):
        workspace.remove(other.layers[1])
    assert len(workspace.layers) == len(other.layers) == 5


def test_main_image_can_only_be_removed_last(workspace: Workspace) -> None:
    with pytest.raises(MainImageNeeded, match=r"001 \(flair\), 002 \(Map\)"):
        workspace.remove(workspace.main)

    for layer in workspace.layers[1:]:
        workspace.remove(layer)
    workspace.remove(workspace.main)
    assert workspace.layers == []


def test_layers_can_be_removed_from_a_workspace_without_a_main_image(workspace: Workspace) -> None:
    workspace.main.registry["Role"] = Role.OVERLAY

    workspace.remove(workspace.layers[0])
    workspace.remove(workspace.segmentations[0])

    assert list_names(workspace) == ["flair", "map", "second"]


def test_only_the_first_of_two_main_images_cannot_be_removed(workspace: Workspace) -> None:
    second = workspace.layers[2]
    second.registry["Role"] = Role.MAIN

    with pytest.raises(MainImageNeeded, match=r"other images: 001 \(flair\), 002 \(Map\), 003"):
        workspace.remove(workspace.main)
    workspace.remove(second)
    workspace.remove(workspace.layers[1])

    workspace.main.registry["Role"] = Role.OVERLAY
    last = workspace.layers[-1]
    last.registry["Role"] = Role.MAIN
    with pytest.raises(MainImageNeeded, match=r"images: 000 \(Scan\), 001 \(Ventricles\)\. Remove"):
        workspace.remove(last)


def test_setting_the_path_of_a_layer_keeps_its_other_settings(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    layer = workspace.layers[1]
    layer.nickname, layer.alpha = "Flair", 0.25
    layer.registry["IOHints.DICOM.SeriesId"] = "1.2.3"
    with pytest.raises(ImageMissing, match=r"layer\.path = "):
        layer.existing_path()

    layer.path = "new.nii.gz"

    assert layer.path == tmp_path / "new.nii.gz"
    assert layer.stored_path == str(tmp_path / "new.nii.gz")
    assert (layer.nickname, layer.alpha, layer.tags) == ("Flair", 0.25, ("FLAIR", "raw"))
    assert layer.role is Role.OVERLAY
    assert list(layer.registry.folder("IOHints").walk()) == []
    workspace.layers[2].path = Path("/other.nii")
    assert not workspace.layers[2].registry.has_folder("IOHints")


def test_more_than_ten_layers_stay_in_order() -> None:
    workspace = Workspace()
    for number in range(12):
        workspace.add_image(f"/data/{number}.nii")

    workspace.remove(workspace.layers[3])

    assert list_names(workspace) == [str(number) for number in range(12) if number != 3]


def test_copy_of_a_workspace_is_independent(workspace: Workspace) -> None:
    copied = workspace.copy()

    copied.main.nickname = "Other"
    copied.remove(copied.layers[1])

    assert workspace.main.nickname == "Scan"
    assert len(workspace.layers) == 5


def test_copy_of_a_subclass_with_arguments_is_a_plain_workspace() -> None:
    class NamedWorkspace(Workspace):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    named = NamedWorkspace("brain")
    named.registry["Version"] = "1"

    copied = named.copy()

    assert type(copied) is Workspace
    assert copied.registry == named.registry


def test_saved_workspace_can_be_opened_again(workspace: Workspace, tmp_path: Path) -> None:
    workspace.labels = Labels([Label(7, "Left", 1, 2, 3, 4, visible=False)])
    path = tmp_path / "case.itksnap"

    workspace.save(path)
    again = Workspace.open(path)

    assert again.registry == workspace.registry
    assert again.path == workspace.path == path
    assert again.folder == tmp_path
    assert again.registry["SaveLocation"] == str(tmp_path)
    assert again.registry["Version"] == "20250815"
    assert again.labels == workspace.labels
    assert str(again) == str(path)


def test_saving_without_a_path_writes_to_the_opened_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workspace.save("case.itksnap")
    again = Workspace.open("case.itksnap")
    monkeypatch.chdir("/")

    again.main.nickname = "Changed"
    again.save()

    assert Workspace.open(tmp_path / "case.itksnap").main.nickname == "Changed"
    assert list(tmp_path.iterdir()) == [tmp_path / "case.itksnap"]


def test_saving_a_new_workspace_without_a_path_raises_value_error(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="Pass the path to save it to"):
        workspace.save()


def test_failed_save_leaves_the_workspace_unchanged(workspace: Workspace, tmp_path: Path) -> None:
    before = workspace.registry.copy()

    with pytest.raises(FileNotWritten):
        workspace.save(tmp_path / "none" / "case.itksnap")

    assert workspace.registry == before
    assert workspace.path is None


def test_opening_a_missing_file_raises_workspace_missing(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceMissing):
        Workspace.open(tmp_path / "none.itksnap")


def test_layer_views_stay_valid_after_saving(workspace: Workspace, tmp_path: Path) -> None:
    main = workspace.main

    workspace.save(tmp_path / "case.itksnap")
    main.nickname = "Later"

    assert workspace.main.nickname == "Later"


def test_describe_returns_one_row_per_layer(workspace: Workspace) -> None:
    table = workspace.describe()

    assert list(table.columns) == ["layer", "role", "nickname", "filename", "tags"]
    assert table.to_numpy().tolist() == [
        ["000", "Main", "Scan", "/data/scan.nii.gz", "T1"],
        ["001", "Overlay", "", "/data/flair.nii.gz", "FLAIR,raw"],
        ["002", "Overlay", "Map", "/data/map.mha", ""],
        ["003", "Segmentation", "Ventricles", "/data/seg.nii.gz", "result"],
        ["004", "Segmentation", "", "/data/second.gipl.gz", ""],
    ]


def test_describe_of_an_empty_workspace_has_the_same_columns_and_types() -> None:
    table, full = Workspace().describe(), Workspace.create("/a.nii").describe()

    assert table.dtypes.to_list() == full.dtypes.to_list()
    assert len(table) == 0


def test_unknown_role_error_lists_known_roles(workspace: Workspace) -> None:
    workspace.layers[1].registry["Role"] = "OracleRole"

    with pytest.raises(ValueError, match=r"Layers\.Layer\[001\]\.Role is 'OracleRole'.*MainRole"):
        _ = workspace.layers[1].role
    assert workspace.describe()["role"][1] == "Oracle"


def test_labels_are_stored_with_the_main_image(workspace: Workspace) -> None:
    labels = Labels([Label(1, "Left", 255, 0, 0), Label(300, "Right", 0, 255, 0)])

    workspace.labels = labels

    table = workspace.main.registry.folder("ProjectMetaData.IRIS.LabelTable")
    assert table["NumberOfElements"] == "2"
    assert table["Element[1].Index"] == "300"
    assert workspace.labels == labels
    with pytest.raises(NoMainImage):
        _ = Workspace().labels
    with pytest.raises(NoMainImage):
        Workspace().labels = labels


@pytest.mark.parametrize("given", [[Label(1, "Left")], "atlas.label", None, Labels().to_frame()])
def test_setting_labels_of_a_wrong_type_raises_type_error(
    given: Labels, workspace: Workspace
) -> None:
    workspace.labels = Labels([Label(1, "Left")])

    with pytest.raises(TypeError, match=r"Labels\.from_frame\(table\) or Labels\.read\(path\)"):
        workspace.labels = given
    assert len(workspace.labels) == 1


def test_reading_properties_does_not_change_the_workspace(itksnap_data: Path) -> None:
    for path in itksnap_data.glob("*.itksnap"):
        workspace = Workspace.open(path)
        for layer in workspace.layers:
            _ = (layer.role, layer.path, layer.name, layer.tags, layer.alpha, layer.sticky)
            _ = (layer.colour_map, layer.contrast, layer.transform)
        _ = (workspace.labels, workspace.annotations, workspace.time_points)
        _ = [mesh.files for mesh in workspace.meshes]
        workspace.describe()

        assert workspace.registry.to_bytes() == path.read_bytes()

    empty = Workspace.create("/a.nii")
    before = empty.registry.to_bytes()
    _ = (empty.labels, empty.annotations, empty.time_points, empty.main.contrast, empty.meshes)
    _ = (empty.main.transform, empty.main.colour_map)
    assert empty.registry.to_bytes() == before


def test_size_of_an_existing_main_image_is_stored(tmp_path: Path) -> None:
    pytest.importorskip("SimpleITK")
    volume = nifti.write_nifti(tmp_path / "4d.nii.gz", np.zeros((5, 4, 3, 2), np.int16))
    flat = nifti.write_nifti(tmp_path / "2d.nii", np.zeros((5, 4), np.uint8))
    (tmp_path / "none.nii").write_bytes(b"no image")
    key = "ProjectMetaData.Files.Grey.Dimensions"

    assert Workspace.create(volume).main.registry[key] == "5 4 3"
    assert Workspace.create(flat).main.registry[key] == "5 4 1"
    assert key not in Workspace.create(tmp_path / "none.nii").main.registry
    assert key not in Workspace.create(tmp_path / "absent.nii").main.registry


def test_workspace_can_be_created_without_simpleitk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = nifti.write_nifti(tmp_path / "scan.nii.gz", np.zeros((5, 4, 3), np.int16))
    monkeypatch.setitem(sys.modules, "SimpleITK", None)

    assert "ProjectMetaData" not in Workspace.create(volume).main.registry.folder_keys()


def test_new_layer_has_the_keys_of_itk_snap() -> None:
    workspace = Workspace.create("/data/scan.nii", nickname="Scan", tags=["T1", "raw"])

    assert dict(workspace.main.registry.walk()) == {
        "AbsolutePath": "/data/scan.nii",
        "Role": "MainRole",
        "Tags": "T1,raw",
        "LayerMetaData.CustomNickName": "Scan",
    }
    assert Registry.parse(workspace.registry.to_bytes()) == workspace.registry


@pytest.fixture
def ticket_files(tmp_path: Path) -> list[Path]:
    """Return the paths of a downloaded ticket: an image and a workspace."""
    folder = tmp_path / "ticket"
    folder.mkdir()
    image = folder / "layer_000.nii.gz"
    nifti.write_nifti(image, np.zeros((2, 2, 2), np.uint8))
    workspace = folder / "ticket_00000007.itksnap"
    Workspace.create(image, tags=["T1"]).save(workspace)
    return [image, workspace]


def test_received_opens_the_workspace_among_files_or_in_a_folder(ticket_files: list[Path]) -> None:
    for given in (
        ticket_files,
        ticket_files[0].parent,
        str(ticket_files[0].parent),
        iter(map(str, ticket_files)),
        ticket_files[1],
    ):
        workspace = Workspace.received(given)

        assert workspace.path == ticket_files[1]
        assert workspace.tagged("T1").existing_path() == ticket_files[0]


def test_received_workspace_does_not_find_files_outside_its_folder(
    ticket_files: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "another patient.nii.gz"
    nifti.write_nifti(other, np.zeros((2, 2, 2), np.uint8))
    workspace = Workspace.open(ticket_files[1])
    workspace.add_image(other)
    workspace.save()
    assert Workspace.open(ticket_files[1]).layers[1].existing_path() == other

    with pytest.raises(ImageMissing):
        Workspace.received(ticket_files).layers[1].existing_path()


def test_received_without_exactly_one_workspace_raises(ticket_files: list[Path]) -> None:
    with pytest.raises(WorkspaceMissing, match=r"among the files: layer_000\.nii\.gz"):
        Workspace.received(ticket_files[:1])
    with pytest.raises(WorkspaceMissing, match=r"among the files: \(no files\)"):
        Workspace.received([])
    with pytest.raises(WorkspaceMissing, match=r"among the files: none"):
        Workspace.received(ticket_files[0].parent / "none")
    with pytest.raises(WorkspaceMissing, match=r"The workspace .*none\.itksnap does not exist"):
        Workspace.received(ticket_files[0].parent / "none.itksnap")
    with pytest.raises(WorkspaceMissing, match=r"among the files: layer_000\.nii\.gz"):
        Workspace.received(ticket_files[0])
    second = ticket_files[1].with_name("another.ITKSNAP")
    second.write_bytes(ticket_files[1].read_bytes())
    with pytest.raises(WorkspaceNotUnique, match=r"ticket_00000007\.itksnap, another\.ITKSNAP"):
        Workspace.received([*ticket_files, second])


def test_layer_with_forbidden_characters_is_not_added_even_partly(workspace: Workspace) -> None:
    before = workspace.registry.copy()

    for change in (
        lambda: workspace.add_image("/a\ud800.nii"),
        lambda: workspace.add_image("/a.nii", nickname="\0"),
        lambda: workspace.set_main("/a.nii", nickname="\0"),
        lambda: workspace.add_mesh("/a.vtk", nickname="\0"),
        lambda: workspace.add_mesh("/a\ud800.vtk"),
    ):
        with pytest.raises(ValueError, match="XML cannot hold"):
            change()
        assert workspace.registry == before
