"""Changes of a ticket's status of which nobody knows whether they took effect."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from dss_api import DssError, OutcomeUnknown, TransportError
from dss_wire.cancellation import sleep

if TYPE_CHECKING:
    from dss_api import TicketStatus
    from dss_client.transport.retries import Retries


def change_status(
    change: Callable[[], object],
    get_status: Callable[[], TicketStatus],
    *,
    old_statuses: Container[TicketStatus],
    new_statuses: Container[TicketStatus],
    refuses_repeat: bool,
    retries: Retries,
) -> None:
    """Change a ticket's status; if the answer is lost, find out what became of it.

    Where the connection broke, a change that did not take effect by then is sent once more. After
    a timeout or a gateway's answer it may still take effect later; then it is sent again only if
    the middleware refuses to make it twice.

    Args:
        change: sends the change.
        ask: gives the status.
        before: where the ticket is if the change did not take effect.
        after: where the ticket is if it did.
        guarded: whether the middleware refuses the change once it has taken effect.
        retries: how long to wait for a change that may come late.

    Raises:
        OutcomeUnknown: the status is neither, or could not be had, or may still change.
        DssError: the middleware refused.
    """
    try:
        change()
    except OutcomeUnknown as error:
        unknown = error
    else:
        return

    def status() -> TicketStatus:
        try:
            return get_status()
        except DssError as error:
            raise unknown from error

    seen = status()
    # Any other kind of failure leaves open whether somebody is still at it.
    broke = type(unknown.__cause__) is TransportError
    for delay in () if broke else retries.delays():
        if seen not in old_statuses:
            break
        sleep(delay)
        seen = status()
    if seen in new_statuses:
        return
    if seen not in old_statuses or not (broke or refuses_repeat):
        raise unknown
    try:
        change()
    except DssError:
        # The first may have come late, and before the second.
        if status() not in new_statuses:
            raise
