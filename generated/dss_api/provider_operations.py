# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Operations for providers of services, who claim tickets and process them."""

from __future__ import annotations

from collections.abc import Sequence

from dss_wire.codec import call
from dss_wire.files import Download, Upload
from dss_wire.transport import Transport

from . import requests, routes
from .enums import FileArea, LogCategory, TicketStatus
from .models import AvailableService, Claim, ProvidedService, TicketFile


class ProviderOperations:
    """Operations for providers of services, who claim tickets and process them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_provided_services(self) -> list[ProvidedService]:
        """List the services of the user's providers.

        Returns:
            One row for each service and provider; empty if the user does not belong to a
            provider.

        Raises:
            DssError: any failure; see `dss_api.errors`.
        """
        return call(
            self._transport, routes.LIST_PROVIDED_SERVICES, requests.ListProvidedServicesRequest()
        )

    def claim_ticket(
        self, *, services: Sequence[str], provider: str, code: str = "default"
    ) -> Claim | None:
        """Claim the oldest ready ticket over several services.

        Gives None when no ticket is ready. Otherwise the ticket with the smallest id becomes
        `claimed`. The services count as alive in any case.

        Not safe to repeat: a second ticket is claimed. If it is not known whether it took
        effect: A ticket may now be claimed by this account although no program works on it.
        Look for it with DSSClient.dssp_find_claimed(IDS), around the ids of the last tickets,
        or ask an administrator which tickets are `claimed`; then work on it, or set it to
        failed so that its user can retry it.

        Args:
            services: The services, each by its git commit.
            provider: The provider that claims the ticket.
            code: The running instance of the provider; appears in the ticket's log.

        Returns:
            The claimed ticket, or the text `None` if no ticket is ready.

        Raises:
            NotAProvider: This user is not a provider of the service.
            MissingParameter: The request lacks a parameter that the middleware needs.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.CLAIM_TICKET,
            requests.ClaimTicketRequest(services=tuple(services), provider=provider, code=code),
        )

    def list_available_services(self, *, services: Sequence[str]) -> list[AvailableService]:
        """Count the ready tickets of several services without claiming one.

        Marks the services as alive, as claims do.

        Since version 0.2.0 of the middleware.

        Args:
            services: The services, each by its git commit.

        Returns:
            One row for each service with a ready ticket, by age of their oldest ticket.

        Raises:
            NotAProvider: This user is not a provider of the service.
            MissingParameter: The request lacks a parameter that the middleware needs.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.LIST_AVAILABLE_SERVICES,
            requests.ListAvailableServicesRequest(services=tuple(services)),
        )

    def claim_service_ticket(
        self, *, githash: str, provider: str, code: str = "default"
    ) -> int | None:
        """Claim the oldest ready ticket of one service.

        Returns None if no ticket is ready. Otherwise it is like `claim_ticket`.

        Not safe to repeat: a second ticket is claimed. If it is not known whether it took
        effect: A ticket may now be claimed by this account although no program works on it.
        Look for it with DSSClient.dssp_find_claimed(IDS), around the ids of the last tickets,
        or ask an administrator which tickets are `claimed`; then work on it, or set it to
        failed so that its user can retry it.

        Args:
            githash: The service's git commit, 40 hexadecimal digits in lower case.
            provider: The provider that claims the ticket.
            code: The running instance of the provider; appears in the ticket's log.

        Returns:
            The id of the claimed ticket, or `-1` if no ticket is ready.

        Raises:
            NotAProvider: This user is not a provider of the service.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.CLAIM_SERVICE_TICKET,
            requests.ClaimServiceTicketRequest(githash=githash, provider=provider, code=code),
        )

    def list_service_claims(self, *, githash: str) -> None:
        """List the claims on a service; always fails.

        Defect of the middleware: Answers 500 in both versions, for every service and user.

        Args:
            githash: The service's git commit, 40 hexadecimal digits in lower case.

        Raises:
            NotAProvider: This user is not a provider of the service.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(
            self._transport,
            routes.LIST_SERVICE_CLAIMS,
            requests.ListServiceClaimsRequest(githash=githash),
        )

    def list_claimed_ticket_files(self, *, ticket_id: int, area: FileArea) -> list[TicketFile]:
        """List the files of a claimed ticket.

        Sorted by modification time, so an index changes when a file is added or overwritten.
        Files whose name begins with a dot are kept but not listed.

        Args:
            ticket_id: The ticket's id. At least 1.
            area: The files of the user, or the results.

        Returns:
            The files; CSV only.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.LIST_CLAIMED_TICKET_FILES,
            requests.ListClaimedTicketFilesRequest(ticket_id=ticket_id, area=area),
        )

    def upload_claimed_ticket_file(self, *, ticket_id: int, area: FileArea, file: Upload) -> None:
        """Upload a file to a claimed ticket, usually to its results.

        Args:
            ticket_id: The ticket's id. At least 1.
            area: The files of the user, or the results.
            file: The file. It is stored under the last part of its name, after `\\` is turned
                into `/`; a file of the same name is overwritten.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            UploadRefused: The upload does not contain a file that the middleware can store.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(
            self._transport,
            routes.UPLOAD_CLAIMED_TICKET_FILE,
            requests.UploadClaimedTicketFileRequest(ticket_id=ticket_id, area=area, file=file),
        )

    def download_claimed_ticket_file(
        self, *, ticket_id: int, area: FileArea, index: int
    ) -> Download:
        """Download a file of a claimed ticket.

        Args:
            ticket_id: The ticket's id. At least 1.
            area: The files of the user, or the results.
            index: The index of the file in the list of files, from 0. At least 0.

        Returns:
            The bytes of the file, chunked and without a length. Use it within `with`, which
            closes it.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            FileNotFound: The ticket does not have a file with this index.
            FileNotServable: The middleware cannot send this file.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.DOWNLOAD_CLAIMED_TICKET_FILE,
            requests.DownloadClaimedTicketFileRequest(ticket_id=ticket_id, area=area, index=index),
        )

    def get_claimed_ticket_status(self, *, ticket_id: int) -> TicketStatus:
        """Return the status of a ticket of the user's services.

        The user must provide the service; a claim is not needed.

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
            routes.GET_CLAIMED_TICKET_STATUS,
            requests.GetClaimedTicketStatusRequest(ticket_id=ticket_id),
        )

    def set_claimed_ticket_status(self, *, ticket_id: int, status: TicketStatus) -> TicketStatus:
        """Finish a claimed ticket, as `success` or `failed`.

        The current status is not checked; a finished ticket can be set again.

        Not safe to repeat: the status is counted twice in the service's statistics, and a
        ticket that its user retried in between is finished once more. If it is not known
        whether it took effect: Ask for the ticket's status; if it is still `claimed`, set it
        again.

        Args:
            ticket_id: The ticket's id. At least 1.
            status: The state of a ticket.

        Returns:
            The ticket's status.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            StatusRefused: The ticket cannot get this status.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.SET_CLAIMED_TICKET_STATUS,
            requests.SetClaimedTicketStatusRequest(ticket_id=ticket_id, status=status),
        )

    def log_message(self, *, ticket_id: int, category: LogCategory, message: str) -> int:
        """Add a message to the log of a claimed ticket.

        Attachments without a message are linked to this message.

        Defect of the middleware: The path is routed for the category `log` too, which always
        answers 500.

        Not safe to repeat: the message is added to the log twice. If it is not known whether it
        took effect: The message may be in the log or not. Log it again if to have it there
        twice is better than not at all.

        Args:
            ticket_id: The ticket's id. At least 1.
            category: The severity of the message.
            message: The text; it can contain newlines.

        Returns:
            The id of the log entry.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.LOG_MESSAGE,
            requests.LogMessageRequest(ticket_id=ticket_id, category=category, message=message),
        )

    def attach_file(
        self, *, ticket_id: int, desc: str, file: Upload, mime_type: str | None = None
    ) -> int:
        """Upload a file that the next log message of a claimed ticket will carry.

        Not safe to repeat: the file is attached twice. If it is not known whether it took
        effect: The file may be attached or not. Attach it again if to have it there twice is
        better than not at all.

        Args:
            ticket_id: The ticket's id. At least 1.
            desc: A description of the file; shown next to the log message.
            file: The file.
            mime_type: The file's MIME type; guessed from its name if left out.

        Returns:
            The id of the attachment.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.ATTACH_FILE,
            requests.AttachFileRequest(
                ticket_id=ticket_id, desc=desc, file=file, mime_type=mime_type
            ),
        )

    def get_claimed_ticket_progress(self, *, ticket_id: int) -> float:
        """Return the progress of a claimed ticket.

        Args:
            ticket_id: The ticket's id. At least 1.

        Returns:
            The sum over chunks of (end - start) * progress; never below 0, but it can exceed 1.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.GET_CLAIMED_TICKET_PROGRESS,
            requests.GetClaimedTicketProgressRequest(ticket_id=ticket_id),
        )

    def set_progress(
        self, *, ticket_id: int, chunk_start: float, chunk_end: float, progress: float
    ) -> None:
        """Report the progress of a chunk of the work on a claimed ticket.

        A chunk is identified by its exact start and end. Progress 0 deletes every chunk inside
        [start, end]. Marks the service as alive, as claims do.

        Defect of the middleware: A new chunk that begins where a different one begins is a 500.

        Args:
            ticket_id: The ticket's id. At least 1.
            chunk_start: The start of the chunk in the work. Between 0 and 1.
            chunk_end: The end of the chunk in the work. Between 0 and 1.
            progress: The part of the chunk that is done. Between 0 and 1.

        Raises:
            TicketNotClaimed: The ticket has not been claimed by this user.
            TicketDeleted: The ticket has been deleted, by its user or by a purge.
            ChunkClash: The middleware did not store the progress; probably two chunks have the
                same start.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(
            self._transport,
            routes.SET_PROGRESS,
            requests.SetProgressRequest(
                ticket_id=ticket_id, chunk_start=chunk_start, chunk_end=chunk_end, progress=progress
            ),
        )
