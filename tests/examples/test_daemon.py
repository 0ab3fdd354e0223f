"""What becomes of tickets, whatever the work on them does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
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


def test_an_interrupt_in_passing_fails_the_ticket(client: DSSClient, ticket: Ticket) -> None:
    with pytest.raises(KeyboardInterrupt):
        work_on(client, ticket.id, after_the_result(interrupt))

    assert ticket.status is TicketStatus.FAILED
    assert ticket.log[-1].message == "Processing failed: KeyboardInterrupt"
