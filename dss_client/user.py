"""What users do: the methods whose names begin with `dss_`."""

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
"""The statuses in which nobody works on a ticket any more."""


class UserMethods(MethodGroup):
    """Submitting tickets and fetching their results.

    System administrators may name anybody's ticket, which `dss_delete_ticket` deletes as well.
    """

    def dss_list_services(self) -> pd.DataFrame:
        """The services that take tickets.

        Like `itksnap-wt -dss-services-list`.

        Returns:
            Columns `service, version, hash, shortdesc`, all text.
        """
        return tables.make_service_table(self.api.user.list_services())

    def dss_service_detail(self, service: str) -> ServiceDescriptor:
        """What a service says of itself, above all the tags that its layers must carry.

        Like `itksnap-wt -dss-services-detail SERVICE`.

        Args:
            service: its hash, or its name for the latest version.

        Raises:
            ServiceNotFound: there is no such service.
        """
        return self.api.user.get_service_detail(githash=self._find_githash(service))

    def dss_service_stats(self, service: str) -> ServiceStats:
        """How a service did over the last 24 hours, and how many tickets wait for it.

        Args:
            service: its hash, or its name for the latest version.

        Raises:
            ServiceNotFound: there is no such service.
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

        A workspace is checked against the tags that the service asks for, and exported: what is
        sent has neutral names and nothing private in it, see `Workspace.export`. The files lie in a
        temporary folder that only this user can read, and are gone afterwards. A list of files is
        sent as it is. Whether everything is there and can be sent
        is checked before anything is created. Like `itksnap-wt -dss-tickets-create SERVICE`.

        Args:
            service: its hash, or its name for the latest version.
            workspace: the workspace, or the path of its `.itksnap` file; or the files to be sent as
                they are.
            verify: `"names"` lists the files afterwards; `"content"` also reads them back, and
                compares hashes; `None` does neither.
            progress: `True` for a bar in bytes on a terminal or in a notebook, `False` for none; or
                what is called with how many bytes were sent and how many there are.
            ticket: a ticket that an earlier call left incomplete, to be completed in place of a new
                one. Files that it has already are read back, and sent again only if they are not
                the same. If it was submitted after all, its files are compared, and nothing is
                done. One that has other files, such as those of another workspace, is refused.
            anonymize: how much is taken out of a workspace, as for `Workspace.export`.
            meshes: whether the meshes of a workspace are sent too.

        Returns:
            The ticket's id.

        Raises:
            ServiceNotFound: there is no such service; nothing was created.
            RequirementsNotMet: the workspace is not what the service asks for, with all that is
                wrong and how to mend it; nothing was created.
            FileNotFoundError, IsADirectoryError: a path is no file; nothing was created.
            WorkspaceUnreadable: a workspace's file is none; nothing was created.
            ImageUnreadable, MeshUnreadable, SizesDiffer: a file cannot be exported; nothing was
                created.
            ValueError: a single path is none of a workspace; a file could not be given back under
                its name; or `ticket` has files that
                are none of these, or was submitted and has not all of these as they are now;
                nothing was created or sent.
            TicketNotFound: `ticket` is no ticket of the user for this service.
            QuotaExceeded: the user has too many tickets.
            TicketIncomplete: the ticket was created, but not everything could be done. It says
                which files are there, and how to go on.
            OutcomeUnknown, UnexpectedAnswer: perhaps a ticket was created; no file was sent. If
                there is a new one with the status `init` in `dss_list_tickets`, give it as
                `ticket`.
        """
        from dss_client.tickets import requirements, temporary_export  # noqa: PLC0415

        wanted = validation.check_text(service, "A service")
        known = None if ticket is None else validation.read_ticket_id(ticket)
        content = temporary_export.open_workspace_or_paths(workspace)
        if isinstance(content, list) and anonymize != "names":
            raise ValueError("Files are sent as they are; anonymize= is for workspaces.")
        upload.check_arguments(content if isinstance(content, list) else (), verify, progress)
        found = services.find_service(self.api.user.list_services(), wanted)

        def delivery(number: int, paths: Sequence[Path]) -> TicketSync:
            return TicketSync(
                files=UserTicketFiles(self.server, self.api.user, number, FileArea.INPUT),
                paths=paths,
                verify=verify,
                progress=progress,
                retries=self.retries,
            )

        def exported(number: int) -> TicketSync:
            return delivery(
                number,
                temporary_export.rename_workspace(
                    manifest, filenames.format_workspace_name(number)
                ).paths,
            )

        if isinstance(content, list):
            return submit.submit_ticket(
                self.api.user, found, known, partial(delivery, paths=content)
            )
        if known is not None:
            submit.find_ticket_status(self.api.user, found, known)  # the export may take minutes
        descriptor = self.api.user.get_service_detail(githash=found.githash)
        requirements.check_workspace(content, descriptor, meshes=meshes)
        with temporary_export.export_temporarily(content, anonymize, meshes) as manifest:
            return submit.submit_ticket(self.api.user, found, known, exported)

    def dss_list_tickets(self) -> pd.DataFrame:
        """The user's own tickets, those deleted left out.

        Like `itksnap-wt -dss-tickets-list`.

        Returns:
            Columns `ticket` (the id), `service` (the name), `status`, the oldest first.
        """
        return tables.make_ticket_table(self.api.user.list_tickets())

    def dss_ticket_status(self, ticket: SupportsIndex | str) -> TicketStatus:
        """The status of one's own ticket.

        Returns:
            The status, which compares equal to its text.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        return self.api.user.get_ticket_status(ticket_id=validation.read_ticket_id(ticket))

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
            ticket_id=validation.read_ticket_id(ticket), since=validation.read_since(since)
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
        return tables.make_log_table(
            self.api.user.get_ticket_log(
                ticket_id=validation.read_ticket_id(ticket), since=validation.read_since(since)
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
        return self.api.user.get_ticket_progress(ticket_id=validation.read_ticket_id(ticket))

    def dss_queue_position(self, ticket: SupportsIndex | str) -> int:
        """The place of one's own ticket among those that wait for its service.

        Returns:
            1 for the one that is next; 0 for a ticket that does not wait.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        return self.api.user.get_queue_position(ticket_id=validation.read_ticket_id(ticket))

    def dss_wait_for_ticket(
        self, ticket: SupportsIndex | str, timeout: float | None = None, interval: float = 5
    ) -> TicketStatus | None:
        """Wait until the work on one's own ticket is over.

        A middleware that cannot be reached for a while does not end the wait, unless it cannot be
        reached at first. Shows a progress bar of the ticket's progress, and of its place in the
        queue before that, on a terminal or in a notebook. Like
        `itksnap-wt -dss-tickets-wait ID TIMEOUT`.

        Args:
            ticket: the ticket's id.
            timeout: how long to wait, in seconds; 0 asks just once, `None` waits for as long as it
                takes. A question that is not answered is given up 5 seconds later.
            interval: how long to wait between asking, in seconds.

        Returns:
            `success`, `failed`, `timeout` or `deleted`; `None` if it is none of them in time.

        Raises:
            TicketNotFound: the user has no such ticket.
            TicketIncomplete: the ticket was never submitted, so there is nothing to wait for.
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
        """The files of one's own ticket.

        Args:
            ticket: the ticket's id.
            area: `results` for what the provider gave back, `input` for what was sent.

        Returns:
            Columns `index` (the place in the list, from 0) and `filename`.

        Raises:
            TicketNotFound: the user has no such ticket.
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
        """Download all files that the provider gave back.

        Files stream to disk, several at a time, and appear under their names only when they are
        whole. Like `itksnap-wt -dss-tickets-download ID DIR`.

        Args:
            ticket: the ticket's id.
            outdir: the folder for the files; made if it is not there.
            parallel: how many files are downloaded at a time.
            resume: whether to go on where an earlier call with `resume=True` was interrupted. The
                folder, which must be the ticket's own, then remembers in `.itksnap-dss.json` which
                files came whole; those that nothing wrote to since, and that have the length which
                the middleware says, are not downloaded again. What a process that was killed left
                half-written there is removed.
            progress: `True` for a bar in bytes on a terminal or in a notebook, `False` for none; or
                what is called with how many bytes have arrived and how many there are, `None` until
                that is known.

        Returns:
            The paths of the files, in the order of `dss_list_ticket_files`; none as long as the
            provider gave none.

        Raises:
            TicketNotFound: the user has no such ticket.
            UnsafeFileName: files have names that must not be used; nothing was downloaded.
            FilesChanged, FileNotFound: the ticket's files changed again and again meanwhile.
            FileNotServable: the middleware cannot send a file, for what is in its name.
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
        """What the provider attached to the log of one's own ticket.

        Args:
            ticket: the ticket's id, for the attachments of its whole log.
            log: the id of an entry of a log, for its attachments alone.

        Returns:
            Columns `attachment` (the id), `log` (the entry's id), `description`, `mime_type`,
            `url`, in the order of the log. Whoever knows a URL can read it, signed in or not.

        Raises:
            ValueError: neither or both are given; nothing was sent.
            TicketNotFound: the user has no such ticket.
            LogEntryNotFound: no log of the user has such an entry.
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
        raise ValueError("Either a ticket or an entry of its log must be given.")

    def dss_download_attachments(
        self,
        ticket: SupportsIndex | str,
        outdir: str | PathLike[str],
        *,
        parallel: int = 4,
        resume: bool = False,
        progress: Progress = True,
    ) -> list[Path]:
        """Download everything that the provider attached to the log of one's own ticket.

        Attachments have no names; they are written as `attachment_ID` with an ending that goes with
        their MIME type, such as `attachment_12.png`.

        Args:
            ticket: the ticket's id.
            outdir: the folder for the files; made if it is not there.
            parallel: how many are downloaded at a time.
            resume: as for `dss_download_results`; nobody says the length.
            progress: as for `dss_download_results`.

        Returns:
            The paths of the files, in the order of `dss_list_attachments`.

        Raises:
            TicketNotFound: the user has no such ticket.
            BlobNotFound: an attachment was erased, as with its ticket.
            UnsafeFileName: something is in the way in the folder; nothing was downloaded.
            FileNotWritten: the folder or a file could not be written.
        """
        number = validation.read_ticket_id(ticket)
        entries = self.dss_ticket_detail(number).log
        attached = [attachment for entry in entries for attachment in entry.attachments]
        return download_files(
            AttachmentFiles(self.server, self.api.user, number, attached),
            Path(outdir),
            retries=self.retries,
            parallel=parallel,
            resume=resume,
            progress=progress,
        )

    def dss_delete_ticket(self, ticket: SupportsIndex | str) -> None:
        """Delete one's own ticket, with its files and attachments, whatever its status is.

        A ticket that is deleted already stays so. Like `itksnap-wt -dss-tickets-delete ID`.

        Raises:
            TicketNotFound: the user has no such ticket.
        """
        self.api.user.delete_ticket(ticket_id=validation.read_ticket_id(ticket))

    def dss_retry_ticket(self, ticket: SupportsIndex | str) -> None:
        """Queue one's own failed ticket again; its results are erased.

        If the answer is lost, the ticket's status says whether it took effect; if not, it is tried
        once more.

        Raises:
            TicketNotFound: the user has no such ticket, or it has not failed.
            OutcomeUnknown: the answer was lost, and the ticket's status does not tell.
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
        """The status of a ticket if it is over; `None`, and how far it is, if it is not."""
        status = self.dss_ticket_status(ticket)
        if status in ENDED_STATUSES:
            return status
        if status is TicketStatus.INIT:
            there = submit.list_input_names(self.api.user, ticket)
            raise submit.create_incomplete_error(ticket, "was never submitted", there)
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
