"""Submitting a ticket: all of its files, or an error that says how to go on."""

from __future__ import annotations

from collections.abc import Sequence

from dss_api import DssError, FileArea, TicketStatus
from dss_api.user_operations import UserOperations
from dss_client import outcomes
from dss_client.errors import TicketIncomplete

SUBMITTED = (
    TicketStatus.READY,
    TicketStatus.CLAIMED,
    TicketStatus.SUCCESS,
    TicketStatus.FAILED,
    TicketStatus.TIMEOUT,
)
"""Where a ticket is that was submitted and not deleted since."""


def submit(user: UserOperations, ticket: int) -> None:
    """Set a ticket to `ready`.

    Raises:
        OutcomeUnknown: the answer was lost, and the ticket's status does not tell.
        DssError: the middleware refused.
    """
    outcomes.change_status(
        lambda: user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY),
        lambda: user.get_ticket_status(ticket_id=ticket),
        before=(TicketStatus.INIT,),
        after=SUBMITTED,
    )


def file_names(user: UserOperations, ticket: int) -> list[str]:
    """The names of the input files of a ticket."""
    files = user.list_ticket_files(ticket_id=ticket, area=FileArea.INPUT)
    return [file.filename for file in files]


def incomplete(
    user: UserOperations, ticket: int, what: str, wanted: Sequence[str] = ()
) -> TicketIncomplete:
    """The error that says what a ticket has, what it lacks, and how to go on.

    Args:
        what: what happened to it, as the end of a sentence that begins with the ticket.
        wanted: the names of the files that it should have.
    """
    try:
        there = file_names(user, ticket)
    except DssError:  # which most likely is why it is incomplete
        there, known = [], "nobody could be asked which of its files are there"
    else:
        known = f"there are {', '.join(there) or 'no files'}"
    missing = [name for name in wanted if name not in there]
    if missing:
        known += f"; not known to be there are {', '.join(missing)}"
    return TicketIncomplete(
        f"Ticket {ticket} {what}. Of its files, {known}. Complete it with "
        f"dss_create_ticket(..., ticket={ticket}), or remove it with dss_delete_ticket({ticket}).",
        ticket=ticket,
        there=there,
        missing=missing,
    )
