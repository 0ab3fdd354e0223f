"""Downloading the files of a ticket, several at a time."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dss_api.stopping import Stopper
from dss_client import arguments, names
from dss_client.errors import FileNotWritten
from dss_client.progress import TICK, Progress, Tell, telling
from dss_client.retries import Retries
from dss_client.ticket_files import FileSource, fetch, with_list

if TYPE_CHECKING:
    from dss_api import Download, TicketFile


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
        resume: whether files that are there already are taken for whole, if they have the length
            that the middleware says, where it says one.
        progress: what is told, in this thread, how far it is.

    Raises:
        ValueError, TypeError: an argument cannot be right.
        UnsafeFileName: files have names that must not be used; nothing was downloaded.
        FilesChanged: the ticket's files changed again and again meanwhile.
        FileNotWritten: the folder or a file could not be written.
        DssError: the middleware refused, or the connection broke.
    """
    at_once = arguments.at_once(parallel)

    def fetch_all(listed: Sequence[TicketFile]) -> list[Path]:
        targets = names.targets(files.ticket, [file.filename for file in listed], folder)
        _make(folder, files.ticket)
        run = _Run(files, retries, resume)
        arrivals = [_Arrival(file, path) for file, path in zip(listed, targets, strict=True)]
        run.fetch_all(arrivals, at_once, tell)
        return targets

    with telling(f"Ticket {files.ticket}", progress) as tell:
        return with_list(files, fetch_all)


class _Arrival:
    """A file on its way.

    Attributes:
        moved: how many of its bytes are here.
        size: how many there are, once that is known.
    """

    def __init__(self, file: TicketFile, target: Path) -> None:
        self.file = file
        self.target = target
        self.moved = 0
        self.size: int | None = None

    def is_there(self, size: int | None) -> bool:
        """Whether it came earlier, with this size if one is known; it is then counted as moved."""
        try:
            status = self.target.lstat()
        except OSError:
            return False
        if not stat.S_ISREG(status.st_mode) or size not in (None, status.st_size):
            return False
        self.moved = self.size = status.st_size
        return True


class _Run:
    """Fetching all files of one list."""

    def __init__(self, files: FileSource, retries: Retries, resume: bool) -> None:
        self._files = files
        self._retries = retries
        self._resume = resume
        self._stopper = Stopper()
        self._failures: list[BaseException] = []

    def fetch_all(self, arrivals: list[_Arrival], at_once: int, tell: Tell) -> None:
        """Fetch files, several at a time; the first failure stops them all."""
        with ThreadPoolExecutor(at_once, thread_name_prefix="dss-download") as pool:
            try:
                left = {pool.submit(self._fetch, arrival) for arrival in arrivals}
                while left:
                    _, left = wait(left, TICK, FIRST_EXCEPTION)
                    if self._failures:
                        raise self._failures[0]  # what others met followed from it
                    _tell(arrivals, tell)
            except BaseException:
                self._stopper.stop()
                pool.shutdown(wait=False, cancel_futures=True)  # `with` waits
                raise

    def _fetch(self, arrival: _Arrival) -> None:
        self._stopper.sleep(0)
        if self._resume and not self._files.says_length and arrival.is_there(None):
            return
        try:
            with self._stopper.applied():
                fetch(self._files, arrival.file, partial(self._take, arrival), self._retries)
        except BaseException as error:
            self._failures.append(error)
            self._stopper.stop()  # not only when it is heard of, for this thread goes on
            raise

    def _take(self, arrival: _Arrival, download: Download) -> None:
        if self._resume and arrival.is_there(download.size):
            return
        arrival.moved, arrival.size = 0, download.size
        with _whole_file(arrival.target) as write:
            for chunk in download:
                self._stopper.sleep(0)
                write(chunk)
                arrival.moved += len(chunk)
            self._stopper.sleep(0)
        arrival.size = arrival.moved


def _tell(arrivals: list[_Arrival], tell: Tell) -> None:
    sizes = [arrival.size for arrival in arrivals]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    tell(sum(arrival.moved for arrival in arrivals), total)


def _make(folder: Path, ticket: int) -> None:
    with _writing(f"The folder {folder} for ticket {ticket} cannot be made"):
        folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def _whole_file(target: Path) -> Iterator[Callable[[bytes], None]]:
    """What writes a file, which gets its name at the end, or is gone when something fails."""
    what = f"{target} cannot be written"
    # Beside the target, so that the last step is a rename and nothing that can fail half-way.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with _writing(what):
            stream = temporary.open("xb")

        def write(chunk: bytes) -> None:
            with _writing(what):
                stream.write(chunk)

        try:
            yield write
        except BaseException:
            with suppress(OSError):  # what led here says more
                stream.close()
            raise
        with _writing(what):
            stream.close()
            os.replace(temporary, target)  # noqa: PTH105  # the name says that it replaces
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def _writing(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        error = FileNotWritten(f"{what}: {cause.strerror or cause}.")
        error.errno = cause.errno  # by which a full disk is told from a closed folder
        raise error from cause
