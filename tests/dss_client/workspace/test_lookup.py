"""Lookup of layers by position, role, nickname and tag."""

from __future__ import annotations

import pytest

from dss_client import DssError, LayerMissing, LayerNotUnique, TagMissing, TagNotUnique, Workspace


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
def test_find_returns_the_layer_that_a_text_specifies(
    spec: str | int, position: int, workspace: Workspace
) -> None:
    assert workspace.find(spec).position == position


@pytest.mark.parametrize("spec", ["5", "999", "O:2", "O:-3", "A:3", "S:2", "M:1"])
def test_missing_layer_error_lists_existing_layers(spec: str, workspace: Workspace) -> None:
    with pytest.raises(
        LayerMissing, match=rf"not have a layer {spec}. It has 000 \(Scan\), 001"
    ) as caught:
        workspace.find(spec)
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("spec", ["", "X", "-1", "O:", "O:x", "1.5", "O:1:2", "M S", "²", -1])
def test_find_with_an_invalid_text_raises_value_error(
    spec: str | int, workspace: Workspace
) -> None:
    with pytest.raises(ValueError, match="does not specify a layer"):
        workspace.find(spec)


def test_layers_are_found_by_tag(workspace: Workspace) -> None:
    assert workspace.tagged("T1") == workspace.main
    assert workspace.tagged(" FLAIR ").position == 1
    assert [layer.position for layer in workspace.all_tagged("raw")] == [1, 2]
    assert workspace.all_tagged("none") == []
    assert workspace.all_tagged("t1") == []


def test_missing_tag_error_lists_existing_tags(workspace: Workspace) -> None:
    with pytest.raises(TagMissing) as caught:
        workspace.tagged("T2")

    assert str(caught.value) == (
        "the new workspace does not have a layer with the tag T2. It has 000 (Scan): T1; "
        "001 (flair): FLAIR, raw; 002 (Map): raw; 003 (seg): no tags; 004 (second): no tags."
    )
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, DssError)
    with pytest.raises(TagMissing, match="It has no layers"):
        Workspace().tagged("T2")


@pytest.mark.parametrize("tag", ["flair", "FL AIR", "fla-ir", "_FLAIR "])
def test_missing_tag_error_suggests_similar_tags(tag: str, workspace: Workspace) -> None:
    with pytest.raises(TagMissing, match=r"Did you mean FLAIR\?$"):
        workspace.tagged(tag)
    workspace.main.add_tag("Flair")
    with pytest.raises(TagMissing, match=r"Did you mean FLAIR or Flair\?$"):
        workspace.tagged(tag)


def test_ambiguous_tag_error_lists_the_layers(workspace: Workspace) -> None:
    with pytest.raises(TagNotUnique, match=r"tag raw: 001 \(flair\), 002 \(Map\)") as caught:
        workspace.tagged("raw")
    assert isinstance(caught.value, LookupError)


def test_layers_are_found_by_nickname(workspace: Workspace) -> None:
    assert workspace.named("Map").position == 2
    with pytest.raises(LayerMissing, match=r"nickname 'flair'. It has 000 \(Scan\), 001 \(flair\)"):
        workspace.named("flair")
    workspace.main.nickname = "Map"
    with pytest.raises(LayerNotUnique, match=r"nickname 'Map': 000 \(Map\), 002 \(Map\)"):
        workspace.named("Map")
