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

RESULTS = "/api/pro/tickets/1/files/results"
UPLOAD = "upload_claimed_ticket_file"
SIZE = 3_000_000
"""Of a file that is not read at once."""

Change = Callable[[Path], object]


def file(folder: Path, name: str = "mask.nii.gz", content: bytes = b"mask") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def results(world: World) -> dict[str, bytes]:
    return {
        name: stored.read_bytes()
        for name, stored in world.server.state.tickets[1].files[FileArea.RESULTS].items()
    }


def operations(world: World) -> list[str]:
    return [request.operation for request in world.server.requests if request.operation]


class TestVerifying:
    def test_by_names_lists_the_files_afterwards(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_upload_files(ticket, [file(tmp_path, "a"), file(tmp_path, "b")])

        assert operations(world)[-3:] == [UPLOAD, UPLOAD, "list_claimed_ticket_files"]

    @pytest.mark.parametrize("verify", ["names", "content"])
    def test_names_the_files_that_are_missing(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path, verify: str
    ) -> None:
        world.server.expect_request(RESULTS, method="GET").respond_with_data(
            "0,b\r\n", content_type="text/csv"
        )

        with pytest.raises(UploadNotKept, match="does not list 'a', 'c'") as caught:
            client.dssp_upload_files(
                ticket,
                [file(tmp_path, name) for name in "abc"],
                verify=verify,  # type: ignore[arg-type]
            )

        assert isinstance(caught.value, RuntimeError)
        assert caught.value.names == ("a", "c")

    def test_by_content_reads_the_files_back(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        paths = [file(tmp_path, "a", b"x" * SIZE), file(tmp_path, "b", b"")]

        client.dssp_upload_files(ticket, paths, verify="content")

        assert operations(world)[-2:] == ["download_claimed_ticket_file"] * 2

    def test_by_content_names_the_files_that_are_not_what_was_sent(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        damage = faults.Garbage()
        world.server.faults.add(damage, path=f"{RESULTS}/1")

        with pytest.raises(UploadNotKept, match="returns other content for 'b'") as caught:
            client.dssp_upload_files(
                ticket, [file(tmp_path, name) for name in "abc"], verify="content"
            )

        assert caught.value.names == ("b",)

    def test_by_content_reads_again_what_broke_off(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        cut = world.server.faults.add(
            faults.Cut(sized=False), operation="download_claimed_ticket_file", times=2
        )

        client.dssp_upload_files(ticket, file(tmp_path), verify="content")

        assert cut.hits == 2

    def test_after_a_retry_the_hash_is_that_of_the_file(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation=UPLOAD, times=1)

        client.dssp_upload_files(ticket, file(tmp_path, content=b"x" * SIZE), verify="content")

        assert operations(world).count(UPLOAD) == 2

    def test_is_left_out_on_request(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_upload_files(ticket, file(tmp_path), verify=None)

        assert operations(world)[-1] == UPLOAD

    def test_knows_no_other_ways(self, client: DSSClient, ticket: int, tmp_path: Path) -> None:
        with pytest.raises(
            ValueError, match="verify must be 'names', 'content' or None, not 'md5'"
        ):
            client.dssp_upload_files(ticket, file(tmp_path), verify="md5")  # type: ignore[arg-type]


class TestAFileThatChangesMeanwhile:
    """Nothing that is not the file, as it was or as it is, is ever listed."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda path: os.truncate(path, SIZE + 4),
            lambda path: os.truncate(path, SIZE // 2),
            lambda path: os.utime(path, ns=(1, 1)),
            lambda path: path.unlink(),
            lambda path: file(path.parent, "other").replace(path),
        ],
        ids=["grows", "shrinks", "is written", "vanishes", "is replaced"],
    )
    def test_is_not_taken(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path, change: Change
    ) -> None:
        path = file(tmp_path, content=b"x" * SIZE)
        changed = list[object]()

        def tell(done: int, total: int | None) -> None:
            if not changed:
                changed.append(change(path))

        with pytest.raises(UploadChanged, match=r"mask\.nii\.gz"):
            client.dssp_upload_files(ticket, path, progress=tell)

        assert results(world) == {}

    def test_leaves_what_was_there_before(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        path = file(tmp_path, content=b"before")
        client.dssp_upload_files(ticket, path)
        path.write_bytes(b"x" * SIZE)

        with pytest.raises(UploadChanged):
            client.dssp_upload_files(
                ticket, path, progress=lambda done, total: os.truncate(path, 7)
            )

        assert results(world) == {"mask.nii.gz": b"before"}

    def test_is_noticed_between_two_files(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        first, second = file(tmp_path, "first", b"x" * SIZE), file(tmp_path, "second")

        with pytest.raises(UploadChanged, match="second cannot be read: No such file"):
            client.dssp_upload_files(
                ticket,
                [first, second],
                progress=lambda done, total: second.unlink(missing_ok=True),
            )

        assert list(results(world)) == ["first"]


class TestProgress:
    def test_ends_with_all_of_the_bytes_in_the_callers_thread(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        told: list[tuple[int, int | None]] = []
        threads = set[threading.Thread]()

        def tell(done: int, total: int | None) -> None:
            told.append((done, total))
            threads.add(threading.current_thread())

        client.dssp_upload_files(
            ticket, [file(tmp_path, "a", b"x" * SIZE), file(tmp_path, "b", b"x")], progress=tell
        )

        assert told[-1] == (SIZE + 1, SIZE + 1)
        assert len(told) == len(set(told))
        assert {total for _, total in told} == {SIZE + 1}
        assert told == sorted(told)
        assert threads == {threading.current_thread()}

    def test_counts_what_is_read_back(self, client: DSSClient, ticket: int, tmp_path: Path) -> None:
        told: list[tuple[int, int | None]] = []

        client.dssp_upload_files(
            ticket,
            file(tmp_path),
            verify="content",
            progress=lambda *news: told.append(news),
        )

        assert told[-1] == (8, 8)

    @pytest.mark.parametrize(
        "failure", [LookupError, ConnectionError, StopIteration, KeyboardInterrupt]
    )
    @pytest.mark.parametrize("verify", ["names", "content"])
    def test_what_it_raises_ends_the_upload_as_it_is(  # noqa: PLR0917
        self,
        world: World,
        client: DSSClient,
        ticket: int,
        tmp_path: Path,
        failure: type[BaseException],
        verify: str,
    ) -> None:
        def tell(done: int, total: int | None) -> None:
            raise failure("enough")

        with pytest.raises(failure, match=r"^enough$"):
            client.dssp_upload_files(
                ticket,
                file(tmp_path, content=b"x" * SIZE),
                progress=tell,
                verify=verify,  # type: ignore[arg-type]
            )

        assert results(world) == {}
        assert client.dssp_list_ticket_files(ticket, "results").empty


def test_a_user_uploads_in_the_same_way(world: World, tmp_path: Path) -> None:
    ticket = world.server.add_ticket(world.user, world.service, status="init")
    files = UserTicketFiles(
        world.server.url, world.server.client(world.user).user, ticket.id, FileArea.INPUT
    )

    upload_files(files, [file(tmp_path)], retries=QUICK_RETRIES, verify="content")

    assert world.server.tickets[ticket.id].inputs["mask.nii.gz"].read_bytes() == b"mask"


def test_a_connection_that_breaks_leaves_nothing_half_written(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    world.server.faults.add(faults.DropBefore(), operation=UPLOAD)

    with pytest.raises(TransportError, match=r"^Ticket 1, 'mask\.nii\.gz': "):
        client.dssp_upload_files(ticket, file(tmp_path, content=b"x" * SIZE))

    assert results(world) == {}


def test_an_empty_file_is_a_file(client: DSSClient, ticket: int, tmp_path: Path) -> None:
    client.dssp_upload_files(ticket, file(tmp_path, "empty.txt", b""), verify="content")

    assert client.dssp_list_ticket_files(ticket, "results")["filename"].to_list() == ["empty.txt"]


def test_a_pipe_is_no_file(world: World, client: DSSClient, ticket: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(FileNotFoundError, match="is a pipe or a device, not a file"):
        client.dssp_attach(ticket, "never ends", tmp_path / "pipe")
    with pytest.raises(FileNotFoundError, match="is a pipe or a device, not a file"):
        client.dssp_upload_files(ticket, tmp_path / "pipe")

    assert world.server.tickets[ticket].attachments == []
