"""Giving back the results of a ticket: all of their files, or an error that says how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dss_client.errors import ResultsIncomplete
from dss_client.transfers.sync import standing

if TYPE_CHECKING:
    from dss_client.transfers.sync import Delivery


def give(delivery: Delivery) -> None:
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
