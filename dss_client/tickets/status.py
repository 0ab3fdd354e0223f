"""Changes of a ticket's status, also if the answer of the middleware is lost."""

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
    """Change a ticket's status; if the answer is lost, find out whether it took effect.

    If the connection broke, a change without effect is sent once more. After a timeout or a
    gateway's answer, the change may still take effect later. Then the change is sent again only if
    the middleware refuses to make a change twice.

    Args:
        change: a function that sends the change.
        get_status: a function that returns the status.
        old_statuses: the possible statuses if the change did not take effect.
        new_statuses: the possible statuses if the change took effect.
        refuses_repeat: whether the middleware refuses the change after it took effect.
        retries: how long to wait for a late effect.

    Raises:
        OutcomeUnknown: the answer was lost, and the status does not show the outcome, could not be
            read, or may still change.
        DssError: the middleware refused.
    """
    try:
        change()
    except OutcomeUnknown as error:
        unknown = error
    else:
        return

    def read_status() -> TicketStatus:
        try:
            return get_status()
        except DssError as error:
            raise unknown from error

    current = read_status()
    # After other failures, the middleware may still be processing the change.
    is_broken = type(unknown.__cause__) is TransportError
    for delay in () if is_broken else retries.delays():
        if current not in old_statuses:
            break
        sleep(delay)
        current = read_status()
    if current in new_statuses:
        return
    if current not in old_statuses or not (is_broken or refuses_repeat):
        raise unknown
    try:
        change()
    except DssError:
        # The first change may have taken effect late, before the second.
        if read_status() not in new_statuses:
            raise
