from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
import pytest
from attrs import frozen

from dss_api import TicketStatus
from dss_client import DSSClient, Label, Labels, Role, Workspace
from dss_mock import DssServer
from dss_mock.seed import load_seed, plant
from dss_mock.state import Service, Ticket, User

pytest.importorskip("SimpleITK", reason="the provider needs the `images` extra")
pytest.importorskip("picsl_greedy", reason="the provider needs Greedy")

if TYPE_CHECKING:
    from tests.examples.deformed import Deformed

ROOT = Path(__file__).parents[2]
SERVICE = "RegistrationExample"
LABELS = Labels(Label(id=n, name=f"eighth {n}", red=30 * n, green=0, blue=200) for n in range(1, 9))
DEADLINE = 60.0


class Watched(DSSClient):
    """A provider's client that takes note of the progress that a ticket's user sees."""

    def __init__(self, server: str, session: str) -> None:
        super().__init__(server, session=session)
        self.seen = list[float]()

    def dssp_set_progress(
        self,
        ticket: SupportsIndex | str,
        progress: float,
        chunk_start: float = 0.0,
        chunk_end: float = 1.0,
    ) -> None:
        super().dssp_set_progress(ticket, progress, chunk_start, chunk_end)
        self.seen.append(self.dssp_ticket_progress(ticket))


@frozen
class Registered:
    """A ticket that the provider worked on.

    Attributes:
        progress: what its user saw of it, one after the other.
        result: the workspace that its user downloaded.
    """

    ticket: Ticket
    progress: list[float]
    result: Workspace


@pytest.fixture(scope="module")
def deformed() -> Deformed:
    from tests.examples.deformed import make_deformed

    return make_deformed()


@pytest.fixture(scope="module")
def server() -> Iterator[DssServer]:
    """The middleware of the examples."""
    with DssServer() as server:
        plant(server.state, load_seed(ROOT / "examples" / "seed.yaml"))
        yield server


@pytest.fixture(scope="module")
def registered(
    deformed: Deformed, server: DssServer, tmp_path_factory: pytest.TempPathFactory
) -> Registered:
    """The deformed head, from its submission to the result."""
    folder = tmp_path_factory.mktemp("registered")
    user = DSSClient(server.url, session=session(server, "user@example.com"))
    number = user.dss_create_ticket(SERVICE, submitted(deformed, folder))
    progress = work_on_next(server)
    files = user.dss_download_results(number, folder / "results")
    (workspace,) = (path for path in files if path.suffix == ".itksnap")
    return Registered(server.tickets[number], progress, Workspace.open(workspace))


def account(server: DssServer, email: str) -> User:
    user = server.state.accounts.find(email)
    assert user is not None
    return user


def session(server: DssServer, email: str) -> str:
    return server.state.accounts.sign_in(account(server, email)).id


def service(server: DssServer) -> Service:
    (found,) = (s for s in server.state.catalogue.current_services() if s.name == SERVICE)
    return found


def work_on_next(server: DssServer) -> list[float]:
    """Let the provider work on the next ticket; gives the progress that its user saw."""
    from examples.daemon import work_on
    from examples.registration_provider import process

    provider = Watched(server.url, session(server, "provider@example.com"))
    claimed = provider.dssp_claim_ticket(service(server).githash, "testlab", "instance")
    assert claimed is not None
    work_on(provider, int(claimed["ticket"].iloc[0]), process)
    return provider.seen


def submitted(deformed: Deformed, folder: Path) -> Workspace:
    """What a user submits who has moved the source near to the target."""
    import SimpleITK as sitk

    files = {
        folder / "target.nii.gz": deformed.target,
        folder / "source.nii.gz": deformed.source,
        folder / "labels.nii.gz": deformed.labels,
    }
    for path, image in files.items():
        sitk.WriteImage(image, path)
    target, source, labels = files
    workspace = Workspace.create(target, tags=["Target"])
    workspace.add_image(source, nickname="Atlas", tags=["Source"]).transform = deformed.initial
    # As an overlay, for ITK-SNAP wants segmentations on the main image's grid.
    workspace.add_image(labels, tags=["SourceSeg"])
    workspace.labels = LABELS
    return workspace


def test_every_label_comes_to_lie_where_it_belongs(
    deformed: Deformed, registered: Registered
) -> None:
    from tests.examples.deformed import overlaps

    before = overlaps(deformed.unregistered(), deformed.truth)
    after = overlaps(registered.result.named("Resliced Segmentation").image(), deformed.truth)

    assert np.mean(before) < 0.8
    assert min(after) > 0.9


def test_the_source_comes_to_look_like_the_target(
    deformed: Deformed, registered: Registered
) -> None:
    import SimpleITK as sitk

    resliced = sitk.GetArrayFromImage(registered.result.named("Resliced Source Image").image())
    target = sitk.GetArrayFromImage(deformed.target)

    assert np.abs(resliced.astype(float) - target).mean() < 5  # of 255; 12 before


def test_the_user_sees_how_the_work_goes_on(registered: Registered) -> None:
    assert registered.ticket.status is TicketStatus.SUCCESS
    assert registered.progress == [0.4, 0.8, 1.0]
    assert [entry.message for entry in registered.ticket.log[2:]] == [
        "The workspace was downloaded",
        "The affine registration is done",
        "The deformable registration is done",
        "A picture of the result is attached",
    ]


def test_what_greedy_printed_and_found_is_attached(registered: Registered) -> None:
    log = {entry.message: entry.attachments for entry in registered.ticket.log}
    affine, matrix = log["The affine registration is done"]
    (deformable,) = log["The deformable registration is done"]
    (picture,) = log["A picture of the result is attached"]

    assert (affine.description, affine.mime_type) == ("AffineReg output", "text/plain")
    assert b"Final RAS Transform" in affine.read_bytes()
    assert (matrix.description, matrix.mime_type) == ("Affine matrix", "text/plain")
    assert np.loadtxt(io.BytesIO(matrix.read_bytes())).shape == (4, 4)
    assert (deformable.description, deformable.mime_type) == ("Deformable output", "text/plain")
    assert b"LEVEL 3 of 3" in deformable.read_bytes()
    assert picture.mime_type == "image/png"


def test_the_picture_shows_the_labels_on_the_target(registered: Registered) -> None:
    from dss_client import snapshot

    (*_, picture) = registered.ticket.attachments
    result = registered.result
    labels = result.named("Resliced Segmentation")
    assert picture.read_bytes() == snapshot(result.main, labels, result.labels)


def test_the_result_is_the_workspace_with_what_was_made(registered: Registered) -> None:
    result = registered.result

    assert [(layer.role, layer.nickname, layer.tags) for layer in result.layers] == [
        (Role.MAIN, "", ("Target",)),
        (Role.OVERLAY, "Atlas", ("Source",)),
        (Role.OVERLAY, "", ("SourceSeg",)),
        (Role.OVERLAY, "Resliced Source Image", ()),
        (Role.OVERLAY, "Deformation Field", ()),
        (Role.SEGMENTATION, "Resliced Segmentation", ()),
    ]
    field = result.named("Deformation Field")
    assert field.image().GetNumberOfComponentsPerPixel() == 3
    assert field.colour_map == "Jet"
    assert result.labels == LABELS


def untagged(workspace: Workspace) -> None:
    workspace.tagged("Source").remove_tag("Source")


def tagged_twice(workspace: Workspace) -> None:
    workspace.main.add_tag("Source")


def damaged(workspace: Workspace) -> None:
    workspace.tagged("Source").path.write_bytes(b"this is no image")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (untagged, "no layer with the tag Source"),
        (tagged_twice, "more than one layer with the tag Source: 000 (target), 001 (Atlas)"),
        (damaged, "source.nii.gz cannot be read as an image"),
    ],
)
def test_a_ticket_that_cannot_be_registered_fails_with_the_reason(
    deformed: Deformed,
    server: DssServer,
    tmp_path: Path,
    harm: Callable[[Workspace], None],
    reason: str,
) -> None:
    workspace = submitted(deformed, tmp_path)
    harm(workspace)
    workspace.save(tmp_path / "heads.itksnap")
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ticket = server.add_ticket(account(server, "user@example.com"), service(server), files)

    work_on_next(server)

    assert ticket.status is TicketStatus.FAILED
    last = ticket.log[-1].message
    assert last.startswith("Processing failed: ")
    assert reason in last


def test_as_a_command_it_waits_for_tickets_of_its_service(server: DssServer) -> None:
    ticket = server.add_ticket(account(server, "user@example.com"), service(server))
    DSSClient(server.url).login(account(server, "provider@example.com").token)

    command = [sys.executable, "-m", "examples.registration_provider", server.url]
    command += ["--provider", "testlab", "--tickets", "1"]
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=True, timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert "There is no workspace (.itksnap) among the files" in ticket.log[-1].message
