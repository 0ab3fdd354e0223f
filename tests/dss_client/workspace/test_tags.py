"""Tags of layers, meshes and annotations."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dss_client import Workspace


def test_tags_are_added_and_removed(workspace: Workspace) -> None:
    layer = workspace.main

    layer.add_tag("  with blanks ")
    layer.add_tag("T1")
    assert list(layer.tags) == ["T1", "with blanks"]
    assert layer.registry["Tags"] == "T1,with blanks"

    layer.remove_tag("T1")
    layer.remove_tag("none")
    assert list(layer.tags) == ["with blanks"]
    layer.tags = ("b", "a", "b")
    assert list(layer.tags) == ["b", "a"]


@pytest.mark.parametrize("tag", ["", "  ", "a,b", ",", "a\0"])
def test_invalid_tag_raises_value_error_and_changes_nothing(tag: str, workspace: Workspace) -> None:
    before = workspace.registry.copy()

    def set_tags(tags: Iterable[str]) -> None:
        workspace.main.tags = tuple(tags)

    for change in (
        lambda: workspace.main.add_tag(tag),
        lambda: workspace.main.add_tag(tag, exclusive=True),
        lambda: set_tags(["fine", tag]),
        lambda: workspace.add_image("/a.nii", tags=["fine", tag]),
        lambda: workspace.set_main("/a.nii", tags=[tag]),
        lambda: workspace.add_segmentation("/a.nii", tags=[tag]),
        lambda: workspace.set_segmentation("/a.nii", tags=[tag]),
        lambda: workspace.add_mesh("/a.vtk", tags=[tag]),
    ):
        with pytest.raises(ValueError, match=r"tag|XML"):
            change()
        assert workspace.registry == before


def test_tags_given_as_one_text_raise_type_error(workspace: Workspace) -> None:
    before = workspace.registry.copy()

    def set_tags(tags: Iterable[str]) -> None:
        workspace.main.tags = tuple(tags) if not isinstance(tags, str) else tags

    for change in (
        lambda: set_tags("T1-MRI"),
        lambda: Workspace.create("/a.nii", tags="T1-MRI"),
        lambda: workspace.add_image("/a.nii", tags="T1-MRI"),
        lambda: workspace.add_segmentation("/a.nii", tags="T1-MRI"),
        lambda: workspace.set_main("/a.nii", tags="T1-MRI"),
        lambda: workspace.add_mesh("/a.vtk", tags="T1-MRI"),
    ):
        with pytest.raises(TypeError, match=r"tags=\['T1-MRI'\]"):
            change()
        assert workspace.registry == before


def test_exclusive_tag_is_removed_from_everything_else(workspace: Workspace) -> None:
    mesh = workspace.add_mesh("/data/m.vtk", tags=["raw", "mesh"])
    workspace.registry["Annotations.Annotations.Element[0].Tags"] = "raw"
    workspace.layers[1].registry["LayerMetaData.Tags"] = "raw"

    workspace.layers[3].add_tag("raw", exclusive=True)

    assert workspace.tagged("raw").position == 3
    assert workspace.layers[1].tags == ("FLAIR",)
    assert mesh.tags == ("mesh",)
    assert workspace.registry["Annotations.Annotations.Element[0].Tags"] == ""


def test_tags_in_both_entries_are_read_and_written(workspace: Workspace) -> None:
    """ITK-SNAP writes tags beside the display settings, `itksnap-wt` beside the path."""
    layer = workspace.main
    layer.registry["LayerMetaData.Tags"] = "shown, T1"

    assert layer.tags == ("T1", "shown")
    layer.add_tag("new")
    assert layer.registry["Tags"] == "T1,shown,new"
    assert layer.registry["LayerMetaData.Tags"] == "T1,shown,new"
    layer.remove_tag("shown")
    assert layer.tags == ("T1", "new")
