"""Submitting a ticket: all of its files, or an error that says how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dss_api import DssError, FileArea, OutcomeUnknown, TicketNotFound, TicketStatus
from dss_client import outcomes
from dss_client.errors import TicketIncomplete
from dss_client.progress import Progress
from dss_client.retries import Retries
from dss_client.ticket_files import UserTicketFiles
from dss_client.uploads import Verify, upload_files

if TYPE_CHECKING:
    from dss_api import Service
    from dss_api.user_operations import UserOperations

SUBMITTED = (
    TicketStatus.READY,
    TicketStatus.CLAIMED,
    TicketStatus.SUCCESS,
    TicketStatus.FAILED,
    TicketStatus.TIMEOUT,
)
"""Where a ticket is that was submitted and not deleted since."""


def is_submitted(
    user: UserOperations, ticket: int, service: Service, paths: Sequence[Path]
) -> bool:
    """Whether a ticket for a service was submitted already.

    Raises:
        TicketNotFound: the user has no such ticket for this service.
        ValueError: it was, but without one of the files.
    """
    for found in user.list_tickets():
        if (found.id, found.service) == (ticket, service.name):
            break
    else:
        raise TicketNotFound(
            f"Ticket {ticket} is none of this user's tickets for {service.name}, or was deleted. "
            "Nothing was sent; see dss_list_tickets()."
        )
    if found.status is TicketStatus.INIT:
        return False
    there = file_names(user, ticket)
    missing = [path.name for path in paths if path.name not in there]
    if missing:
        raise ValueError(
            f"Ticket {ticket} is {found.status} and takes no more files; it was submitted without "
            f"{', '.join(missing)}. Create another."
        )
    return True


def complete(
    user: UserOperations,
    ticket: int,
    paths: Sequence[Path],
    *,
    verify: Verify,
    progress: Progress,
    retries: Retries,
) -> None:
    """Upload what a ticket lacks of its files, and set it to `ready` unless it was submitted.

    Args:
        verify: as for `upload_files`; where contents are compared, all files are sent.

    Raises:
        TicketIncomplete: it could not be done.
    """
    names = [path.name for path in paths]
    try:
        there = () if verify == "content" else file_names(user, ticket)
        lacking = [path for path in paths if path.name not in there]
        if lacking:
            upload_files(
                UserTicketFiles(user, ticket, FileArea.INPUT),
                lacking,
                verify=verify,
                progress=progress,
                retries=retries,
            )
        outcomes.change_status(
            lambda: user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY),
            lambda: user.get_ticket_status(ticket_id=ticket),
            before=(TicketStatus.INIT,),
            after=SUBMITTED,
            guarded=True,
            retries=retries,
        )
    except Exception as error:
        what = "was perhaps not" if isinstance(error, OutcomeUnknown) else "was not"
        raise incomplete(user, ticket, f"{what} submitted", names, error) from error
    except BaseException as interruption:
        interruption.add_note(f"Ticket {ticket} was not submitted. {_advice(ticket)}")
        raise


def file_names(user: UserOperations, ticket: int) -> list[str]:
    """The names of the input files of a ticket."""
    files = user.list_ticket_files(ticket_id=ticket, area=FileArea.INPUT)
    return [file.filename for file in files]


def incomplete(
    user: UserOperations,
    ticket: int,
    what: str,
    wanted: Sequence[str] = (),
    cause: Exception | None = None,
) -> TicketIncomplete:
    """The error that says what a ticket has, what it lacks, and how to go on.

    Args:
        what: what happened to it, as the end of a sentence that begins with the ticket.
        wanted: the names of the files that it should have.
        cause: why it happened.
    """
    try:
        there = file_names(user, ticket)
    except DssError:  # most likely for the same cause
        there, known = [], "nobody could be asked which of its files are there"
    else:
        known = f"there are {', '.join(there) or 'no files'}"
    missing = [name for name in wanted if name not in there]
    if missing:
        known += f", and perhaps not {', '.join(missing)}"
    return TicketIncomplete(
        f"Ticket {ticket} {what}; {known}. {_advice(ticket)}" + (f" {cause}" if cause else ""),
        ticket=ticket,
        there=tuple(there),
        missing=tuple(missing),
    )


def _advice(ticket: int) -> str:
    return (
        f"Complete it by calling dss_create_ticket again with ticket={ticket}, or remove it with "
        f"dss_delete_ticket({ticket})."
    )
