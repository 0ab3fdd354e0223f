import errno
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug import Request, Response

from dss_api import (
    AnswerCutShort,
    AnswerError,
    ClientClosed,
    FileArea,
    NotLoggedIn,
)
from dss_client import DSSClient, FileNotWritten, FilesChanged, Retries
from dss_client.transfers.download import download_files
from dss_client.transfers.resume import RECORD_FILENAME
from dss_client.transfers.ticket_files import ProviderTicketFiles, UserTicketFiles
from dss_mock import faults
from dss_mock.state import Ticket, User
from tests.dss_client.conftest import QUICK_RETRIES, World
from tests.dss_client.transfers.test_filenames import FILES_PATH, list_all_paths, serve_file_list

DOWNLOAD_OPERATION = "download_claimed_ticket_file"
MANY_FILES = {f"file_{number:03}.bin": bytes([number]) * (1000 + number) for number in range(20)}
DEADLINE = 30
PART_FILENAME = ".0123456789abcdef.part"


@pytest.fixture(autouse=True)
def check_that_threads_end() -> Iterator[None]:
    yield
    left = [thread for thread in threading.enumerate() if thread.name.startswith("dss-download")]
    assert not left


def claim_ticket(world: World, client: DSSClient, files: dict[str, bytes]) -> int:
    world.add_ready_ticket(files)
    claim = client.dssp_claim_ticket(world.hashes, "testlab", "i")
    assert claim is not None
    return int(claim["ticket"].iloc[0])


def overwrite_file(world: World, ticket: int, name: str, content: bytes) -> None:
    """Overwrite a file, which moves it to the end of the list."""
    files = world.server.state.tickets[ticket].files[FileArea.INPUT]
    stored = files.pop(name)
    stored.path.write_bytes(content)
    files[name] = stored


def list_requested_indices(world: World) -> list[str]:
    """List the indices of the requested files."""
    return [
        request.path.rpartition("/")[2]
        for request in world.server.requests
        if request.operation == DOWNLOAD_OPERATION
    ]


class TestCompleteDownload:
    @pytest.mark.parametrize("parallel", [1, 4, 30])
    def test_downloaded_paths_are_in_the_order_of_the_list(
        self, world: World, client: DSSClient, tmp_path: Path, parallel: int
    ) -> None:
        ticket = claim_ticket(world, client, MANY_FILES)

        paths = client.dssp_download_ticket(ticket, tmp_path, parallel=parallel)

        assert {path.name: path.read_bytes() for path in paths} == MANY_FILES
        assert [path.name for path in paths] == list(MANY_FILES)
        assert list_all_paths(tmp_path) == set(MANY_FILES)

    def test_four_files_are_downloaded_at_a_time(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, dict(list(MANY_FILES.items())[:4]))
        together = threading.Barrier(4, timeout=DEADLINE)

        def answer(request: Request) -> Response:
            together.wait()
            name = list(MANY_FILES)[int(request.path.rpartition("/")[2])]
            return Response(
                MANY_FILES[name],
                headers={
                    "Content-Disposition": f'attachment; filename="{name}"',
                    "Content-Type": "application/octet-stream",
                },
            )

        for index in range(4):
            path = f"/api/pro/tickets/{ticket}/files/input/{index}"
            world.server.expect_request(path).respond_with_handler(answer)

        assert len(client.dssp_download_ticket(ticket, tmp_path)) == 4

    def test_each_file_is_requested_once(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, MANY_FILES)

        client.dssp_download_ticket(ticket, tmp_path)

        assert sorted(map(int, list_requested_indices(world))) == list(range(len(MANY_FILES)))

    def test_provider_can_download_results(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "mask.nii.gz").write_bytes(b"mask")
        client.dssp_upload_files(ticket, tmp_path / "mask.nii.gz")

        (path,) = client.dssp_download_ticket(ticket, tmp_path / "back", area="results")

        assert path.read_bytes() == b"mask"

    def test_ticket_without_files_creates_an_empty_folder(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        reports: list[object] = []
        ticket = claim_ticket(world, client, {})

        paths = client.dssp_download_ticket(
            ticket, tmp_path / "in", progress=lambda *news: reports.append(news)
        )

        assert paths == reports == list((tmp_path / "in").iterdir()) == []

    def test_empty_file_is_downloaded(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        (path,) = client.dssp_download_ticket(claim_ticket(world, client, {"empty": b""}), tmp_path)

        assert path.read_bytes() == b""

    def test_user_can_download_input_files(self, world: World, tmp_path: Path) -> None:
        ticket = world.server.add_ticket(world.user, world.service, files=MANY_FILES)

        paths = download_files(create_user_files(world, ticket), tmp_path, retries=QUICK_RETRIES)

        assert {path.name: path.read_bytes() for path in paths} == MANY_FILES

    def test_invalid_download_arguments_are_rejected(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match="parallel must be between 1 and 64"):
            client.dssp_download_ticket(ticket, tmp_path, parallel=0)
        with pytest.raises(TypeError, match="parallel must be a whole number"):
            client.dssp_download_ticket(ticket, tmp_path, parallel=1.5)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="area must be"):
            client.dssp_download_ticket(ticket, tmp_path, area="output")
        with pytest.raises(TypeError, match="progress must be True, False or a function"):
            client.dssp_download_ticket(ticket, tmp_path, progress="bar")  # type: ignore[arg-type]


def create_user_files(world: World, ticket: Ticket) -> UserTicketFiles:
    return UserTicketFiles(
        world.server.url, world.server.client(world.user).user, ticket.id, FileArea.INPUT
    )


class TestChangingFiles:
    def test_download_follows_files_whose_indices_change(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, MANY_FILES)
        first = next(iter(MANY_FILES))

        def shift_indices(done: int, total: int | None) -> None:
            if not shifted:
                shifted.append(first)
                overwrite_file(world, ticket, first, b"new")

        shifted: list[str] = []
        # Slow, so that the first progress report comes before the last files are requested.
        world.server.faults.add(faults.Delay(0.05), operation=DOWNLOAD_OPERATION)
        paths = client.dssp_download_ticket(ticket, tmp_path, parallel=2, progress=shift_indices)

        assert shifted
        assert [path.name for path in paths] == [*list(MANY_FILES)[1:], first]
        assert {path.name: path.read_bytes() for path in paths} == MANY_FILES | {first: b"new"}
        assert list_all_paths(tmp_path) == set(MANY_FILES)

    def test_list_that_never_matches_the_files_raises_files_changed(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        serve_file_list(world, "another.nii.gz")

        with pytest.raises(
            FilesChanged, match=r"'another.nii.gz': The middleware sent 'scan.nii.gz' instead"
        ):
            client.dssp_download_ticket(ticket, tmp_path)

        assert list_requested_indices(world) == ["0"] * 4
        assert list_all_paths(tmp_path) == set()

    def test_files_are_listed_again_if_a_file_is_missing(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.expect_oneshot_request(FILES_PATH).respond_with_data(
            "0,scan.nii.gz\r\n1,ticket.itksnap\r\n2,gone.txt\r\n", content_type="text/csv"
        )

        paths = client.dssp_download_ticket(ticket, tmp_path)

        assert [path.name for path in paths] == ["scan.nii.gz", "ticket.itksnap"]


class TestBrokenConnections:
    @pytest.mark.parametrize("sized", [True, False])
    @pytest.mark.parametrize("after", [0, 1, 5999])
    def test_incomplete_body_is_requested_again(  # noqa: PLR0917
        self,
        world: World,
        client: DSSClient,
        ticket: int,
        tmp_path: Path,
        sized: bool,
        after: int,
    ) -> None:
        fault = faults.Cut(after=after, sized=sized)
        active_fault = world.server.faults.add(fault, path=f"{FILES_PATH}/0", times=2)

        paths = client.dssp_download_ticket(ticket, tmp_path)

        assert active_fault.hits == 2
        assert paths[0].read_bytes() == b"voxels" * 1000
        assert list_all_paths(tmp_path) == {"scan.nii.gz", "ticket.itksnap"}

    @pytest.mark.parametrize("sized", [True, False])
    def test_body_that_is_always_incomplete_leaves_no_file(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path, sized: bool
    ) -> None:
        fault = faults.Cut(after=3000, sized=sized)
        active_fault = world.server.faults.add(fault, path=f"{FILES_PATH}/0")

        with pytest.raises(AnswerCutShort, match="broke off") as caught:
            client.dssp_download_ticket(ticket, tmp_path)

        assert active_fault.hits == QUICK_RETRIES.attempts
        assert caught.value.path == f"{FILES_PATH}/0"
        assert list_all_paths(tmp_path) <= {"ticket.itksnap"}

    @pytest.mark.parametrize("side", ["user", "provider"])
    def test_user_and_provider_detect_an_incomplete_body(
        self, world: World, tmp_path: Path, side: str
    ) -> None:
        ticket = world.server.add_ticket(
            world.user,
            world.service,
            files={"a": b"x" * 999},
            status="claimed",
            claimed_by=world.provider,
        )
        actor: User = getattr(world, side)
        api = world.server.client(actor)
        files = (
            UserTicketFiles(world.server.url, api.user, ticket.id, FileArea.INPUT)
            if side == "user"
            else ProviderTicketFiles(world.server.url, api.provider, ticket.id, FileArea.INPUT)
        )
        for sized in (True, False):
            world.server.faults.add(
                faults.Cut(after=998, sized=sized), path="/api/*/files/input/0", times=1
            )
            with pytest.raises(AnswerCutShort):
                download_files(files, tmp_path, retries=Retries(attempts=1))

        assert list_all_paths(tmp_path) == set()

    def test_closed_client_does_not_retry_a_download(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, {"big.bin": bytes(4 << 20)})
        slow = faults.Trickle(size=1 << 16, every=0.01)
        active_fault = world.server.faults.add(slow, path=f"{FILES_PATH}/0")

        def close(moved: int, _: int | None) -> None:
            if moved:
                client.close()

        with pytest.raises(ClientClosed):
            client.dssp_download_ticket(ticket, tmp_path, progress=close)

        assert active_fault.hits == 1

    def test_gateway_error_is_retried_but_a_refusal_is_not(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.faults.add(faults.Answer(503), path=f"{FILES_PATH}/0", times=1)
        client.dssp_download_ticket(ticket, tmp_path)

        refused = world.server.faults.add(
            faults.Answer(401, "You are not logged in!"), path=f"{FILES_PATH}/0"
        )
        with pytest.raises(NotLoggedIn):
            client.dssp_download_ticket(ticket, tmp_path)

        assert refused.hits == 1

    def test_older_file_stays_until_the_new_file_is_complete(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"older")
        refuse = world.server.faults.add(faults.Answer(418), path=f"{FILES_PATH}/0")
        with refuse, pytest.raises(AnswerError):
            client.dssp_download_ticket(ticket, tmp_path)
        assert (tmp_path / "scan.nii.gz").read_bytes() == b"older"

        client.dssp_download_ticket(ticket, tmp_path)
        assert (tmp_path / "scan.nii.gz").read_bytes() == b"voxels" * 1000


class TestCancelledDownload:
    """The first file never arrives; a cancelled download must not wait for it."""

    @pytest.fixture(params=["before the headers", "within the body", "between attempts"])
    def stalled_ticket(
        self, request: pytest.FixtureRequest, world: World, client: DSSClient
    ) -> Iterator[tuple[int, threading.Event]]:
        """A ticket whose first file never arrives, and an event for its first request."""
        ticket = claim_ticket(world, client, MANY_FILES)
        first_request, end = threading.Event(), threading.Event()

        def send_first_bytes() -> Iterator[bytes]:
            yield b"some"
            end.wait(DEADLINE)

        def stall(_: Request) -> Response:
            first_request.set()
            if request.param == "between attempts":
                return Response("", status=503, headers={"Retry-After": str(DEADLINE)})
            if request.param == "before the headers":
                end.wait(DEADLINE)
            headers = {
                "Content-Disposition": f'attachment; filename="{next(iter(MANY_FILES))}"',
                "Content-Type": "application/octet-stream",
                "Content-Length": "1000",
            }
            return Response(send_first_bytes(), headers=headers)

        path = f"/api/pro/tickets/{ticket}/files/input/0"
        world.server.expect_request(path).respond_with_handler(stall)
        yield ticket, first_request
        end.set()

    def test_first_failure_cancels_the_other_downloads(
        self,
        world: World,
        client: DSSClient,
        stalled_ticket: tuple[int, threading.Event],
        tmp_path: Path,
    ) -> None:
        ticket, _ = stalled_ticket
        path = f"/api/pro/tickets/{ticket}/files/input/1"
        world.server.faults.add(faults.Answer(418, "no"), path=path)
        started = time.monotonic()

        with pytest.raises(AnswerError, match="gave 418"):
            client.dssp_download_ticket(ticket, tmp_path)

        assert time.monotonic() - started < DEADLINE / 2
        assert {name for name in list_all_paths(tmp_path) if name not in MANY_FILES} == set()

    def test_interrupt_in_the_progress_function_cancels_the_download(
        self, client: DSSClient, stalled_ticket: tuple[int, threading.Event], tmp_path: Path
    ) -> None:
        ticket, first_request = stalled_ticket
        callers = set[threading.Thread]()

        def stop(done: int, total: int | None) -> None:
            callers.add(threading.current_thread())
            if first_request.is_set():
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            client.dssp_download_ticket(ticket, tmp_path, progress=stop)

        assert callers == {threading.current_thread()}
        assert list_all_paths(tmp_path) <= set(MANY_FILES)

    def test_client_is_usable_after_a_cancelled_download(
        self, client: DSSClient, stalled_ticket: tuple[int, threading.Event], tmp_path: Path
    ) -> None:
        def stop(done: int, total: int | None) -> None:
            raise LookupError("enough")

        with pytest.raises(LookupError, match="enough"):
            client.dssp_download_ticket(stalled_ticket[0], tmp_path, progress=stop)

        assert len(client.dssp_list_ticket_files(stalled_ticket[0])) == len(MANY_FILES)


INTERRUPTED_SCRIPT = """
import sys, threading
from dss_client import DSSClient
server, ticket, folder = sys.argv[1:]
client = DSSClient(server)
try:
    client.dssp_download_ticket(ticket, folder)
except KeyboardInterrupt:
    print(threading.active_count())
"""


def test_control_c_cancels_the_download_and_leaves_no_thread_or_partial_file(
    world: World, client: DSSClient, tmp_path: Path
) -> None:
    ticket = claim_ticket(world, client, {"slow": b"x" * 1000, "fast": b"x"})
    world.server.faults.add(faults.Trickle(1, 1), path=f"/api/pro/tickets/{ticket}/files/input/0")
    command = [
        sys.executable,
        "-c",
        INTERRUPTED_SCRIPT,
        world.server.url,
        str(ticket),
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + DEADLINE
        while not list(tmp_path.glob(".*.part")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=DEADLINE)

    assert shown == "1\n"
    assert list_all_paths(tmp_path) <= {"fast"}


class TestResumedDownload:
    def test_resumed_download_requests_only_missing_files(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, MANY_FILES)
        path = f"/api/pro/tickets/{ticket}/files/input/9"
        with world.server.faults.add(faults.Cut(), path=path), pytest.raises(AnswerCutShort):
            client.dssp_download_ticket(ticket, tmp_path, parallel=1, resume=True)
        assert list_all_paths(tmp_path) == {*list(MANY_FILES)[:9], RECORD_FILENAME}
        before = len(list_requested_indices(world))

        paths = client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert {path.name: path.read_bytes() for path in paths} == MANY_FILES
        assert sorted(map(int, list_requested_indices(world)[before:])) == list(range(9, 20))

    def test_resumed_download_keeps_complete_files_of_a_killed_process(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, {"slow": b"x" * 1000, "fast": b"x"})
        slow = f"/api/pro/tickets/{ticket}/files/input/0"
        script = INTERRUPTED_SCRIPT.replace("folder)", "folder, resume=True)")
        command = [sys.executable, "-c", script, world.server.url, str(ticket), str(tmp_path)]
        with (
            world.server.faults.add(faults.Trickle(1, 1), path=slow),
            subprocess.Popen(command) as process,
        ):
            deadline = time.monotonic() + DEADLINE
            while (
                not {"fast", RECORD_FILENAME} < list_all_paths(tmp_path)
                and time.monotonic() < deadline
            ):
                time.sleep(0.01)
            process.kill()
        (part,) = list_all_paths(tmp_path) - {"fast", RECORD_FILENAME}
        assert part.endswith(".part")
        before = len(list_requested_indices(world))

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert list_requested_indices(world)[before:] == ["0"]
        assert list_all_paths(tmp_path) == {"slow", "fast", RECORD_FILENAME}

    def test_download_without_resume_downloads_all_files_and_writes_no_record(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"of another ticket")
        (tmp_path / PART_FILENAME).write_bytes(b"perhaps of a running process")

        client.dssp_download_ticket(ticket, tmp_path)

        assert (tmp_path / "scan.nii.gz").read_bytes() == b"voxels" * 1000
        assert list_all_paths(tmp_path) == {"scan.nii.gz", "ticket.itksnap", PART_FILENAME}

    def test_resumed_download_replaces_a_file_without_a_record(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"vOxEls" * 1000)

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert (tmp_path / "scan.nii.gz").read_bytes() == b"voxels" * 1000

    def test_resumed_download_replaces_files_of_another_ticket(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        contents = (b"patient A", b"patient B")
        tickets = [claim_ticket(world, client, {"s.nii": content}) for content in contents]

        for ticket, content in zip(tickets, contents, strict=True):
            (path,) = client.dssp_download_ticket(ticket, tmp_path, resume=True)
            assert path.read_bytes() == content
        for number, content in zip(tickets, contents, strict=True):
            files = create_user_files(world, world.server.tickets[number])
            (path,) = download_files(files, tmp_path, retries=QUICK_RETRIES, resume=True)
            assert path.read_bytes() == content

    def test_resumed_download_replaces_files_of_another_area(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"result")
        client.dssp_upload_files(ticket, tmp_path / "scan.nii.gz")
        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        (path,) = client.dssp_download_ticket(ticket, tmp_path, area="results", resume=True)

        assert path.read_bytes() == b"result"

    def test_resumed_download_replaces_files_of_another_middleware(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_download_ticket(ticket, tmp_path, resume=True)
        world.server.state.tickets[ticket].files[FileArea.INPUT]["scan.nii.gz"].path.write_bytes(
            b"of another" * 600
        )
        # Another host name counts as another middleware.
        with DSSClient(
            world.server.url.replace("127.0.0.1", "localhost"), retries=QUICK_RETRIES
        ) as other:
            other.login(world.provider.token)
            other.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert (tmp_path / "scan.nii.gz").read_bytes() == b"of another" * 600

    def test_resumed_download_replaces_a_modified_file(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        scan, _ = client.dssp_download_ticket(ticket, tmp_path, resume=True)
        with scan.open("r+b") as stream:
            stream.write(b"V")

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert scan.read_bytes() == b"voxels" * 1000

    def test_resumed_user_download_replaces_a_file_of_the_wrong_size(
        self, world: World, tmp_path: Path
    ) -> None:
        ticket = world.server.add_ticket(
            world.user, world.service, files={"same": b"12345", "longer": b"12345"}
        )
        download_files(
            create_user_files(world, ticket), tmp_path, retries=QUICK_RETRIES, resume=True
        )
        stored = world.server.state.tickets[ticket.id].files[FileArea.INPUT]
        stored["same"].path.write_bytes(b"abcde")
        stored["longer"].path.write_bytes(b"123456")

        download_files(
            create_user_files(world, ticket), tmp_path, retries=QUICK_RETRIES, resume=True
        )

        assert (tmp_path / "same").read_bytes() == b"12345"
        assert (tmp_path / "longer").read_bytes() == b"123456"

    def test_resumed_download_keeps_no_files_after_the_ticket_changed(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, MANY_FILES)
        first, *_, last = MANY_FILES
        client.dssp_download_ticket(ticket, tmp_path, resume=True)
        (tmp_path / last).unlink()
        overwritten = b"x" * len(MANY_FILES[first])

        def overwrite(_: Request) -> Response:
            overwrite_file(world, ticket, first, overwritten)
            return Response(
                overwritten,
                headers={
                    "Content-Disposition": f'attachment; filename="{first}"',
                    "Content-Type": "application/octet-stream",
                },
            )

        path = f"/api/pro/tickets/{ticket}/files/input/{len(MANY_FILES) - 1}"
        world.server.expect_oneshot_request(path).respond_with_handler(overwrite)

        paths = client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert {path.name: path.read_bytes() for path in paths} == MANY_FILES | {first: overwritten}

    @pytest.mark.parametrize(
        "record", [b"", b"{", b"\xff", b"[]", b"{}", b'{"files": 3}', b'{"files": {"a": {}}}']
    )
    def test_invalid_resume_record_is_replaced(
        self, client: DSSClient, ticket: int, tmp_path: Path, record: bytes
    ) -> None:
        (tmp_path / RECORD_FILENAME).write_bytes(record)

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert json.loads((tmp_path / RECORD_FILENAME).read_bytes())["ticket"] == ticket

    def test_resumed_download_removes_only_partial_files(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        for name in (PART_FILENAME, ".bashrc", "x.part", ".0123.part"):
            (tmp_path / name).touch()

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        files = {"scan.nii.gz", "ticket.itksnap", RECORD_FILENAME}
        assert list_all_paths(tmp_path) == {*files, ".bashrc", "x.part", ".0123.part"}

    def test_resumed_download_counts_kept_files_in_the_progress(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        reports: list[tuple[int, int | None]] = []
        client.dssp_download_ticket(ticket, tmp_path, resume=True)
        (tmp_path / "ticket.itksnap").unlink()

        client.dssp_download_ticket(
            ticket, tmp_path, resume=True, progress=lambda *news: reports.append(news)
        )

        assert reports[-1] == (6011, 6011)

    def test_resume_argument_must_be_a_bool(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        with pytest.raises(TypeError, match="resume must be True or False"):
            client.dssp_download_ticket(ticket, tmp_path, resume="no")  # type: ignore[arg-type]


class TestDownloadError:
    def test_download_error_names_the_file_and_the_number_of_complete_files(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.faults.add(faults.Cut(), path=f"{FILES_PATH}/1")

        with pytest.raises(AnswerCutShort) as caught:
            client.dssp_download_ticket(ticket, tmp_path, parallel=1)
        assert str(caught.value).startswith("Ticket 1, 'ticket.itksnap': ")
        assert str(caught.value).endswith(f"Complete in {tmp_path}: 1 of 2 files.")

        with pytest.raises(AnswerCutShort) as caught:
            client.dssp_download_ticket(ticket, tmp_path, parallel=1, resume=True)
        assert str(caught.value).endswith(
            "1 of 2 files. A call with resume=True keeps these files."
        )


class TestDownloadProgress:
    def test_download_progress_ends_with_the_total_size(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        reports: list[tuple[int, int | None]] = []
        ticket = claim_ticket(world, client, MANY_FILES)
        world.server.faults.add(faults.Delay(0.05), operation=DOWNLOAD_OPERATION)

        client.dssp_download_ticket(ticket, tmp_path, progress=lambda *news: reports.append(news))

        size = sum(map(len, MANY_FILES.values()))
        assert reports[-1] == (size, size)
        assert [done for done, _ in reports] == sorted(done for done, _ in reports)
        assert {total for _, total in reports[:-1]} <= {None}
        assert len(reports) > 1

    def test_progress_function_can_send_requests(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_download_ticket(
            ticket, tmp_path, progress=lambda done, total: client.dssp_set_progress(ticket, 0.1)
        )

        assert world.server.tickets[ticket].progress == pytest.approx(0.1)

    def test_download_without_progress_prints_nothing(
        self,
        client: DSSClient,
        ticket: int,
        tmp_path: Path,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        client.dssp_download_ticket(ticket, tmp_path, progress=False)

        assert capfd.readouterr() == ("", "")


class TestDiskErrors:
    def test_error_names_a_folder_that_cannot_be_created(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("in the way")

        with pytest.raises(FileNotWritten, match=r"Cannot create the folder .*file/in") as caught:
            client.dssp_download_ticket(ticket, tmp_path / "file" / "in")

        assert isinstance(caught.value, OSError)
        assert caught.value.errno == errno.ENOTDIR

    def test_error_names_a_folder_created_in_place_of_a_file(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        def block(_: Request) -> Response:
            (tmp_path / "scan.nii.gz").mkdir()
            return Response(
                b"x",
                headers={
                    "Content-Disposition": 'attachment; filename="scan.nii.gz"',
                    "Content-Type": "application/octet-stream",
                },
            )

        world.server.expect_request(f"{FILES_PATH}/0").respond_with_handler(block)

        with pytest.raises(FileNotWritten, match=r"scan.nii.gz cannot be written") as caught:
            client.dssp_download_ticket(ticket, tmp_path)

        assert caught.value.errno == errno.EISDIR
        assert str(caught.value).startswith("Ticket 1, 'scan.nii.gz': ")
        assert "Move what is in the way, or give a different folder; then call" in str(caught.value)
        assert list_all_paths(tmp_path) <= {"scan.nii.gz", "ticket.itksnap"}

    def test_full_disk_raises_the_error_number_of_a_full_disk(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)]
        try:
            subprocess.run(mount, check=True, capture_output=True, timeout=DEADLINE)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this computer does not allow a small test disk")
        ticket = claim_ticket(world, client, {"small": b"x", "large": b"x" * (1 << 20)})
        try:
            with pytest.raises(FileNotWritten, match="large cannot be written") as caught:
                client.dssp_download_ticket(ticket, disk)

            assert caught.value.errno == errno.ENOSPC
            assert list_all_paths(disk) <= {"small"}
        finally:
            subprocess.run(["umount", disk], check=True, timeout=DEADLINE)

    def test_file_size_limit_raises_its_error_number_and_leaves_no_file(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claim_ticket(world, client, {"large": b"x" * (1 << 20)})
        command = [
            sys.executable,
            "-c",
            LIMITED_SCRIPT,
            world.server.url,
            str(ticket),
            str(tmp_path),
        ]

        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=True)

        assert done.stdout == f"{errno.EFBIG}\n"
        assert list_all_paths(tmp_path) == set()


LIMITED_SCRIPT = """
import resource, signal, sys
from dss_client import DSSClient, FileNotWritten
server, ticket, folder = sys.argv[1:]
client = DSSClient(server)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    client.dssp_download_ticket(ticket, folder)
except FileNotWritten as error:
    print(error.errno)
"""
