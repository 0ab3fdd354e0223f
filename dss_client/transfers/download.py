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
from dss_client.transfers.ticket_files import FileSource, fetch, with_list
from dss_client.transport.retries import Retries
from dss_wire.cancellation import Canceller

if TYPE_CHECKING:
    from dss_api import Download, TicketFile
    from dss_client.transfers.resume import Finished


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
        targets = filenames.targets(files.ticket, [file.filename for file in listed], folder)
        with writing(f"The folder {folder} for ticket {files.ticket} cannot be made"):
            folder.mkdir(parents=True, exist_ok=True)
        finished = _left_by_earlier_runs(folder, files) if keep else None
        arrivals = [_Arrival(file, path) for file, path in zip(listed, targets, strict=True)]
        try:
            _Run(files, retries, finished).fetch_all(arrivals, at_once, tell)
        except (FilesChanged, FileNotFound):
            if finished:
                finished.forget()  # some may be of the time before
                finished.save()
            raise
        except DssError as error:
            whole = sum(arrival.whole for arrival in arrivals)
            kept = ", which a call with resume=True keeps" if whole and finished else ""
            there = f"Whole in {folder}: {whole} of its {len(listed)} files{kept}."
            add_context(error, after=there)
            raise
        return targets

    with telling(f"Ticket {files.ticket}", progress) as tell:
        return with_list(files, fetch_all)


def _left_by_earlier_runs(folder: Path, files: FileSource) -> Finished:
    """What they finished; what they did not is removed."""
    # It takes its time to import, and not everybody resumes.
    from dss_client.transfers.resume import Finished  # noqa: PLC0415

    remove_parts(folder)
    return Finished(folder, files)


class _Arrival:
    """A file on its way.

    Attributes:
        moved: how many of its bytes are here.
        size: how many there are, once that is known.
        whole: whether it is here as a whole, under its name.
    """

    def __init__(self, file: TicketFile, target: Path) -> None:
        self.file = file
        self.target = target
        self.moved = 0
        self.size: int | None = None
        self.whole = False

    def end(self, size: int) -> None:
        """All of it is here, so many bytes."""
        self.moved = self.size = size
        self.whole = True


class _Run:
    """Fetching all files of one list."""

    def __init__(self, files: FileSource, retries: Retries, finished: Finished | None) -> None:
        self._files = files
        self._retries = retries
        self._finished = finished
        self._canceller = Canceller()
        self._failures: list[BaseException] = []

    def fetch_all(self, arrivals: list[_Arrival], at_once: int, tell: Tell) -> None:
        """Fetch files, several at a time; the first failure stops them all."""
        try:
            with ThreadPoolExecutor(at_once, thread_name_prefix="dss-download") as pool:
                try:
                    self._watch({pool.submit(self._fetch, a) for a in arrivals}, arrivals, tell)
                except BaseException:
                    self._canceller.cancel()
                    pool.shutdown(wait=False, cancel_futures=True)  # `with` waits
                    raise
        except BaseException:
            with suppress(FileNotWritten):  # what led here says more
                self._save()
            raise
        self._save()

    def _watch(self, left: set[Future[None]], arrivals: list[_Arrival], tell: Tell) -> None:
        """Wait until all is done, and tell how far it is; raises the first failure."""
        while left:
            _, left = wait(left, PACE, FIRST_EXCEPTION)
            if self._failures:
                raise self._failures[0]  # what others met followed from it
            self._save()
            _tell(arrivals, tell)

    def _save(self) -> None:
        if self._finished:
            self._finished.save()

    def _fetch(self, arrival: _Arrival) -> None:
        self._canceller.sleep(0)
        kept = self._finished.size(arrival.target) if self._finished else None
        if kept is not None and not self._files.says_length:
            arrival.end(kept)
            return
        try:
            with self._canceller.applied():
                take = partial(self._take, arrival, kept)
                fetch(self._files, arrival.file, take, self._retries)
        except BaseException as failure:
            self._failures.append(failure)
            self._canceller.cancel()  # not only when it is heard of, for this thread goes on
            raise

    def _take(self, arrival: _Arrival, kept: int | None, download: Download) -> None:
        """Take a file in, unless that of an earlier run, of `kept` bytes, will do."""
        if kept is not None and download.size in {kept, None}:
            arrival.end(kept)
            return
        arrival.moved, arrival.size = 0, download.size
        with whole_file(arrival.target) as write:
            for chunk in download:
                self._canceller.sleep(0)
                write(chunk)
                arrival.moved += len(chunk)
        arrival.end(arrival.moved)
        if self._finished:
            self._finished.add(arrival.target)


def _tell(arrivals: list[_Arrival], tell: Tell) -> None:
    sizes = [arrival.size for arrival in arrivals]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    tell(sum(arrival.moved for arrival in arrivals), total)
