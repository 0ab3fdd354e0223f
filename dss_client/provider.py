"""Methods for providers: `dssp_...`."""

from __future__ import annotations

import io
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

from dss_api import (
    FileArea,
    LogCategory,
    OperationNotSupported,
    TicketDeleted,
    TicketNotClaimed,
    TicketNotFound,
    TicketStatus,
    Upload,
)
from dss_client import tables, validation
from dss_client.group import MethodGroup
from dss_client.progress import Progress, show_seconds
from dss_client.tickets import polling, submit
from dss_client.tickets.status import change_status
from dss_client.transfers import filenames, upload
from dss_client.transfers.download import download_files
from dss_client.transfers.sync import TicketSync
from dss_client.transfers.ticket_files import ProviderTicketFiles
from dss_client.transfers.upload import Verify

if TYPE_CHECKING:
    import pandas as pd

    from dss_client.export import Anonymize, Manifest
    from dss_client.snapshots import Png
    from dss_client.tickets.temporary_export import WorkspaceHolder
    from dss_client.workspace import Layer, Workspace


class ProviderMethods(MethodGroup):
    """Methods for providers: claim tickets, process them, and return results."""

    def dssp_list_services(self) -> pd.DataFrame:
        """Return the services that the signed-in user provides.

        Like `itksnap-wt -dssp-services-list`.

        Returns:
            A table with one row for each service. It is empty if the user is not a provider.

            * `service` (text): the service's name.
            * `version` (text): its version.
            * `hash` (text): its git commit, which identifies it in other methods.
            * `provider` (text): the provider that offers it.
        """
        return tables.make_provided_service_table(self.api.provider.list_provided_services())

    def dssp_available_services(self, services: Iterable[str] | str) -> pd.DataFrame | None:
        """Return the services that have tickets to claim, without claiming any.

        Args:
            services: the hashes of the services to look at: a list, a table column, or a single
                hash.

        Returns:
            A table with one row for each service that has tickets, the service with the oldest
            ticket first. `None` if there is nothing to claim.

            * `service` (text): the service's hash.
            * `service_name` (text): its name.
            * `ready_tickets` (integer): the number of tickets to claim.

        Raises:
            OperationNotSupported: the middleware is older than version 0.2.0.
            NotAProvider: the user does not provide all of these services.
        """
        hashes = validation.read_service_hashes(services)
        available = self.api.provider.list_available_services(services=hashes)
        return tables.make_available_service_table(available) if available else None

    def dssp_claim_ticket(
        self, services: Iterable[str] | str, provider: str, provider_code: str
    ) -> pd.DataFrame | None:
        """Claim the next ticket of one or more services.

        Like `itksnap-wt -dssp-services-claim HASHES PROVIDER INSTANCE`.

        Args:
            services: the hashes of the services: a list, a table column, or a single hash.
            provider: the name of the provider that claims. The middleware writes it to the ticket's
                log, but does not check it.
            provider_code: a name for this instance of the provider, such as the name of the
                computer. It appears in the ticket's log.

        Returns:
            A table of one row, or `None` if there is nothing to claim.

            * `ticket` (integer): the ticket's id.
            * `service` (text): the service's hash.
            * `status` (text): `claimed`.

        Raises:
            NotAProvider: the user does not provide all of these services.
            OutcomeUnknown: the response was lost, so this program may have claimed a ticket without
                learning the ticket's id. Look for the ticket with `dssp_find_claimed`.
        """
        claim = self.api.provider.claim_ticket(
            services=validation.read_service_hashes(services), provider=provider, code=provider_code
        )
        return None if claim is None else tables.make_claim_table(claim)

    def dssp_wait_for_ticket(
        self,
        services: Iterable[str] | str,
        provider: str,
        provider_code: str,
        timeout: float | None = 300,
        interval: float = 15,
    ) -> pd.DataFrame | None:
        """Wait until one or more services have a ticket, and claim it.

        The method asks for available tickets first, and claims only if there are some. The wait
        continues if the middleware cannot be reached for a while, except at the first request. A
        terminal or a notebook shows a progress bar of the time.

        Like `itksnap-wt -dssp-services-claim HASHES PROVIDER INSTANCE TIMEOUT`.

        Args:
            services: the hashes of the services: a list, a table column, or a single hash.
            provider: the name of the provider that claims.
            provider_code: a name for this instance of the provider. It appears in the ticket's log.
            timeout: how long to wait, in seconds. 0 asks once; `None` waits without limit. A
                request that is not answered ends at most 5 seconds later.
            interval: the time between two requests, in seconds, more than 0.

        Returns:
            The same table as `dssp_claim_ticket`, or `None` if the timeout ended first.

        Raises:
            NotAProvider: the user does not provide all of these services.
            OutcomeUnknown: the response to a claim was lost; see `dssp_claim_ticket`.
        """
        limit = validation.read_wait_times(timeout, interval)
        hashes = validation.read_service_hashes(services)

        def attempt(wait: polling.Wait) -> pd.DataFrame | None:
            if not wait.try_request(lambda: self._has_tickets(hashes)):
                return None
            return self.dssp_claim_ticket(hashes, provider, provider_code)

        with show_seconds("Waiting for a ticket", limit) as advance:
            return polling.poll_until_result(attempt, limit, interval, advance)

    def _has_tickets(self, services: list[str]) -> bool:
        """Return whether there may be a ticket to claim. Unlike a claim, this is safe to repeat."""
        try:
            return bool(self.api.provider.list_available_services(services=services))
        except OperationNotSupported:
            return True

    def dssp_list_ticket_files(
        self, ticket: SupportsIndex | str, area: FileArea | str = FileArea.INPUT
    ) -> pd.DataFrame:
        """Return the files of a claimed ticket.

        Args:
            ticket: the ticket's id.
            area: `input` for the files that the user sent, `results` for the provider's files.

        Returns:
            A table with one row for each file.

            * `index` (integer): the number of the file in the list, from 0.
            * `filename` (text): the file's name.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket.
        """
        number = validation.read_ticket_id(ticket)
        chosen = validation.read_choice(FileArea, area, "area")
        return tables.make_file_table(
            self.api.provider.list_claimed_ticket_files(ticket_id=number, area=chosen)
        )

    def dssp_download_ticket(
        self,
        ticket: SupportsIndex | str,
        outdir: str | PathLike[str],
        *,
        area: FileArea | str = FileArea.INPUT,
        parallel: int = 4,
        resume: bool = False,
        progress: Progress = True,
    ) -> list[Path]:
        """Download all files of a claimed ticket.

        The data goes directly to disk, several files at a time. A file appears under its name only
        when it is complete. If a connection breaks, that file starts again from the first byte. If
        a file fails, the other downloads stop.

        Like `itksnap-wt -dssp-tickets-download ID DIR`.

        Args:
            ticket: the ticket's id.
            outdir: the folder for the files. It is created if it does not exist.
            area: `input` for the files that the user sent, `results` for the provider's files.
            parallel: how many files to download at a time, from 1 to 64. The middleware answers ten
                requests at a time, of all its users together.
            resume: continue an interrupted download. Then the folder must be used for this ticket
                only. Its file `.itksnap-dss.json` records which files are complete. Later calls
                with `resume=True` skip these files if no program has changed them since. Partial
                files of a killed process are removed.
            progress: `True` shows a bar in a terminal or a notebook; `False` shows nothing. A
                function is called with the number of bytes received and the total number, which is
                `None` while it is unknown. The calls come from this thread, at most ten times a
                second. An exception in the function ends the download.

        Returns:
            The paths of the files, in the order of `dssp_list_ticket_files`.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket.
            UnsafeFileName: files have names that are not safe to write; nothing was downloaded.
            FilesChanged, FileNotFound: the ticket's files changed repeatedly during the download.
            FileNotServable: the middleware cannot send a file, because of characters in its name.
            FileNotWritten: the folder or a file could not be written.
        """
        files = ProviderTicketFiles(
            self.server,
            self.api.provider,
            validation.read_ticket_id(ticket),
            validation.read_choice(FileArea, area, "area"),
        )
        return download_files(
            files,
            Path(outdir),
            retries=self.retries,
            parallel=parallel,
            resume=resume,
            progress=progress,
        )

    def dssp_upload_files(
        self,
        ticket: SupportsIndex | str,
        paths: Iterable[str | PathLike[str]] | str | PathLike[str],
        *,
        verify: Verify = "names",
        progress: Progress = True,
    ) -> None:
        """Upload result files to a claimed ticket, each under its own name.

        The data is read from disk while it is sent. A file of the same name in the ticket is
        replaced.

        Args:
            ticket: the ticket's id.
            paths: the files, or a single file.
            verify: how to check the upload. `"names"` lists the ticket's files afterwards,
                `"content"` also downloads the uploaded files again and compares them, `None` checks
                nothing.
            progress: see `dssp_download_ticket`. With `verify="content"`, the bytes of the second
                download are counted too.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket.
            FileNotFoundError, IsADirectoryError: a path is not a file; nothing was sent.
            ValueError: a file has a name under which it could not be downloaded; nothing was sent.
            UploadChanged: a file changed, or could not be read, during the upload. The middleware
                does not have it.
            UploadNotKept: the middleware does not have the files as they were sent.
        """
        number = validation.read_ticket_id(ticket)
        upload.upload_files(
            ProviderTicketFiles(self.server, self.api.provider, number, FileArea.RESULTS),
            validation.read_file_paths(paths),
            retries=self.retries,
            verify=verify,
            progress=progress,
        )

    def dssp_upload_ticket(
        self,
        ticket: SupportsIndex | str,
        workspace: Workspace | WorkspaceHolder | str | PathLike[str],
        wsfile_suffix: str = "_results",
        *,
        anonymize: Anonymize = "names",
        meshes: bool = True,
        verify: Verify = "names",
        progress: Progress = True,
    ) -> Manifest:
        """Upload a workspace with all its images as the results of a claimed ticket.

        The workspace is exported first, so that file names, paths and other private information are
        removed; see `Workspace.export`. The exported files are in a temporary folder that only this
        user can read. They are deleted at the end. The images are sent before the workspace, so
        that a user who finds the workspace finds its images too.

        If not all files could be sent, repeat the call. It downloads the files that the ticket has,
        and sends only missing and different files. Files that an earlier call sent for another
        workspace are not deleted.

        Like `itksnap-wt -dssp-tickets-upload ID`.

        Args:
            ticket: the ticket's id.
            workspace: the workspace, or the path of its file.
            wsfile_suffix: the text before the extension in the name of the workspace file. With the
                default, the name for ticket 12 is `ticket_00000012_results.itksnap`.
            anonymize: `"names"` keeps nicknames, label names, annotations and tags; `"strict"`
                keeps only the tags.
            meshes: whether to send meshes too.
            verify: see `dssp_upload_files`.
            progress: see `dssp_upload_files`.

        Returns:
            The files that were sent, their sources, and what was removed from them. The paths are
            in the temporary folder, which no longer exists.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket; nothing was exported or sent.
            WorkspaceMissing, WorkspaceUnreadable: the path is not a workspace; nothing was sent.
            ImageMissing, ImageUnreadable, MeshUnreadable, SizesDiffer: a file cannot be exported;
                nothing was sent.
            ValueError: the workspace file has a name under which it could not be downloaded;
                nothing was sent.
            ResultsIncomplete: not all files could be sent. The error lists the files that the
                ticket has.
        """
        from dss_client.tickets import temporary_export  # noqa: PLC0415

        number = validation.read_ticket_id(ticket)
        name = filenames.format_workspace_name(number, wsfile_suffix)
        upload.check_arguments((), verify, progress)
        source = temporary_export.open_workspace(workspace)
        files = ProviderTicketFiles(self.server, self.api.provider, number, FileArea.RESULTS)
        # Raises if the ticket is not claimed, before an export that may take minutes.
        files.list()
        with temporary_export.export_temporarily(source, anonymize, meshes) as exported:
            manifest = temporary_export.rename_workspace(exported, name)
            submit.upload_results(
                TicketSync(
                    files=files,
                    paths=manifest.paths,
                    verify=verify,
                    progress=progress,
                    retries=self.retries,
                )
            )
        return manifest

    def dssp_set_progress(
        self,
        ticket: SupportsIndex | str,
        progress: float,
        chunk_start: float = 0.0,
        chunk_end: float = 1.0,
    ) -> None:
        """Set the progress of a claimed ticket, for all the work or for a chunk of the work.

        The user sees the sum over all chunks. Always use the same chunks for the same ticket. A
        call without a chunk sets the chunk from 0 to 1, so do not mix both kinds of calls. A
        progress of 0 removes the chunks inside the given chunk.

        Like `itksnap-wt -dssp-tickets-set-progress ID START END VALUE`.

        Args:
            ticket: the ticket's id.
            progress: the completed share of the chunk, in [0, 1].
            chunk_start: the start of the chunk within all the work, in [0, 1].
            chunk_end: the end of the chunk, in [0, 1], after its start.

        Raises:
            ValueError: a number is outside [0, 1], or the chunk is empty; nothing was sent.
            ChunkClash: another chunk of the ticket has the same start.
            TicketNotClaimed: the user has not claimed the ticket.
        """
        number = validation.read_ticket_id(ticket)
        done, start, end = validation.read_chunk(progress, chunk_start, chunk_end)
        self.api.provider.set_progress(
            ticket_id=number, progress=done, chunk_start=start, chunk_end=end
        )

    def dssp_log(self, ticket: SupportsIndex | str, category: str, message: str) -> None:
        """Add a message to the log of a claimed ticket. The user who submitted the ticket reads it.

        The message is linked to the files that were attached since the previous message.

        Like `itksnap-wt -dssp-tickets-log ID CATEGORY MESSAGE`.

        Args:
            ticket: the ticket's id.
            category: `info`, `warning` or `error`.
            message: the text, which can have several lines.

        Raises:
            ValueError: the category does not exist; nothing was sent.
            TicketNotClaimed: the user has not claimed the ticket.
            OutcomeUnknown: the response was lost, so the message may be in the log.
        """
        self.api.provider.log_message(
            ticket_id=validation.read_ticket_id(ticket),
            category=validation.read_choice(LogCategory, category, "category"),
            message=validation.make_sendable(message),
        )

    def dssp_attach(
        self,
        ticket: SupportsIndex | str,
        desc: str,
        filename: str | PathLike[str],
        mime_type: str = "",
    ) -> None:
        """Attach a file to the next log message of a claimed ticket.

        The user sees the file only after the next call of `dssp_log`.

        Like `itksnap-wt -dssp-tickets-attach ID DESC FILE MIMETYPE`.

        Args:
            ticket: the ticket's id.
            desc: the description that the user sees beside the file.
            filename: the path of the file.
            mime_type: the file's MIME type, such as `image/png`. If it is empty, it is guessed from
                the file's name.

        Raises:
            FileNotFoundError, IsADirectoryError: the path is not a file; nothing was sent.
            UploadChanged: the file changed, or could not be read, during the upload.
            TicketNotClaimed: the user has not claimed the ticket.
            OutcomeUnknown: the response was lost, so the file may be attached.
        """
        number = validation.read_ticket_id(ticket)
        with upload.open_upload(filenames.require_file(Path(filename))) as attachment:
            self.api.provider.attach_file(
                ticket_id=number,
                desc=validation.make_sendable(desc),
                mime_type=mime_type or None,
                file=attachment,
            )

    def dssp_attach_snapshot(
        self,
        ticket: SupportsIndex | str,
        workspace: Workspace | WorkspaceHolder | str | PathLike[str],
        *,
        segmentation: Layer | None = None,
        desc: str = "Snapshot of the result",
        message: str | None = "A picture of the result is attached",
    ) -> Png:
        """Attach a picture of a workspace, which the ticket's user sees in ITK-SNAP.

        The picture shows the main image and a segmentation in the colours of the workspace's
        labels; see `dss_client.snapshot`. If the picture cannot be drawn, nothing is sent.

        Args:
            ticket: the id of a claimed ticket.
            workspace: the workspace, or the path of its file.
            segmentation: the segmentation to draw. `None` draws the last segmentation, if there is
                any.
            desc: the description that the user sees beside the picture.
            message: the log message beside the picture, with the category `info`. If it is `None`,
                the user sees the picture only after the next call of `dssp_log`.

        Returns:
            The picture, which a notebook displays.

        Raises:
            WorkspaceMissing, WorkspaceUnreadable: the path is not a workspace.
            NoMainImage, ImageMissing, ImageUnreadable: the workspace does not have a main image, or
                an image could not be read.
            KeyMissing, KeyUnreadable, LabelsUnreadable: the workspace's labels could not be read.
            NotDrawable: the image cannot be drawn.
            ImagesNotInstalled: SimpleITK or Pillow is not installed.
            TicketNotClaimed: the user has not claimed the ticket.
            OutcomeUnknown: the response was lost, so the picture may be attached.
        """
        from dss_client.snapshots import snapshot  # noqa: PLC0415
        from dss_client.tickets import temporary_export  # noqa: PLC0415

        number = validation.read_ticket_id(ticket)
        description = validation.make_sendable(desc)
        log_message = None if message is None else validation.make_sendable(message)
        picture = snapshot(temporary_export.open_workspace(workspace), segmentation)
        file = Upload("snapshot.png", io.BytesIO(picture), len(picture))
        self.api.provider.attach_file(
            ticket_id=number, desc=description, mime_type="image/png", file=file
        )
        if log_message is not None:
            self.dssp_log(number, LogCategory.INFO, log_message)
        return picture

    def dssp_set_status(self, ticket: SupportsIndex | str, status: str) -> None:
        """Finish a claimed ticket.

        The status of a finished ticket can be changed; the last status counts. If the response is
        lost, the client reads the ticket's status. If the change had no effect, the client sends
        the change once more.

        Like `itksnap-wt -dssp-tickets-success ID` and `-dssp-tickets-fail ID`.

        Args:
            ticket: the ticket's id.
            status: `success` or `failed`.

        Raises:
            ValueError: the status is neither `success` nor `failed`; nothing was sent.
            TicketNotClaimed: the user has not claimed the ticket.
            OutcomeUnknown: the response was lost, and the ticket's status does not show whether the
                change had an effect.
        """
        number = validation.read_ticket_id(ticket)
        wanted = validation.read_final_status(status)
        change_status(
            lambda: self.api.provider.set_claimed_ticket_status(ticket_id=number, status=wanted),
            lambda: self.dssp_ticket_status(number),
            old_statuses=(TicketStatus.CLAIMED,),
            new_statuses=(wanted,),
            refuses_repeat=False,
            retries=self.retries,
        )

    def dssp_ticket_status(self, ticket: SupportsIndex | str) -> TicketStatus:
        """Return the status of a ticket of a service that the user provides, claimed or not.

        Like `itksnap-wt -dssp-tickets-status ID`.

        Args:
            ticket: the ticket's id.

        Returns:
            The status, which is equal to its text, such as `"claimed"`.

        Raises:
            TicketNotFound: no service of the user has this ticket.
        """
        return self.api.provider.get_claimed_ticket_status(
            ticket_id=validation.read_ticket_id(ticket)
        )

    def dssp_ticket_progress(self, ticket: SupportsIndex | str) -> float:
        """Return the progress of a claimed ticket, as the user who submitted it sees it.

        Args:
            ticket: the ticket's id.

        Returns:
            The sum of the progress of all chunks (see `dssp_set_progress`): from 0 to 1, or more if
            chunks overlap.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket.
        """
        return self.api.provider.get_claimed_ticket_progress(
            ticket_id=validation.read_ticket_id(ticket)
        )

    def dssp_find_claimed(self, tickets: Iterable[SupportsIndex | str]) -> pd.DataFrame:
        """Return which of the given tickets the signed-in user has claimed.

        Use this method after a claim without a response (`OutcomeUnknown`). Ask for the ids around
        the newest known id, also for older ones, because a ticket that its user retried keeps its
        old id. Then choose the ticket with the status `claimed` that no running program processes.

        The table also contains tickets that another instance with the same account is processing.
        It also contains tickets that this account set to `failed`, that their user retried, and
        that another account has claimed since. The log that the ticket's user reads shows the last
        claim.

        Args:
            tickets: the ids to look at, such as `range(max(1, last - 50), last + 200)`. Each id
                needs at most two requests.

        Returns:
            A table of the tickets that the user has claimed at any time and that still exist, in
            the given order.

            * `ticket` (integer): the ticket's id.
            * `status` (text): its status.
        """
        claimed: list[tuple[int, TicketStatus]] = []
        for number in validation.read_ticket_ids(tickets):
            try:
                status = self.dssp_ticket_status(number)
                self.dssp_list_ticket_files(number)  # raises if the ticket is not claimed
            except (TicketNotFound, TicketNotClaimed, TicketDeleted):
                continue
            claimed.append((number, status))
        return tables.make_claimed_ticket_table(claimed)
