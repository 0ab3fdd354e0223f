"""Finding layers by position, role, nickname and tag."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dss_client import DssError, LayerMissing, LayerNotUnique, TagMissing, TagNotUnique, Workspace


@pytest.fixture
def workspace() -> Workspace:
    """A main image, two overlays and two segmentations."""
    made = Workspace.create("/data/scan.nii.gz", nickname="Scan", tags=["T1"])
    made.add_image("/data/flair.nii.gz", tags=["FLAIR", "raw"])
    made.add_image("/data/map.mha", nickname="Map", tags=["raw"])
    made.add_segmentation("/data/seg.nii.gz")
    made.add_segmentation("/data/second.nii.gz")
    return made


@pytest.mark.parametrize(
    ("spec", "position"),
    [
        *[("0", 0), ("001", 1), ("4", 4), (3, 3)],
        *[("M", 0), ("main", 0), ("MAIN", 0), (" m ", 0)],
        *[("S", 3), ("seg", 3), ("S:1", 4), ("s:-1", 4)],
        *[("A:0", 0), ("A:2", 2), ("anat:-1", 2), ("ANAT:1", 1), ("a", 0)],
        *[("O:0", 1), ("overlay:1", 2), ("O:-1", 2), ("o:-2", 1)],
    ],
)
def test_a_text_means_a_layer(spec: str | int, position: int, workspace: Workspace) -> None:
    assert workspace.find(spec).position == position


@pytest.mark.parametrize("spec", ["5", "999", "O:2", "O:-3", "A:3", "S:2", "M:1"])
def test_a_layer_that_is_not_there_is_named_with_those_that_are(
    spec: str, workspace: Workspace
) -> None:
    with pytest.raises(LayerMissing, match=rf"no layer {spec}. It has 000 \(Scan\), 001") as caught:
        workspace.find(spec)
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("spec", ["", "X", "-1", "O:", "O:x", "1.5", "O:1:2", "M S", "²", -1])
def test_a_text_that_means_nothing_is_refused(spec: str | int, workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="does not specify a layer"):
        workspace.find(spec)


def test_a_layer_is_found_by_its_tag(workspace: Workspace) -> None:
    assert workspace.tagged("T1") == workspace.main
    assert workspace.tagged(" FLAIR ").position == 1
    assert [layer.position for layer in workspace.all_tagged("raw")] == [1, 2]
    assert workspace.all_tagged("none") == []
    assert workspace.all_tagged("t1") == []


def test_a_missing_tag_is_named_with_those_that_there_are(workspace: Workspace) -> None:
    with pytest.raises(TagMissing) as caught:
        workspace.tagged("T2")

    assert str(caught.value) == (
        "the new workspace has no layer with the tag T2. It has 000 (Scan): T1; "
        "001 (flair): FLAIR, raw; 002 (Map): raw; 003 (seg): no tags; 004 (second): no tags."
    )
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, DssError)
    with pytest.raises(TagMissing, match="It has no layers"):
        Workspace().tagged("T2")


@pytest.mark.parametrize("tag", ["flair", "FL AIR", "fla-ir", "_FLAIR "])
def test_a_tag_that_is_nearly_there_is_asked_back(tag: str, workspace: Workspace) -> None:
    with pytest.raises(TagMissing, match=r"Did you mean FLAIR\?$"):
        workspace.tagged(tag)
    workspace.main.add_tag("Flair")
    with pytest.raises(TagMissing, match=r"Did you mean FLAIR or Flair\?$"):
        workspace.tagged(tag)


def test_two_layers_with_one_tag_are_named(workspace: Workspace) -> None:
    with pytest.raises(TagNotUnique, match=r"tag raw: 001 \(flair\), 002 \(Map\)") as caught:
        workspace.tagged("raw")
    assert isinstance(caught.value, LookupError)


def test_a_layer_is_found_by_its_nickname(workspace: Workspace) -> None:
    assert workspace.named("Map").position == 2
    with pytest.raises(LayerMissing, match=r"nickname 'flair'. It has 000 \(Scan\), 001 \(flair\)"):
        workspace.named("flair")
    workspace.main.nickname = "Map"
    with pytest.raises(LayerNotUnique, match=r"nickname 'Map': 000 \(Map\), 002 \(Map\)"):
        workspace.named("Map")


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
def test_what_is_no_tag_is_refused_and_changes_nothing(tag: str, workspace: Workspace) -> None:
    before = workspace.registry.copy()

    def give(tags: Iterable[str]) -> None:
        workspace.main.tags = tuple(tags)

    for change in (
        lambda: workspace.main.add_tag(tag),
        lambda: workspace.main.add_tag(tag, exclusive=True),
        lambda: give(["fine", tag]),
        lambda: workspace.add_image("/a.nii", tags=["fine", tag]),
        lambda: workspace.set_main("/a.nii", tags=[tag]),
        lambda: workspace.add_segmentation("/a.nii", tags=[tag]),
        lambda: workspace.set_segmentation("/a.nii", tags=[tag]),
        lambda: workspace.add_mesh("/a.vtk", tags=[tag]),
    ):
        with pytest.raises(ValueError, match=r"tag|XML"):
            change()
        assert workspace.registry == before


def test_one_text_is_not_taken_for_a_list_of_its_letters(workspace: Workspace) -> None:
    before = workspace.registry.copy()

    def give(tags: Iterable[str]) -> None:
        workspace.main.tags = tuple(tags) if not isinstance(tags, str) else tags

    for change in (
        lambda: give("T1-MRI"),
        lambda: Workspace.create("/a.nii", tags="T1-MRI"),
        lambda: workspace.add_image("/a.nii", tags="T1-MRI"),
        lambda: workspace.add_segmentation("/a.nii", tags="T1-MRI"),
        lambda: workspace.set_main("/a.nii", tags="T1-MRI"),
        lambda: workspace.add_mesh("/a.vtk", tags="T1-MRI"),
    ):
        with pytest.raises(TypeError, match=r"tags=\['T1-MRI'\]"):
            change()
        assert workspace.registry == before


def test_a_nickname_is_a_text(workspace: Workspace) -> None:
    with pytest.raises(
        TypeError, match=r"Layer\[000\]\..*CustomNickName cannot be None; it must be a text"
    ):
        workspace.main.nickname = None  # type: ignore[assignment]  # on purpose
    assert workspace.main.nickname == "Scan"


def test_what_xml_cannot_hold_is_not_added_by_half(workspace: Workspace) -> None:
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


def test_an_exclusive_tag_is_taken_from_all_else(workspace: Workspace) -> None:
    mesh = workspace.add_mesh("/data/m.vtk", tags=["raw", "mesh"])
    workspace.registry["Annotations.Annotations.Element[0].Tags"] = "raw"
    workspace.layers[1].registry["LayerMetaData.Tags"] = "raw"

    workspace.layers[3].add_tag("raw", exclusive=True)

    assert workspace.tagged("raw").position == 3
    assert workspace.layers[1].tags == ("FLAIR",)
    assert mesh.tags == ("mesh",)
    assert workspace.registry["Annotations.Annotations.Element[0].Tags"] == ""


def test_tags_of_both_places_count_and_stay_in_both(workspace: Workspace) -> None:
    """The program writes them with how a layer is shown, the command-line tool beside its path."""
    layer = workspace.main
    layer.registry["LayerMetaData.Tags"] = "shown, T1"

    assert layer.tags == ("T1", "shown")
    layer.add_tag("new")
    assert layer.registry["Tags"] == "T1,shown,new"
    assert layer.registry["LayerMetaData.Tags"] == "T1,shown,new"
    layer.remove_tag("shown")
    assert layer.tags == ("T1", "new")


def test_views_of_the_same_layer_are_equal(workspace: Workspace) -> None:
    assert workspace.layers[1] == workspace.overlays[0]
    assert workspace.layers[1] != workspace.layers[2]
    assert len({*workspace.layers, *workspace.layers}) == 5
    assert workspace.copy().main != workspace.main
