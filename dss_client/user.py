"""What users do: the methods whose names begin with `dss_`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, SupportsIndex

from dss_api import ServiceDescriptor, ServiceStats, TicketDetail, TicketStatus
from dss_client import arguments, outcomes, progress, services, submission, tables, waiting
from dss_client.group import Group

if TYPE_CHECKING:
    import pandas as pd

OVER = (
    TicketStatus.SUCCESS,
    TicketStatus.FAILED,
    TicketStatus.TIMEOUT,
    TicketStatus.DELETED,
)
"""The statuses in which nobody works on a ticket any more."""


class UserMethods(Group):
    """Submitting tickets and fetching their results."""

    def dss_list_services(self) -> pd.DataFrame:
        """The services that take tickets.

        Like `itksnap-wt -dss-services-list`.

        Returns:
            Columns `service, version, hash, shortdesc`, all text.
        """
        return tables.offered_services(self.api.user.list_services())

    def dss_service_detail(self, service: str) -> ServiceDescriptor:
        """What a service says of itself, above all the tags that its layers must carry.

        Like `itksnap-wt -dss-services-detail SERVICE`.

        Args:
            service: its hash, or its name for the latest version.

        Raises:
            ServiceNotFound: there is no such service.
        """
        return self.api.user.get_service_detail(githash=self._githash(service))

    def dss_service_stats(self, service: str) -> ServiceStats:
        """How a service did over the last 24 hours, and how many tickets wait for it.

        Args:
            service: its hash, or its name for the latest version.

        Raises:
            ServiceNotFound: there is no such service.
        """
        return self.api.user.get_service_stats(githash=self._githash(service))

    def dss_list_tickets(self) -> pd.DataFrame:
        """The user's own tickets, those deleted left out.

        Like `itksnap-wt -dss-tickets-list`.

        Returns:
            Columns `ticket` (the id), `service` (the name), `status`, the oldest first.
        """
        return tables.tickets(self.api.user.list_tickets())

    def dss_ticket_status(self, ticket: SupportsIndex | str) -> TicketStatus:
        """The status of one's own ticket.

        Returns:
            The status, which compares equal to its text.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        return self.api.user.get_ticket_status(ticket_id=arguments.ticket_id(ticket))

    def dss_ticket_detail(
        self, ticket: SupportsIndex | str, since: SupportsIndex | str | None = None
    ) -> TicketDetail:
        """Status, progress, place in the queue and log of one's own ticket, in one answer.

        Args:
            ticket: the ticket's id.
            since: the id of the last entry of the log that is known; only later ones are given.

        Returns:
            The ticket as it stands. Its `queue_position` counts the tickets of all services;
            `dss_queue_position` those of its own.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        return self.api.user.get_ticket_detail(
            ticket_id=arguments.ticket_id(ticket), since=arguments.since(since)
        )

    def dss_ticket_log(
        self, ticket: SupportsIndex | str, since: SupportsIndex | str | None = None
    ) -> pd.DataFrame:
        """What the middleware and the provider wrote to the log of one's own ticket.

        Like `itksnap-wt -dss-tickets-log ID`.

        Args:
            ticket: the ticket's id.
            since: the id of the last entry that is known, such as `table["log"].iloc[-1]`; only
                later ones are given.

        Returns:
            Columns `log` (the entry's id), `time` (UTC), `category` (`info`, `warning` or
            `error`), `attachments` (how many), `message`, the oldest first.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        return tables.log(
            self.api.user.get_ticket_log(
                ticket_id=arguments.ticket_id(ticket), since=arguments.since(since)
            )
        )

    def dss_ticket_progress(self, ticket: SupportsIndex | str) -> float:
        """How much of the work on one's own ticket is done.

        Like `itksnap-wt -dss-tickets-progress ID`.

        Returns:
            What the provider last said; from 0 to 1, but above 1 where it counts parts twice.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        return self.api.user.get_ticket_progress(ticket_id=arguments.ticket_id(ticket))

    def dss_queue_position(self, ticket: SupportsIndex | str) -> int:
        """The place of one's own ticket among those that wait for its service.

        Returns:
            1 for the one that is next; 0 for a ticket that does not wait.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        return self.api.user.get_queue_position(ticket_id=arguments.ticket_id(ticket))

    def dss_wait_for_ticket(
        self, ticket: SupportsIndex | str, timeout: float | None = None, interval: float = 5
    ) -> TicketStatus | None:
        """Wait until the work on one's own ticket is over.

        Shows a progress bar of the ticket's progress, and of its place in the queue before that,
        on a terminal or in a notebook. Like `itksnap-wt -dss-tickets-wait ID TIMEOUT`.

        Args:
            ticket: the ticket's id.
            timeout: how long to wait, in seconds; 0 asks just once, `None` waits for as long as it
                takes.
            interval: how long to wait between asking, in seconds.

        Returns:
            `success`, `failed`, `timeout` or `deleted`; `None` if it is none of them in time.

        Raises:
            TicketNotFound: the user has no such ticket.
            TicketIncomplete: the ticket was never submitted, so there is nothing to wait for.
        """
        number = arguments.ticket_id(ticket)
        limit = math.inf if timeout is None else timeout
        arguments.wait_times(limit, interval)
        with progress.share_bar(f"Ticket {number}") as show:
            return waiting.ask_until(lambda: self._final_status(number, show), limit, interval)

    def dss_delete_ticket(self, ticket: SupportsIndex | str) -> None:
        """Delete one's own ticket, with its files and attachments, whatever its status is.

        A ticket that is deleted already stays so. Like `itksnap-wt -dss-tickets-delete ID`.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        self.api.user.delete_ticket(ticket_id=arguments.ticket_id(ticket))

    def dss_retry_ticket(self, ticket: SupportsIndex | str) -> None:
        """Queue one's own failed ticket again; its results are erased.

        If the answer is lost, the ticket's status says whether it took effect; if not, it is tried
        once more.

        Raises:
            TicketNotFound: the user has no such ticket, or it has not failed.
            OutcomeUnknown: the answer was lost, and the ticket's status does not tell.
        """
        number = arguments.ticket_id(ticket)
        outcomes.change_status(
            lambda: self.api.user.retry_ticket(ticket_id=number),
            lambda: self.dss_ticket_status(number),
            before=(TicketStatus.FAILED, TicketStatus.TIMEOUT),
            after=(TicketStatus.READY, TicketStatus.CLAIMED, TicketStatus.SUCCESS),
        )

    def _final_status(
        self, ticket: int, show: Callable[[float, str], object]
    ) -> TicketStatus | None:
        """The status of a ticket if it is over; `None`, and how far it is, if it is not."""
        status = self.dss_ticket_status(ticket)
        if status in OVER:
            return status
        if status is TicketStatus.INIT:
            raise submission.incomplete(self.api.user, ticket, "was never submitted")
        if status is TicketStatus.CLAIMED:
            show(self.dss_ticket_progress(ticket), "")
        else:
            show(0.0, f"place {self.dss_queue_position(ticket)} in the queue")
        return None

    def _githash(self, service: str) -> str:
        wanted = arguments.text(service, "A service")
        if services.is_hash(wanted):
            return wanted
        return services.find(self.api.user.list_services(), wanted).githash
