"""Live views of folders with a nickname and tags."""

from __future__ import annotations

import pytest

from dss_client import Workspace


def test_nickname_none_raises_type_error(workspace: Workspace) -> None:
    with pytest.raises(
        TypeError, match=r"Layer\[000\]\..*CustomNickName cannot be None; it must be a string"
    ):
        workspace.main.nickname = None  # type: ignore[assignment]  # on purpose
    assert workspace.main.nickname == "Scan"


def test_views_of_the_same_layer_are_equal(workspace: Workspace) -> None:
    assert workspace.layers[1] == workspace.overlays[0]
    assert workspace.layers[1] != workspace.layers[2]
    assert len({*workspace.layers, *workspace.layers}) == 5
    assert workspace.copy().main != workspace.main
