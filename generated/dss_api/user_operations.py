# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Operations for users, who submit tickets and fetch their results."""

from __future__ import annotations

from dss_wire.codec import call
from dss_wire.files import Download, Upload
from dss_wire.transport import Transport

from . import requests, routes
from .enums import FileArea, TicketStatus
from .models import (
    Attachment,
    LogEntry,
    Service,
    ServiceDescriptor,
    ServiceStats,
    Ticket,
    TicketDetail,
    TicketFile,
)


class UserOperations:
    """Operations for users, who submit tickets and fetch their results."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_services(self) -> list[Service]:
        """List the services that accept tickets now.

        Returns:
            The current services of all providers.

        Raises:
            DssError: any failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.LIST_SERVICES, requests.ListServicesRequest())

    def get_service_detail(self, *, githash: str) -> ServiceDescriptor:
        """Return the descriptor of a service.

        The descriptor says what a workspace needs, such as the tags of its layers.

        Args:
            githash: The service's git commit, 40 hexadecimal digits in lower case.

        Returns:
            The text of the service's `service.json`.

        Raises:
            ServiceNotFound: The middleware does not have this service.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_SERVICE_DETAIL,
            requests.GetServiceDetailRequest(githash=githash),
        )

    def get_service_stats(self, *, githash: str) -> ServiceStats:
        """Return the statistics of a service over the last 24 hours.

        Args:
            githash: The service's git commit, 40 hexadecimal digits in lower case.

        Returns:
            One row.

        Raises:
            ServiceNotFound: The middleware does not have this service.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_SERVICE_STATS,
            requests.GetServiceStatsRequest(githash=githash),
        )

    def list_tickets(self) -> list[Ticket]:
        """List the user's tickets, without deleted ones.

        Returns:
            The tickets, oldest first.

        Raises:
            DssError: any failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.LIST_TICKETS, requests.ListTicketsRequest())

    def create_ticket(self, *, githash: str | None = None, name: str | None = None) -> int:
        """Create a ticket for a service.

        The service is named by its hash, or by its name, which means the latest version of that
        name. The ticket begins as `init`: upload its files, then submit it.

        Defect of the middleware: In 2020 an unknown hash is a bare 500.

        Not safe to repeat: a second ticket is created. If it is not known whether it took
        effect: A ticket without files may have been created. Look for the newest one with the
        status `init` in the list of tickets, and use or delete it before creating another.

        Args:
            githash: The service's git commit; pass either this or `name`.
            name: The service's name.

        Returns:
            The new ticket's id.

        Raises:
            ServiceNotFound: The middleware does not have this service.
            QuotaExceeded: This user has as many open tickets as the middleware allows.
            MissingParameter: The request lacks a parameter that the middleware needs.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.CREATE_TICKET,
            requests.CreateTicketRequest(githash=githash, name=name),
        )

    def list_ticket_files(self, *, ticket_id: int, area: FileArea) -> list[TicketFile]:
        """List the files of the user's ticket.

        Sorted by modification time, so an index changes when a file is added or overwritten.
        Files whose name begins with a dot are kept but not listed.

        Args:
            ticket_id: The ticket's id. At least 1.
            area: The files of the user, or the results.

        Returns:
            The files; CSV only.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.LIST_TICKET_FILES,
            requests.ListTicketFilesRequest(ticket_id=ticket_id, area=area),
        )

    def upload_ticket_file(self, *, ticket_id: int, area: FileArea, file: Upload) -> None:
        """Upload a file to the user's ticket.

        The ticket must be `init`, except for system administrators.

        Args:
            ticket_id: The ticket's id. At least 1.
            area: The files of the user, or the results.
            file: The file. It is stored under the last part of its name, after `\\` is turned
                into `/`; a file of the same name is overwritten.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            UploadRefused: The upload does not contain a file that the middleware can store.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(
            self._transport,
            routes.UPLOAD_TICKET_FILE,
            requests.UploadTicketFileRequest(ticket_id=ticket_id, area=area, file=file),
        )

    def download_ticket_file(self, *, ticket_id: int, area: FileArea, index: int) -> Download:
        """Download a file of the user's ticket.

        Args:
            ticket_id: The ticket's id. At least 1.
            area: The files of the user, or the results.
            index: The index of the file in the list of files, from 0. At least 0.

        Returns:
            The bytes of the file. Use it within `with`, which closes it.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            FileNotFound: The ticket does not have a file with this index.
            FileNotServable: The middleware cannot send this file.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.DOWNLOAD_TICKET_FILE,
            requests.DownloadTicketFileRequest(ticket_id=ticket_id, area=area, index=index),
        )

    def get_ticket_status(self, *, ticket_id: int) -> TicketStatus:
        """Return the status of the user's ticket.

        Args:
            ticket_id: The ticket's id. At least 1.

        Returns:
            The ticket's status.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_TICKET_STATUS,
            requests.GetTicketStatusRequest(ticket_id=ticket_id),
        )

    def set_ticket_status(self, *, ticket_id: int, status: TicketStatus) -> TicketStatus:
        """Submit the user's ticket by setting its status to `ready`.

        Only `ready` is accepted, and only from `init`.

        Not safe to repeat: the second request is refused because the ticket is not `init` any
        more. If it is not known whether it took effect: Ask for the ticket's status; if it is
        still `init`, set it again.

        Args:
            ticket_id: The ticket's id. At least 1.
            status: The state of a ticket.

        Returns:
            The ticket's status.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            StatusRefused: The ticket cannot get this status.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.SET_TICKET_STATUS,
            requests.SetTicketStatusRequest(ticket_id=ticket_id, status=status),
        )

    def get_ticket_log(self, *, ticket_id: int, since: int | None = None) -> list[LogEntry]:
        """Return the log of the user's ticket.

        Defect of the middleware: In 2020 non-ASCII text in the log makes the CSV form a 500;
        the JSON form works.

        Args:
            ticket_id: The ticket's id. At least 1.
            since: Return only log entries with a greater id. At least 0.

        Returns:
            The entries, oldest first.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_TICKET_LOG,
            requests.GetTicketLogRequest(ticket_id=ticket_id, since=since),
        )

    def list_log_attachments(self, *, log_id: int) -> list[Attachment]:
        """List the attachments of a log entry.

        Args:
            log_id: The id of the log entry. At least 1.

        Returns:
            The attachments, oldest first.

        Raises:
            LogEntryNotFound: This user does not have such a log entry.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.LIST_LOG_ATTACHMENTS,
            requests.ListLogAttachmentsRequest(log_id=log_id),
        )

    def get_ticket_detail(self, *, ticket_id: int, since: int | None = None) -> TicketDetail:
        """Return status, progress, queue position and log of the user's ticket in one answer.

        Args:
            ticket_id: The ticket's id. At least 1.
            since: Return only log entries with a greater id. At least 0.

        Returns:
            The current state of the ticket.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_TICKET_DETAIL,
            requests.GetTicketDetailRequest(ticket_id=ticket_id, since=since),
        )

    def get_ticket_progress(self, *, ticket_id: int) -> float:
        """Return the progress of the user's ticket.

        Args:
            ticket_id: The ticket's id. At least 1.

        Returns:
            The sum over chunks of (end - start) * progress; never below 0, but it can exceed 1.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_TICKET_PROGRESS,
            requests.GetTicketProgressRequest(ticket_id=ticket_id),
        )

    def get_queue_position(self, *, ticket_id: int) -> int:
        """Return the place of the user's ticket among the `ready` tickets of its service.

        Args:
            ticket_id: The ticket's id. At least 1.

        Returns:
            The place, 1 for the next ticket; 0 if the ticket is not `ready`.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_QUEUE_POSITION,
            requests.GetQueuePositionRequest(ticket_id=ticket_id),
        )

    def delete_ticket(self, *, ticket_id: int) -> TicketStatus:
        """Delete the user's ticket, with its inputs, results and attachments.

        Args:
            ticket_id: The ticket's id. At least 1.

        Returns:
            The ticket's status.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport, routes.DELETE_TICKET, requests.DeleteTicketRequest(ticket_id=ticket_id)
        )

    def retry_ticket(self, *, ticket_id: int) -> TicketStatus:
        """Queue the user's failed ticket again.

        The ticket must be `failed` or `timeout`. The results of the ticket are erased, but not
        its progress.

        Not safe to repeat: the second request is refused because the ticket is `ready` again.
        If it is not known whether it took effect: Ask for the ticket's status; if it is still
        `failed`, retry it again.

        Args:
            ticket_id: The ticket's id. At least 1.

        Returns:
            The ticket's status.

        Raises:
            TicketNotFound: This user does not have such a ticket, or its status does not allow
                this.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport, routes.RETRY_TICKET, requests.RetryTicketRequest(ticket_id=ticket_id)
        )

    def download_blob(self, *, blob: str) -> Download:
        """Download an attachment.

        Every caller who knows the name can read it, without a login.

        Args:
            blob: The blob's name, 32 hexadecimal digits, or the first 8 of them as in an
                attachment's `url`.

        Returns:
            The bytes, under the attachment's own MIME type. Use it within `with`, which closes
            it.

        Raises:
            BlobNotFound: The attachment does not exist.
            BlobErased: The attachment was erased with its ticket, which an administrator
                restored later.
            FileNotServable: The middleware cannot send this file.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.DOWNLOAD_BLOB, requests.DownloadBlobRequest(blob=blob))
