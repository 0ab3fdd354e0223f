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
    """The service of the example; its provider is signed in on this machine."""
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


def make_workspace_files(scan: Path) -> dict[str, bytes]:
    """Make a workspace next to a scan, and return the files of both."""
    workspace = scan.with_suffix(".itksnap")
    Workspace.create(scan, tags=["T1-MRI"]).save(workspace)
    return {path.name: path.read_bytes() for path in (scan, workspace)}


def get_log(ticket: Ticket) -> list[str]:
    return [entry.message for entry in ticket.log]


def test_ticket_with_an_unreadable_scan_fails_with_the_reason(
    dss_server: DssServer, user: User, service: Service, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.nii.gz"
    scan.write_bytes(b"this is no image")
    ticket = dss_server.add_ticket(user, service, files=make_workspace_files(scan))

    with start_provider(dss_server, "--tickets", "1") as provider:
        provider.communicate(timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert get_log(ticket)[-1].startswith("Processing failed: Layer 000 (scan) of ")


def test_ticket_succeeds_although_responses_of_the_middleware_are_lost(
    dss_server: DssServer, user: User, service: Service, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.nii.gz"
    shutil.copyfile(next((ROOT / "examples" / "data").glob("*.nii.gz")), scan)
    ticket = dss_server.add_ticket(user, service, files=make_workspace_files(scan))
    for operation in ("log_message", "attach_file", "set_claimed_ticket_status"):
        dss_server.faults.add(faults.DropAfter(), operation=operation, times=1)

    with start_provider(dss_server, "--tickets", "1") as provider:
        provider.communicate(timeout=DEADLINE)

    assert TicketStatus.FAILED not in ticket.statuses
    assert ticket.status is TicketStatus.SUCCESS


def test_ticket_is_processed_although_the_response_to_its_claim_is_lost(
    dss_server: DssServer, user: User, service: Service
) -> None:
    ticket = dss_server.add_ticket(user, service, files={"notes.txt": b"hello"})
    dss_server.faults.add(faults.DropAfter(), operation="claim_ticket", times=1)

    with start_provider(dss_server, "--tickets", "1") as provider:
        _, errors = provider.communicate(timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert "It is not known whether" in errors


def test_ticket_without_a_workspace_fails_and_lists_its_files(
    dss_server: DssServer, user: User, service: Service
) -> None:
    ticket = dss_server.add_ticket(user, service, files={"notes.txt": b"hello"})

    with start_provider(dss_server, "--tickets", "1") as provider:
        provider.communicate(timeout=DEADLINE)

    assert ticket.status is TicketStatus.FAILED
    assert "There is no workspace (.itksnap) among the files: notes.txt" in get_log(ticket)[-1]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_stopped_provider_fails_its_current_ticket(
    dss_server: DssServer, user: User, service: Service, stop: signal.Signals
) -> None:
    ticket = dss_server.add_ticket(user, service, files={"scan.nii.gz": b"x"})
    requested, release = threading.Event(), threading.Event()

    def keep_waiting(_: Request) -> Response:
        requested.set()
        release.wait(DEADLINE)
        return Response("too late", status=503)

    path = f"/api/pro/tickets/{ticket.id}/files/input/0"
    dss_server.expect_request(path).respond_with_handler(keep_waiting)

    with start_provider(dss_server) as provider:
        assert requested.wait(DEADLINE)
        provider.send_signal(stop)
        provider.communicate(timeout=DEADLINE)
    release.set()

    assert provider.returncode != 0
    assert ticket.status is TicketStatus.FAILED
    assert get_log(ticket)[-1].startswith("Processing failed: ")


def test_user_who_does_not_provide_the_service_gets_an_error_that_names_it(
    dss_server: DssServer, user: User
) -> None:
    DSSClient(dss_server.url).login(user.token)

    with start_provider(dss_server) as provider:
        _, errors = provider.communicate(timeout=DEADLINE)

    assert provider.returncode == 1
    assert "You do not provide the service 'BrainMask' for 'testlab'." in errors
