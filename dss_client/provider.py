"""What providers do: the methods whose names begin with `dssp_`."""

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
    """Claiming tickets and processing them."""

    def dssp_list_services(self) -> pd.DataFrame:
        """The services that the signed-in user provides.

        Like `itksnap-wt -dssp-services-list`.

        Returns:
            Columns `service, version, hash, provider`, all text; empty for who is no provider.
        """
        return tables.make_provided_service_table(self.api.provider.list_provided_services())

    def dssp_available_services(self, services: Iterable[str] | str) -> pd.DataFrame | None:
        """Which of several services have tickets to claim; claims nothing.

        Args:
            services: the hashes of the services.

        Returns:
            Columns `service` (the hash), `service_name`, `ready_tickets` (how many), the service
            with the oldest ticket first; `None` if there is nothing to claim.

        Raises:
            OperationNotSupported: the middleware is older than 0.2.0.
            NotAProvider: the user does not provide one of the services.
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
            services: the hashes of the services.
            provider: the provider in whose name the ticket is claimed; the middleware writes it to
                the ticket's log and does not check it.
            provider_code: which of the provider's instances this is; appears in the ticket's log.

        Returns:
            One row, columns `ticket` (the id), `service` (the hash), `status`; `None` if there is
            nothing to claim.

        Raises:
            NotAProvider: the user does not provide one of the services.
            OutcomeUnknown: no answer came, so that a ticket may be claimed of which nobody knows;
                look for it with `dssp_find_claimed`.
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
        """Claim the next ticket of one or more services, waiting for it if need be.

        Claims only when there is something to claim. A middleware that cannot be reached for a
        while does not end the wait, unless it cannot be reached at first. Shows a progress bar of
        the time waited, on a terminal or in a notebook. Like
        `itksnap-wt -dssp-services-claim HASHES PROVIDER INSTANCE TIMEOUT`.

        Args:
            services: the hashes of the services.
            provider: the provider in whose name the ticket is claimed.
            provider_code: which of the provider's instances this is; appears in the ticket's log.
            timeout: how long to wait, in seconds; 0 asks just once, `None` waits for as long as it
                takes. A question that is not answered is given up 5 seconds later.
            interval: how long to wait between asking, in seconds.

        Returns:
            As `dssp_claim_ticket`; `None` if there was nothing to claim all that time.

        Raises:
            NotAProvider: the user does not provide one of the services.
            OutcomeUnknown: as of `dssp_claim_ticket`.
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
        """Whether there may be something to claim; asking this, unlike a claim, is harmless."""
        try:
            return bool(self.api.provider.list_available_services(services=services))
        except OperationNotSupported:
            return True

    def dssp_list_ticket_files(
        self, ticket: SupportsIndex | str, area: FileArea | str = FileArea.INPUT
    ) -> pd.DataFrame:
        """The files of a claimed ticket.

        Args:
            ticket: the ticket's id.
            area: `input` for what the user sent, `results` for what was given back.

        Returns:
            Columns `index` (the place in the list, from 0) and `filename`.

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

        Files stream to disk, several at a time, and appear under their names only when they are
        whole; one whose connection breaks is begun again. The first that fails stops the others.
        Like `itksnap-wt -dssp-tickets-download ID DIR`.

        Args:
            ticket: the ticket's id.
            outdir: the folder for the files; made if it is not there.
            area: `input` for what the user sent, `results` for what was given back.
            parallel: how many files are downloaded at a time. The middleware answers ten requests
                at a time, of all its users.
            resume: whether to go on where an earlier call with `resume=True` was interrupted. The
                folder, which must be the ticket's own, then remembers in `.itksnap-dss.json` which
                files came whole; of those that nothing wrote to since, none is downloaded again.
                What a process that was killed left half-written there is removed.
            progress: `True` for a bar in bytes on a terminal or in a notebook, `False` for none; or
                what is called, in this thread and at most ten times a second, with how many bytes
                have arrived and how many there are in all, which is `None` until it is known. An
                error that it raises ends the download.

        Returns:
            The paths of the files, in the order of `dssp_list_ticket_files`.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket.
            UnsafeFileName: files have names that must not be used; nothing was downloaded.
            FilesChanged, FileNotFound: the ticket's files changed again and again meanwhile.
            FileNotServable: the middleware cannot send a file, for what is in its name.
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

        Files stream from disk. A file of the same name that is already there is replaced.

        Args:
            ticket: the ticket's id.
            paths: the files, or a single one.
            verify: `"names"` to see afterwards that the middleware lists the files, `"content"` to
                download them again too and compare, `None` for neither.
            progress: as for `dssp_download_ticket`; with `verify="content"`, what is downloaded
                again counts too.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket.
            FileNotFoundError, IsADirectoryError: a path is no file; nothing was sent.
            ValueError: a file could not be downloaded again under its name; nothing was sent.
            UploadChanged: a file changed, or could not be read, while it was sent; the middleware
                has not taken it.
            UploadNotKept: the middleware does not have what was sent.
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
        """Give a workspace back as the results of a claimed ticket.

        The workspace is exported, so that what is sent has neutral names and nothing private in it,
        see `Workspace.export`. The files lie in a temporary folder that only this user can read,
        and are gone afterwards. The images go first, so that a user who finds the workspace finds
        them too. If not everything could be sent, the same call, repeated, sends what is missing:
        files that are there are read back, and sent again only if they are not the same. Files that
        an earlier call sent of another workspace stay. Like
        `itksnap-wt -dssp-tickets-upload ID`.

        Args:
            ticket: the ticket's id.
            workspace: the workspace, or the path of its file.
            wsfile_suffix: what the name of the workspace file ends with, as `ticket_00000012` and
                this, before `.itksnap`.
            anonymize: how much is taken out, as for `Workspace.export`.
            meshes: whether meshes are sent too.
            verify: as for `dssp_upload_files`.
            progress: as for `dssp_upload_files`; tells of what is sent.

        Returns:
            What was sent, from which files, and what was taken out of it. The paths are those in
            the temporary folder, where nothing is any more.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket; nothing was exported or sent.
            WorkspaceMissing, WorkspaceUnreadable: there is no workspace at the path; nothing was
                sent.
            ImageMissing, ImageUnreadable, MeshUnreadable, SizesDiffer: a file cannot be exported;
                nothing was sent.
            ValueError: the workspace file could not be downloaded again under its name; nothing was
                sent.
            ResultsIncomplete: not everything could be sent. It says which files are there.
        """
        from dss_client.tickets import temporary_export  # noqa: PLC0415

        number = validation.read_ticket_id(ticket)
        name = filenames.format_workspace_name(number, wsfile_suffix)
        upload.check_arguments((), verify, progress)
        given = temporary_export.open_workspace(workspace)
        files = ProviderTicketFiles(self.server, self.api.provider, number, FileArea.RESULTS)
        files.list()  # which only whoever claimed it may; the export may take minutes
        with temporary_export.export_temporarily(given, anonymize, meshes) as exported:
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
        """Report progress, of the whole work or of a chunk of it.

        The user sees the sum over all chunks. Use the same chunks throughout a ticket; without a
        chunk it is the whole from 0 to 1, which is a chunk too, so do not mix the two. Progress 0
        forgets the chunks within. Like `itksnap-wt -dssp-tickets-set-progress ID START END VALUE`.

        Args:
            ticket: the ticket's id.
            progress: how much of the chunk is done, in [0, 1].
            chunk_start: where in the whole work the chunk begins, in [0, 1].
            chunk_end: where it ends, in [0, 1], after its start.

        Raises:
            ValueError: a number is outside [0, 1], or the chunk is empty; nothing was sent.
            ChunkClash: another chunk begins at the same place.
            TicketNotClaimed: the user has not claimed the ticket.
        """
        number = validation.read_ticket_id(ticket)
        done, start, end = validation.read_chunk(progress, chunk_start, chunk_end)
        self.api.provider.set_progress(
            ticket_id=number, progress=done, chunk_start=start, chunk_end=end
        )

    def dssp_log(self, ticket: SupportsIndex | str, category: str, message: str) -> None:
        """Add a message to the log of a claimed ticket, which its user reads.

        Files attached since the last message are linked to this one. Like
        `itksnap-wt -dssp-tickets-log ID CATEGORY MESSAGE`.

        Args:
            ticket: the ticket's id.
            category: `info`, `warning` or `error`.
            message: the text; may hold newlines.

        Raises:
            ValueError: there is no such category; nothing was sent.
            TicketNotClaimed: the user has not claimed the ticket.
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

        Like `itksnap-wt -dssp-tickets-attach ID DESC FILE MIMETYPE`.

        Args:
            ticket: the ticket's id.
            desc: what the file is; shown beside it.
            filename: the file.
            mime_type: its MIME type; guessed from its name if left out.

        Raises:
            FileNotFoundError, IsADirectoryError: there is no such file; nothing was sent.
            UploadChanged: the file changed, or could not be read, while it was sent.
            TicketNotClaimed: the user has not claimed the ticket.
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
        """Attach a picture of a workspace, which the user of a claimed ticket sees in ITK-SNAP.

        It shows the main image and, in the workspace's labels, a segmentation; see
        `dss_client.snapshot`. Nothing is sent unless it could be drawn.

        Args:
            ticket: the ticket's id.
            workspace: the workspace, or its file.
            segmentation: which is shown; `None` is the last one, if there is any.
            desc: what the picture is; shown beside it.
            message: is logged with it, as information; `None` leaves the picture to the next
                message that is logged, and the user does not see it before.

        Returns:
            The picture.

        Raises:
            WorkspaceMissing, WorkspaceUnreadable: there is no workspace at the path.
            NoMainImage, ImageMissing, ImageUnreadable: it has no main image, or an image of it
                could not be read.
            KeyMissing, KeyUnreadable, LabelsUnreadable: its labels could not be read.
            NotDrawable: there is no picture of such an image.
            ImagesNotInstalled: SimpleITK or Pillow is not installed.
            TicketNotClaimed: the user has not claimed the ticket.
        """
        from dss_client.snapshots import snapshot  # noqa: PLC0415
        from dss_client.tickets import temporary_export  # noqa: PLC0415

        number = validation.read_ticket_id(ticket)
        shown = validation.make_sendable(desc)
        said = None if message is None else validation.make_sendable(message)
        picture = snapshot(temporary_export.open_workspace(workspace), segmentation)
        file = Upload("snapshot.png", io.BytesIO(picture), len(picture))
        self.api.provider.attach_file(
            ticket_id=number, desc=shown, mime_type="image/png", file=file
        )
        if said is not None:
            self.dssp_log(number, LogCategory.INFO, said)
        return picture

    def dssp_set_status(self, ticket: SupportsIndex | str, status: str) -> None:
        """Finish a claimed ticket.

        A ticket that is finished can be set again; the last status counts. If the answer is lost,
        the ticket's status says whether it took effect; if not, it is set once more. Like
        `itksnap-wt -dssp-tickets-success ID` and `-dssp-tickets-fail ID`.

        Args:
            ticket: the ticket's id.
            status: `success` or `failed`.

        Raises:
            ValueError: it is another status; nothing was sent.
            TicketNotClaimed: the user has not claimed the ticket.
            OutcomeUnknown: the answer was lost, and the ticket's status does not tell.
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
        """The status of a ticket of a service that the user provides, claimed or not.

        Like `itksnap-wt -dssp-tickets-status ID`.

        Returns:
            The status, which compares equal to its text.

        Raises:
            TicketNotFound: no service of the user has this ticket.
        """
        return self.api.provider.get_claimed_ticket_status(
            ticket_id=validation.read_ticket_id(ticket)
        )

    def dssp_ticket_progress(self, ticket: SupportsIndex | str) -> float:
        """The progress of a claimed ticket, as its user sees it.

        Returns:
            The sum over all chunks; above 1 where chunks overlap.

        Raises:
            TicketNotClaimed: the user has not claimed the ticket.
        """
        return self.api.provider.get_claimed_ticket_progress(
            ticket_id=validation.read_ticket_id(ticket)
        )

    def dssp_find_claimed(self, tickets: Iterable[SupportsIndex | str]) -> pd.DataFrame:
        """Which of several tickets the signed-in user has claimed.

        This is how a ticket is found whose claim's answer was lost: ask for the ids around the last
        one that is known, for one that its user has retried has an old id, and look for those that
        are `claimed` and that nobody is at work on. Two kinds of others are found too: those at
        which another instance with the same account is at work, and those that this account failed,
        their user retried, and another account has claimed since. The log that a ticket's user
        reads says who claimed it last.

        Args:
            tickets: the ids to look at, such as `range(last - 50, last + 200)`, where they begin
                with 1; each is two requests at most.

        Returns:
            Columns `ticket` and `status`, in the order given: those that the user once claimed and
            that were not deleted since.
        """
        claimed: list[tuple[int, TicketStatus]] = []
        for number in validation.read_ticket_ids(tickets):
            try:
                status = self.dssp_ticket_status(number)
                self.dssp_list_ticket_files(number)  # which only whoever claimed it may
            except (TicketNotFound, TicketNotClaimed, TicketDeleted):
                continue
            claimed.append((number, status))
        return tables.make_claimed_ticket_table(claimed)
