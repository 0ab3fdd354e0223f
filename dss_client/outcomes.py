"""Changes of a ticket's status of which nobody knows whether they took effect."""

from __future__ import annotations

from collections.abc import Callable, Container

from dss_api import DssError, OutcomeUnknown, TicketStatus


def change_status(
    change: Callable[[], object],
    ask: Callable[[], TicketStatus],
    *,
    before: Container[TicketStatus],
    after: Container[TicketStatus],
) -> None:
    """Change a ticket's status; if the answer is lost, find out what became of it.

    Args:
        change: sends the change.
        ask: gives the status.
        before: where the ticket is if the change did not take effect; it is then sent once more.
        after: where the ticket is if it did.

    Raises:
        OutcomeUnknown: the status is neither, or could not be had.
        DssError: the middleware refused.
    """
    try:
        change()
    except OutcomeUnknown as unknown:
        try:
            status = ask()
        except DssError as error:
            raise unknown from error
        if status in before:
            change()
        elif status not in after:
            raise
