"""Paths of files after a workspace was moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import ImageMissing, Workspace


def open_moved_workspace(folder: Path, stored: str, saved_in: str) -> Workspace:
    """Open a workspace in a folder that states another save location."""
    workspace = Workspace.create("/anywhere/scan.nii.gz")
    workspace.registry["SaveLocation"] = saved_in
    workspace.registry["Layers.Layer[000].AbsolutePath"] = stored
    folder.mkdir(parents=True, exist_ok=True)
    workspace.registry.write(folder / "case.itksnap")
    return Workspace.open(folder / "case.itksnap")


def write_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"voxels")
    return path


@pytest.mark.parametrize(
    ("stored", "saved_in", "now"),
    [
        ("/old/case/scan.nii.gz", "/old/case", "case/scan.nii.gz"),
        ("/old/case/images/scan.nii.gz", "/old/case", "case/images/scan.nii.gz"),
        ("/old/images/scan.nii.gz", "/old/case", "images/scan.nii.gz"),
        ("/old/case/./images/../scan.nii.gz", "/old/case/", "case/scan.nii.gz"),
        ("C:\\old\\case\\scan.nii.gz", "C:\\old\\case", "case/scan.nii.gz"),
        ("C:/old/case/images/scan.nii.gz", "C:/old/case", "case/images/scan.nii.gz"),
        ("c:\\old\\images\\scan.nii.gz", "C:\\OLD\\case", "images/scan.nii.gz"),
        ("\\\\server\\share\\case\\scan.nii.gz", "\\\\server\\share\\case", "case/scan.nii.gz"),
        ("scan.nii.gz", "/old/case", "case/scan.nii.gz"),
        ("images\\scan.nii.gz", "C:\\old\\case", "case/images/scan.nii.gz"),
    ],
)
def test_file_moved_with_the_workspace_is_found(
    stored: str, saved_in: str, now: str, tmp_path: Path
) -> None:
    image = write_file(tmp_path / now)
    layer = open_moved_workspace(tmp_path / "case", stored, saved_in).main

    assert layer.path == image
    assert layer.existing_path() == image
    assert layer.stored_path == stored


def test_file_beside_a_moved_workspace_is_preferred_to_the_old_file(
    tmp_path: Path,
) -> None:
    old = write_file(tmp_path / "old" / "scan.nii.gz")
    new = write_file(tmp_path / "new" / "scan.nii.gz")

    assert open_moved_workspace(new.parent, str(old), str(old.parent)).main.path == new


def test_file_that_was_not_moved_keeps_its_path(tmp_path: Path) -> None:
    image = write_file(tmp_path / "archive" / "scan.nii.gz")

    layer = open_moved_workspace(tmp_path / "new" / "case", str(image), str(tmp_path / "old")).main

    assert layer.path == image


@pytest.mark.parametrize(
    ("stored", "saved_in"),
    [
        ("/old/case/scan.nii.gz", "/old/case"),
        ("D:\\scan.nii.gz", "C:\\old"),
        ("/old/scan.nii.gz", "C:\\old"),
        ("C:\\old\\scan.nii.gz", "/old"),
        ("/old/" + "x" * 5000, "/old"),
        ("/old/scan.nii.gz", ""),
    ],
)
def test_missing_file_keeps_its_path_and_error_names_it(
    stored: str, saved_in: str, tmp_path: Path
) -> None:
    moved = open_moved_workspace(tmp_path, stored, saved_in)

    assert str(moved.main.path) == stored
    with pytest.raises(ImageMissing) as caught:
        moved.main.existing_path()
    message = str(caught.value)
    assert "Layer 000" in message
    assert stored in message
    assert str(tmp_path / "case.itksnap") in message
    assert isinstance(caught.value, FileNotFoundError)


def test_broken_link_beside_the_workspace_is_ignored(tmp_path: Path) -> None:
    old = write_file(tmp_path / "old" / "scan.nii.gz")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "scan.nii.gz").symlink_to(tmp_path / "nowhere")

    assert (
        open_moved_workspace(tmp_path / "new", str(old), str(old.parent)).main.existing_path()
        == old
    )


def test_file_added_to_a_moved_workspace_keeps_its_path(tmp_path: Path) -> None:
    """Check it although a file of the same name is beside the moved workspace."""
    old, new = (write_file(tmp_path / name / "scan.nii.gz") for name in ("old", "new"))
    meshes = [write_file(path.with_name("m.vtk")) for path in (old, new)]

    def add_file(workspace: Workspace) -> Path:
        mesh = workspace.add_mesh(meshes[1])
        mesh.registry.root["SaveLocation"] = str(old.parent)
        mesh.add_file(meshes[0])
        return mesh.files[1][1].with_name(old.name)

    def set_path(workspace: Workspace) -> Path:
        workspace.main.path = old
        return workspace.main.path

    for change in (
        lambda case: case.add_image(old).path,
        lambda case: case.add_segmentation(old).path,
        lambda case: case.set_main(old).path,
        lambda case: case.add_mesh(meshes[0]).files[1][0].with_name(old.name),
        add_file,
        set_path,
    ):
        case = open_moved_workspace(new.parent, str(old), str(old.parent))
        assert case.main.path == new

        assert change(case) == old
        case.save()
        paths = [layer.path for layer in Workspace.open(new.parent / "case.itksnap").layers]
        assert paths in ([new, old], [old], [new])


def test_layer_without_a_path_raises_image_missing(tmp_path: Path) -> None:
    with pytest.raises(ImageMissing, match="no path is stored"):
        open_moved_workspace(tmp_path, "", "/old").main.existing_path()


def test_saving_writes_the_current_paths_of_files(tmp_path: Path) -> None:
    image = write_file(tmp_path / "case" / "scan.nii.gz")
    moved = open_moved_workspace(tmp_path / "case", "C:\\old\\scan.nii.gz", "C:\\old")
    (tmp_path / "elsewhere").mkdir()

    moved.save(tmp_path / "elsewhere" / "saved.itksnap")

    again = Workspace.open(tmp_path / "elsewhere" / "saved.itksnap")
    for each in (moved, again):
        assert each.main.stored_path == str(image)
        assert each.registry["SaveLocation"] == str(tmp_path / "elsewhere")
        assert each.path == tmp_path / "elsewhere" / "saved.itksnap"


@pytest.mark.parametrize(
    ("stored", "saved_in", "arrives"),
    [
        ("/old/scan.nii.gz", "/old", "scan.nii.gz"),
        ("C:\\old\\images\\scan.nii.gz", "C:\\old", "images/scan.nii.gz"),
        ("images/scan.nii.gz", "/", "images/scan.nii.gz"),
    ],
)
def test_image_that_arrives_after_saving_is_found(
    stored: str, saved_in: str, arrives: str, tmp_path: Path
) -> None:
    moved = open_moved_workspace(tmp_path / "case", stored, saved_in)

    moved.save()
    image = write_file(tmp_path / "case" / arrives)

    for each in (moved, Workspace.open(tmp_path / "case" / "case.itksnap")):
        assert each.main.existing_path() == image


def test_image_that_was_not_moved_is_found_after_saving(tmp_path: Path) -> None:
    image = write_file(tmp_path / "old" / "scan.nii.gz")
    copied = open_moved_workspace(tmp_path / "new", str(image), str(image.parent))

    copied.save()

    assert copied.main.existing_path() == image


@pytest.mark.parametrize("stored", ["/archive/scan.nii.gz", "/old/scan.nii.gz"])
def test_missing_image_outside_the_folder_keeps_its_path_when_saved(
    stored: str, tmp_path: Path
) -> None:
    """The disk with the image may be connected again later."""
    moved = open_moved_workspace(tmp_path / "case", stored, "/old/case")

    moved.save()

    assert moved.main.stored_path == stored


def test_mesh_moved_with_the_workspace_is_found_and_saved(tmp_path: Path) -> None:
    mesh = write_file(tmp_path / "case" / "m.vtk")
    moved = open_moved_workspace(tmp_path / "case", "/old/scan.nii", "/old")
    moved.add_mesh("/old/m.vtk")
    moved.registry["SaveLocation"] = "/old"

    assert moved.meshes[0].files == {1: [mesh]}
    moved.save()
    assert Workspace.open(tmp_path / "case" / "case.itksnap").meshes[0].files == {1: [mesh]}
    assert moved.main.stored_path == str(tmp_path / "case" / "scan.nii")


def test_confined_workspace_has_no_paths_outside_its_folder(tmp_path: Path) -> None:
    """Otherwise the sender of a ticket could get any file of this computer."""
    secret = write_file(tmp_path / "other_ticket" / "scan.nii.gz")
    folder = tmp_path / "ticket"
    (folder / "sub").mkdir(parents=True)
    (folder / "link").symlink_to(secret.parent)
    for stored in (
        str(secret),
        str(folder / ".." / "other_ticket" / "scan.nii.gz"),
        "../other_ticket/scan.nii.gz",
        "link/scan.nii.gz",
        "/old/../other_ticket/scan.nii.gz",
    ):
        assert open_moved_workspace(
            folder, stored, "/old"
        ).main.path.resolve() == secret.resolve() or (stored.startswith("/old"))

        confined = Workspace.open(folder / "case.itksnap", confined=True)

        assert confined.main.path == folder / "scan.nii.gz"
        with pytest.raises(ImageMissing):
            confined.main.existing_path()

    for stored in ("/..", str(tmp_path), "C:\\..", ".."):
        open_moved_workspace(folder, stored, "/old")
        path = Workspace.open(folder / "case.itksnap", confined=True).main.path
        assert path.resolve().is_relative_to(folder)


def test_link_cannot_lead_out_of_a_confined_workspace(tmp_path: Path) -> None:
    secret = write_file(tmp_path / "other_ticket" / "scan.nii.gz")
    folder = tmp_path / "ticket"
    folder.mkdir()
    inside = write_file(folder / "sub" / "inside.nii.gz")
    for link, to in (
        ("scan.nii.gz", secret),
        ("_scan.nii.gz", secret),
        ("dangling.nii.gz", tmp_path / "not yet"),
        ("good.nii.gz", inside),
        ("back", inside.parent),
    ):
        (folder / link).symlink_to(to)
    # The target of a link has another parent than the link. `..` is resolved in the written path.
    (folder / "sub" / "scan.nii.gz").symlink_to(secret)
    write_file(folder / "scan2" / "deep" / "x")
    (folder / "sub" / "way").symlink_to(folder / "scan2" / "deep")
    write_file(folder / "scan2" / "scan.nii.gz")

    for stored in (
        "/old/scan.nii.gz",
        str(folder / "scan.nii.gz"),
        "scan.nii.gz",
        "dangling.nii.gz",
        "back/scan.nii.gz",
        "sub/way/../scan.nii.gz",
        str(folder / "sub" / "way" / ".." / "scan.nii.gz"),
    ):
        open_moved_workspace(folder, stored, "/old")
        layer = Workspace.open(folder / "case.itksnap", confined=True).main
        assert layer.path.resolve().is_relative_to(folder), stored
        with pytest.raises(ImageMissing):
            layer.existing_path()

    for stored in ("/old/good.nii.gz", "back/inside.nii.gz"):
        open_moved_workspace(folder, stored, "/old")
        confined = Workspace.open(folder / "case.itksnap", confined=True)
        assert confined.main.existing_path().resolve() == inside


def test_confined_workspace_finds_files_in_its_folder_and_added_files(tmp_path: Path) -> None:
    image = write_file(tmp_path / "ticket" / "layer_000.nii.gz")
    result = write_file(tmp_path / "work" / "result.nii.gz")
    open_moved_workspace(image.parent, "/private/layer_000.nii.gz", "/private")

    confined = Workspace.open(image.parent / "case.itksnap", confined=True)

    assert confined.main.existing_path() == image
    assert confined.add_segmentation(result).existing_path() == result
