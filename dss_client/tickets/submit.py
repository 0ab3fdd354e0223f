"""Submitting a ticket: all of its files, or an error that says how to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dss_api import FileArea, TicketNotFound, TicketStatus
from dss_client.errors import ResultsIncomplete, TicketIncomplete
from dss_client.tickets.status import change_status
from dss_client.transfers.sync import join_names, describe_state

if TYPE_CHECKING:
    from dss_api import Service
    from dss_api.user_operations import UserOperations
    from dss_client.transfers.sync import TicketSync

SUBMITTED_STATUSES = (
    TicketStatus.READY,
    TicketStatus.CLAIMED,
    TicketStatus.SUCCESS,
    TicketStatus.FAILED,
    TicketStatus.TIMEOUT,
)
"""Where a ticket is that was submitted and not deleted since."""


def submit_ticket(
    user: UserOperations,
    service: Service,
    ticket: int | None,
    create_sync: Callable[[int], TicketSync],
) -> int:
    """Create a ticket, send its files and queue it; or do what one lacks of that.

    Args:
        ticket: the one that was begun, if one was.
        delivery_to: gives the files for a ticket, by its id.

    Returns:
        The ticket's id.

    Raises:
        QuotaExceeded: the user has too many tickets.
        OutcomeUnknown: perhaps one was created.
        TicketNotFound: the user has no such ticket for this service.
        ValueError: it has files that are none of these, or was submitted and has not all of these
            as they are now; nothing was sent.
        TicketIncomplete: it could not be done.
    """
    if ticket is None:
        ticket = _create_ticket(user, service)
        _complete_ticket(user, create_sync(ticket))
    elif (now := find_ticket_status(user, service, ticket)) is TicketStatus.INIT:
        _complete_ticket(user, _check_no_other_files(create_sync(ticket)))
    else:
        _check_submitted_files(create_sync(ticket), now)
    return ticket


def find_ticket_status(user: UserOperations, service: Service, ticket: int) -> TicketStatus:
    """The status of a user's own ticket for a service.

    Raises:
        TicketNotFound: the user has no such ticket for this service.
    """
    for found in user.list_tickets():
        if (found.id, found.service) == (ticket, service.name):
            return found.status
    raise TicketNotFound(
        f"Ticket {ticket} is none of this user's tickets for {service.name}, or was deleted. "
        "Nothing was sent; see dss_list_tickets()."
    )


def list_input_names(user: UserOperations, ticket: int) -> list[str]:
    """The names of the input files of a ticket."""
    files = user.list_ticket_files(ticket_id=ticket, area=FileArea.INPUT)
    return [file.filename for file in files]


def create_incomplete_error(
    ticket: int, problem: str, present: Sequence[str], missing: Sequence[str] = ()
) -> TicketIncomplete:
    """The error that says what a ticket has, what it lacks, and how to go on.

    Args:
        what: what happened to it, as the end of a sentence that begins with the ticket.
        there: the names of the files that it is known to have.
        missing: the names of those that it should have besides.
    """
    return TicketIncomplete(
        f"Ticket {ticket} {problem}. {describe_state(present, missing)} Complete it by calling "
        f"dss_create_ticket again with ticket={ticket}, or remove it with "
        f"dss_delete_ticket({ticket}).",
        ticket=ticket,
        there=tuple(present),
        missing=tuple(missing),
    )


def _create_ticket(user: UserOperations, service: Service) -> int:
    """Create a ticket that has no files yet; its id.

    Raises:
        QuotaExceeded: the user has too many tickets.
        OutcomeUnknown: perhaps one was created.
    """
    try:
        return user.create_ticket(githash=service.githash)
    except Exception:
        raise
    except BaseException as interruption:
        interruption.add_note(
            "Perhaps a ticket was created. If dss_list_tickets() has a new one with the status "
            "`init`, complete it by calling dss_create_ticket again with its id as ticket=, or "
            "remove it with dss_delete_ticket."
        )
        raise


def _complete_ticket(user: UserOperations, sync: TicketSync) -> None:
    """Upload what a ticket lacks of its files, and set it to `ready` unless it was submitted.

    Raises:
        TicketIncomplete: it could not be done.
    """
    ticket = sync.files.ticket
    what = "was not submitted"
    with sync.report_state_on_failure(
        lambda there, missing: create_incomplete_error(ticket, what, there, missing)
    ):
        sync.upload_differing_files()
        what = "was perhaps not submitted"
        change_status(
            lambda: user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY),
            lambda: user.get_ticket_status(ticket_id=ticket),
            old_statuses=(TicketStatus.INIT,),
            new_statuses=SUBMITTED_STATUSES,
            refuses_repeat=True,
            retries=sync.retries,
        )


def _check_no_other_files(sync: TicketSync) -> TicketSync:
    """The same delivery, if its ticket has no other files.

    Raises:
        ValueError: it has.
    """
    ticket = sync.files.ticket
    if others := sync.list_other_names():
        # They may be another patient's, and no single file can be taken off a ticket.
        raise ValueError(
            f"Ticket {ticket} has files that are none of these: {join_names(others)}. Nothing was "
            f"sent. Remove it with dss_delete_ticket({ticket}), and create another."
        )
    return sync


def _check_submitted_files(sync: TicketSync, ticket_status: TicketStatus) -> None:
    """Check that a ticket was submitted with these files as they are now, and no others.

    Raises:
        ValueError: it was not.
    """
    wrong = [*(path.name for path in sync.find_differing_files()), *sync.list_other_names()]
    if wrong:
        raise ValueError(
            f"Ticket {sync.files.ticket} is {ticket_status} and takes no more files, but its files are "
            f"not these as they are now; different, missing or others: {join_names(wrong)}. Create "
            "another."
        )


def upload_results(sync: TicketSync) -> None:
    """Upload what a ticket lacks of its results.

    Raises:
        ResultsIncomplete: it could not be done.
    """
    ticket = sync.files.ticket

    def incomplete(there: Sequence[str], missing: Sequence[str]) -> ResultsIncomplete:
        return ResultsIncomplete(
            f"The results of ticket {ticket} were not all sent. {describe_state(there, missing)} "
            f"Complete them by calling dssp_upload_ticket({ticket}, ...) again with the same "
            "workspace.",
            ticket=ticket,
            there=tuple(there),
            missing=tuple(missing),
        )

    with sync.report_state_on_failure(incomplete):
        sync.upload_differing_files()
