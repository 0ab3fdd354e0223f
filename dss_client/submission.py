"""Submitting a ticket: all of its files, or an error that says how to go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dss_api import FileArea, TicketNotFound, TicketStatus
from dss_client import outcomes, uploads
from dss_client.errors import TicketIncomplete, UploadNotKept, told_more
from dss_client.progress import Progress
from dss_client.retries import Retries
from dss_client.uploads import Verify

if TYPE_CHECKING:
    from dss_api import Service
    from dss_api.user_operations import UserOperations
    from dss_client.ticket_files import UserTicketFiles

SUBMITTED = (
    TicketStatus.READY,
    TicketStatus.CLAIMED,
    TicketStatus.SUCCESS,
    TicketStatus.FAILED,
    TicketStatus.TIMEOUT,
)
"""Where a ticket is that was submitted and not deleted since."""


def create(user: UserOperations, service: Service) -> int:
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


def is_submitted(
    files: UserTicketFiles,
    service: Service,
    paths: Sequence[Path],
    *,
    verify: Verify,
    retries: Retries,
) -> bool:
    """Whether a ticket for a service was submitted already.

    Raises:
        TicketNotFound: the user has no such ticket for this service.
        ValueError: it was, but without one of the files as it is now.
    """
    ticket = files.ticket
    for found in files.user.list_tickets():
        if (found.id, found.service) == (ticket, service.name):
            break
    else:
        raise TicketNotFound(
            f"Ticket {ticket} is none of this user's tickets for {service.name}, or was deleted. "
            "Nothing was sent; see dss_list_tickets()."
        )
    if found.status is TicketStatus.INIT:
        return False
    wrong = uploads.differing(files, paths, content=verify == "content", retries=retries)
    if wrong:
        raise ValueError(
            f"Ticket {ticket} is {found.status} and takes no more files, but was not submitted "
            f"with these as they are now: {_listed(path.name for path in wrong)}. Create another."
        )
    return True


def complete(
    files: UserTicketFiles,
    paths: Sequence[Path],
    *,
    verify: Verify,
    progress: Progress,
    retries: Retries,
) -> None:
    """Upload what a ticket lacks of its files, and set it to `ready` unless it was submitted.

    Args:
        verify: as for `upload_files`; where contents are compared, all files are sent. Else those
            that are there in the same length are not.

    Raises:
        TicketIncomplete: it could not be done.
    """
    user, ticket = files.user, files.ticket
    there = list[str]()
    what = "was not submitted"
    # What is told of a failure is what is known by then: to ask for more would take as long again
    # where nobody answers.
    try:
        lacking = list(paths)
        if verify != "content":
            lacking = uploads.differing(files, paths, content=False, retries=retries)
            there += [path.name for path in paths if path not in lacking]
        if lacking:
            uploads.upload_files(
                files,
                lacking,
                verify=verify,
                progress=progress,
                retries=retries,
                taken=there.append,
            )
        what = "was perhaps not submitted"
        outcomes.change_status(
            lambda: user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY),
            lambda: user.get_ticket_status(ticket_id=ticket),
            before=(TicketStatus.INIT,),
            after=SUBMITTED,
            guarded=True,
            retries=retries,
        )
    except BaseException as failure:
        lost = failure.names if isinstance(failure, UploadNotKept) else ()
        there = [name for name in there if name not in lost]
        missing = [path.name for path in paths if path.name not in there]
        error = incomplete(ticket, what, there, missing)
        if isinstance(failure, Exception):
            told_more(error, after=str(failure))
            raise error from failure
        failure.add_note(str(error))
        raise


def file_names(user: UserOperations, ticket: int) -> list[str]:
    """The names of the input files of a ticket."""
    listed = user.list_ticket_files(ticket_id=ticket, area=FileArea.INPUT)
    return [file.filename for file in listed]


def incomplete(
    ticket: int, what: str, there: Sequence[str], missing: Sequence[str] = ()
) -> TicketIncomplete:
    """The error that says what a ticket has, what it lacks, and how to go on.

    Args:
        what: what happened to it, as the end of a sentence that begins with the ticket.
        there: the names of the files that it is known to have.
        missing: the names of those that it should have besides.
    """
    lacks = f"; missing or incomplete: {_listed(missing)}" if missing else ""
    return TicketIncomplete(
        f"Ticket {ticket} {what}. As far as is known, of its files the middleware has: "
        f"{_listed(there)}{lacks}. Complete it by calling dss_create_ticket again with "
        f"ticket={ticket}, or remove it with dss_delete_ticket({ticket}).",
        ticket=ticket,
        there=tuple(there),
        missing=tuple(missing),
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
