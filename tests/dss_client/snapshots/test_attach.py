"""Pictures in a ticket's log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import SimpleITK as sitk

from dss_api import TicketNotClaimed
from dss_client import DSSClient, snapshot
from dss_client.workspace import (
    ImageMissing,
    KeyUnreadable,
    NoMainImage,
    Workspace,
    WorkspaceMissing,
)

from ..conftest import World
from .pictures import AS_ORANGE, make_block, make_flat_image


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A saved workspace with a scan, a segmentation and its labels."""
    folder = tmp_path / "jane doe"
    folder.mkdir()
    sitk.WriteImage(make_flat_image(), folder / "jane.nii.gz")
    sitk.WriteImage(make_block(), folder / "doe.nii.gz")
    made = Workspace.create(folder / "jane.nii.gz")
    made.add_segmentation(folder / "doe.nii.gz")
    made.labels = AS_ORANGE
    made.save(folder / "jane.itksnap")
    return made


def test_attached_snapshot_is_visible_to_the_user_at_once(
    client: DSSClient, user: DSSClient, ticket: int, workspace: Workspace, tmp_path: Path
) -> None:
    picture = client.dssp_attach_snapshot(ticket, workspace)

    assert picture == snapshot(make_flat_image(), make_block(), AS_ORANGE)
    log = user.dss_ticket_log(ticket)
    assert log["category"].iloc[-1] == "info"
    attached = user.dss_list_attachments(ticket)
    assert attached[["description", "mime_type"]].to_numpy().tolist() == [
        ["Snapshot of the result", "image/png"]
    ]
    (file,) = user.dss_download_attachments(ticket, tmp_path / "attached")
    assert file.suffix == ".png"
    assert file.read_bytes() == picture


def test_snapshot_is_sent_under_a_neutral_file_name(
    world: World, client: DSSClient, ticket: int, workspace: Workspace
) -> None:
    attachments = re.compile(r".*/attachments")
    world.server.expect_request(attachments, method="POST").respond_with_data("17")

    client.dssp_attach_snapshot(ticket, workspace)

    [(request, _)] = world.server.log
    sent = request.get_data()
    assert b'filename="snapshot.png"' in sent
    assert b"jane" not in sent


def test_attach_snapshot_takes_a_workspace_file_and_own_texts(
    client: DSSClient, user: DSSClient, ticket: int, workspace: Workspace
) -> None:
    assert workspace.path is not None
    client.dssp_attach_snapshot(ticket, workspace.path, desc="The tumour", message="Look here")

    log = user.dss_ticket_log(ticket)
    assert log["message"].iloc[-1] == "Look here"
    assert user.dss_list_attachments(ticket)["description"].to_list() == ["The tumour"]


def test_snapshot_without_a_message_is_linked_to_the_next_message(
    client: DSSClient, user: DSSClient, ticket: int, workspace: Workspace
) -> None:
    before = len(user.dss_ticket_log(ticket))

    client.dssp_attach_snapshot(ticket, workspace, message=None)

    assert len(user.dss_ticket_log(ticket)) == before
    assert user.dss_list_attachments(ticket).empty
    client.dssp_log(ticket, "warning", "The left side is cut off")
    assert len(user.dss_list_attachments(ticket)) == 1


def test_workspace_without_segmentation_can_be_attached(
    client: DSSClient, ticket: int, workspace: Workspace
) -> None:
    workspace.remove(workspace.segmentations[0])

    assert client.dssp_attach_snapshot(ticket, workspace) == snapshot(make_flat_image())


def test_snapshot_shows_the_last_segmentation_or_the_named_one(
    client: DSSClient, ticket: int, workspace: Workspace, tmp_path: Path
) -> None:
    first = workspace.segmentations[0]
    one_before = client.dssp_attach_snapshot(ticket, workspace)
    empty = workspace.main.array().array * 0
    workspace.main.write_like(tmp_path / "empty.nii.gz", empty.astype("uint8"))
    workspace.add_segmentation(tmp_path / "empty.nii.gz")

    assert client.dssp_attach_snapshot(ticket, workspace) != one_before
    assert client.dssp_attach_snapshot(ticket, workspace, segmentation=first) == one_before


def test_snapshot_that_cannot_be_drawn_is_not_sent(
    world: World, client: DSSClient, ticket: int, workspace: Workspace
) -> None:
    workspace.main.path.unlink()
    before = len(world.server.requests)

    with pytest.raises(ImageMissing, match="jane"):
        client.dssp_attach_snapshot(ticket, workspace)
    with pytest.raises(NoMainImage):
        client.dssp_attach_snapshot(ticket, Workspace())
    with pytest.raises(WorkspaceMissing, match=r"none\.itksnap"):
        client.dssp_attach_snapshot(ticket, "none.itksnap")
    with pytest.raises(TypeError, match="A Workspace or its path is needed, not int"):
        client.dssp_attach_snapshot(ticket, 3)  # type: ignore[arg-type]  # pyright: ignore
    workspace.registry["Layers.Layer[000].ProjectMetaData.IRIS.LabelTable.Element[0].Index"] = "x"
    with pytest.raises(KeyUnreadable, match="Index"):
        client.dssp_attach_snapshot(ticket, workspace)
    with pytest.raises(TypeError):
        client.dssp_attach_snapshot(ticket, workspace, message=3)  # type: ignore[arg-type]  # pyright: ignore
    assert len(world.server.requests) == before


def test_attaching_a_snapshot_to_an_unclaimed_ticket_raises_an_error(
    world: World, client: DSSClient, workspace: Workspace
) -> None:
    ready = world.add_ready_ticket()

    with pytest.raises(TicketNotClaimed):
        client.dssp_attach_snapshot(ready.id, workspace)
