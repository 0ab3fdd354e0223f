"""Methods for users: `dss_...`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

from dss_api import FileArea, TicketStatus
from dss_client import tables, validation
from dss_client.group import MethodGroup
from dss_client.progress import Progress, show_share
from dss_client.tickets import polling, services, submit
from dss_client.tickets.status import change_status
from dss_client.transfers import filenames, upload
from dss_client.transfers.attachments import AttachmentFiles
from dss_client.transfers.download import download_files
from dss_client.transfers.sync import TicketSync
from dss_client.transfers.ticket_files import UserTicketFiles
from dss_client.transfers.upload import Verify

if TYPE_CHECKING:
    import pandas as pd

    from dss_api import ServiceDescriptor, ServiceStats, TicketDetail
    from dss_client.export import Anonymize
    from dss_client.tickets.temporary_export import WorkspaceHolder
    from dss_client.workspace import Workspace

ENDED_STATUSES = (
    TicketStatus.SUCCESS,
    TicketStatus.FAILED,
    TicketStatus.TIMEOUT,
    TicketStatus.DELETED,
)
"""The statuses of a finished, timed-out or deleted ticket."""


class UserMethods(MethodGroup):
    """Methods for users: submit tickets, and download their results.

    System administrators can pass the ticket of any user. `dss_delete_ticket` also deletes such a
    ticket.
    """

    def dss_list_services(self) -> pd.DataFrame:
        """Return the services that accept tickets.

        Like `itksnap-wt -dss-services-list`.

        Returns:
            A table with one row for each service.

            * `service` (text): the service's name.
            * `version` (text): its version.
            * `hash` (text): its git commit, which identifies it.
            * `shortdesc` (text): its description in one line.
        """
        return tables.make_service_table(self.api.user.list_services())

    def dss_service_detail(self, service: str) -> ServiceDescriptor:
        """Return the description of a service, including the tags that it requires.

        Like `itksnap-wt -dss-services-detail SERVICE`.

        Args:
            service: the service's hash, or its name for the latest version.

        Returns:
            The contents of the service's `service.json`: `name`, `version`, `shortdesc`,
            `longdesc`, `url` and `tags`. Each tag has `name`, `type` (the kind of layer, such as
            `MainImage`), `hint` and `required`.

        Raises:
            ServiceNotFound: the service does not exist.
        """
        return self.api.user.get_service_detail(githash=self._find_githash(service))

    def dss_service_stats(self, service: str) -> ServiceStats:
        """Return statistics of a service over the last 24 hours, and the length of its queue.

        Args:
            service: the service's hash, or its name for the latest version.

        Returns:
            `n_success` and `n_failed`, the numbers of tickets; `avg_duration`, the mean time from
            claim to success, or `None`; `last_heard_from`, the time since a provider was last
            active; and `queue_length`, the number of waiting tickets. Times are `timedelta`.

        Raises:
            ServiceNotFound: the service does not exist.
        """
        return self.api.user.get_service_stats(githash=self._find_githash(service))

    def dss_create_ticket(
        self,
        service: str,
        workspace: (
            Workspace | WorkspaceHolder | Iterable[str | PathLike[str]] | str | PathLike[str]
        ),
        *,
        verify: Verify = "names",
        progress: Progress = True,
        ticket: SupportsIndex | str | None = None,
        anonymize: Anonymize = "names",
        meshes: bool = True,
    ) -> int:
        """Submit a workspace to a service: create a ticket, upload all files, and queue it.

        Before anything is created, the workspace is checked against the tags that the service
        requires, and all files are checked. Then the workspace is exported, so that file names,
        paths and other private information are removed; see `Workspace.export`. The exported files
        are in a temporary folder that only this user can read. They are deleted at the end. Plain
        files are sent unchanged.

        Like `itksnap-wt -dss-tickets-create SERVICE`.

        Args:
            service: the service's hash, or its name for the latest version.
            workspace: the workspace, or the path of its `.itksnap` file; or a list of files to send
                unchanged.
            verify: how to check the upload. `"names"` lists the ticket's files afterwards,
                `"content"` also downloads them again and compares their hashes, `None` checks
                nothing.
            progress: `True` shows a bar in a terminal or a notebook; `False` shows nothing. A
                function is called with the number of bytes sent and the total number. With
                `verify="content"`, the bytes of the second download are counted too.
            ticket: the id of a ticket that an earlier call left incomplete. It is completed, and no
                new one is created. Files that it has are downloaded, and sent again only if they
                are different. If the ticket was already submitted, its files are only compared. A
                ticket with any file that is not part of this upload is refused.
            anonymize: `"names"` keeps nicknames, label names, annotations and tags; `"strict"`
                keeps only the tags. Plain files cannot be anonymized.
            meshes: whether to send the meshes of a workspace too.

        Returns:
            The ticket's id.

        Raises:
            ServiceNotFound: the service does not exist; nothing was created.
            RequirementsNotMet: the workspace does not meet the service's requirements; nothing was
                created. The error lists all problems and how to correct them.
            FileNotFoundError, IsADirectoryError: a path is not a file; nothing was created.
            WorkspaceUnreadable: the file is not a workspace; nothing was created.
            ImageUnreadable, MeshUnreadable, SizesDiffer: a file cannot be exported; nothing was
                created.
            ValueError: a single path is not a workspace; `anonymize` was set for plain files; a
                file has a name under which it could not be downloaded; `ticket` has files that are
                not part of this upload; or `ticket` was submitted, and its files differ from the
                files of this upload. Nothing was created or sent.
            TicketNotFound: the user does not have the ticket `ticket` for this service.
            QuotaExceeded: the user has too many tickets.
            TicketIncomplete: the ticket was created, but a later step failed. The error lists the
                files that the ticket has, and says how to continue.
            OutcomeUnknown, UnexpectedAnswer: a ticket may have been created; no file was sent. If
                `dss_list_tickets` shows a new ticket with the status `init`, pass its id as
                `ticket`.
        """
        from dss_client.tickets import requirements, temporary_export  # noqa: PLC0415

        name_or_hash = validation.check_text(service, "A service")
        existing = None if ticket is None else validation.read_ticket_id(ticket)
        content = temporary_export.open_workspace_or_paths(workspace)
        if isinstance(content, list) and anonymize != "names":
            raise ValueError("Plain files are sent unchanged. anonymize= is for workspaces only.")
        upload.check_arguments(content if isinstance(content, list) else (), verify, progress)
        selected = services.find_service(self.api.user.list_services(), name_or_hash)

        def create_sync(number: int, paths: Sequence[Path]) -> TicketSync:
            return TicketSync(
                files=UserTicketFiles(self.server, self.api.user, number, FileArea.INPUT),
                paths=paths,
                verify=verify,
                progress=progress,
                retries=self.retries,
            )

        def create_export_sync(number: int) -> TicketSync:
            return create_sync(
                number,
                temporary_export.rename_workspace(
                    manifest, filenames.format_workspace_name(number)
                ).paths,
            )

        if isinstance(content, list):
            return submit.submit_ticket(
                self.api.user, selected, existing, partial(create_sync, paths=content)
            )
        if existing is not None:
            # Raises if the ticket is not usable, before an export that may take minutes.
            submit.find_ticket_status(self.api.user, selected, existing)
        descriptor = self.api.user.get_service_detail(githash=selected.githash)
        requirements.check_workspace(content, descriptor, meshes=meshes)
        with temporary_export.export_temporarily(content, anonymize, meshes) as manifest:
            return submit.submit_ticket(self.api.user, selected, existing, create_export_sync)

    def dss_list_tickets(self) -> pd.DataFrame:
        """Return the user's own tickets, except deleted ones.

        Like `itksnap-wt -dss-tickets-list`.

        Returns:
            A table with one row for each ticket, the oldest first.

            * `ticket` (integer): the ticket's id.
            * `service` (text): the service's name.
            * `status` (text): the ticket's status, such as `ready` or `success`.
        """
        return tables.make_ticket_table(self.api.user.list_tickets())

    def dss_ticket_status(self, ticket: SupportsIndex | str) -> TicketStatus:
        """Return the status of the user's own ticket.

        Args:
            ticket: the ticket's id.

        Returns:
            The status, which is equal to its text, such as `"ready"`.

        Raises:
            TicketNotFound: the user does not have this ticket.
        """
        return self.api.user.get_ticket_status(ticket_id=validation.read_ticket_id(ticket))

    def dss_ticket_detail(
        self, ticket: SupportsIndex | str, since: SupportsIndex | str | None = None
    ) -> TicketDetail:
        """Return the status, progress, queue position and log of a ticket in one request.

        Args:
            ticket: the ticket's id.
            since: the id of the last known log entry. Only later entries are returned.

        Returns:
            An object with `status`, `progress`, `queue_position` and `log`. `queue_position` counts
            the tickets of all services; `dss_queue_position` counts only the tickets of the
            ticket's service.

        Raises:
            TicketNotFound: the user does not have this ticket.
        """
        return self.api.user.get_ticket_detail(
            ticket_id=validation.read_ticket_id(ticket), since=validation.read_since(since)
        )

    def dss_ticket_log(
        self, ticket: SupportsIndex | str, since: SupportsIndex | str | None = None
    ) -> pd.DataFrame:
        """Return the log of the user's own ticket, which the middleware and the provider write.

        Like `itksnap-wt -dss-tickets-log ID`.

        Args:
            ticket: the ticket's id.
            since: the id of the last known entry, such as `table["log"].iloc[-1]`. Only later
                entries are returned.

        Returns:
            A table with one row for each entry, the oldest first.

            * `log` (integer): the entry's id.
            * `time` (UTC time): when the entry was written.
            * `category` (text): `info`, `warning` or `error`.
            * `attachments` (integer): the number of its attachments.
            * `message` (text): the message.

        Raises:
            TicketNotFound: the user does not have this ticket.
        """
        return tables.make_log_table(
            self.api.user.get_ticket_log(
                ticket_id=validation.read_ticket_id(ticket), since=validation.read_since(since)
            )
        )

    def dss_ticket_progress(self, ticket: SupportsIndex | str) -> float:
        """Return the progress of the user's own ticket, as the provider last set it.

        Like `itksnap-wt -dss-tickets-progress ID`.

        Args:
            ticket: the ticket's id.

        Returns:
            The completed share, from 0 to 1, or more if the provider's chunks overlap.

        Raises:
            TicketNotFound: the user does not have this ticket.
        """
        return self.api.user.get_ticket_progress(ticket_id=validation.read_ticket_id(ticket))

    def dss_queue_position(self, ticket: SupportsIndex | str) -> int:
        """Return the position of the user's own ticket in the queue of its service.

        Args:
            ticket: the ticket's id.

        Returns:
            1 for the next ticket; 0 for a ticket that is not waiting.

        Raises:
            TicketNotFound: the user does not have this ticket.
        """
        return self.api.user.get_queue_position(ticket_id=validation.read_ticket_id(ticket))

    def dss_wait_for_ticket(
        self, ticket: SupportsIndex | str, timeout: float | None = None, interval: float = 5
    ) -> TicketStatus | None:
        """Wait until the work on the user's own ticket has ended.

        The wait continues if the middleware cannot be reached for a while, except at the first
        request. A terminal or a notebook shows a bar of the ticket's progress, and before that its
        queue position.

        Like `itksnap-wt -dss-tickets-wait ID TIMEOUT`.

        Args:
            ticket: the ticket's id.
            timeout: how long to wait, in seconds. 0 asks once; `None` waits without limit. A
                request that is not answered ends at most 5 seconds later.
            interval: the time between two requests, in seconds, more than 0.

        Returns:
            `success`, `failed`, `timeout` or `deleted`; `None` if the work did not end in time.

        Raises:
            TicketNotFound: the user does not have this ticket.
            TicketIncomplete: the ticket was never submitted, so no provider will work on it.
        """
        number = validation.read_ticket_id(ticket)
        limit = validation.read_wait_times(timeout, interval)
        with show_share(f"Ticket {number}") as show:

            def attempt(wait: polling.Wait) -> TicketStatus | None:
                return wait.try_request(lambda: self._poll_status(number, show))

            return polling.poll_until_result(attempt, limit, interval)

    def dss_list_ticket_files(
        self, ticket: SupportsIndex | str, area: FileArea | str = FileArea.RESULTS
    ) -> pd.DataFrame:
        """Return the files of the user's own ticket.

        Args:
            ticket: the ticket's id.
            area: `results` for the provider's files, `input` for the files that the user sent.

        Returns:
            A table with one row for each file.

            * `index` (integer): the number of the file in the list, from 0.
            * `filename` (text): the file's name.

        Raises:
            TicketNotFound: the user does not have this ticket.
        """
        number = validation.read_ticket_id(ticket)
        chosen = validation.read_choice(FileArea, area, "area")
        return tables.make_file_table(
            self.api.user.list_ticket_files(ticket_id=number, area=chosen)
        )

    def dss_download_results(
        self,
        ticket: SupportsIndex | str,
        outdir: str | PathLike[str],
        *,
        parallel: int = 4,
        resume: bool = False,
        progress: Progress = True,
    ) -> list[Path]:
        """Download all result files of the user's own ticket.

        The data goes directly to disk, several files at a time. A file appears under its name only
        when it is complete.

        Like `itksnap-wt -dss-tickets-download ID DIR`.

        Args:
            ticket: the ticket's id.
            outdir: the folder for the files. It is created if it does not exist.
            parallel: how many files to download at a time, from 1 to 64.
            resume: continue an interrupted download. Then the folder must be used for this ticket
                only. Its file `.itksnap-dss.json` records which files are complete. Later calls
                with `resume=True` skip these files if no program has changed them since and their
                length is as the middleware states. Partial files of a killed process are removed.
            progress: `True` shows a bar in a terminal or a notebook; `False` shows nothing. A
                function is called with the number of bytes received and the total number, which is
                `None` while it is unknown.

        Returns:
            The paths of the files, in the order of `dss_list_ticket_files`. The list is empty if
            there are no results yet.

        Raises:
            TicketNotFound: the user does not have this ticket.
            UnsafeFileName: files have names that are not safe to write; nothing was downloaded.
            FilesChanged, FileNotFound: the ticket's files changed repeatedly during the download.
            FileNotServable: the middleware cannot send a file, because of characters in its name.
            FileNotWritten: the folder or a file could not be written.
        """
        return download_files(
            UserTicketFiles(
                self.server, self.api.user, validation.read_ticket_id(ticket), FileArea.RESULTS
            ),
            Path(outdir),
            retries=self.retries,
            parallel=parallel,
            resume=resume,
            progress=progress,
        )

    def dss_list_attachments(
        self,
        ticket: SupportsIndex | str | None = None,
        *,
        log: SupportsIndex | str | None = None,
    ) -> pd.DataFrame:
        """Return the attachments in the log of the user's own ticket.

        Give either a ticket or a log entry.

        Args:
            ticket: the ticket's id, for all attachments in the ticket's log.
            log: the id of a log entry, for the attachments of this entry only.

        Returns:
            A table with one row for each attachment, in the order of the log.

            * `attachment` (integer): the attachment's id.
            * `log` (integer): the id of its log entry.
            * `description` (text): the provider's description.
            * `mime_type` (text): its MIME type, such as `image/png`.
            * `url` (text): the attachment's address. Opening it needs no sign-in, so keep the
              address private.

        Raises:
            ValueError: neither `ticket` nor `log` is given, or both are given; nothing was sent.
            TicketNotFound: the user does not have this ticket.
            LogEntryNotFound: no ticket of the user has this log entry.
        """
        if ticket is not None and log is None:
            entries = self.dss_ticket_detail(ticket).log
            return tables.make_attachment_table(
                (entry.id, a) for entry in entries for a in entry.attachments
            )
        if log is not None and ticket is None:
            number = validation.read_log_entry_id(log)
            found = self.api.user.list_log_attachments(log_id=number)
            return tables.make_attachment_table((number, attachment) for attachment in found)
        raise ValueError("Either a ticket or an entry of its log must be given, and not both.")

    def dss_download_attachments(
        self,
        ticket: SupportsIndex | str,
        outdir: str | PathLike[str],
        *,
        parallel: int = 4,
        resume: bool = False,
        progress: Progress = True,
    ) -> list[Path]:
        """Download all attachments in the log of the user's own ticket.

        Attachments do not have file names. The files are named `attachment_ID` with the extension
        of the MIME type, such as `attachment_12.png`.

        Args:
            ticket: the ticket's id.
            outdir: the folder for the files. It is created if it does not exist.
            parallel: how many files to download at a time, from 1 to 64.
            resume: see `dss_download_results`. The length of the files is not checked, because the
                middleware does not state it for attachments.
            progress: see `dss_download_results`.

        Returns:
            The paths of the files, in the order of `dss_list_attachments`.

        Raises:
            TicketNotFound: the user does not have this ticket.
            BlobNotFound: an attachment was erased, for example with its ticket.
            UnsafeFileName: the folder already has a link, a folder or a special file with the name
                of a file to download; nothing was downloaded.
            FileNotWritten: the folder or a file could not be written.
        """
        number = validation.read_ticket_id(ticket)
        entries = self.dss_ticket_detail(number).log
        attachments = [attachment for entry in entries for attachment in entry.attachments]
        return download_files(
            AttachmentFiles(self.server, self.api.user, number, attachments),
            Path(outdir),
            retries=self.retries,
            parallel=parallel,
            resume=resume,
            progress=progress,
        )

    def dss_delete_ticket(self, ticket: SupportsIndex | str) -> None:
        """Delete the user's own ticket, with its files and attachments, whatever its status is.

        Deleting a deleted ticket again has no effect.

        Like `itksnap-wt -dss-tickets-delete ID`.

        Args:
            ticket: the ticket's id.

        Raises:
            TicketNotFound: the user does not have this ticket.
        """
        self.api.user.delete_ticket(ticket_id=validation.read_ticket_id(ticket))

    def dss_retry_ticket(self, ticket: SupportsIndex | str) -> None:
        """Queue the user's own failed ticket again, and erase its results.

        If the response is lost, the client reads the ticket's status. If the retry had no effect,
        the client sends the retry once more.

        Args:
            ticket: the ticket's id.

        Raises:
            TicketNotFound: the user does not have this ticket, or it has not failed.
            OutcomeUnknown: the response was lost, and the ticket's status does not show whether the
                retry had an effect.
        """
        number = validation.read_ticket_id(ticket)
        change_status(
            lambda: self.api.user.retry_ticket(ticket_id=number),
            lambda: self.dss_ticket_status(number),
            old_statuses=(TicketStatus.FAILED, TicketStatus.TIMEOUT),
            new_statuses=(TicketStatus.READY, TicketStatus.CLAIMED, TicketStatus.SUCCESS),
            refuses_repeat=True,
            retries=self.retries,
        )

    def _poll_status(
        self, ticket: int, show: Callable[[float, str], object] | None
    ) -> TicketStatus | None:
        """Return the status if the work on a ticket has ended; otherwise show its progress."""
        status = self.dss_ticket_status(ticket)
        if status in ENDED_STATUSES:
            return status
        if status is TicketStatus.INIT:
            names = submit.list_input_names(self.api.user, ticket)
            raise submit.create_incomplete_error(ticket, "was never submitted", names)
        if show and status is TicketStatus.CLAIMED:
            show(self.dss_ticket_progress(ticket), "")
        elif show:
            show(0.0, f"place {self.dss_queue_position(ticket)} in the queue")
        return None

    def _find_githash(self, service: str) -> str:
        wanted = validation.check_text(service, "A service")
        if services.is_hash(wanted):
            return wanted
        return services.find_service(self.api.user.list_services(), wanted).githash
