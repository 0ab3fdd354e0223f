"""The submission of files as a ticket, and the report of an incomplete ticket."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from werkzeug import Request, Response

from dss_api import (
    OutcomeUnknown,
    QuotaExceeded,
    ServiceNotFound,
    TicketNotFound,
    TicketStatus,
    TransportError,
)
from dss_client import DSSClient, TicketIncomplete
from dss_client.transfers.upload import Verify
from dss_mock import faults
from tests.dss_client.conftest import QUICK_RETRIES, World


@pytest.fixture
def scans(tmp_path: Path) -> list[Path]:
    """Three files to send."""
    folder = tmp_path / "scans"
    folder.mkdir()
    paths = [folder / name for name in ("a.nii.gz", "b.nii.gz", "ticket.itksnap")]
    for path in paths:
        path.write_bytes(path.name.encode() * 1000)
    return paths


SCAN_NAMES = ("a.nii.gz", "b.nii.gz", "ticket.itksnap")


def count_requests(world: World, operation: str) -> int:
    """Return how often an operation was requested."""
    return sum(request.operation == operation for request in world.server.requests)


def respond_without_length(_: Request) -> Response:
    """Return the first file without its length."""
    headers = {
        "Content-Disposition": f'attachment; filename="{SCAN_NAMES[0]}"',
        "Content-Type": "application/octet-stream",
    }
    return Response(iter([SCAN_NAMES[0].encode() * 1000]), headers=headers)


class TestCompleteTicket:
    def test_created_ticket_has_all_files_and_is_ready(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        number = user.dss_create_ticket(world.service.name, scans)

        ticket = world.server.tickets[number]
        assert type(number) is int
        assert ticket.status is TicketStatus.READY
        assert ticket.service is world.service
        assert {name: file.read_bytes() for name, file in ticket.inputs.items()} == {
            path.name: path.read_bytes() for path in scans
        }

    def test_ticket_goes_to_the_service_with_the_hash_or_the_latest_with_the_name(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        newer = world.server.add_service(
            "testlab", {"name": world.service.name, "version": "2.0.0", "shortdesc": "Newer"}
        )

        by_hash = user.dss_create_ticket(world.service.githash, scans[:1])
        by_name = user.dss_create_ticket(world.service.name, [str(scans[0])])

        assert world.server.tickets[by_hash].service is world.service
        assert world.server.tickets[by_name].service is newer

    def test_verify_content_reads_the_ticket_files_back(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        user.dss_create_ticket(world.service.name, scans, verify="content")

        assert count_requests(world, "download_ticket_file") == 3

    def test_create_ticket_reports_progress_in_bytes(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        reports: list[tuple[int, int | None]] = []

        user.dss_create_ticket(
            world.service.name, scans, progress=lambda done, total: reports.append((done, total))
        )

        size = sum(path.stat().st_size for path in scans)
        assert reports[-1] == (size, size)

    def test_ticket_is_submitted_once_if_answers_are_lost(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        for operation in ("upload_ticket_file", "set_ticket_status", "list_ticket_files"):
            world.server.faults.add(faults.DropAfter(), operation=operation, times=1)

        number = user.dss_create_ticket(world.service.name, scans)

        assert world.server.tickets[number].statuses == ["init", "ready"]
        assert count_requests(world, "set_ticket_status") == 1

    def test_ticket_is_queued_at_the_second_attempt(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_ticket_status", times=1)

        number = user.dss_create_ticket(world.service.name, scans)

        assert world.server.tickets[number].status is TicketStatus.READY
        assert count_requests(world, "set_ticket_status") == 2


class TestNoTicket:
    @pytest.mark.parametrize("name", [".hidden", "日本.nii.gz", "a\\b", "missing"])
    def test_invalid_file_creates_no_ticket(
        self, world: World, user: DSSClient, scans: list[Path], name: str
    ) -> None:
        bad = scans[0].with_name(name)
        if name != "missing":
            bad.write_bytes(b"1")

        with pytest.raises((ValueError, FileNotFoundError)):
            user.dss_create_ticket(world.service.name, [*scans, bad])

        assert count_requests(world, "create_ticket") == 0

    @pytest.mark.parametrize(
        "wrong",
        [{"verify": "sizes"}, {"progress": "yes"}, {"ticket": 0}, {"ticket": "x"}],
    )
    def test_invalid_arguments_create_no_ticket(
        self, world: World, user: DSSClient, scans: list[Path], wrong: dict[str, object]
    ) -> None:
        with pytest.raises((ValueError, TypeError), match=r"verify|progress|ticket"):
            user.dss_create_ticket(world.service.name, scans, **wrong)  # type: ignore[arg-type]

        assert count_requests(world, "create_ticket") == 0

    def test_empty_file_list_creates_no_ticket(self, world: World, user: DSSClient) -> None:
        with pytest.raises(ValueError, match="no files"):
            user.dss_create_ticket(world.service.name, [])

        assert count_requests(world, "create_ticket") == 0

    def test_unknown_service_creates_no_ticket_and_lists_known_services(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        for service in ("Exmple", "0" * 40):
            with pytest.raises(ServiceNotFound, match="Known services: Example"):
                user.dss_create_ticket(service, scans)

        assert count_requests(world, "create_ticket") == 0

    def test_exceeded_quota_sends_no_files(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        for _ in range(10):
            world.add_ready_ticket()

        with pytest.raises(QuotaExceeded):
            user.dss_create_ticket(world.service.name, scans)

        assert count_requests(world, "upload_ticket_file") == 0

    def test_ticket_with_a_lost_answer_can_be_completed_without_a_second_ticket(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropAfter(), operation="create_ticket", times=1)

        with pytest.raises(OutcomeUnknown, match="newest one with the status `init`"):
            user.dss_create_ticket(world.service.name, scans)

        tickets = user.dss_list_tickets()
        assert tickets["status"].to_list() == ["init"]
        found = tickets["ticket"].iloc[-1]
        assert user.dss_create_ticket(world.service.name, scans, ticket=found) == found
        assert world.server.tickets[int(found)].status is TicketStatus.READY


class TestIncompleteTicket:
    def test_incomplete_ticket_lists_all_files_as_missing_if_nothing_was_sent(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="upload_ticket_file")

        with pytest.raises(
            TicketIncomplete, match="the middleware has: none; missing or incomplete: a"
        ) as caught:
            user.dss_create_ticket(world.service.name, scans)

        error = caught.value
        assert isinstance(error, RuntimeError)
        assert isinstance(error.__cause__, TransportError)
        assert (error.ticket, error.there, error.missing) == (1, (), SCAN_NAMES)
        assert "dss_create_ticket again with ticket=1" in str(error)
        assert "dss_delete_ticket(1)" in str(error)
        assert str(error.__cause__) in str(error)

    def test_ticket_that_cannot_be_queued_lists_all_files_as_present(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_ticket_status")

        with pytest.raises(TicketIncomplete, match="perhaps not submitted") as caught:
            user.dss_create_ticket(world.service.name, scans)

        assert isinstance(caught.value.__cause__, OutcomeUnknown)
        assert (caught.value.there, caught.value.missing) == (SCAN_NAMES, ())

    def test_broken_connection_raises_ticket_incomplete_without_further_requests(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropBefore(), path="/api/tickets/*")

        with pytest.raises(TicketIncomplete, match="As far as is known") as caught:
            user.dss_create_ticket(world.service.name, scans)

        assert (caught.value.ticket, caught.value.missing) == (1, SCAN_NAMES)
        # One immediate retry over a new connection is allowed, but no second round of attempts.
        assert count_requests(world, "list_ticket_files") <= QUICK_RETRIES.attempts + 1

    def test_exception_of_the_progress_function_raises_ticket_incomplete(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        def fail(done: int, total: int | None) -> None:
            raise ZeroDivisionError

        with pytest.raises(TicketIncomplete) as caught:
            user.dss_create_ticket(world.service.name, scans, progress=fail)

        assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def test_incomplete_ticket_lists_files_with_different_content_as_missing(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.Garbage(), path="/api/tickets/1/files/input/1")

        with pytest.raises(TicketIncomplete) as caught:
            user.dss_create_ticket(world.service.name, scans, verify="content")

        assert caught.value.there == (SCAN_NAMES[0], SCAN_NAMES[2])
        assert caught.value.missing == (SCAN_NAMES[1],)

    @pytest.mark.parametrize(
        ("operation", "note"),
        [
            ("create_ticket", "A ticket may have been created.*status `init`"),
            ("list_ticket_files", "Ticket 1 was not submitted.*has: none; missing.*a.nii.gz, b"),
            ("upload_ticket_file", "Ticket 1 was not submitted.*ticket=1"),
            ("set_ticket_status", "Ticket 1 was perhaps not submitted.*has: a.nii.gz, b.nii.gz"),
        ],
    )
    def test_interrupt_has_a_note_about_the_ticket(
        self,
        user: DSSClient,
        scans: list[Path],
        monkeypatch: pytest.MonkeyPatch,
        operation: str,
        note: str,
    ) -> None:
        def interrupt_after(**arguments: object) -> None:
            original(**arguments)
            raise KeyboardInterrupt

        original = getattr(user.api.user, operation)
        monkeypatch.setattr(user.api.user, operation, interrupt_after)

        with pytest.raises(KeyboardInterrupt) as caught:
            user.dss_create_ticket("Example", scans)

        (text,) = caught.value.__notes__
        assert re.match(note, text)

    def test_ticket_incomplete_can_be_pickled(self) -> None:
        error = TicketIncomplete("Ticket 7", ticket=7, there=("a",), missing=("b",))

        again = pickle.loads(pickle.dumps(error))

        assert (str(again), again.ticket, again.there, again.missing) == (
            "Ticket 7",
            7,
            ("a",),
            ("b",),
        )

    @pytest.fixture
    def partial_ticket(self, world: World, scans: list[Path]) -> int:
        """A ticket with only the first file."""
        files = {scans[0].name: scans[0].read_bytes()}
        return world.server.add_ticket(world.user, world.service, files=files, status="init").id

    def test_incomplete_ticket_lists_present_and_missing_files(
        self, world: World, user: DSSClient, scans: list[Path], partial_ticket: int
    ) -> None:
        world.server.faults.add(faults.Answer(500), operation="upload_ticket_file")

        with pytest.raises(TicketIncomplete) as caught:
            user.dss_create_ticket(world.service.name, scans, ticket=partial_ticket)

        assert caught.value.there == SCAN_NAMES[:1]
        assert caught.value.missing == SCAN_NAMES[1:]

    def test_existing_ticket_is_completed_with_its_missing_files(
        self, world: World, user: DSSClient, scans: list[Path], partial_ticket: int
    ) -> None:
        number = user.dss_create_ticket(world.service.name, scans, ticket=np.int64(partial_ticket))

        assert number == partial_ticket
        assert world.server.tickets[partial_ticket].status is TicketStatus.READY
        assert sorted(world.server.tickets[partial_ticket].inputs) == list(SCAN_NAMES)
        assert count_requests(world, "upload_ticket_file") == 2
        assert count_requests(world, "create_ticket") == 0

    @pytest.mark.parametrize(
        "now",
        [
            pytest.param(b"A.nii.gz" * 1000, id="as long"),
            pytest.param(SCAN_NAMES[0].encode() * 999, id="shorter"),
            pytest.param(SCAN_NAMES[0].encode() * 1001, id="longer"),
            pytest.param(b"", id="empty"),
        ],
    )
    def test_completed_ticket_gets_the_present_content_of_a_changed_file(
        self, world: World, user: DSSClient, scans: list[Path], partial_ticket: int, now: bytes
    ) -> None:
        scans[0].write_bytes(now)

        user.dss_create_ticket(world.service.name, scans, ticket=partial_ticket)

        assert count_requests(world, "upload_ticket_file") == 3
        assert world.server.tickets[partial_ticket].inputs[scans[0].name].read_bytes() == now

    def test_files_of_unknown_size_are_compared_by_content(
        self, world: World, user: DSSClient, scans: list[Path], partial_ticket: int
    ) -> None:
        path = f"/api/tickets/{partial_ticket}/files/input/0"
        world.server.expect_request(path).respond_with_handler(respond_without_length)

        user.dss_create_ticket(world.service.name, scans, ticket=partial_ticket)

        assert count_requests(world, "upload_ticket_file") == 2

    def test_completing_a_submitted_ticket_changes_nothing(
        self, world: World, user: DSSClient, scans: list[Path], partial_ticket: int
    ) -> None:
        for _ in range(2):
            assert (
                user.dss_create_ticket(world.service.name, scans, ticket=partial_ticket)
                == partial_ticket
            )

        assert world.server.tickets[partial_ticket].statuses == ["init", "ready"]
        assert count_requests(world, "upload_ticket_file") == 2

    @pytest.mark.parametrize(
        ("content", "verify"),
        [(None, "names"), (b"1", "content"), (b"A.nii.gz" * 1000, "names"), (b"", None)],
    )
    def test_submitted_ticket_with_different_files_is_rejected(
        self,
        world: World,
        user: DSSClient,
        scans: list[Path],
        content: bytes | None,
        verify: Verify,
    ) -> None:
        files = {path.name: path.read_bytes() for path in scans} | {scans[0].name: content}
        kept = {name: content for name, content in files.items() if content is not None}
        ticket = world.add_ready_ticket(kept)

        with pytest.raises(ValueError, match=r"does not accept more files.*: a\.nii\.gz\. Create"):
            user.dss_create_ticket(world.service.name, scans, ticket=ticket.id, verify=verify)

        assert count_requests(world, "upload_ticket_file") == 0

    @pytest.mark.parametrize("status", ["init", "ready", "success"])
    def test_ticket_with_files_that_are_not_in_the_upload_is_rejected(
        self, world: World, user: DSSClient, scans: list[Path], status: str
    ) -> None:
        files = {path.name: path.read_bytes() for path in scans}
        ticket = world.server.add_ticket(world.user, world.service, files=files, status=status)

        with pytest.raises(ValueError, match=r": a\.nii\.gz, b\.nii\.gz\. .*new ticket"):
            user.dss_create_ticket(world.service.name, scans[2:], ticket=ticket.id)

        assert ticket.status == status
        assert count_requests(world, "upload_ticket_file") == 0

    def test_ticket_claimed_before_the_answer_counts_as_queued(
        self,
        world: World,
        user: DSSClient,
        client: DSSClient,
        scans: list[Path],
        partial_ticket: int,
    ) -> None:
        def claim_before_answer(_: Request) -> Response:
            world.server.client(world.user).user.set_ticket_status(
                ticket_id=partial_ticket, status=TicketStatus.READY
            )
            client.dssp_claim_ticket(world.hashes, "testlab", "i")
            return Response("", status=504)

        path = f"/api/tickets/{partial_ticket}/status"
        world.server.expect_oneshot_request(path, "POST").respond_with_handler(claim_before_answer)

        assert (
            user.dss_create_ticket(world.service.name, scans, ticket=partial_ticket)
            == partial_ticket
        )

        assert world.server.tickets[partial_ticket].statuses == ["init", "ready", "claimed"]

    def test_ticket_of_another_user_or_service_is_not_found(
        self,
        world: World,
        user: DSSClient,
        client: DSSClient,
        scans: list[Path],
        partial_ticket: int,
    ) -> None:
        world.server.add_service("testlab", {"name": "Other", "version": "1", "shortdesc": "x"})

        for who, service in ((user, "Other"), (client, world.service.name)):
            with pytest.raises(TicketNotFound, match="Nothing was sent"):
                who.dss_create_ticket(service, scans, ticket=partial_ticket)

        assert list(world.server.tickets[partial_ticket].inputs) == list(SCAN_NAMES[:1])
