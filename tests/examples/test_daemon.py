"""Tests of the daemon: the end of tickets, whatever their processing does."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dss_api import FileArea, TicketStatus
from dss_client import DSSClient, NotDrawable, Retries
from dss_mock import DssServer, faults
from dss_mock.state import Ticket
from examples.daemon import Process, attach_text, ignore_failure, log_info, work_on_ticket


@pytest.fixture
def client(dss_server: DssServer) -> Iterator[DSSClient]:
    """The client of the provider."""
    provider = dss_server.add_user("provider@example.com")
    dss_server.add_provider("testlab", users=[provider])
    session = dss_server.state.accounts.sign_in(provider).id
    quick = Retries(attempts=2, first_delay=0.01)
    with DSSClient(dss_server.url, session=session, retries=quick) as client:
        yield client


@pytest.fixture
def ticket(dss_server: DssServer, client: DSSClient) -> Ticket:
    """A ticket that the provider has claimed."""
    service = dss_server.add_service("testlab")
    ticket = dss_server.add_ticket(dss_server.add_user("user@example.com"), service)
    client.dssp_claim_ticket(service.githash, "testlab", "instance")
    return ticket


def fail_to_draw(client: DSSClient, ticket: int, folder: Path) -> None:
    raise NotDrawable("Cannot draw such an image.")


def attach_volume(client: DSSClient, ticket: int, folder: Path) -> None:
    text = folder / "volume.txt"
    text.write_text("1 ml")
    attach_text(client, ticket, "Volume", text)


def log_done(client: DSSClient, ticket: int, folder: Path) -> None:
    log_info(client, ticket, "Done")


def interrupt(client: DSSClient, ticket: int, folder: Path) -> None:
    raise KeyboardInterrupt


def upload_then(extra: Process) -> Process:
    """Return a process that uploads a result, then does something that may fail."""

    def process(client: DSSClient, ticket: int, folder: Path) -> None:
        result = folder / "mask.nii.gz"
        result.write_bytes(b"mask")
        client.dssp_upload_files(ticket, result)
        with ignore_failure():
            extra(client, ticket, folder)

    return process


@pytest.fixture
def only_results_accepted(dss_server: DssServer) -> None:
    """The middleware rejects attachments and log messages."""
    for operation in ("attach_file", "log_message"):
        dss_server.faults.add(faults.Answer(500), operation=operation)


@pytest.mark.usefixtures("only_results_accepted")
@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        (fail_to_draw, "Cannot draw such an image."),
        (attach_volume, "attach"),
        (log_done, "log"),
    ],
)
def test_ticket_succeeds_if_sending_a_message_or_picture_or_attachment_fails(
    client: DSSClient, ticket: Ticket, caplog: pytest.LogCaptureFixture, extra: Process, reason: str
) -> None:
    work_on_ticket(client, ticket.id, upload_then(extra))

    assert ticket.status is TicketStatus.SUCCESS
    assert list(ticket.files[FileArea.RESULTS]) == ["mask.nii.gz"]
    (warning,) = (r for r in caplog.records if (r.name, r.levelno) == ("provider", logging.WARNING))
    assert reason in warning.getMessage()


@pytest.fixture
def linked_tempdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A link to the folder for temporary files; the link and the folder name a patient."""
    (real := tmp_path / "MILLER Ann" / "tmp").mkdir(parents=True)
    (link := tmp_path / "ANN+MILLER").symlink_to(real)
    monkeypatch.setattr(tempfile, "tempdir", str(link))
    return link


def absolute(folder: Path) -> str:
    return f"{folder}/input/t.itksnap does not have a main image"


def resolved(folder: Path) -> str:
    return f"{folder.resolve()}/input/t.itksnap does not have a main image"


def relative(folder: Path) -> str:
    return f"{os.path.relpath(folder)}/input/t.itksnap does not have a main image"


def relative_and_resolved(folder: Path) -> str:
    return f"{os.path.relpath(folder.resolve())}/input/t.itksnap does not have a main image"


def relative_and_near(folder: Path) -> str:
    return f"{folder.relative_to(folder.parents[1])}/input/t.itksnap does not have a main image"


def relative_resolved_and_near(folder: Path) -> str:
    return relative_and_near(folder.resolve())


def elsewhere(folder: Path) -> str:
    return "/var/tmp/x, ../y and tmp/z are not images"


def quoted(folder: Path) -> str:
    return str(FileNotFoundError(2, "No such file", str(folder / "input" / "t.itksnap")))


def several(folder: Path) -> str:
    return f"{folder}/a is not {folder.resolve()}/b, in {folder}"


def beside(folder: Path) -> str:
    return f"{folder.parent}/itksnap-dss-x/a and {folder.parent.resolve()}/b cannot be written"


@pytest.mark.usefixtures("linked_tempdir")
@pytest.mark.parametrize(
    ("make_text", "message"),
    [
        (absolute, "input/t.itksnap does not have a main image"),
        (resolved, "input/t.itksnap does not have a main image"),
        (relative, "input/t.itksnap does not have a main image"),
        (relative_and_near, "input/t.itksnap does not have a main image"),
        (relative_and_resolved, "input/t.itksnap does not have a main image"),
        (relative_resolved_and_near, "input/t.itksnap does not have a main image"),
        (quoted, "[Errno 2] No such file: 'input/t.itksnap'"),
        (several, "a is not b, in "),
        (beside, "itksnap-dss-x/a and b cannot be written"),
        (elsewhere, "/var/tmp/x, ../y and tmp/z are not images"),
    ],
)
def test_reason_of_a_failed_ticket_does_not_show_local_folders(
    client: DSSClient,
    ticket: Ticket,
    caplog: pytest.LogCaptureFixture,
    make_text: Callable[[Path], str],
    message: str,
) -> None:
    raised = list[str]()

    def process(client: DSSClient, ticket: int, folder: Path) -> None:
        raised.append(make_text(folder))
        raise ValueError(raised[0])

    work_on_ticket(client, ticket.id, process)

    assert ticket.log[-1].message == f"Processing failed: {message}"
    assert f"ValueError: {raised[0]}" in caplog.text


def test_ticket_fails_if_its_temporary_folder_cannot_be_made(
    client: DSSClient, ticket: Ticket, linked_tempdir: Path
) -> None:
    linked_tempdir.unlink()

    work_on_ticket(client, ticket.id, log_done)

    assert ticket.status is TicketStatus.FAILED
    assert ticket.log[-1].message == "Processing failed: FileNotFoundError"


def test_ticket_fails_if_ctrl_c_interrupts_an_ignore_failure_block(
    client: DSSClient, ticket: Ticket
) -> None:
    with pytest.raises(KeyboardInterrupt):
        work_on_ticket(client, ticket.id, upload_then(interrupt))

    assert ticket.status is TicketStatus.FAILED
    assert ticket.log[-1].message == "Processing failed: KeyboardInterrupt"
