"""The submission of a ticket with all its files, and the upload of its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dss_api import FileArea, TicketNotFound, TicketStatus
from dss_client.errors import ResultsIncomplete, TicketIncomplete
from dss_client.tickets.status import change_status
from dss_client.transfers.sync import describe_state, join_names

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
"""The statuses of a submitted ticket that is not deleted."""


def submit_ticket(
    user: UserOperations,
    service: Service,
    ticket: int | None,
    create_sync: Callable[[int], TicketSync],
) -> int:
    """Create a ticket, upload its files and queue it; or finish the submission of a ticket.

    Args:
        ticket: the id of the ticket whose submission to finish; `None` creates a ticket.
        create_sync: a function that takes a ticket's id and returns the upload to this ticket.

    Returns:
        The ticket's id.

    Raises:
        QuotaExceeded: the user has too many tickets.
        OutcomeUnknown: a ticket may have been created.
        TicketNotFound: the user does not have this ticket for this service.
        ValueError: the ticket has files that are not in this upload, or was already submitted with
            files that differ from this upload; nothing was sent.
        TicketIncomplete: the ticket exists, but a later step failed.
    """
    if ticket is None:
        ticket = _create_ticket(user, service)
        _complete_ticket(user, create_sync(ticket))
        return ticket
    ticket_status = find_ticket_status(user, service, ticket)
    sync = create_sync(ticket)
    if ticket_status is TicketStatus.INIT:
        _check_no_other_files(sync)
        _complete_ticket(user, sync)
    else:
        _check_submitted_files(sync, ticket_status)
    return ticket


def find_ticket_status(user: UserOperations, service: Service, ticket: int) -> TicketStatus:
    """Return the status of a user's own ticket for a service.

    Raises:
        TicketNotFound: the user does not have this ticket for this service.
    """
    for found in user.list_tickets():
        if (found.id, found.service) == (ticket, service.name):
            return found.status
    raise TicketNotFound(
        f"Ticket {ticket} is not one of this user's tickets for {service.name}, or was deleted. "
        "Nothing was sent. dss_list_tickets() lists the user's tickets."
    )


def list_input_names(user: UserOperations, ticket: int) -> list[str]:
    """Return the names of the input files of a ticket."""
    files = user.list_ticket_files(ticket_id=ticket, area=FileArea.INPUT)
    return [file.filename for file in files]


def create_incomplete_error(
    ticket: int, problem: str, present: Sequence[str], missing: Sequence[str] = ()
) -> TicketIncomplete:
    """Create an error that lists a ticket's present and missing files and the next steps.

    Args:
        problem: what happened, as the verb of a sentence about the ticket.
        present: the names of the files that the ticket is known to have.
        missing: the names of the files that the ticket lacks.
    """
    return TicketIncomplete(
        f"Ticket {ticket} {problem}. {describe_state(present, missing)} Complete it by calling "
        f"dss_create_ticket again with ticket={ticket}, or delete it with "
        f"dss_delete_ticket({ticket}).",
        ticket=ticket,
        there=tuple(present),
        missing=tuple(missing),
    )


def _create_ticket(user: UserOperations, service: Service) -> int:
    """Create a ticket without files and return its id.

    Raises:
        QuotaExceeded: the user has too many tickets.
        OutcomeUnknown: a ticket may have been created.
    """
    try:
        return user.create_ticket(githash=service.githash)
    except Exception:
        raise
    except BaseException as interruption:
        interruption.add_note(
            "A ticket may have been created. If dss_list_tickets() shows a new ticket with the "
            "status `init`, complete it by calling dss_create_ticket again with its id as ticket=, "
            "or delete it with dss_delete_ticket."
        )
        raise


def _complete_ticket(user: UserOperations, sync: TicketSync) -> None:
    """Upload the files that a ticket lacks, and set its status to `ready`.

    Raises:
        TicketIncomplete: the upload or the change of the status failed.
    """
    ticket = sync.files.ticket
    problem = "was not submitted"
    with sync.report_state_on_failure(
        lambda present, missing: create_incomplete_error(ticket, problem, present, missing)
    ):
        sync.upload_differing_files()
        problem = "was perhaps not submitted"
        change_status(
            lambda: user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY),
            lambda: user.get_ticket_status(ticket_id=ticket),
            old_statuses=(TicketStatus.INIT,),
            new_statuses=SUBMITTED_STATUSES,
            refuses_repeat=True,
            retries=sync.retries,
        )


def _check_no_other_files(sync: TicketSync) -> None:
    """Check that a ticket has only the files to upload.

    Raises:
        ValueError: the ticket has files that are not in this upload.
    """
    ticket = sync.files.ticket
    if others := sync.list_other_names():
        # They may belong to another patient, and a single file cannot be removed from a ticket.
        raise ValueError(
            f"Ticket {ticket} has files that are not in this upload: {join_names(others)}. Nothing "
            f"was sent. Delete the ticket with dss_delete_ticket({ticket}), and submit the files "
            "of this upload as a new ticket."
        )


def _check_submitted_files(sync: TicketSync, ticket_status: TicketStatus) -> None:
    """Check that a ticket was submitted with exactly these files and their present content.

    Raises:
        ValueError: a file is missing, has different content, or is not one of these files.
    """
    names = [*(path.name for path in sync.find_differing_files()), *sync.list_other_names()]
    if names:
        raise ValueError(
            f"Ticket {sync.files.ticket} is {ticket_status} and does not accept more files, but "
            f"its files differ from this upload. Different, missing or additional files: "
            f"{join_names(names)}. Create a new ticket."
        )


def upload_results(sync: TicketSync) -> None:
    """Upload the results that a ticket lacks.

    Raises:
        ResultsIncomplete: the upload failed.
    """
    ticket = sync.files.ticket

    def create_error(present: Sequence[str], missing: Sequence[str]) -> ResultsIncomplete:
        return ResultsIncomplete(
            f"The results of ticket {ticket} were not all sent. {describe_state(present, missing)} "
            f"Complete them by calling dssp_upload_ticket({ticket}, ...) again with the same "
            "workspace.",
            ticket=ticket,
            there=tuple(present),
            missing=tuple(missing),
        )

    with sync.report_state_on_failure(create_error):
        sync.upload_differing_files()
