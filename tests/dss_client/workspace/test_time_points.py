"""Time points of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.create("/data/scan.nii")


def test_time_points_have_nicknames_and_tags(workspace: Workspace) -> None:
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


def test_time_points_are_sorted_by_number(workspace: Workspace) -> None:
    workspace.time_point(12)

    assert [point.number for point in workspace.time_points] == list(range(1, 13))


def test_time_point_zero_raises_value_error(workspace: Workspace) -> None:
    before = workspace.registry.copy()

    with pytest.raises(ValueError, match="count from 1, so 0 is not valid"):
        workspace.time_point(0)
    assert workspace.registry == before


def test_time_points_of_an_itksnap_test_workspace_are_read(itksnap_data: Path) -> None:
    points = Workspace.open(itksnap_data / "MRIcrop-with-mesh.itksnap").time_points

    assert [(point.number, point.nickname, point.tags) for point in points] == [(1, "", ())]


def test_too_large_stored_number_of_time_points_is_ignored(workspace: Workspace) -> None:
    workspace.time_point(1)
    workspace.registry["TimePointProperties.TimePoints.ArraySize"] = 10**12

    assert len(workspace.time_points) == 1


@pytest.mark.parametrize("size", ["-1000000000", "5", "1000000000000", "many"])
def test_missing_time_points_are_created_despite_a_wrong_stored_number(
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


def test_reading_an_existing_time_point_changes_nothing(workspace: Workspace) -> None:
    workspace.time_point(2)
    before = workspace.registry.copy()

    workspace.time_point(1)

    assert workspace.registry == before
