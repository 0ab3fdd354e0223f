"""The download of a ticket's files, several at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dss_api import DssError, FileNotFound
from dss_client import validation
from dss_client.atomic_write import open_atomically, remove_part_files, translate_os_errors
from dss_client.errors import FileNotWritten, FilesChanged, add_context
from dss_client.progress import UPDATE_INTERVAL, Progress, ProgressCallback, report_bytes
from dss_client.transfers import filenames
from dss_client.transfers.ticket_files import FileSource, download_file, process_file_list
from dss_client.transport.retries import Retries
from dss_wire.cancellation import Canceller

if TYPE_CHECKING:
    from dss_api import Download, TicketFile
    from dss_client.transfers.resume import ResumeRecord


def download_files(
    files: FileSource,
    folder: Path,
    *,
    retries: Retries,
    parallel: int = 4,
    resume: bool = False,
    progress: Progress = True,
) -> list[Path]:
    """Download all files and return their paths, in the order of the middleware's list.

    A file appears under its name only when it is complete.

    Args:
        retries: how often a file is requested again if the connection breaks.
        parallel: how many files are downloaded at a time. The threads end before the function
            returns.
        resume: whether to keep a record of complete files in the folder. Files that an earlier
            call completed are kept if they have the size that the middleware states, or if the
            middleware states no size. The folder must belong to this ticket only, because partial
            files in it are removed.
        progress: where the progress is reported, in this thread.

    Raises:
        ValueError, TypeError: an argument is not valid.
        UnsafeFileName: files have unsafe names; nothing was downloaded.
        FilesChanged: the ticket's files changed several times during the download.
        FileNotWritten: the folder or a file could not be written.
        DssError: the middleware refused, or the connection broke.
    """
    thread_count = validation.read_parallel(parallel)
    keeps_record = validation.read_flag(resume, "resume")

    def download_all(file_list: Sequence[TicketFile]) -> list[Path]:
        targets = filenames.get_download_paths(
            files.ticket, [file.filename for file in file_list], folder
        )
        with translate_os_errors(f"Cannot create the folder {folder} for ticket {files.ticket}"):
            folder.mkdir(parents=True, exist_ok=True)
        record = _load_record(folder, files) if keeps_record else None
        downloads = [
            _FileDownload(file, path) for file, path in zip(file_list, targets, strict=True)
        ]
        try:
            _ParallelDownload(files, retries, record).download_all(downloads, thread_count, report)
        except (FilesChanged, FileNotFound):
            if record:
                record.clear()  # some of the files may be from before the change
                record.save()
            raise
        except DssError as error:
            count = sum(download.is_complete for download in downloads)
            hint = " A call with resume=True keeps these files." if count and record else ""
            add_context(
                error, after=f"Complete in {folder}: {count} of {len(file_list)} files.{hint}"
            )
            raise
        return targets

    with report_bytes(f"Ticket {files.ticket}", progress) as report:
        return process_file_list(files, download_all)


def _load_record(folder: Path, files: FileSource) -> ResumeRecord:
    """Read the record of an earlier call, and remove the partial files of that call."""
    # Imported only when needed: most downloads do not resume.
    from dss_client.transfers.resume import ResumeRecord  # noqa: PLC0415

    remove_part_files(folder)
    return ResumeRecord(folder, files)


class _FileDownload:
    """The state of one file's download.

    Attributes:
        received: the bytes received so far.
        size: the size of the file in bytes; `None` until it is known.
        is_complete: whether the file is complete and has its final name.
    """

    def __init__(self, file: TicketFile, target: Path) -> None:
        self.file = file
        self.target = target
        self.received = 0
        self.size: int | None = None
        self.is_complete = False

    def mark_complete(self, size: int) -> None:
        """Note that the file is complete, with its size in bytes."""
        self.received = self.size = size
        self.is_complete = True


class _ParallelDownload:
    """The download of all files of one list, by several threads."""

    def __init__(self, files: FileSource, retries: Retries, record: ResumeRecord | None) -> None:
        self._files = files
        self._retries = retries
        self._record = record
        self._canceller = Canceller()
        self._failures: list[BaseException] = []

    def download_all(
        self, downloads: list[_FileDownload], parallel: int, report: ProgressCallback
    ) -> None:
        """Download files, several at a time; the first failure cancels all of them."""
        try:
            with ThreadPoolExecutor(parallel, thread_name_prefix="dss-download") as pool:
                try:
                    self._wait_for_all(
                        {pool.submit(self._download_file, download) for download in downloads},
                        downloads,
                        report,
                    )
                except BaseException:
                    self._canceller.cancel()
                    pool.shutdown(wait=False, cancel_futures=True)  # the end of `with` waits
                    raise
        except BaseException:
            with suppress(FileNotWritten):  # the first failure is reported
                self._save_record()
            raise
        self._save_record()

    def _wait_for_all(
        self, pending: set[Future[None]], downloads: list[_FileDownload], report: ProgressCallback
    ) -> None:
        """Wait for all downloads and report the progress; raise the first failure."""
        while pending:
            _, pending = wait(pending, UPDATE_INTERVAL, FIRST_EXCEPTION)
            if self._failures:
                raise self._failures[0]  # the later failures follow from it
            self._save_record()
            _report_progress(downloads, report)

    def _save_record(self) -> None:
        if self._record:
            self._record.save()

    def _download_file(self, download: _FileDownload) -> None:
        self._canceller.sleep(0)
        existing_size = self._record.get_size(download.target) if self._record else None
        if existing_size is not None and not self._files.has_content_length:
            download.mark_complete(existing_size)
            return
        try:
            with self._canceller.applied():
                receive = partial(self._receive_file, download, existing_size)
                download_file(self._files, download.file, receive, self._retries)
        except BaseException as failure:
            self._failures.append(failure)
            self._canceller.cancel()  # now, because this thread may start the next file first
            raise

    def _receive_file(
        self, download: _FileDownload, existing_size: int | None, response: Download
    ) -> None:
        """Write a file, unless an earlier call completed it with the same size."""
        if existing_size is not None and response.size in {existing_size, None}:
            download.mark_complete(existing_size)
            return
        download.received, download.size = 0, response.size
        with open_atomically(download.target) as write:
            for chunk in response:
                self._canceller.sleep(0)
                write(chunk)
                download.received += len(chunk)
        download.mark_complete(download.received)
        if self._record:
            self._record.add_file(download.target)


def _report_progress(downloads: list[_FileDownload], report: ProgressCallback) -> None:
    sizes = [download.size for download in downloads]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    report(sum(download.received for download in downloads), total)
