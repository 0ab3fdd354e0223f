"""Making, changing and saving workspaces."""

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
)
from tests.dss_client.images import nifti


@pytest.fixture
def workspace() -> Workspace:
    """A main image, two overlays and two segmentations."""
    made = Workspace.create("/data/scan.nii.gz", nickname="Scan", tags=["T1"])
    made.add_image("/data/flair.nii.gz", tags=["FLAIR", "raw"])
    made.add_image("/data/map.mha", nickname="Map")
    made.add_segmentation("/data/seg.nii.gz", nickname="Ventricles", tags=["result"])
    made.add_segmentation("/data/second.gipl.gz")
    return made


def names(workspace: Workspace) -> list[str]:
    return [layer.path.name.partition(".")[0] for layer in workspace.layers]


def test_a_new_workspace_is_empty() -> None:
    workspace = Workspace()

    assert workspace.layers == workspace.meshes == workspace.overlays == []
    assert workspace.path is None
    assert workspace.folder is None
    with pytest.raises(NoMainImage, match="the new workspace has no main image") as caught:
        _ = workspace.main
    assert isinstance(caught.value, LookupError)


def test_the_first_image_is_the_main_one_and_the_others_are_overlays(workspace: Workspace) -> None:
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


def test_a_layer_is_called_by_its_nickname_or_its_file(workspace: Workspace) -> None:
    assert [layer.name for layer in workspace.layers] == [
        *("Scan", "flair", "Map", "Ventricles", "second")
    ]
    workspace.main.nickname = ""
    workspace.main.registry["AbsolutePath"] = "C:\\data\\my.scan.nii.gz"
    assert workspace.main.name == "my.scan"
    workspace.main.registry["AbsolutePath"] = "/data/dicom"
    assert workspace.main.name == "dicom"


def test_paths_are_kept_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert Workspace.create("scan.nii").main.stored_path == str(tmp_path / "scan.nii")
    assert Workspace.create(Path("scan.nii")).main.path == tmp_path / "scan.nii"


def test_a_main_image_comes_first_whenever_it_is_added(workspace: Workspace) -> None:
    seg = workspace.segmentations[0]
    workspace.main.registry["Role"] = Role.OVERLAY

    added = workspace.add_image("/data/new.nii")

    assert added == workspace.main
    assert added.position == 0
    assert names(workspace) == ["new", "scan", "flair", "map", "seg", "second"]
    assert seg.position == 4
    assert seg.nickname == "Ventricles"


def test_a_segmentation_needs_a_main_image() -> None:
    for add in (Workspace().add_segmentation, Workspace().set_segmentation):
        with pytest.raises(NoMainImage):
            add("/data/seg.nii")


def test_setting_replaces_all_that_was_said_of_the_first_in_the_role(workspace: Workspace) -> None:
    workspace.labels = Labels([Label(1, "Left", 255, 0, 0)])
    workspace.layers[3].alpha = 0.25

    main = workspace.set_main("/data/other.nii", tags=["T2"])
    seg = workspace.set_segmentation("/data/better.nii", nickname="Better")

    assert names(workspace) == ["other", "flair", "map", "better", "second"]
    assert (main.position, main.role, main.nickname, main.tags) == (0, Role.MAIN, "", ("T2",))
    assert (seg.position, seg.role, seg.nickname) == (3, Role.SEGMENTATION, "Better")
    assert "LayerMetaData.Alpha" not in seg.registry
    assert len(workspace.labels) == 0


def test_setting_what_is_not_there_adds_it() -> None:
    workspace = Workspace()

    workspace.set_main("/data/scan.nii", nickname="Scan")
    workspace.set_segmentation("/data/seg.nii", tags=["result"])

    assert names(workspace) == ["scan", "seg"]
    assert workspace.main.nickname == "Scan"
    assert workspace.segmentations[0].tags == ("result",)


def test_those_behind_a_removed_layer_are_counted_anew_and_views_follow(
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


def test_a_removed_layer_says_so_whatever_it_is_asked(workspace: Workspace) -> None:
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


def test_a_layer_of_another_workspace_is_not_removed(workspace: Workspace) -> None:
    other = workspace.copy()

    with pytest.raises(LayerMissing, match="is not in"):
        workspace.remove(other.layers[1])
    assert len(workspace.layers) == len(other.layers) == 5


def test_the_main_image_goes_last(workspace: Workspace) -> None:
    with pytest.raises(MainImageNeeded, match=r"001 \(flair\), 002 \(Map\)"):
        workspace.remove(workspace.main)

    for layer in workspace.layers[1:]:
        workspace.remove(layer)
    workspace.remove(workspace.main)
    assert workspace.layers == []


def test_an_image_goes_from_a_workspace_without_a_main_one(workspace: Workspace) -> None:
    workspace.main.registry["Role"] = Role.OVERLAY

    workspace.remove(workspace.layers[0])
    workspace.remove(workspace.segmentations[0])

    assert names(workspace) == ["flair", "map", "second"]


def test_of_two_main_images_the_first_is_the_one_that_is_needed(workspace: Workspace) -> None:
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


def test_a_layer_is_given_another_file_and_keeps_all_else(
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


def test_there_can_be_more_than_ten_layers_and_they_stay_in_order() -> None:
    workspace = Workspace()
    for number in range(12):
        workspace.add_image(f"/data/{number}.nii")

    workspace.remove(workspace.layers[3])

    assert names(workspace) == [str(number) for number in range(12) if number != 3]


def test_a_copy_does_not_change_with_its_original(workspace: Workspace) -> None:
    copied = workspace.copy()

    copied.main.nickname = "Other"
    copied.remove(copied.layers[1])

    assert workspace.main.nickname == "Scan"
    assert len(workspace.layers) == 5


def test_what_is_saved_is_opened_again(workspace: Workspace, tmp_path: Path) -> None:
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


def test_saving_without_a_path_writes_where_it_was_read(
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


def test_a_new_workspace_has_to_be_told_where_to_go(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="Pass the path to save it to"):
        workspace.save()


def test_a_workspace_that_could_not_be_saved_is_as_before(
    workspace: Workspace, tmp_path: Path
) -> None:
    before = workspace.registry.copy()

    with pytest.raises(FileNotWritten):
        workspace.save(tmp_path / "none" / "case.itksnap")

    assert workspace.registry == before
    assert workspace.path is None


def test_opening_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceMissing):
        Workspace.open(tmp_path / "none.itksnap")


def test_views_stay_true_when_the_workspace_is_saved(workspace: Workspace, tmp_path: Path) -> None:
    main = workspace.main

    workspace.save(tmp_path / "case.itksnap")
    main.nickname = "Later"

    assert workspace.main.nickname == "Later"


def test_the_table_is_that_of_layers_list(workspace: Workspace) -> None:
    table = workspace.describe()

    assert list(table.columns) == ["layer", "role", "nickname", "filename", "tags"]
    assert table.to_numpy().tolist() == [
        ["000", "Main", "Scan", "/data/scan.nii.gz", "T1"],
        ["001", "Overlay", "", "/data/flair.nii.gz", "FLAIR,raw"],
        ["002", "Overlay", "Map", "/data/map.mha", ""],
        ["003", "Segmentation", "Ventricles", "/data/seg.nii.gz", "result"],
        ["004", "Segmentation", "", "/data/second.gipl.gz", ""],
    ]


def test_the_table_of_an_empty_workspace_has_the_same_columns_and_types() -> None:
    table, full = Workspace().describe(), Workspace.create("/a.nii").describe()

    assert table.dtypes.to_list() == full.dtypes.to_list()
    assert len(table) == 0


def test_a_role_that_is_unheard_of_is_named(workspace: Workspace) -> None:
    workspace.layers[1].registry["Role"] = "OracleRole"

    with pytest.raises(ValueError, match=r"Layers\.Layer\[001\]\.Role is 'OracleRole'.*MainRole"):
        _ = workspace.layers[1].role
    assert workspace.describe()["role"][1] == "Oracle"


def test_labels_belong_to_the_main_image(workspace: Workspace) -> None:
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
def test_labels_have_to_be_labels(given: Labels, workspace: Workspace) -> None:
    workspace.labels = Labels([Label(1, "Left")])

    with pytest.raises(TypeError, match=r"Labels\.from_frame\(table\) or Labels\.read\(path\)"):
        workspace.labels = given
    assert len(workspace.labels) == 1


def test_asking_changes_nothing(real: Path) -> None:
    for path in real.glob("*.itksnap"):
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


def test_the_size_of_a_main_image_that_is_there_is_written(tmp_path: Path) -> None:
    pytest.importorskip("SimpleITK")
    volume = nifti.write_nifti(tmp_path / "4d.nii.gz", np.zeros((5, 4, 3, 2), np.int16))
    flat = nifti.write_nifti(tmp_path / "2d.nii", np.zeros((5, 4), np.uint8))
    (tmp_path / "none.nii").write_bytes(b"no image")
    key = "ProjectMetaData.Files.Grey.Dimensions"

    assert Workspace.create(volume).main.registry[key] == "5 4 3"
    assert Workspace.create(flat).main.registry[key] == "5 4 1"
    assert key not in Workspace.create(tmp_path / "none.nii").main.registry
    assert key not in Workspace.create(tmp_path / "absent.nii").main.registry


def test_a_workspace_can_be_made_without_what_reads_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = nifti.write_nifti(tmp_path / "scan.nii.gz", np.zeros((5, 4, 3), np.int16))
    monkeypatch.setitem(sys.modules, "SimpleITK", None)

    assert "ProjectMetaData" not in Workspace.create(volume).main.registry.folder_keys()


def test_the_keys_of_a_new_layer_are_as_itk_snap_has_them() -> None:
    workspace = Workspace.create("/data/scan.nii", nickname="Scan", tags=["T1", "raw"])

    assert dict(workspace.main.registry.walk()) == {
        "AbsolutePath": "/data/scan.nii",
        "Role": "MainRole",
        "Tags": "T1,raw",
        "LayerMetaData.CustomNickName": "Scan",
    }
    assert Registry.parse(workspace.registry.to_bytes()) == workspace.registry
