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
from tests.dss_client.transfers.test_filenames import FILES, everything_below, let_there_be

DOWNLOAD = "download_claimed_ticket_file"
MANY = {f"file_{number:03}.bin": bytes([number]) * (1000 + number) for number in range(20)}
DEADLINE = 30
PART = ".0123456789abcdef.part"


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    left = [thread for thread in threading.enumerate() if thread.name.startswith("dss-download")]
    assert not left


def claimed(world: World, client: DSSClient, files: dict[str, bytes]) -> int:
    world.add_ready_ticket(files)
    claim = client.dssp_claim_ticket(world.hashes, "testlab", "i")
    assert claim is not None
    return int(claim["ticket"].iloc[0])


def put(world: World, ticket: int, name: str, content: bytes) -> None:
    """Write a file anew, so that it becomes the last of the list."""
    files = world.server.state.tickets[ticket].files[FileArea.INPUT]
    stored = files.pop(name)
    stored.path.write_bytes(content)
    files[name] = stored


def fetched(world: World) -> list[str]:
    """The files that were asked for, by their indices."""
    return [
        request.path.rpartition("/")[2]
        for request in world.server.requests
        if request.operation == DOWNLOAD
    ]


class TestTheUsualWay:
    @pytest.mark.parametrize("parallel", [1, 4, 30])
    def test_the_order_is_that_of_the_list(
        self, world: World, client: DSSClient, tmp_path: Path, parallel: int
    ) -> None:
        ticket = claimed(world, client, MANY)

        paths = client.dssp_download_ticket(ticket, tmp_path, parallel=parallel)

        assert {path.name: path.read_bytes() for path in paths} == MANY
        assert [path.name for path in paths] == list(MANY)
        assert everything_below(tmp_path) == set(MANY)

    def test_four_are_fetched_at_a_time(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, dict(list(MANY.items())[:4]))
        together = threading.Barrier(4, timeout=DEADLINE)

        def answer(request: Request) -> Response:
            together.wait()
            name = list(MANY)[int(request.path.rpartition("/")[2])]
            return Response(
                MANY[name],
                headers={
                    "Content-Disposition": f'attachment; filename="{name}"',
                    "Content-Type": "application/octet-stream",
                },
            )

        for index in range(4):
            path = f"/api/pro/tickets/{ticket}/files/input/{index}"
            world.server.expect_request(path).respond_with_handler(answer)

        assert len(client.dssp_download_ticket(ticket, tmp_path)) == 4

    def test_each_file_is_asked_for_once(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, MANY)

        client.dssp_download_ticket(ticket, tmp_path)

        assert sorted(map(int, fetched(world))) == list(range(len(MANY)))

    def test_results_can_be_fetched_too(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "mask.nii.gz").write_bytes(b"mask")
        client.dssp_upload_files(ticket, tmp_path / "mask.nii.gz")

        (path,) = client.dssp_download_ticket(ticket, tmp_path / "back", area="results")

        assert path.read_bytes() == b"mask"

    def test_a_ticket_without_files_gives_an_empty_folder(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        told: list[object] = []
        ticket = claimed(world, client, {})

        paths = client.dssp_download_ticket(
            ticket, tmp_path / "in", progress=lambda *news: told.append(news)
        )

        assert paths == told == list((tmp_path / "in").iterdir()) == []

    def test_an_empty_file_is_a_file(self, world: World, client: DSSClient, tmp_path: Path) -> None:
        (path,) = client.dssp_download_ticket(claimed(world, client, {"empty": b""}), tmp_path)

        assert path.read_bytes() == b""

    def test_a_user_downloads_in_the_same_way(self, world: World, tmp_path: Path) -> None:
        ticket = world.server.add_ticket(world.user, world.service, files=MANY)

        paths = download_files(of_user(world, ticket), tmp_path, retries=QUICK_RETRIES)

        assert {path.name: path.read_bytes() for path in paths} == MANY

    def test_what_cannot_be_right_is_refused(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match="parallel must be between 1 and 64"):
            client.dssp_download_ticket(ticket, tmp_path, parallel=0)
        with pytest.raises(TypeError, match="parallel must be a whole number"):
            client.dssp_download_ticket(ticket, tmp_path, parallel=1.5)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="area must be"):
            client.dssp_download_ticket(ticket, tmp_path, area="output")
        with pytest.raises(TypeError, match="progress is True, False or a function"):
            client.dssp_download_ticket(ticket, tmp_path, progress="bar")  # type: ignore[arg-type]


def of_user(world: World, ticket: Ticket) -> UserTicketFiles:
    return UserTicketFiles(
        world.server.url, world.server.client(world.user).user, ticket.id, FileArea.INPUT
    )


class TestFilesThatChange:
    def test_indices_that_shift_are_followed(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, MANY)
        first = next(iter(MANY))

        def overwrite(done: int, total: int | None) -> None:
            if not shifted:
                shifted.append(first)
                put(world, ticket, first, b"new")

        shifted: list[str] = []
        # Slow enough for the news of the first files to come before the last ones are asked for.
        world.server.faults.add(faults.Delay(0.05), operation=DOWNLOAD)
        paths = client.dssp_download_ticket(ticket, tmp_path, parallel=2, progress=overwrite)

        assert shifted
        assert [path.name for path in paths] == [*list(MANY)[1:], first]
        assert {path.name: path.read_bytes() for path in paths} == MANY | {first: b"new"}
        assert everything_below(tmp_path) == set(MANY)

    def test_a_list_that_never_fits_is_an_error(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        let_there_be(world, "another.nii.gz")

        with pytest.raises(
            FilesChanged, match=r"'another.nii.gz': The middleware sent 'scan.nii.gz' instead"
        ):
            client.dssp_download_ticket(ticket, tmp_path)

        assert fetched(world) == ["0"] * 4
        assert everything_below(tmp_path) == set()

    def test_a_file_that_is_no_longer_there_is_looked_for_again(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.expect_oneshot_request(FILES).respond_with_data(
            "0,scan.nii.gz\r\n1,ticket.itksnap\r\n2,gone.txt\r\n", content_type="text/csv"
        )

        paths = client.dssp_download_ticket(ticket, tmp_path)

        assert [path.name for path in paths] == ["scan.nii.gz", "ticket.itksnap"]


class TestBrokenConnections:
    @pytest.mark.parametrize("sized", [True, False])
    @pytest.mark.parametrize("after", [0, 1, 5999])
    def test_a_body_that_is_cut_is_fetched_again(  # noqa: PLR0917
        self,
        world: World,
        client: DSSClient,
        ticket: int,
        tmp_path: Path,
        sized: bool,
        after: int,
    ) -> None:
        fault = faults.Cut(after=after, sized=sized)
        struck = world.server.faults.add(fault, path=f"{FILES}/0", times=2)

        paths = client.dssp_download_ticket(ticket, tmp_path)

        assert struck.hits == 2
        assert paths[0].read_bytes() == b"voxels" * 1000
        assert everything_below(tmp_path) == {"scan.nii.gz", "ticket.itksnap"}

    @pytest.mark.parametrize("sized", [True, False])
    def test_a_body_that_is_always_cut_leaves_nothing_behind(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path, sized: bool
    ) -> None:
        fault = faults.Cut(after=3000, sized=sized)
        struck = world.server.faults.add(fault, path=f"{FILES}/0")

        with pytest.raises(AnswerCutShort, match="broke off") as caught:
            client.dssp_download_ticket(ticket, tmp_path)

        assert struck.hits == QUICK_RETRIES.attempts
        assert caught.value.path == f"{FILES}/0"
        assert everything_below(tmp_path) <= {"ticket.itksnap"}

    @pytest.mark.parametrize("side", ["user", "provider"])
    def test_both_sides_notice_that_the_end_is_missing(
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

        assert everything_below(tmp_path) == set()

    def test_when_the_client_is_closed_nothing_is_begun_again(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, {"big.bin": bytes(4 << 20)})
        slow = faults.Trickle(size=1 << 16, every=0.01)
        struck = world.server.faults.add(slow, path=f"{FILES}/0")

        def close(moved: int, _: int | None) -> None:
            if moved:
                client.close()

        with pytest.raises(ClientClosed):
            client.dssp_download_ticket(ticket, tmp_path, progress=close)

        assert struck.hits == 1

    def test_a_gateway_is_asked_again_but_a_refusal_is_not(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.faults.add(faults.Answer(503), path=f"{FILES}/0", times=1)
        client.dssp_download_ticket(ticket, tmp_path)

        refused = world.server.faults.add(
            faults.Answer(401, "You are not logged in!"), path=f"{FILES}/0"
        )
        with pytest.raises(NotLoggedIn):
            client.dssp_download_ticket(ticket, tmp_path)

        assert refused.hits == 1

    def test_an_older_file_of_the_name_stays_whole_until_the_new_one_is(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"older")
        refuse = world.server.faults.add(faults.Answer(418), path=f"{FILES}/0")
        with refuse, pytest.raises(AnswerError):
            client.dssp_download_ticket(ticket, tmp_path)
        assert (tmp_path / "scan.nii.gz").read_bytes() == b"older"

        client.dssp_download_ticket(ticket, tmp_path)
        assert (tmp_path / "scan.nii.gz").read_bytes() == b"voxels" * 1000


class TestStopping:
    """One file never comes; what ends the download must not wait for it."""

    @pytest.fixture(params=["before the headers", "within the body", "between attempts"])
    def stalled(
        self, request: pytest.FixtureRequest, world: World, client: DSSClient
    ) -> Iterator[tuple[int, threading.Event]]:
        """A ticket whose first file stands still, and whether it has come to that."""
        ticket = claimed(world, client, MANY)
        asked, over = threading.Event(), threading.Event()

        def beginning() -> Iterator[bytes]:
            yield b"some"
            over.wait(DEADLINE)

        def stand_still(_: Request) -> Response:
            asked.set()
            if request.param == "between attempts":
                return Response("", status=503, headers={"Retry-After": str(DEADLINE)})
            if request.param == "before the headers":
                over.wait(DEADLINE)
            headers = {
                "Content-Disposition": f'attachment; filename="{next(iter(MANY))}"',
                "Content-Type": "application/octet-stream",
                "Content-Length": "1000",
            }
            return Response(beginning(), headers=headers)

        path = f"/api/pro/tickets/{ticket}/files/input/0"
        world.server.expect_request(path).respond_with_handler(stand_still)
        yield ticket, asked
        over.set()

    def test_the_first_failure_stops_the_others(
        self,
        world: World,
        client: DSSClient,
        stalled: tuple[int, threading.Event],
        tmp_path: Path,
    ) -> None:
        ticket, _ = stalled
        path = f"/api/pro/tickets/{ticket}/files/input/1"
        world.server.faults.add(faults.Answer(418, "no"), path=path)
        started = time.monotonic()

        with pytest.raises(AnswerError, match="gave 418"):
            client.dssp_download_ticket(ticket, tmp_path)

        assert time.monotonic() - started < DEADLINE / 2
        assert {name for name in everything_below(tmp_path) if name not in MANY} == set()

    def test_what_is_told_may_end_it(
        self, client: DSSClient, stalled: tuple[int, threading.Event], tmp_path: Path
    ) -> None:
        ticket, asked = stalled
        callers = set[threading.Thread]()

        def stop(done: int, total: int | None) -> None:
            callers.add(threading.current_thread())
            if asked.is_set():
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            client.dssp_download_ticket(ticket, tmp_path, progress=stop)

        assert callers == {threading.current_thread()}
        assert everything_below(tmp_path) <= set(MANY)

    def test_the_client_is_as_good_as_new(
        self, client: DSSClient, stalled: tuple[int, threading.Event], tmp_path: Path
    ) -> None:
        def stop(done: int, total: int | None) -> None:
            raise LookupError("enough")

        with pytest.raises(LookupError, match="enough"):
            client.dssp_download_ticket(stalled[0], tmp_path, progress=stop)

        assert len(client.dssp_list_ticket_files(stalled[0])) == len(MANY)


INTERRUPTED = """
import sys, threading
from dss_client import DSSClient
server, ticket, folder = sys.argv[1:]
client = DSSClient(server)
try:
    client.dssp_download_ticket(ticket, folder)
except KeyboardInterrupt:
    print(threading.active_count())
"""


def test_control_c_ends_it_at_once_and_leaves_neither_thread_nor_file(
    world: World, client: DSSClient, tmp_path: Path
) -> None:
    ticket = claimed(world, client, {"slow": b"x" * 1000, "fast": b"x"})
    world.server.faults.add(faults.Trickle(1, 1), path=f"/api/pro/tickets/{ticket}/files/input/0")
    command = [sys.executable, "-c", INTERRUPTED, world.server.url, str(ticket), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + DEADLINE
        while not list(tmp_path.glob(".*.part")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=DEADLINE)

    assert shown == "1\n"
    assert everything_below(tmp_path) <= {"fast"}


class TestResuming:
    def test_only_what_is_missing_is_fetched(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, MANY)
        path = f"/api/pro/tickets/{ticket}/files/input/9"
        with world.server.faults.add(faults.Cut(), path=path), pytest.raises(AnswerCutShort):
            client.dssp_download_ticket(ticket, tmp_path, parallel=1, resume=True)
        assert everything_below(tmp_path) == {*list(MANY)[:9], RECORD_FILENAME}
        before = len(fetched(world))

        paths = client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert {path.name: path.read_bytes() for path in paths} == MANY
        assert sorted(map(int, fetched(world)[before:])) == list(range(9, 20))

    def test_a_killed_process_loses_nothing_that_was_whole_and_its_rest_is_removed(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, {"slow": b"x" * 1000, "fast": b"x"})
        slow = f"/api/pro/tickets/{ticket}/files/input/0"
        script = INTERRUPTED.replace("folder)", "folder, resume=True)")
        command = [sys.executable, "-c", script, world.server.url, str(ticket), str(tmp_path)]
        with (
            world.server.faults.add(faults.Trickle(1, 1), path=slow),
            subprocess.Popen(command) as process,
        ):
            deadline = time.monotonic() + DEADLINE
            while (
                not {"fast", RECORD_FILENAME} < everything_below(tmp_path)
                and time.monotonic() < deadline
            ):
                time.sleep(0.01)
            process.kill()
        (part,) = everything_below(tmp_path) - {"fast", RECORD_FILENAME}
        assert part.endswith(".part")
        before = len(fetched(world))

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert fetched(world)[before:] == ["0"]
        assert everything_below(tmp_path) == {"slow", "fast", RECORD_FILENAME}

    def test_without_it_everything_is_fetched_anew_and_nothing_remembered(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"of another ticket")
        (tmp_path / PART).write_bytes(b"perhaps of a process that is at work")

        client.dssp_download_ticket(ticket, tmp_path)

        assert (tmp_path / "scan.nii.gz").read_bytes() == b"voxels" * 1000
        assert everything_below(tmp_path) == {"scan.nii.gz", "ticket.itksnap", PART}

    def test_nothing_is_kept_of_which_nobody_knows_where_it_came_from(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"vOxEls" * 1000)

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert (tmp_path / "scan.nii.gz").read_bytes() == b"voxels" * 1000

    def test_nothing_is_kept_of_another_ticket(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        contents = (b"patient A", b"patient B")
        tickets = [claimed(world, client, {"s.nii": content}) for content in contents]

        for ticket, content in zip(tickets, contents, strict=True):
            (path,) = client.dssp_download_ticket(ticket, tmp_path, resume=True)
            assert path.read_bytes() == content
        for number, content in zip(tickets, contents, strict=True):
            files = of_user(world, world.server.tickets[number])
            (path,) = download_files(files, tmp_path, retries=QUICK_RETRIES, resume=True)
            assert path.read_bytes() == content

    def test_nothing_is_kept_of_the_other_files_of_the_ticket(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "scan.nii.gz").write_bytes(b"result")
        client.dssp_upload_files(ticket, tmp_path / "scan.nii.gz")
        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        (path,) = client.dssp_download_ticket(ticket, tmp_path, area="results", resume=True)

        assert path.read_bytes() == b"result"

    def test_nothing_is_kept_of_another_middleware(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_download_ticket(ticket, tmp_path, resume=True)
        world.server.state.tickets[ticket].files[FileArea.INPUT]["scan.nii.gz"].path.write_bytes(
            b"of another" * 600
        )
        # By another name it could be another.
        with DSSClient(
            world.server.url.replace("127.0.0.1", "localhost"), retries=QUICK_RETRIES
        ) as other:
            other.login(world.provider.token)
            other.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert (tmp_path / "scan.nii.gz").read_bytes() == b"of another" * 600

    def test_what_something_wrote_to_since_is_fetched_again(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        scan, _ = client.dssp_download_ticket(ticket, tmp_path, resume=True)
        with scan.open("r+b") as stream:
            stream.write(b"V")

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert scan.read_bytes() == b"voxels" * 1000

    def test_a_user_is_told_the_length_so_that_it_must_agree(
        self, world: World, tmp_path: Path
    ) -> None:
        ticket = world.server.add_ticket(
            world.user, world.service, files={"same": b"12345", "longer": b"12345"}
        )
        download_files(of_user(world, ticket), tmp_path, retries=QUICK_RETRIES, resume=True)
        stored = world.server.state.tickets[ticket.id].files[FileArea.INPUT]
        stored["same"].path.write_bytes(b"abcde")
        stored["longer"].path.write_bytes(b"123456")

        download_files(of_user(world, ticket), tmp_path, retries=QUICK_RETRIES, resume=True)

        assert (tmp_path / "same").read_bytes() == b"12345"
        assert (tmp_path / "longer").read_bytes() == b"123456"

    def test_nothing_is_kept_once_the_files_changed(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, MANY)
        first, *_, last = MANY
        client.dssp_download_ticket(ticket, tmp_path, resume=True)
        (tmp_path / last).unlink()
        overwritten = b"x" * len(MANY[first])

        def overwrite(_: Request) -> Response:
            put(world, ticket, first, overwritten)
            return Response(
                overwritten,
                headers={
                    "Content-Disposition": f'attachment; filename="{first}"',
                    "Content-Type": "application/octet-stream",
                },
            )

        path = f"/api/pro/tickets/{ticket}/files/input/{len(MANY) - 1}"
        world.server.expect_oneshot_request(path).respond_with_handler(overwrite)

        paths = client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert {path.name: path.read_bytes() for path in paths} == MANY | {first: overwritten}

    @pytest.mark.parametrize(
        "record", [b"", b"{", b"\xff", b"[]", b"{}", b'{"files": 3}', b'{"files": {"a": {}}}']
    )
    def test_a_record_that_is_none_is_replaced(
        self, client: DSSClient, ticket: int, tmp_path: Path, record: bytes
    ) -> None:
        (tmp_path / RECORD_FILENAME).write_bytes(record)

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        assert json.loads((tmp_path / RECORD_FILENAME).read_bytes())["ticket"] == ticket

    def test_what_killed_runs_left_is_removed_and_nothing_else(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        for name in (PART, ".bashrc", "x.part", ".0123.part"):
            (tmp_path / name).touch()

        client.dssp_download_ticket(ticket, tmp_path, resume=True)

        files = {"scan.nii.gz", "ticket.itksnap", RECORD_FILENAME}
        assert everything_below(tmp_path) == {*files, ".bashrc", "x.part", ".0123.part"}

    def test_what_is_there_counts_as_arrived(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        told: list[tuple[int, int | None]] = []
        client.dssp_download_ticket(ticket, tmp_path, resume=True)
        (tmp_path / "ticket.itksnap").unlink()

        client.dssp_download_ticket(
            ticket, tmp_path, resume=True, progress=lambda *news: told.append(news)
        )

        assert told[-1] == (6011, 6011)

    def test_is_yes_or_no(self, client: DSSClient, ticket: int, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="resume must be True or False"):
            client.dssp_download_ticket(ticket, tmp_path, resume="no")  # type: ignore[arg-type]


class TestWhatIsSaid:
    def test_of_a_failure_names_the_file_and_how_far_it_came(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.faults.add(faults.Cut(), path=f"{FILES}/1")

        with pytest.raises(AnswerCutShort) as caught:
            client.dssp_download_ticket(ticket, tmp_path, parallel=1)
        assert str(caught.value).startswith("Ticket 1, 'ticket.itksnap': ")
        assert str(caught.value).endswith(f"Complete in {tmp_path}: 1 of 2 files.")

        with pytest.raises(AnswerCutShort) as caught:
            client.dssp_download_ticket(ticket, tmp_path, parallel=1, resume=True)
        assert str(caught.value).endswith("1 of 2 files. A call with resume=True keeps them.")


class TestProgress:
    def test_ends_with_all_of_the_bytes(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        told: list[tuple[int, int | None]] = []
        ticket = claimed(world, client, MANY)
        world.server.faults.add(faults.Delay(0.05), operation=DOWNLOAD)

        client.dssp_download_ticket(ticket, tmp_path, progress=lambda *news: told.append(news))

        size = sum(map(len, MANY.values()))
        assert told[-1] == (size, size)
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        assert {total for _, total in told[:-1]} <= {None}
        assert len(told) > 1

    def test_may_itself_ask_the_middleware(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        client.dssp_download_ticket(
            ticket, tmp_path, progress=lambda done, total: client.dssp_set_progress(ticket, 0.1)
        )

        assert world.server.tickets[ticket].progress == pytest.approx(0.1)

    def test_nothing_is_shown_where_it_is_not_wanted(
        self,
        client: DSSClient,
        ticket: int,
        tmp_path: Path,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        client.dssp_download_ticket(ticket, tmp_path, progress=False)

        assert capfd.readouterr() == ("", "")


class TestDisks:
    def test_a_folder_that_cannot_be_made_is_named(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("in the way")

        with pytest.raises(FileNotWritten, match=r"Cannot create the folder .*file/in") as caught:
            client.dssp_download_ticket(ticket, tmp_path / "file" / "in")

        assert isinstance(caught.value, OSError)
        assert caught.value.errno == errno.ENOTDIR

    def test_what_comes_in_the_way_later_is_named(
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

        world.server.expect_request(f"{FILES}/0").respond_with_handler(block)

        with pytest.raises(FileNotWritten, match=r"scan.nii.gz cannot be written") as caught:
            client.dssp_download_ticket(ticket, tmp_path)

        assert caught.value.errno == errno.EISDIR
        assert str(caught.value).startswith("Ticket 1, 'scan.nii.gz': ")
        assert "Move what is in the way, or give another folder; then call" in str(caught.value)
        assert everything_below(tmp_path) <= {"scan.nii.gz", "ticket.itksnap"}

    def test_a_full_disk_is_told_by_its_number(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)]
        try:
            subprocess.run(mount, check=True, capture_output=True, timeout=DEADLINE)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no small disk can be had here")
        ticket = claimed(world, client, {"small": b"x", "large": b"x" * (1 << 20)})
        try:
            with pytest.raises(FileNotWritten, match="large cannot be written") as caught:
                client.dssp_download_ticket(ticket, disk)

            assert caught.value.errno == errno.ENOSPC
            assert everything_below(disk) <= {"small"}
        finally:
            subprocess.run(["umount", disk], check=True, timeout=DEADLINE)

    def test_a_file_that_may_not_grow_is_named_and_nothing_is_left(
        self, world: World, client: DSSClient, tmp_path: Path
    ) -> None:
        ticket = claimed(world, client, {"large": b"x" * (1 << 20)})
        command = [sys.executable, "-c", LIMITED, world.server.url, str(ticket), str(tmp_path)]

        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=True)

        assert done.stdout == f"{errno.EFBIG}\n"
        assert everything_below(tmp_path) == set()


LIMITED = """
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
