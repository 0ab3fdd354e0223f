"""Tickets are created whole, or it is said what they lack."""

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


NAMES = ("a.nii.gz", "b.nii.gz", "ticket.itksnap")


def count(world: World, operation: str) -> int:
    """How often an operation was asked for."""
    return sum(request.operation == operation for request in world.server.requests)


def chunked(_: Request) -> Response:
    """The first file, without its length."""
    headers = {
        "Content-Disposition": f'attachment; filename="{NAMES[0]}"',
        "Content-Type": "application/octet-stream",
    }
    return Response(iter([NAMES[0].encode() * 1000]), headers=headers)


class TestAll:
    def test_is_there_and_queued(self, world: World, user: DSSClient, scans: list[Path]) -> None:
        number = user.dss_create_ticket(world.service.name, scans)

        ticket = world.server.tickets[number]
        assert type(number) is int
        assert ticket.status is TicketStatus.READY
        assert ticket.service is world.service
        assert {name: file.read_bytes() for name, file in ticket.inputs.items()} == {
            path.name: path.read_bytes() for path in scans
        }

    def test_goes_to_the_service_of_a_hash(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        newer = world.server.add_service(
            "testlab", {"name": world.service.name, "version": "2.0.0", "shortdesc": "Newer"}
        )

        by_hash = user.dss_create_ticket(world.service.githash, scans[:1])
        by_name = user.dss_create_ticket(world.service.name, [str(scans[0])])

        assert world.server.tickets[by_hash].service is world.service
        assert world.server.tickets[by_name].service is newer

    def test_is_read_back_if_wanted(self, world: World, user: DSSClient, scans: list[Path]) -> None:
        user.dss_create_ticket(world.service.name, scans, verify="content")

        assert count(world, "download_ticket_file") == 3

    def test_is_told_of_as_it_is_sent(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        told: list[tuple[int, int | None]] = []

        user.dss_create_ticket(
            world.service.name, scans, progress=lambda done, total: told.append((done, total))
        )

        size = sum(path.stat().st_size for path in scans)
        assert told[-1] == (size, size)

    def test_takes_effect_once_though_answers_are_lost(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        for operation in ("upload_ticket_file", "set_ticket_status", "list_ticket_files"):
            world.server.faults.add(faults.DropAfter(), operation=operation, times=1)

        number = user.dss_create_ticket(world.service.name, scans)

        assert world.server.tickets[number].statuses == ["init", "ready"]
        assert count(world, "set_ticket_status") == 1

    def test_is_queued_at_the_second_attempt(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_ticket_status", times=1)

        number = user.dss_create_ticket(world.service.name, scans)

        assert world.server.tickets[number].status is TicketStatus.READY
        assert count(world, "set_ticket_status") == 2


class TestNothing:
    """is created where something cannot be right."""

    @pytest.mark.parametrize("name", [".hidden", "日本.nii.gz", "a\\b", "missing"])
    def test_for_a_file_that_cannot_be_sent(
        self, world: World, user: DSSClient, scans: list[Path], name: str
    ) -> None:
        bad = scans[0].with_name(name)
        if name != "missing":
            bad.write_bytes(b"1")

        with pytest.raises((ValueError, FileNotFoundError)):
            user.dss_create_ticket(world.service.name, [*scans, bad])

        assert count(world, "create_ticket") == 0

    @pytest.mark.parametrize(
        "wrong",
        [{"verify": "sizes"}, {"progress": "yes"}, {"ticket": 0}, {"ticket": "x"}],
    )
    def test_for_arguments_that_are_none(
        self, world: World, user: DSSClient, scans: list[Path], wrong: dict[str, object]
    ) -> None:
        with pytest.raises((ValueError, TypeError), match=r"verify|progress|ticket"):
            user.dss_create_ticket(world.service.name, scans, **wrong)  # type: ignore[arg-type]

        assert count(world, "create_ticket") == 0

    def test_without_files(self, world: World, user: DSSClient) -> None:
        with pytest.raises(ValueError, match="no files"):
            user.dss_create_ticket(world.service.name, [])

        assert count(world, "create_ticket") == 0

    def test_for_a_service_that_there_is_not(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        for service in ("Exmple", "0" * 40):
            with pytest.raises(ServiceNotFound, match="Known services: Example"):
                user.dss_create_ticket(service, scans)

        assert count(world, "create_ticket") == 0

    def test_beyond_what_is_allowed(self, world: World, user: DSSClient, scans: list[Path]) -> None:
        for _ in range(10):
            world.add_ready_ticket()

        with pytest.raises(QuotaExceeded):
            user.dss_create_ticket(world.service.name, scans)

        assert count(world, "upload_ticket_file") == 0

    def test_twice_if_the_answer_was_lost(
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


class TestATicketLeftIncomplete:
    def test_says_so_when_nothing_could_be_sent(
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
        assert (error.ticket, error.there, error.missing) == (1, (), NAMES)
        assert "dss_create_ticket again with ticket=1" in str(error)
        assert "dss_delete_ticket(1)" in str(error)
        assert str(error.__cause__) in str(error)

    def test_says_so_when_it_could_not_be_queued(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="set_ticket_status")

        with pytest.raises(TicketIncomplete, match="perhaps not submitted") as caught:
            user.dss_create_ticket(world.service.name, scans)

        assert isinstance(caught.value.__cause__, OutcomeUnknown)
        assert (caught.value.there, caught.value.missing) == (NAMES, ())

    def test_says_so_when_nobody_answers_any_more(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.DropBefore(), path="/api/tickets/*")

        with pytest.raises(TicketIncomplete, match="As far as is known") as caught:
            user.dss_create_ticket(world.service.name, scans)

        assert (caught.value.ticket, caught.value.missing) == (1, NAMES)
        # Once at once, over a new connection; and not all of it once more.
        assert count(world, "list_ticket_files") <= QUICK_RETRIES.attempts + 1

    def test_says_so_when_who_is_told_of_the_progress_fails(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        def fail(done: int, total: int | None) -> None:
            raise ZeroDivisionError

        with pytest.raises(TicketIncomplete) as caught:
            user.dss_create_ticket(world.service.name, scans, progress=fail)

        assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def test_says_which_files_are_not_as_they_should_be(
        self, world: World, user: DSSClient, scans: list[Path]
    ) -> None:
        world.server.faults.add(faults.Garbage(), path="/api/tickets/1/files/input/1")

        with pytest.raises(TicketIncomplete) as caught:
            user.dss_create_ticket(world.service.name, scans, verify="content")

        assert caught.value.there == (NAMES[0], NAMES[2])
        assert caught.value.missing == (NAMES[1],)

    @pytest.mark.parametrize(
        ("operation", "note"),
        [
            ("create_ticket", "A ticket may have been created.*status `init`"),
            ("list_ticket_files", "Ticket 1 was not submitted.*has: none; missing.*a.nii.gz, b"),
            ("upload_ticket_file", "Ticket 1 was not submitted.*ticket=1"),
            ("set_ticket_status", "Ticket 1 was perhaps not submitted.*has: a.nii.gz, b.nii.gz"),
        ],
    )
    def test_is_told_of_when_somebody_interrupts(
        self,
        user: DSSClient,
        scans: list[Path],
        monkeypatch: pytest.MonkeyPatch,
        operation: str,
        note: str,
    ) -> None:
        def interrupted(**arguments: object) -> None:
            ask(**arguments)
            raise KeyboardInterrupt

        ask = getattr(user.api.user, operation)
        monkeypatch.setattr(user.api.user, operation, interrupted)

        with pytest.raises(KeyboardInterrupt) as caught:
            user.dss_create_ticket("Example", scans)

        (told,) = caught.value.__notes__
        assert re.match(note, told)

    def test_says_so_in_another_process_too(self) -> None:
        error = TicketIncomplete("Ticket 7", ticket=7, there=("a",), missing=("b",))

        again = pickle.loads(pickle.dumps(error))

        assert (str(again), again.ticket, again.there, again.missing) == (
            "Ticket 7",
            7,
            ("a",),
            ("b",),
        )

    @pytest.fixture
    def begun(self, world: World, scans: list[Path]) -> int:
        """A ticket that has the first file."""
        files = {scans[0].name: scans[0].read_bytes()}
        return world.server.add_ticket(world.user, world.service, files=files, status="init").id

    def test_says_what_is_there_and_what_is_not(
        self, world: World, user: DSSClient, scans: list[Path], begun: int
    ) -> None:
        world.server.faults.add(faults.Answer(500), operation="upload_ticket_file")

        with pytest.raises(TicketIncomplete) as caught:
            user.dss_create_ticket(world.service.name, scans, ticket=begun)

        assert caught.value.there == NAMES[:1]
        assert caught.value.missing == NAMES[1:]

    def test_is_completed_with_what_it_lacks(
        self, world: World, user: DSSClient, scans: list[Path], begun: int
    ) -> None:
        number = user.dss_create_ticket(world.service.name, scans, ticket=np.int64(begun))

        assert number == begun
        assert world.server.tickets[begun].status is TicketStatus.READY
        assert sorted(world.server.tickets[begun].inputs) == list(NAMES)
        assert count(world, "upload_ticket_file") == 2
        assert count(world, "create_ticket") == 0

    @pytest.mark.parametrize(
        "now",
        [
            pytest.param(b"A.nii.gz" * 1000, id="as long"),
            pytest.param(NAMES[0].encode() * 999, id="shorter"),
            pytest.param(NAMES[0].encode() * 1001, id="longer"),
            pytest.param(b"", id="empty"),
        ],
    )
    def test_gets_a_file_as_it_is_now(
        self, world: World, user: DSSClient, scans: list[Path], begun: int, now: bytes
    ) -> None:
        scans[0].write_bytes(now)

        user.dss_create_ticket(world.service.name, scans, ticket=begun)

        assert count(world, "upload_ticket_file") == 3
        assert world.server.tickets[begun].inputs[scans[0].name].read_bytes() == now

    def test_is_compared_where_nobody_says_the_length(
        self, world: World, user: DSSClient, scans: list[Path], begun: int
    ) -> None:
        path = f"/api/tickets/{begun}/files/input/0"
        world.server.expect_request(path).respond_with_handler(chunked)

        user.dss_create_ticket(world.service.name, scans, ticket=begun)

        assert count(world, "upload_ticket_file") == 2

    def test_is_left_alone_if_it_was_submitted_after_all(
        self, world: World, user: DSSClient, scans: list[Path], begun: int
    ) -> None:
        for _ in range(2):
            assert user.dss_create_ticket(world.service.name, scans, ticket=begun) == begun

        assert world.server.tickets[begun].statuses == ["init", "ready"]
        assert count(world, "upload_ticket_file") == 2

    @pytest.mark.parametrize(
        ("content", "verify"),
        [(None, "names"), (b"1", "content"), (b"A.nii.gz" * 1000, "names"), (b"", None)],
    )
    def test_cannot_be_completed_once_it_was_submitted(
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

        assert count(world, "upload_ticket_file") == 0

    @pytest.mark.parametrize("status", ["init", "ready", "success"])
    def test_is_refused_if_it_has_other_files(
        self, world: World, user: DSSClient, scans: list[Path], status: str
    ) -> None:
        files = {path.name: path.read_bytes() for path in scans}
        ticket = world.server.add_ticket(world.user, world.service, files=files, status=status)

        with pytest.raises(ValueError, match=r": a\.nii\.gz, b\.nii\.gz\. .*reate another"):
            user.dss_create_ticket(world.service.name, scans[2:], ticket=ticket.id)

        assert ticket.status == status
        assert count(world, "upload_ticket_file") == 0

    def test_is_queued_though_a_provider_claims_it_before_that_is_heard(
        self, world: World, user: DSSClient, client: DSSClient, scans: list[Path], begun: int
    ) -> None:
        def claim_at_once(_: Request) -> Response:
            world.server.client(world.user).user.set_ticket_status(
                ticket_id=begun, status=TicketStatus.READY
            )
            client.dssp_claim_ticket(world.hashes, "testlab", "i")
            return Response("", status=504)

        path = f"/api/tickets/{begun}/status"
        world.server.expect_oneshot_request(path, "POST").respond_with_handler(claim_at_once)

        assert user.dss_create_ticket(world.service.name, scans, ticket=begun) == begun

        assert world.server.tickets[begun].statuses == ["init", "ready", "claimed"]

    def test_is_the_users_own_and_for_this_service(
        self, world: World, user: DSSClient, client: DSSClient, scans: list[Path], begun: int
    ) -> None:
        world.server.add_service("testlab", {"name": "Other", "version": "1", "shortdesc": "x"})

        for who, service in ((user, "Other"), (client, world.service.name)):
            with pytest.raises(TicketNotFound, match="Nothing was sent"):
                who.dss_create_ticket(service, scans, ticket=begun)

        assert list(world.server.tickets[begun].inputs) == list(NAMES[:1])
