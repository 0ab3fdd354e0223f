import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from werkzeug import Request, Response

from dss_api import TicketStatus
from dss_client import DSSClient, Workspace
from dss_mock import DssServer, faults
from dss_mock.state import Service, Ticket, User

ROOT = Path(__file__).parents[2]
DEADLINE = 60.0

pytest.importorskip("SimpleITK", reason="the provider needs the `images` extra")


@pytest.fixture
def user(dss_server: DssServer) -> User:
    return dss_server.add_user("user@example.com")


@pytest.fixture
def service(dss_server: DssServer) -> Service:
    """The service of the example, whose provider is signed in on this machine."""
    provider = dss_server.add_user("provider@example.com")
    dss_server.add_provider("testlab", users=[provider])
    DSSClient(dss_server.url).login(provider.token)
    return dss_server.add_service(
        "testlab", {"name": "BrainMask", "version": "1", "shortdesc": "An example"}
    )


def start_provider(server: DssServer, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "examples.provider", server.url, "--provider", "testlab"]
    return subprocess.Popen(
        [*command, "--timeout", "30", *options],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def workspace_with(scan: Path) -> dict[str, bytes]:
    """The files of a ticket with a scan, which is in the folder of the workspace."""
    workspace = scan.with_suffix(".itksnap")
    Workspace.create(scan, tags=["T1-MRI"]).save(workspace)
    return {path.name: path.read_bytes() for path in (scan, workspace)}


def log_of(ticket: Ticket) -> list[str]:
    return [entry.message for entry in ticket.log]


def test_a_ticket_that_it_cannot_process_fails_with_the_reason(
    dss_server: DssServer, user: User, service: Service, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.nii.gz"
    scan.write_bytes(b"this is no image")
    ticket = dss_server.add_ticket(user, service, files=workspace_with(scan))

    with start_provider(dss_server, "--tickets", "1") as provider:
        provider.communicate(timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert log_of(ticket)[-1].startswith("Processing failed: Layer 000 (scan) of ")


def test_a_success_of_which_answers_are_lost_is_no_failure(
    dss_server: DssServer, user: User, service: Service, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.nii.gz"
    shutil.copyfile(next((ROOT / "examples" / "data").glob("*.nii.gz")), scan)
    ticket = dss_server.add_ticket(user, service, files=workspace_with(scan))
    for operation in ("log_message", "attach_file", "set_claimed_ticket_status"):
        dss_server.faults.add(faults.DropAfter(), operation=operation, times=1)

    with start_provider(dss_server, "--tickets", "1") as provider:
        provider.communicate(timeout=DEADLINE)

    assert TicketStatus.FAILED not in ticket.statuses
    assert ticket.status is TicketStatus.SUCCESS


def test_a_ticket_whose_claim_is_answered_to_nobody_is_not_lost(
    dss_server: DssServer, user: User, service: Service
) -> None:
    ticket = dss_server.add_ticket(user, service, files={"notes.txt": b"hello"})
    dss_server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)

    with start_provider(dss_server, "--tickets", "1") as provider:
        _, said = provider.communicate(timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert "It is not known whether" in said


def test_a_ticket_without_a_workspace_says_what_was_expected(
    dss_server: DssServer, user: User, service: Service
) -> None:
    ticket = dss_server.add_ticket(user, service, files={"notes.txt": b"hello"})

    with start_provider(dss_server, "--tickets", "1") as provider:
        provider.communicate(timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert "There is no workspace (.itksnap) among the files: notes.txt" in log_of(ticket)[-1]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_provider_that_is_stopped_fails_the_ticket_at_hand(
    dss_server: DssServer, user: User, service: Service, stop: signal.Signals
) -> None:
    ticket = dss_server.add_ticket(user, service, files={"scan.nii.gz": b"x"})
    asked, answer = threading.Event(), threading.Event()

    def keep_waiting(_: Request) -> Response:
        asked.set()
        answer.wait(DEADLINE)
        return Response("too late", status=503)

    path = f"/api/pro/tickets/{ticket.id}/files/input/0"
    dss_server.expect_request(path).respond_with_handler(keep_waiting)

    with start_provider(dss_server) as provider:
        assert asked.wait(DEADLINE)
        provider.send_signal(stop)
        provider.communicate(timeout=DEADLINE)
    answer.set()

    assert provider.returncode != 0
    assert ticket.status is TicketStatus.FAILED
    assert log_of(ticket)[-1].startswith("Processing failed: ")


def test_a_user_who_provides_nothing_is_told_so(dss_server: DssServer, user: User) -> None:
    DSSClient(dss_server.url).login(user.token)

    with start_provider(dss_server) as provider:
        _, errors = provider.communicate(timeout=DEADLINE)

    assert provider.returncode == 1
    assert "You provide no service 'BrainMask' for 'testlab'." in errors
