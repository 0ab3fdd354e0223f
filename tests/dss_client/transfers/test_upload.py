import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dss_api import FileArea, TransportError, UploadChanged
from dss_client import DSSClient, UploadNotKept
from dss_client.transfers.ticket_files import UserTicketFiles
from dss_client.transfers.upload import upload_files
from dss_mock import faults
from tests.dss_client.conftest import QUICK_RETRIES, World

RESULTS_PATH = "/api/pro/tickets/1/files/results"
UPLOAD_OPERATION = "upload_claimed_ticket_file"
LARGE_SIZE = 3_000_000
"""The size of a file that is read in several pieces, in bytes."""

Change = Callable[[Path], object]


def write_file(folder: Path, name: str = "mask.nii.gz", content: bytes = b"mask") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def read_results(world: World) -> dict[str, bytes]:
    return {
        name: stored.read_bytes()
        for name, stored in world.server.state.tickets[1].files[FileArea.RESULTS].items()
    }


def list_operations(world: World) -> list[str]:
    return [request.operation for request in world.server.requests if request.operation]


class TestVerify:
    def test_verify_names_lists_the_files_after_the_upload(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_upload_files(ticket, [write_file(tmp_path, "a"), write_file(tmp_path, "b")])

        assert list_operations(world)[-3:] == [
            UPLOAD_OPERATION,
            UPLOAD_OPERATION,
            "list_claimed_ticket_files",
        ]

    @pytest.mark.parametrize("verify", ["names", "content"])
    def test_verify_error_names_the_missing_files(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path, verify: str
    ) -> None:
        world.server.expect_request(RESULTS_PATH, method="GET").respond_with_data(
            "0,b\r\n", content_type="text/csv"
        )

        with pytest.raises(UploadNotKept, match="does not list 'a', 'c'") as caught:
            client.dssp_upload_files(
                ticket,
                [write_file(tmp_path, name) for name in "abc"],
                verify=verify,  # type: ignore[arg-type]
            )

        assert isinstance(caught.value, RuntimeError)
        assert caught.value.names == ("a", "c")

    def test_verify_content_reads_the_files_back(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        paths = [write_file(tmp_path, "a", b"x" * LARGE_SIZE), write_file(tmp_path, "b", b"")]

        client.dssp_upload_files(ticket, paths, verify="content")

        assert list_operations(world)[-2:] == ["download_claimed_ticket_file"] * 2

    def test_verify_content_error_names_the_files_with_different_content(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        damage = faults.Garbage()
        world.server.faults.add(damage, path=f"{RESULTS_PATH}/1")

        with pytest.raises(UploadNotKept, match="returns other content for 'b'") as caught:
            client.dssp_upload_files(
                ticket, [write_file(tmp_path, name) for name in "abc"], verify="content"
            )

        assert caught.value.names == ("b",)

    def test_verify_content_retries_an_incomplete_download(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        cut = world.server.faults.add(
            faults.Cut(sized=False), operation="download_claimed_ticket_file", times=2
        )

        client.dssp_upload_files(ticket, write_file(tmp_path), verify="content")

        assert cut.hits == 2

    def test_verify_content_passes_after_a_retried_upload(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation=UPLOAD_OPERATION, times=1)

        client.dssp_upload_files(
            ticket, write_file(tmp_path, content=b"x" * LARGE_SIZE), verify="content"
        )

        assert list_operations(world).count(UPLOAD_OPERATION) == 2

    def test_verify_none_sends_no_further_request(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_upload_files(ticket, write_file(tmp_path), verify=None)

        assert list_operations(world)[-1] == UPLOAD_OPERATION

    def test_unknown_verify_value_is_rejected(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        with pytest.raises(
            ValueError, match="verify must be 'names', 'content' or None, not 'md5'"
        ):
            client.dssp_upload_files(ticket, write_file(tmp_path), verify="md5")  # type: ignore[arg-type]


class TestChangingFile:
    """The middleware never lists a mixture of the old and the new content."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda path: os.truncate(path, LARGE_SIZE + 4),
            lambda path: os.truncate(path, LARGE_SIZE // 2),
            lambda path: os.utime(path, ns=(1, 1)),
            lambda path: path.unlink(),
            lambda path: write_file(path.parent, "other").replace(path),
        ],
        ids=["grows", "shrinks", "is written", "vanishes", "is replaced"],
    )
    def test_file_that_changes_during_the_upload_is_not_stored(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path, change: Change
    ) -> None:
        path = write_file(tmp_path, content=b"x" * LARGE_SIZE)
        changed = list[object]()

        def report(done: int, total: int | None) -> None:
            if not changed:
                changed.append(change(path))

        with pytest.raises(UploadChanged, match=r"mask\.nii\.gz"):
            client.dssp_upload_files(ticket, path, progress=report)

        assert read_results(world) == {}

    def test_file_that_changes_during_the_upload_does_not_replace_the_older_file(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        path = write_file(tmp_path, content=b"before")
        client.dssp_upload_files(ticket, path)
        path.write_bytes(b"x" * LARGE_SIZE)

        with pytest.raises(UploadChanged):
            client.dssp_upload_files(
                ticket, path, progress=lambda done, total: os.truncate(path, 7)
            )

        assert read_results(world) == {"mask.nii.gz": b"before"}

    def test_file_removed_before_its_upload_raises_upload_changed(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        first, second = (
            write_file(tmp_path, "first", b"x" * LARGE_SIZE),
            write_file(tmp_path, "second"),
        )

        with pytest.raises(UploadChanged, match="second cannot be read: No such file"):
            client.dssp_upload_files(
                ticket,
                [first, second],
                progress=lambda done, total: second.unlink(missing_ok=True),
            )

        assert list(read_results(world)) == ["first"]


class TestUploadProgress:
    def test_upload_progress_ends_with_the_total_size_in_the_callers_thread(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        reports: list[tuple[int, int | None]] = []
        threads = set[threading.Thread]()

        def report(done: int, total: int | None) -> None:
            reports.append((done, total))
            threads.add(threading.current_thread())

        client.dssp_upload_files(
            ticket,
            [write_file(tmp_path, "a", b"x" * LARGE_SIZE), write_file(tmp_path, "b", b"x")],
            progress=report,
        )

        assert reports[-1] == (LARGE_SIZE + 1, LARGE_SIZE + 1)
        assert len(reports) == len(set(reports))
        assert {total for _, total in reports} == {LARGE_SIZE + 1}
        assert reports == sorted(reports)
        assert threads == {threading.current_thread()}

    def test_upload_progress_counts_bytes_that_are_read_back(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        reports: list[tuple[int, int | None]] = []

        client.dssp_upload_files(
            ticket,
            write_file(tmp_path),
            verify="content",
            progress=lambda *news: reports.append(news),
        )

        assert reports[-1] == (8, 8)

    @pytest.mark.parametrize(
        "failure", [LookupError, ConnectionError, StopIteration, KeyboardInterrupt]
    )
    @pytest.mark.parametrize("verify", ["names", "content"])
    def test_exception_of_the_progress_function_is_raised_unchanged(  # noqa: PLR0917
        self,
        world: World,
        client: DSSClient,
        ticket: int,
        tmp_path: Path,
        failure: type[BaseException],
        verify: str,
    ) -> None:
        def report(done: int, total: int | None) -> None:
            raise failure("enough")

        with pytest.raises(failure, match=r"^enough$"):
            client.dssp_upload_files(
                ticket,
                write_file(tmp_path, content=b"x" * LARGE_SIZE),
                progress=report,
                verify=verify,  # type: ignore[arg-type]
            )

        assert read_results(world) == {}
        assert client.dssp_list_ticket_files(ticket, "results").empty


def test_user_can_upload_input_files(world: World, tmp_path: Path) -> None:
    ticket = world.server.add_ticket(world.user, world.service, status="init")
    files = UserTicketFiles(
        world.server.url, world.server.client(world.user).user, ticket.id, FileArea.INPUT
    )

    upload_files(files, [write_file(tmp_path)], retries=QUICK_RETRIES, verify="content")

    assert world.server.tickets[ticket.id].inputs["mask.nii.gz"].read_bytes() == b"mask"


def test_broken_connection_leaves_no_partial_file_on_the_ticket(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    world.server.faults.add(faults.DropBefore(), operation=UPLOAD_OPERATION)

    with pytest.raises(TransportError, match=r"^Ticket 1, 'mask\.nii\.gz': "):
        client.dssp_upload_files(ticket, write_file(tmp_path, content=b"x" * LARGE_SIZE))

    assert read_results(world) == {}


def test_empty_file_is_uploaded(client: DSSClient, ticket: int, tmp_path: Path) -> None:
    client.dssp_upload_files(ticket, write_file(tmp_path, "empty.txt", b""), verify="content")

    assert client.dssp_list_ticket_files(ticket, "results")["filename"].to_list() == ["empty.txt"]


def test_pipe_is_rejected_as_a_file(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(FileNotFoundError, match="is a pipe or a device, not a file"):
        client.dssp_attach(ticket, "never ends", tmp_path / "pipe")
    with pytest.raises(FileNotFoundError, match="is a pipe or a device, not a file"):
        client.dssp_upload_files(ticket, tmp_path / "pipe")

    assert world.server.tickets[ticket].attachments == []
