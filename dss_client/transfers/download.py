"""Downloading the files of a ticket, several at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dss_api import DssError, FileNotFound
from dss_client import validation
from dss_client.atomic_write import remove_parts, whole_file, writing
from dss_client.errors import FileNotWritten, FilesChanged, add_context
from dss_client.progress import PACE, Progress, Tell, telling
from dss_client.transfers import filenames
from dss_client.transfers.ticket_files import FileSource, fetch_file, process_file_list
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
    """Download all files; the paths, in the order of the middleware's list.

    A file appears under its name only when it is whole.

    Args:
        retries: how often a file whose connection broke is begun again.
        parallel: how many files are fetched at a time, by threads that have ended on return.
        resume: whether the folder remembers which files came whole, and those stay that did so in
            an earlier run and have the length that the middleware says, where it says one. The
            folder must be the ticket's own: what killed runs left in it is removed.
        progress: what is told, in this thread, how far it is.

    Raises:
        ValueError, TypeError: an argument cannot be right.
        UnsafeFileName: files have names that must not be used; nothing was downloaded.
        FilesChanged: the ticket's files changed again and again meanwhile.
        FileNotWritten: the folder or a file could not be written.
        DssError: the middleware refused, or the connection broke.
    """
    at_once = validation.at_once(parallel)
    keep = validation.flag(resume, "resume")

    def fetch_all(listed: Sequence[TicketFile]) -> list[Path]:
        targets = filenames.get_download_paths(
            files.ticket, [file.filename for file in listed], folder
        )
        with writing(f"The folder {folder} for ticket {files.ticket} cannot be made"):
            folder.mkdir(parents=True, exist_ok=True)
        finished = _load_record(folder, files) if keep else None
        arrivals = [_FileDownload(file, path) for file, path in zip(listed, targets, strict=True)]
        try:
            _ParallelDownload(files, retries, finished).fetch_all(arrivals, at_once, tell)
        except (FilesChanged, FileNotFound):
            if finished:
                finished.clear()  # some may be of the time before
                finished.save()
            raise
        except DssError as error:
            whole = sum(arrival.is_complete for arrival in arrivals)
            kept = ", which a call with resume=True keeps" if whole and finished else ""
            there = f"Whole in {folder}: {whole} of its {len(listed)} files{kept}."
            add_context(error, after=there)
            raise
        return targets

    with telling(f"Ticket {files.ticket}", progress) as tell:
        return process_file_list(files, fetch_all)


def _load_record(folder: Path, files: FileSource) -> ResumeRecord:
    """What they finished; what they did not is removed."""
    # It takes its time to import, and not everybody resumes.
    from dss_client.transfers.resume import ResumeRecord  # noqa: PLC0415

    remove_parts(folder)
    return ResumeRecord(folder, files)


class _FileDownload:
    """A file on its way.

    Attributes:
        moved: how many of its bytes are here.
        size: how many there are, once that is known.
        whole: whether it is here as a whole, under its name.
    """

    def __init__(self, file: TicketFile, target: Path) -> None:
        self.file = file
        self.target = target
        self.received = 0
        self.size: int | None = None
        self.is_complete = False

    def mark_complete(self, size: int) -> None:
        """All of it is here, so many bytes."""
        self.received = self.size = size
        self.is_complete = True


class _ParallelDownload:
    """Fetching all files of one list."""

    def __init__(self, files: FileSource, retries: Retries, record: ResumeRecord | None) -> None:
        self._files = files
        self._retries = retries
        self._record = record
        self._canceller = Canceller()
        self._failures: list[BaseException] = []

    def fetch_all(self, downloads: list[_FileDownload], parallel: int, report: Tell) -> None:
        """Fetch files, several at a time; the first failure stops them all."""
        try:
            with ThreadPoolExecutor(parallel, thread_name_prefix="dss-download") as pool:
                try:
                    self._wait_for_all(
                        {pool.submit(self._download_file, a) for a in downloads}, downloads, report
                    )
                except BaseException:
                    self._canceller.cancel()
                    pool.shutdown(wait=False, cancel_futures=True)  # `with` waits
                    raise
        except BaseException:
            with suppress(FileNotWritten):  # what led here says more
                self._save_record()
            raise
        self._save_record()

    def _wait_for_all(
        self, pending: set[Future[None]], downloads: list[_FileDownload], report: Tell
    ) -> None:
        """Wait until all is done, and tell how far it is; raises the first failure."""
        while pending:
            _, pending = wait(pending, PACE, FIRST_EXCEPTION)
            if self._failures:
                raise self._failures[0]  # what others met followed from it
            self._save_record()
            _report_progress(downloads, report)

    def _save_record(self) -> None:
        if self._record:
            self._record.save()

    def _download_file(self, download: _FileDownload) -> None:
        self._canceller.sleep(0)
        kept = self._record.get_size(download.target) if self._record else None
        if kept is not None and not self._files.has_content_length:
            download.mark_complete(kept)
            return
        try:
            with self._canceller.applied():
                take = partial(self._receive_file, download, kept)
                fetch_file(self._files, download.file, take, self._retries)
        except BaseException as failure:
            self._failures.append(failure)
            self._canceller.cancel()  # not only when it is heard of, for this thread goes on
            raise

    def _receive_file(
        self, download: _FileDownload, existing_size: int | None, response: Download
    ) -> None:
        """Take a file in, unless that of an earlier run, of `kept` bytes, will do."""
        if existing_size is not None and response.size in {existing_size, None}:
            download.mark_complete(existing_size)
            return
        download.received, download.size = 0, response.size
        with whole_file(download.target) as write:
            for chunk in response:
                self._canceller.sleep(0)
                write(chunk)
                download.received += len(chunk)
        download.mark_complete(download.received)
        if self._record:
            self._record.add_file(download.target)


def _report_progress(downloads: list[_FileDownload], report: Tell) -> None:
    sizes = [arrival.size for arrival in downloads]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    report(sum(arrival.received for arrival in downloads), total)
