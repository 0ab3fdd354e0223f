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
    from tests.examples.head_pair import HeadPair

ROOT = Path(__file__).parents[2]
SERVICE = "RegistrationExample"
LABELS = Labels(Label(id=n, name=f"eighth {n}", red=30 * n, green=0, blue=200) for n in range(1, 9))
DEADLINE = 60.0


class ProgressRecorder(DSSClient):
    """A provider's client that records the progress that the ticket's user sees."""

    def __init__(self, server: str, session: str) -> None:
        super().__init__(server, session=session)
        self.progress = list[float]()

    def dssp_set_progress(
        self,
        ticket: SupportsIndex | str,
        progress: float,
        chunk_start: float = 0.0,
        chunk_end: float = 1.0,
    ) -> None:
        super().dssp_set_progress(ticket, progress, chunk_start, chunk_end)
        self.progress.append(self.dssp_ticket_progress(ticket))


@frozen
class ProcessedTicket:
    """A ticket that the provider has processed.

    Attributes:
        progress: the values that its user saw, in order.
        result: the workspace that its user downloaded.
    """

    ticket: Ticket
    progress: list[float]
    result: Workspace


@pytest.fixture(scope="module")
def heads() -> HeadPair:
    from tests.examples.head_pair import make_head_pair

    return make_head_pair()


@pytest.fixture(scope="module")
def server() -> Iterator[DssServer]:
    """The middleware of the examples."""
    with DssServer() as server:
        plant(server.state, load_seed(ROOT / "examples" / "seed.yaml"))
        yield server


@pytest.fixture(scope="module")
def processed_ticket(
    heads: HeadPair, server: DssServer, tmp_path_factory: pytest.TempPathFactory
) -> ProcessedTicket:
    """A ticket with the deformed head, after the provider has processed it."""
    folder = tmp_path_factory.mktemp("processed")
    user = DSSClient(server.url, session=sign_in(server, "user@example.com"))
    number = user.dss_create_ticket(SERVICE, make_workspace(heads, folder))
    progress = process_next_ticket(server)
    files = user.dss_download_results(number, folder / "results")
    (workspace,) = (path for path in files if path.suffix == ".itksnap")
    return ProcessedTicket(server.tickets[number], progress, Workspace.open(workspace))


def find_account(server: DssServer, email: str) -> User:
    user = server.state.accounts.find(email)
    assert user is not None
    return user


def sign_in(server: DssServer, email: str) -> str:
    return server.state.accounts.sign_in(find_account(server, email)).id


def find_service(server: DssServer) -> Service:
    (found,) = (s for s in server.state.catalogue.list_services() if s.name == SERVICE)
    return found


def process_next_ticket(server: DssServer) -> list[float]:
    """Process the next ticket, and return the progress that its user saw."""
    from examples.daemon import work_on_ticket
    from examples.registration_provider import process

    provider = ProgressRecorder(server.url, sign_in(server, "provider@example.com"))
    claimed = provider.dssp_claim_ticket(find_service(server).githash, "testlab", "instance")
    assert claimed is not None
    work_on_ticket(provider, int(claimed["ticket"].iloc[0]), process)
    return provider.progress


def make_workspace(heads: HeadPair, folder: Path) -> Workspace:
    """Make the workspace of a user who has moved the source near the target."""
    import SimpleITK as sitk

    files = {
        folder / "target.nii.gz": heads.target,
        folder / "source.nii.gz": heads.source,
        folder / "labels.nii.gz": heads.labels,
    }
    for path, image in files.items():
        sitk.WriteImage(image, path)
    target, source, labels = files
    workspace = Workspace.create(target, tags=["Target"])
    workspace.add_image(source, nickname="Atlas", tags=["Source"]).transform = heads.initial
    # This is an overlay, because a segmentation in ITK-SNAP must be on the main image's grid.
    workspace.add_image(labels, tags=["SourceSeg"])
    workspace.labels = LABELS
    return workspace


def test_registered_labels_overlap_the_true_labels(
    heads: HeadPair, processed_ticket: ProcessedTicket
) -> None:
    from tests.examples.head_pair import compute_overlaps

    before = compute_overlaps(heads.move_labels(), heads.truth)
    after = compute_overlaps(
        processed_ticket.result.named("Resliced Segmentation").image(), heads.truth
    )

    assert np.mean(before) < 0.8
    assert min(after) > 0.9


def test_registered_source_looks_like_the_target(
    heads: HeadPair, processed_ticket: ProcessedTicket
) -> None:
    import SimpleITK as sitk

    resliced = sitk.GetArrayFromImage(
        processed_ticket.result.named("Resliced Source Image").image()
    )
    target = sitk.GetArrayFromImage(heads.target)

    assert np.abs(resliced.astype(float) - target).mean() < 5  # of 255; 12 before


def test_user_sees_progress_and_messages_of_the_registration(
    processed_ticket: ProcessedTicket,
) -> None:
    assert processed_ticket.ticket.status is TicketStatus.SUCCESS
    assert processed_ticket.progress == [0.4, 0.8, 1.0]
    assert [entry.message for entry in processed_ticket.ticket.log[2:]] == [
        "The workspace was downloaded",
        "The affine registration is done",
        "The deformable registration is done",
        "A picture of the result is attached",
    ]


def test_greedy_output_and_affine_matrix_are_attached(processed_ticket: ProcessedTicket) -> None:
    log = {entry.message: entry.attachments for entry in processed_ticket.ticket.log}
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


def test_attached_picture_shows_the_labels_on_the_target(processed_ticket: ProcessedTicket) -> None:
    from dss_client import snapshot

    (*_, picture) = processed_ticket.ticket.attachments
    result = processed_ticket.result
    labels = result.named("Resliced Segmentation")
    assert picture.read_bytes() == snapshot(result.main, labels, result.labels)


def test_result_workspace_contains_the_input_layers_and_the_new_layers(
    processed_ticket: ProcessedTicket,
) -> None:
    result = processed_ticket.result

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


def remove_tag(workspace: Workspace) -> None:
    workspace.tagged("Source").remove_tag("Source")


def add_tag_twice(workspace: Workspace) -> None:
    workspace.main.add_tag("Source")


def damage_source(workspace: Workspace) -> None:
    workspace.tagged("Source").path.write_bytes(b"this is no image")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (remove_tag, "not have a layer with the tag Source"),
        (add_tag_twice, "more than one layer with the tag Source: 000 (target), 001 (Atlas)"),
        (damage_source, "source.nii.gz cannot be read as an image"),
    ],
)
def test_ticket_with_invalid_source_fails_with_the_reason(
    heads: HeadPair,
    server: DssServer,
    tmp_path: Path,
    damage: Callable[[Workspace], None],
    reason: str,
) -> None:
    workspace = make_workspace(heads, tmp_path)
    damage(workspace)
    workspace.save(tmp_path / "heads.itksnap")
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ticket = server.add_ticket(
        find_account(server, "user@example.com"), find_service(server), files
    )

    process_next_ticket(server)

    assert ticket.status is TicketStatus.FAILED
    last = ticket.log[-1].message
    assert last.startswith("Processing failed: ")
    assert reason in last


def test_registration_command_processes_a_ticket_of_its_service(server: DssServer) -> None:
    ticket = server.add_ticket(find_account(server, "user@example.com"), find_service(server))
    DSSClient(server.url).login(find_account(server, "provider@example.com").token)

    command = [sys.executable, "-m", "examples.registration_provider", server.url]
    command += ["--provider", "testlab", "--tickets", "1"]
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=True, timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert "There is no workspace (.itksnap) among the files" in ticket.log[-1].message
