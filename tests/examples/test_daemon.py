"""What becomes of tickets, whatever the work on them does."""

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
from examples.daemon import Process, attach, in_passing, note, work_on


@pytest.fixture
def client(dss_server: DssServer) -> Iterator[DSSClient]:
    """The provider's."""
    provider = dss_server.add_user("provider@example.com")
    dss_server.add_provider("testlab", users=[provider])
    session = dss_server.state.accounts.sign_in(provider).id
    quick = Retries(attempts=2, first_delay=0.01)
    with DSSClient(dss_server.url, session=session, retries=quick) as client:
        yield client


@pytest.fixture
def ticket(dss_server: DssServer, client: DSSClient) -> Ticket:
    """One that the provider has claimed."""
    service = dss_server.add_service("testlab")
    ticket = dss_server.add_ticket(dss_server.add_user("user@example.com"), service)
    client.dssp_claim_ticket(service.githash, "testlab", "instance")
    return ticket


def draw_nothing(client: DSSClient, ticket: int, folder: Path) -> None:
    raise NotDrawable("There is no picture of such an image.")


def attach_text(client: DSSClient, ticket: int, folder: Path) -> None:
    text = folder / "volume.txt"
    text.write_text("1 ml")
    attach(client, ticket, "Volume", text)


def tell(client: DSSClient, ticket: int, folder: Path) -> None:
    note(client, ticket, "Done")


def interrupt(client: DSSClient, ticket: int, folder: Path) -> None:
    raise KeyboardInterrupt


def after_the_result(aside: Process) -> Process:
    """Work that does something in passing when its result was sent."""

    def process(client: DSSClient, ticket: int, folder: Path) -> None:
        result = folder / "mask.nii.gz"
        result.write_bytes(b"mask")
        client.dssp_upload_files(ticket, result)
        with in_passing():
            aside(client, ticket, folder)

    return process


@pytest.fixture
def refusing(dss_server: DssServer) -> None:
    """The middleware takes nothing but results."""
    for operation in ("attach_file", "log_message"):
        dss_server.faults.add(faults.Answer(500), operation=operation)


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize(
    ("aside", "reason"),
    [
        (draw_nothing, "There is no picture of such an image."),
        (attach_text, "attach"),
        (tell, "log"),
    ],
)
def test_what_fails_in_passing_does_not_fail_a_ticket(
    client: DSSClient, ticket: Ticket, caplog: pytest.LogCaptureFixture, aside: Process, reason: str
) -> None:
    work_on(client, ticket.id, after_the_result(aside))

    assert ticket.status is TicketStatus.SUCCESS
    assert list(ticket.files[FileArea.RESULTS]) == ["mask.nii.gz"]
    (warning,) = (r for r in caplog.records if (r.name, r.levelno) == ("provider", logging.WARNING))
    assert reason in warning.getMessage()


@pytest.fixture
def linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files lie, by a link; both ways name a patient."""
    (real := tmp_path / "MILLER Ann" / "tmp").mkdir(parents=True)
    (link := tmp_path / "ANN+MILLER").symlink_to(real)
    monkeypatch.setattr(tempfile, "tempdir", str(link))
    return link


def absolute(folder: Path) -> str:
    return f"{folder}/input/t.itksnap has no main image"


def resolved(folder: Path) -> str:
    return f"{folder.resolve()}/input/t.itksnap has no main image"


def relative(folder: Path) -> str:
    return f"{os.path.relpath(folder)}/input/t.itksnap has no main image"


def relative_and_resolved(folder: Path) -> str:
    return f"{os.path.relpath(folder.resolve())}/input/t.itksnap has no main image"


def relative_and_near(folder: Path) -> str:
    return f"{folder.relative_to(folder.parents[1])}/input/t.itksnap has no main image"


def relative_resolved_and_near(folder: Path) -> str:
    return relative_and_near(folder.resolve())


def elsewhere(folder: Path) -> str:
    return "/var/tmp/x, ../y and tmp/z are no images"


def quoted(folder: Path) -> str:
    return str(FileNotFoundError(2, "No such file", str(folder / "input" / "t.itksnap")))


def several(folder: Path) -> str:
    return f"{folder}/a is not {folder.resolve()}/b, in {folder}"


def beside(folder: Path) -> str:
    return f"{folder.parent}/itksnap-dss-x/a and {folder.parent.resolve()}/b cannot be written"


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (absolute, "input/t.itksnap has no main image"),
        (resolved, "input/t.itksnap has no main image"),
        (relative, "input/t.itksnap has no main image"),
        (relative_and_near, "input/t.itksnap has no main image"),
        (relative_and_resolved, "input/t.itksnap has no main image"),
        (relative_resolved_and_near, "input/t.itksnap has no main image"),
        (quoted, "[Errno 2] No such file: 'input/t.itksnap'"),
        (several, "a is not b, in "),
        (beside, "itksnap-dss-x/a and b cannot be written"),
        (elsewhere, "/var/tmp/x, ../y and tmp/z are no images"),
    ],
)
def test_why_a_ticket_failed_is_told_without_where_its_files_are(
    client: DSSClient,
    ticket: Ticket,
    caplog: pytest.LogCaptureFixture,
    text: Callable[[Path], str],
    told: str,
) -> None:
    said = list[str]()

    def process(client: DSSClient, ticket: int, folder: Path) -> None:
        said.append(text(folder))
        raise ValueError(said[0])

    work_on(client, ticket.id, process)

    assert ticket.log[-1].message == f"Processing failed: {told}"
    assert f"ValueError: {said[0]}" in caplog.text


def test_a_ticket_for_which_there_is_no_folder_fails(
    client: DSSClient, ticket: Ticket, linked: Path
) -> None:
    linked.unlink()

    work_on(client, ticket.id, tell)

    assert ticket.status is TicketStatus.FAILED
    assert ticket.log[-1].message == "Processing failed: FileNotFoundError"


def test_an_interrupt_in_passing_fails_the_ticket(client: DSSClient, ticket: Ticket) -> None:
    with pytest.raises(KeyboardInterrupt):
        work_on(client, ticket.id, after_the_result(interrupt))

    assert ticket.status is TicketStatus.FAILED
    assert ticket.log[-1].message == "Processing failed: KeyboardInterrupt"
