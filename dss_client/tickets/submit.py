"""Submitting a ticket: all of its files, or an error that says how to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dss_api import FileArea, TicketNotFound, TicketStatus
from dss_client.errors import ResultsIncomplete, TicketIncomplete
from dss_client.tickets.status import change_status
from dss_client.transfers.sync import listed, standing

if TYPE_CHECKING:
    from dss_api import Service
    from dss_api.user_operations import UserOperations
    from dss_client.transfers.sync import Delivery

SUBMITTED = (
    TicketStatus.READY,
    TicketStatus.CLAIMED,
    TicketStatus.SUCCESS,
    TicketStatus.FAILED,
    TicketStatus.TIMEOUT,
)
"""Where a ticket is that was submitted and not deleted since."""


def submit(
    user: UserOperations,
    service: Service,
    ticket: int | None,
    delivery_to: Callable[[int], Delivery],
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
        ticket = _create(user, service)
        _complete(user, delivery_to(ticket))
    elif (now := status(user, service, ticket)) is TicketStatus.INIT:
        _complete(user, _without_others(delivery_to(ticket)))
    else:
        _check_submitted(delivery_to(ticket), now)
    return ticket


def status(user: UserOperations, service: Service, ticket: int) -> TicketStatus:
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


def file_names(user: UserOperations, ticket: int) -> list[str]:
    """The names of the input files of a ticket."""
    files = user.list_ticket_files(ticket_id=ticket, area=FileArea.INPUT)
    return [file.filename for file in files]


def incomplete(
    ticket: int, what: str, there: Sequence[str], missing: Sequence[str] = ()
) -> TicketIncomplete:
    """The error that says what a ticket has, what it lacks, and how to go on.

    Args:
        what: what happened to it, as the end of a sentence that begins with the ticket.
        there: the names of the files that it is known to have.
        missing: the names of those that it should have besides.
    """
    return TicketIncomplete(
        f"Ticket {ticket} {what}. {standing(there, missing)} Complete it by calling "
        f"dss_create_ticket again with ticket={ticket}, or remove it with "
        f"dss_delete_ticket({ticket}).",
        ticket=ticket,
        there=tuple(there),
        missing=tuple(missing),
    )


def _create(user: UserOperations, service: Service) -> int:
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


def _complete(user: UserOperations, delivery: Delivery) -> None:
    """Upload what a ticket lacks of its files, and set it to `ready` unless it was submitted.

    Raises:
        TicketIncomplete: it could not be done.
    """
    ticket = delivery.files.ticket
    what = "was not submitted"
    with delivery.telling(lambda there, missing: incomplete(ticket, what, there, missing)):
        delivery.send()
        what = "was perhaps not submitted"
        change_status(
            lambda: user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY),
            lambda: user.get_ticket_status(ticket_id=ticket),
            before=(TicketStatus.INIT,),
            after=SUBMITTED,
            guarded=True,
            retries=delivery.retries,
        )


def _without_others(delivery: Delivery) -> Delivery:
    """The same delivery, if its ticket has no other files.

    Raises:
        ValueError: it has.
    """
    ticket = delivery.files.ticket
    if others := delivery.others():
        # They may be another patient's, and no single file can be taken off a ticket.
        raise ValueError(
            f"Ticket {ticket} has files that are none of these: {listed(others)}. Nothing was "
            f"sent. Remove it with dss_delete_ticket({ticket}), and create another."
        )
    return delivery


def _check_submitted(delivery: Delivery, now: TicketStatus) -> None:
    """Check that a ticket was submitted with these files as they are now, and no others.

    Raises:
        ValueError: it was not.
    """
    wrong = [*(path.name for path in delivery.differing()), *delivery.others()]
    if wrong:
        raise ValueError(
            f"Ticket {delivery.files.ticket} is {now} and takes no more files, but its files are "
            f"not these as they are now; different, missing or others: {listed(wrong)}. Create "
            "another."
        )


def send_results(delivery: Delivery) -> None:
    """Upload what a ticket lacks of its results.

    Raises:
        ResultsIncomplete: it could not be done.
    """
    ticket = delivery.files.ticket

    def incomplete(there: Sequence[str], missing: Sequence[str]) -> ResultsIncomplete:
        return ResultsIncomplete(
            f"The results of ticket {ticket} were not all sent. {standing(there, missing)} "
            f"Complete them by calling dssp_upload_ticket({ticket}, ...) again with the same "
            "workspace.",
            ticket=ticket,
            there=tuple(there),
            missing=tuple(missing),
        )

    with delivery.telling(incomplete):
        delivery.send()
