"""The upload of result workspaces, and the report of incomplete results."""

from __future__ import annotations

import pickle
import stat
from pathlib import Path

import pytest

from dss_api import DssError, FileArea, TicketNotClaimed
from dss_client import DSSClient, ResultsIncomplete, UploadNotKept, Workspace
from dss_client.transfers.upload import Verify
from dss_mock import faults
from dss_mock.faults import Fault
from tests.dss_client.conftest import ITKSNAP_DATA, World
from tests.dss_client.scans import (
    EXPORTED_NAMES,
    LABELS,
    NICKNAME,
    UPLOAD_FAULTS,
    LateFault,
    has_voxels,
    make_exported_name,
    write_mesh,
    write_volume,
)

UPLOAD_OPERATION = "upload_claimed_ticket_file"
WORKSPACE = "ticket_00000001_results.itksnap"
ALL_NAMES = (*EXPORTED_NAMES, WORKSPACE)


def read_results(world: World) -> dict[str, bytes]:
    """Read the results of the ticket, in the order of their upload."""
    files = world.server.tickets[1].files[FileArea.RESULTS]
    return {name: file.read_bytes() for name, file in files.items()}


def count_uploads(world: World) -> int:
    return sum(request.operation == UPLOAD_OPERATION for request in world.server.requests)


def claim_ticket(world: World, client: DSSClient) -> int:
    """Create a ticket, claim it and return its id."""
    world.add_ready_ticket()
    found = client.dssp_claim_ticket(world.hashes, "testlab", "i")
    assert found is not None
    return int(found["ticket"].iloc[0])


def break_main_image(workspace: Workspace) -> Workspace:
    """Make the main image unreadable, so that an export fails, and return the workspace."""
    workspace.main.existing_path().write_bytes(b"no image")
    return workspace


class TestWorkspaceResults:
    def test_user_can_open_the_uploaded_workspace(
        self, user: DSSClient, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        client.dssp_upload_ticket(ticket, workspace)

        assert workspace.folder is not None
        folder = workspace.folder.with_name("results")
        files = user.dss_download_results(ticket, folder)
        assert sorted(file.name for file in files) == sorted(ALL_NAMES)
        found = Workspace.open(folder / WORKSPACE)
        assert [layer.existing_path() for layer in found.layers] == [
            folder / n for n in EXPORTED_NAMES
        ]
        assert all(has_voxels(layer, seed) for seed, layer in enumerate(found.layers))
        assert found.tagged("T1-MRI").nickname == NICKNAME
        assert found.labels[1] == LABELS[1]
        assert found.segmentations == [found.layers[2]]

    @pytest.mark.parametrize("name", ["MRIcrop-with-mesh", "diffspace", "img4d_11f", "warpfield"])
    def test_user_can_open_results_made_from_itksnap_workspaces(
        self, user: DSSClient, client: DSSClient, ticket: int, tmp_path: Path, name: str
    ) -> None:
        real = ITKSNAP_DATA / f"{name}.itksnap"
        if not real.is_file():
            pytest.skip(f"needs the test data of ITK-SNAP, such as {real}")
        given = Workspace.open(real)

        client.dssp_upload_ticket(ticket, real)

        user.dss_download_results(ticket, tmp_path)
        found = Workspace.open(tmp_path / WORKSPACE)
        for before, after in zip(given.layers, found.layers, strict=True):
            assert (after.role, after.nickname, after.tags) == (
                before.role,
                before.nickname,
                before.tags,
            )
            assert after.existing_path().parent == tmp_path
            assert (after.array().array == before.array().array).all()
        for mesh in found.meshes:
            assert all(file.is_file() for files in mesh.files.values() for file in files)
        assert len(found.meshes) == len(given.meshes)
        assert list(found.labels) == list(given.labels)

    def test_workspace_path_is_uploaded_as_a_workspace(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        path = workspace.path
        assert path is not None

        for suffix, given in (("_path", path), ("_text", str(path))):
            client.dssp_upload_ticket(ticket, given, suffix)

            assert [*read_results(world)][-1] == f"ticket_00000001{suffix}.itksnap"

    def test_results_have_no_private_names_and_images_are_sent_before_the_workspace(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        client.dssp_upload_ticket(ticket, workspace)

        files = read_results(world)
        assert tuple(files) == ALL_NAMES
        assert b"MILLER" not in b"".join(files.values())

    def test_upload_ticket_reports_progress_and_returns_a_manifest(
        self, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        reports: list[tuple[int, int | None]] = []

        manifest = client.dssp_upload_ticket(
            ticket, workspace, progress=lambda done, total: reports.append((done, total))
        )

        assert tuple(path.name for path in manifest.paths) == ALL_NAMES
        assert [file.source for file in manifest.files] == [
            layer.existing_path() for layer in workspace.layers
        ]
        assert reports[-1][0] == reports[-1][1]

    def test_strict_anonymization_removes_nicknames_from_the_uploaded_workspace(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        client.dssp_upload_ticket(ticket, workspace, anonymize="strict")

        assert NICKNAME.encode() not in read_results(world)[WORKSPACE]

    def test_workspace_can_be_uploaded_without_its_meshes(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace, tmp_path: Path
    ) -> None:
        workspace.add_mesh(write_mesh(tmp_path / "cortex.vtk"))

        client.dssp_upload_ticket(ticket, workspace, meshes=False)
        without = tuple(read_results(world))
        client.dssp_upload_ticket(ticket, workspace)

        assert without == ALL_NAMES
        (mesh,) = (name for name in read_results(world) if name not in ALL_NAMES)
        assert mesh.startswith("mesh_000_")

    @pytest.mark.parametrize("suffix", ["", "_second", "..", " (2)"])
    def test_workspace_file_name_has_the_given_suffix_before_its_extension(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace, suffix: str
    ) -> None:
        client.dssp_upload_ticket(ticket, workspace, suffix)

        assert [*read_results(world)][-1] == f"ticket_00000001{suffix}.itksnap"

    def test_verify_content_reads_the_results_back(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        world.server.faults.add(faults.Garbage(), path="/api/pro/tickets/1/files/results/1")

        with pytest.raises(ResultsIncomplete, match="returns other content") as caught:
            client.dssp_upload_ticket(ticket, workspace, verify="content")

        assert caught.value.missing == EXPORTED_NAMES[1:2]


class TestNoUpload:
    @pytest.mark.parametrize(
        "suffix", ["/../../x", "/x", "\\x", "\n", "中", "?", ":", "%22", "x" * 255]
    )
    def test_invalid_workspace_suffix_is_refused_before_any_request(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace, suffix: str
    ) -> None:
        before = len(world.server.requests)

        with pytest.raises(ValueError, match="wsfile_suffix"):
            client.dssp_upload_ticket(ticket, break_main_image(workspace), suffix)

        assert len(world.server.requests) == before

    @pytest.mark.parametrize(
        ("name", "value"),
        [("wsfile_suffix", None), ("verify", "sizes"), ("progress", "yes"), ("anonymize", "all")],
    )
    def test_invalid_arguments_are_refused_before_results_are_uploaded(
        self, client: DSSClient, ticket: int, workspace: Workspace, name: str, value: object
    ) -> None:
        with pytest.raises((ValueError, TypeError), match=name):
            client.dssp_upload_ticket(ticket, workspace, **{name: value})  # type: ignore[arg-type]

        assert client.dssp_list_ticket_files(ticket, "results").empty

    def test_unclaimed_ticket_gets_no_results(
        self, world: World, client: DSSClient, workspace: Workspace
    ) -> None:
        number = world.add_ready_ticket().id

        with pytest.raises(TicketNotClaimed):
            client.dssp_upload_ticket(number, break_main_image(workspace))

        assert count_uploads(world) == 0

    def test_invalid_workspace_uploads_no_results(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.itksnap"
        with pytest.raises(FileNotFoundError, match=r"a\.itksnap"):
            client.dssp_upload_ticket(ticket, path)
        path.write_bytes(b"nothing")
        with pytest.raises(ValueError, match=r"a\.itksnap"):
            client.dssp_upload_ticket(ticket, path)
        with pytest.raises(TypeError, match="Workspace"):
            client.dssp_upload_ticket(ticket, [path])  # type: ignore[arg-type]

        assert count_uploads(world) == 0

    def test_unreadable_image_uploads_no_results(
        self,
        world: World,
        client: DSSClient,
        ticket: int,
        workspace: Workspace,
        temporary_folder: Path,
    ) -> None:
        with pytest.raises(DssError, match="t1"):
            client.dssp_upload_ticket(ticket, break_main_image(workspace))

        assert count_uploads(world) == 0
        assert list(temporary_folder.iterdir()) == []


class TestTemporaryFolder:
    def test_temporary_folder_of_an_upload_is_private_and_removed(
        self, client: DSSClient, ticket: int, workspace: Workspace, temporary_folder: Path
    ) -> None:
        modes = set[int]()

        def look(done: int, total: int | None) -> None:
            (folder,) = temporary_folder.iterdir()
            modes.add(stat.S_IMODE(folder.stat().st_mode))

        client.dssp_upload_ticket(ticket, workspace, progress=look)

        assert modes == {0o700}
        assert list(temporary_folder.iterdir()) == []

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
    def test_temporary_folder_of_an_upload_is_removed_after_a_failure(
        self,
        client: DSSClient,
        ticket: int,
        workspace: Workspace,
        temporary_folder: Path,
        error: type[BaseException],
    ) -> None:
        def fail(done: int, total: int | None) -> None:
            raise error

        with pytest.raises((ResultsIncomplete, KeyboardInterrupt)):
            client.dssp_upload_ticket(ticket, workspace, progress=fail)

        assert list(temporary_folder.iterdir()) == []


class TestIncompleteResults:
    @pytest.mark.parametrize("passing", range(4))
    @pytest.mark.parametrize(
        "fault",
        [
            *UPLOAD_FAULTS,
            pytest.param(
                faults.Answer(400, "Ticket 1 has not been claimed by user 2"), id="claim lost"
            ),
        ],
    )
    def test_repeated_call_completes_incomplete_results(
        self, world: World, client: DSSClient, workspace: Workspace, fault: Fault, passing: int
    ) -> None:
        ticket = claim_ticket(world, client)
        broken = world.server.faults.add(LateFault(fault, passing), operation=UPLOAD_OPERATION)

        with pytest.raises(ResultsIncomplete) as caught:
            client.dssp_upload_ticket(ticket, workspace)

        error = caught.value
        assert isinstance(error, RuntimeError)
        assert (error.ticket, error.there, error.missing) == (
            1,
            ALL_NAMES[:passing],
            ALL_NAMES[passing:],
        )
        assert f"missing or incomplete: {', '.join(ALL_NAMES[passing:])}." in str(error)
        assert "dssp_upload_ticket(1, ...) again" in str(error)
        assert str(error.__cause__) in str(error)
        assert tuple(read_results(world)) == ALL_NAMES[:passing]
        broken.lift()
        before = count_uploads(world)

        client.dssp_upload_ticket(ticket, workspace)

        assert count_uploads(world) - before == 4 - passing
        assert tuple(read_results(world)) == ALL_NAMES

    def test_results_of_a_deleted_ticket_raise_results_incomplete(
        self, world: World, user: DSSClient, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        def delete(done: int, total: int | None) -> None:
            user.dss_delete_ticket(ticket)

        with pytest.raises(ResultsIncomplete, match="has been deleted"):
            client.dssp_upload_ticket(ticket, workspace, progress=delete)

    def test_results_that_the_middleware_does_not_list_raise_results_incomplete(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        listed = "".join(f"{i},{name}\r\n" for i, name in enumerate(EXPORTED_NAMES[1:]))
        path = "/api/pro/tickets/1/files/results"
        for _ in range(2):  # the first checks the claim, the second lists the present files
            world.server.expect_ordered_request(path, "GET").respond_with_data(
                "", content_type="text/csv"
            )
        world.server.expect_ordered_request(path, "GET").respond_with_data(
            listed, content_type="text/csv"
        )

        with pytest.raises(ResultsIncomplete) as caught:
            client.dssp_upload_ticket(ticket, workspace)

        assert isinstance(caught.value.__cause__, UploadNotKept)
        assert caught.value.missing == (EXPORTED_NAMES[0], WORKSPACE)

    def test_result_whose_size_differs_at_the_middleware_is_sent_again(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace, tmp_path: Path
    ) -> None:
        half = tmp_path / EXPORTED_NAMES[1]
        half.write_bytes(b"half")
        client.dssp_upload_files(ticket, half)
        before = count_uploads(world)

        client.dssp_upload_ticket(ticket, workspace)

        assert count_uploads(world) - before == 4
        assert read_results(world)[EXPORTED_NAMES[1]] != b"half"

    @pytest.mark.parametrize("verify", ["names", "content", None])
    def test_identical_results_are_not_sent_again(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace, verify: Verify
    ) -> None:
        client.dssp_upload_ticket(ticket, workspace)

        client.dssp_upload_ticket(ticket, workspace, verify=verify)

        assert count_uploads(world) == 4

    def test_result_with_a_new_image_origin_is_sent_again(
        self, world: World, user: DSSClient, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        scan = write_volume(tmp_path / "t1.nii.gz", 0, origin=10.0)
        workspace = Workspace.create(scan)
        first = client.dssp_upload_ticket(ticket, workspace)
        write_volume(scan, 0, origin=40.0)

        second = client.dssp_upload_ticket(ticket, workspace)

        assert [path.name for path in first.paths] == [path.name for path in second.paths]
        found = Workspace.received(user.dss_download_results(ticket, tmp_path / "results"))
        assert found.main.image().GetOrigin() == pytest.approx((40.0, 40.0, 40.0))

    def test_changed_workspace_file_is_sent_again(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        client.dssp_upload_ticket(ticket, workspace)
        workspace.main.nickname = "T2 of the head"  # as long as before

        client.dssp_upload_ticket(ticket, workspace)

        assert count_uploads(world) == 5
        assert b"T2 of the head" in read_results(world)[WORKSPACE]

    def test_changed_image_is_sent_under_a_new_name(
        self, world: World, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        client.dssp_upload_ticket(ticket, workspace)
        write_volume(workspace.layers[2].existing_path(), 7)

        client.dssp_upload_ticket(ticket, workspace)

        assert count_uploads(world) == 6
        assert make_exported_name(2, 7) in read_results(world)

    def test_exception_of_an_interrupted_upload_has_a_note_about_the_results(
        self, client: DSSClient, ticket: int, workspace: Workspace
    ) -> None:
        def interrupt(done: int, total: int | None) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt) as caught:
            client.dssp_upload_ticket(ticket, workspace, progress=interrupt)

        (note,) = caught.value.__notes__
        assert note.startswith("The results of ticket 1 were not all sent.")
        assert WORKSPACE in note

    def test_results_incomplete_error_can_be_pickled(self) -> None:
        error = ResultsIncomplete("Ticket 7", ticket=7, there=("a",), missing=("b",))

        again = pickle.loads(pickle.dumps(error))

        assert (str(again), again.ticket, again.there, again.missing) == (
            "Ticket 7",
            7,
            ("a",),
            ("b",),
        )
