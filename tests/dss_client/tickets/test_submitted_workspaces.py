"""The submission of a workspace: checked, with neutral names, and complete."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dss_api import DssError, FileArea, ServiceNotFound, TicketNotFound, TicketStatus
from dss_client import (
    DSSClient,
    RequirementsNotMet,
    TicketIncomplete,
    Workspace,
)
from dss_mock import faults
from dss_mock.faults import Fault
from dss_mock.state import Service
from tests.dss_client.conftest import World
from tests.dss_client.scans import (
    EXPORTED_NAMES,
    LABELS,
    NICKNAME,
    UPLOAD_FAULTS,
    LateFault,
    has_voxels,
    read_origin,
    write_mesh,
    write_volume,
)

WORKSPACE = "ticket_00000001.itksnap"


@pytest.fixture
def service(world: World) -> Service:
    """A service that asks for a tag."""
    service_tags = [
        {"name": "T1-MRI", "type": "MainImage", "hint": "The scan", "required": True},
        {"name": "Lesion", "type": "Segmentation", "hint": "If there is one", "required": False},
    ]
    descriptor = {"name": "Brain", "version": "1.0", "shortdesc": "Finds it", "tags": service_tags}
    return world.server.add_service("testlab", descriptor)


def read_inputs(world: World, ticket: int = 1) -> dict[str, bytes]:
    """Read the input files of a ticket, in the order of their upload."""
    files = world.server.tickets[ticket].files[FileArea.INPUT]
    return {name: file.read_bytes() for name, file in files.items()}


def count_requests(world: World, operation: str) -> int:
    return sum(request.operation == operation for request in world.server.requests)


def download_workspace(client: DSSClient, folder: Path) -> Workspace:
    """Claim the ticket and download its workspace, as the provider."""
    services = client.dssp_list_services()["hash"]
    claimed = client.dssp_claim_ticket(services, "testlab", "i")
    assert claimed is not None
    client.dssp_download_ticket(claimed["ticket"].iloc[0], folder)
    return Workspace.open(folder / WORKSPACE)


@pytest.mark.usefixtures("service")
class TestSubmittedWorkspace:
    def test_submitted_workspace_has_neutral_names_and_images_come_first(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        assert user.dss_create_ticket("Brain", workspace) == 1

        assert world.server.tickets[1].status is TicketStatus.READY
        files = read_inputs(world)
        assert list(files) == [*EXPORTED_NAMES, WORKSPACE]
        assert b"MILLER" not in b"".join(files.values())

    def test_workspace_path_is_submitted_as_a_workspace(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        assert workspace.path is not None
        paths: list[Path | str] = [workspace.path, str(workspace.path)]

        for number, given in enumerate(paths, start=1):
            user.dss_create_ticket("Brain", given)

            assert list(read_inputs(world, number)) == [
                *EXPORTED_NAMES,
                f"ticket_{number:08d}.itksnap",
            ]

    def test_workspace_path_with_an_upper_case_extension_is_submitted_as_a_workspace(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        assert workspace.path is not None

        user.dss_create_ticket(
            "Brain", workspace.path.rename(workspace.path.with_suffix(".ITKSNAP"))
        )

        assert list(read_inputs(world)) == [*EXPORTED_NAMES, WORKSPACE]

    def test_unsaved_workspace_can_be_submitted(
        self, world: World, user: DSSClient, tmp_path: Path
    ) -> None:
        scan = write_volume(tmp_path / "scan.nii.gz", 0)

        user.dss_create_ticket("Brain", workspace=Workspace.create(scan, tags=["T1-MRI"]))

        assert list(read_inputs(world)) == [EXPORTED_NAMES[0], WORKSPACE]

    def test_provider_can_open_the_submitted_workspace(
        self, user: DSSClient, client: DSSClient, workspace: Workspace, tmp_path: Path
    ) -> None:
        user.dss_create_ticket("Brain", workspace)

        found = download_workspace(client, tmp_path / "work")

        assert found.tagged("T1-MRI").nickname == NICKNAME
        assert [layer.existing_path().name for layer in found.layers] == list(EXPORTED_NAMES)
        assert all(has_voxels(layer, seed) for seed, layer in enumerate(found.layers))
        assert found.labels[1] == LABELS[1]

    def test_strict_anonymization_removes_nicknames_from_the_submitted_workspace(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        user.dss_create_ticket("Brain", workspace, anonymize="strict")

        assert NICKNAME.encode() not in read_inputs(world)[WORKSPACE]

    def test_workspace_can_be_submitted_without_its_meshes(
        self, world: World, user: DSSClient, workspace: Workspace, tmp_path: Path
    ) -> None:
        workspace.add_mesh(write_mesh(tmp_path / "cortex.vtk"))

        user.dss_create_ticket("Brain", workspace)
        user.dss_create_ticket("Brain", workspace, meshes=False)

        assert len(read_inputs(world, 1)) == 5
        assert list(read_inputs(world, 2)) == [*EXPORTED_NAMES, "ticket_00000002.itksnap"]

    def test_submitted_workspace_is_not_modified(
        self, user: DSSClient, workspace: Workspace
    ) -> None:
        assert workspace.path is not None
        before, files = workspace.registry.to_bytes(), sorted(workspace.path.parent.iterdir())

        user.dss_create_ticket("Brain", workspace)

        assert workspace.registry.to_bytes() == before
        assert sorted(workspace.path.parent.iterdir()) == files

    def test_workspace_file_in_a_list_is_sent_unchanged(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        assert workspace.path is not None

        user.dss_create_ticket("Brain", [workspace.path])

        assert read_inputs(world) == {workspace.path.name: workspace.path.read_bytes()}

    def test_single_image_path_is_rejected_with_advice(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        image = workspace.main.path
        with pytest.raises(ValueError, match=r"not a workspace.*Workspace\.create\(.*give a list"):
            user.dss_create_ticket("Brain", image)
        with pytest.raises(ValueError, match="anonymize= is for workspaces"):
            user.dss_create_ticket("Brain", [image], anonymize="strict")

        assert not list(world.server.tickets)


@pytest.mark.usefixtures("service")
class TestNoTicket:
    def test_workspace_without_required_tags_creates_no_ticket(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        workspace.main.remove_tag("T1-MRI")
        workspace.main.add_tag("Lesion")

        with pytest.raises(RequirementsNotMet) as caught:
            user.dss_create_ticket("Brain", workspace)

        assert [(one.tag, one.hint) for one in caught.value.missing] == [
            ("T1-MRI", "The scan"),
            ("Lesion", "If there is one"),
        ]
        assert count_requests(world, "create_ticket") == 0

    def test_unreadable_image_creates_no_ticket(
        self, world: World, user: DSSClient, workspace: Workspace, temporary_folder: Path
    ) -> None:
        workspace.layers[1].existing_path().write_bytes(b"no image")

        with pytest.raises(DssError, match="flair"):
            user.dss_create_ticket("Brain", workspace)

        assert count_requests(world, "create_ticket") == 0
        assert list(temporary_folder.iterdir()) == []

    def test_invalid_workspace_file_creates_no_ticket(
        self, world: World, user: DSSClient, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.itksnap"
        with pytest.raises(FileNotFoundError, match=r"a\.itksnap"):
            user.dss_create_ticket("Brain", path)
        path.write_bytes(b"nothing")
        with pytest.raises(ValueError, match=r"a\.itksnap"):
            user.dss_create_ticket("Brain", path)

        assert count_requests(world, "create_ticket") == 0

    def test_value_that_is_neither_workspace_nor_paths_is_rejected(self, user: DSSClient) -> None:
        with pytest.raises(TypeError, match="paths must be"):
            user.dss_create_ticket("Brain", 7)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "wrong", [{"verify": "sizes"}, {"progress": "yes"}, {"anonymize": "all"}, {"ticket": 0}]
    )
    def test_invalid_arguments_for_a_workspace_create_no_ticket(
        self, world: World, user: DSSClient, workspace: Workspace, wrong: dict[str, object]
    ) -> None:
        (name,) = wrong
        with pytest.raises((ValueError, TypeError), match=name):
            user.dss_create_ticket("Brain", workspace, **wrong)  # type: ignore[arg-type]

        assert count_requests(world, "create_ticket") == 0

    def test_unknown_service_or_ticket_is_reported_before_the_export(
        self, user: DSSClient, workspace: Workspace, temporary_folder: Path
    ) -> None:
        # The image makes an export fail.
        workspace.main.existing_path().write_bytes(b"no image")

        with pytest.raises(ServiceNotFound):
            user.dss_create_ticket("Brian", workspace)
        with pytest.raises(TicketNotFound):
            user.dss_create_ticket("Brain", workspace, ticket=7)


@pytest.mark.usefixtures("service")
class TestTemporaryFolder:
    def test_temporary_folder_of_a_submission_is_private_and_removed(
        self, user: DSSClient, workspace: Workspace, temporary_folder: Path
    ) -> None:
        modes = set[int]()

        def look(done: int, total: int | None) -> None:
            (folder,) = temporary_folder.iterdir()
            modes.add(stat.S_IMODE(folder.stat().st_mode))

        user.dss_create_ticket("Brain", workspace, progress=look)

        assert modes == {0o700}
        assert list(temporary_folder.iterdir()) == []

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
    def test_temporary_folder_of_a_submission_is_removed_after_a_failure(
        self,
        user: DSSClient,
        workspace: Workspace,
        temporary_folder: Path,
        error: type[BaseException],
    ) -> None:
        def fail(done: int, total: int | None) -> None:
            raise error

        with pytest.raises((TicketIncomplete, KeyboardInterrupt)):
            user.dss_create_ticket("Brain", workspace, progress=fail)

        assert list(temporary_folder.iterdir()) == []


@pytest.mark.usefixtures("service")
class TestIncompleteTicket:
    @pytest.mark.parametrize("passing", range(4))
    @pytest.mark.parametrize("fault", UPLOAD_FAULTS)
    def test_incomplete_ticket_is_completed_by_the_same_call(
        self, world: World, user: DSSClient, workspace: Workspace, fault: Fault, passing: int
    ) -> None:
        names = (*EXPORTED_NAMES, WORKSPACE)
        broken = world.server.faults.add(LateFault(fault, passing), operation="upload_ticket_file")

        with pytest.raises(TicketIncomplete, match="again with ticket=1") as caught:
            user.dss_create_ticket("Brain", workspace)

        assert (caught.value.there, caught.value.missing) == (names[:passing], names[passing:])
        assert list(read_inputs(world)) == list(names[:passing])
        broken.lift()
        before = count_requests(world, "upload_ticket_file")

        assert user.dss_create_ticket("Brain", workspace, ticket=1) == 1

        assert count_requests(world, "upload_ticket_file") - before == 4 - passing
        assert list(read_inputs(world)) == list(names)
        assert world.server.tickets[1].statuses == ["init", "ready"]

    def test_completed_ticket_gets_the_present_workspace_file(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        broken = world.server.faults.add(faults.DropBefore(), operation="set_ticket_status")
        with pytest.raises(TicketIncomplete, match="perhaps not submitted"):
            user.dss_create_ticket("Brain", workspace)
        broken.lift()
        workspace.main.nickname = "T2 of the head"  # as long as before
        before = count_requests(world, "upload_ticket_file")

        user.dss_create_ticket("Brain", workspace, ticket=1)

        assert count_requests(world, "upload_ticket_file") - before == 1
        assert b"T2 of the head" in read_inputs(world)[WORKSPACE]

    def test_completed_ticket_gets_an_image_with_a_new_origin(
        self, world: World, user: DSSClient, workspace: Workspace, tmp_path: Path
    ) -> None:
        broken = world.server.faults.add(faults.Answer(500), operation="set_ticket_status")
        scan = write_volume(workspace.main.existing_path(), 0, origin=10.0)
        with pytest.raises(TicketIncomplete):
            user.dss_create_ticket("Brain", workspace)
        broken.lift()
        write_volume(scan, 0, origin=40.0)

        user.dss_create_ticket("Brain", workspace, ticket=1)

        image = tmp_path / "sent.nii.gz"
        image.write_bytes(read_inputs(world)[EXPORTED_NAMES[0]])
        assert read_origin(image) == pytest.approx((40.0, 40.0, 40.0))

    def test_ticket_is_not_completed_with_another_workspace(
        self, world: World, user: DSSClient, workspace: Workspace, tmp_path: Path
    ) -> None:
        broken = world.server.faults.add(faults.Answer(500), operation="set_ticket_status")
        with pytest.raises(TicketIncomplete):
            user.dss_create_ticket("Brain", workspace)
        broken.lift()
        before = read_inputs(world)
        another = Workspace.create(write_volume(tmp_path / "other.nii.gz", 9), tags=["T1-MRI"])

        with pytest.raises(
            ValueError, match=f"{', '.join(EXPORTED_NAMES)}.*dss_delete_ticket"
        ) as caught:
            user.dss_create_ticket("Brain", another, ticket=1)

        assert WORKSPACE not in str(caught.value)
        assert read_inputs(world) == before
        assert world.server.tickets[1].status is TicketStatus.INIT

    def test_submitted_ticket_with_a_new_image_origin_is_rejected(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        scan = write_volume(workspace.main.existing_path(), 0, origin=10.0)
        user.dss_create_ticket("Brain", workspace)
        write_volume(scan, 0, origin=40.0)

        with pytest.raises(ValueError, match=f"does not accept more files.*: {EXPORTED_NAMES[0]}"):
            user.dss_create_ticket("Brain", workspace, ticket=1)

    def test_completing_a_submitted_workspace_changes_nothing(
        self, world: World, user: DSSClient, workspace: Workspace
    ) -> None:
        user.dss_create_ticket("Brain", workspace)

        assert user.dss_create_ticket("Brain", workspace, ticket=1) == 1

        assert count_requests(world, "upload_ticket_file") == 4
        assert world.server.tickets[1].statuses == ["init", "ready"]

    def test_submitted_ticket_with_a_changed_workspace_file_is_rejected(
        self, user: DSSClient, workspace: Workspace
    ) -> None:
        user.dss_create_ticket("Brain", workspace)
        workspace.main.nickname = "T2 of the head"  # as long as before

        with pytest.raises(ValueError, match=f"does not accept more files.*: {WORKSPACE}. Create"):
            user.dss_create_ticket("Brain", workspace, ticket=1)

    def test_exception_of_an_interrupted_upload_has_a_note_about_the_ticket(
        self, user: DSSClient, workspace: Workspace
    ) -> None:
        def interrupt(done: int, total: int | None) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt) as caught:
            user.dss_create_ticket("Brain", workspace, progress=interrupt)

        (note,) = caught.value.__notes__
        assert note.startswith("Ticket 1 was not submitted. As far as is known, the middleware")
        assert WORKSPACE in note
