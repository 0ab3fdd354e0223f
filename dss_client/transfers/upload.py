"""The upload of files to a ticket."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from dss_api import Upload, UploadChanged
from dss_client.errors import UploadNotKept
from dss_client.progress import Progress, ProgressCallback, check_progress, report_bytes
from dss_client.transfers import filenames
from dss_client.transfers.ticket_files import (
    FileSource,
    TicketFiles,
    download_file,
    name_file_in_errors,
    process_file_list,
)
from dss_client.transport.retries import Retries

if TYPE_CHECKING:
    from dss_api import Download, TicketFile

Verify = Literal["names", "content"] | None
"""The check after an upload: the list of files, also their content, or nothing."""

_HASH_ALGORITHM = "sha256"


def upload_files(
    files: TicketFiles,
    paths: Sequence[Path],
    *,
    retries: Retries,
    verify: Verify = "names",
    progress: Progress = True,
    on_file_sent: Callable[[str], object] = lambda name: None,
) -> None:
    """Upload files one after the other, each under its own name.

    Args:
        retries: how often reading a file back is repeated if the connection breaks.
        verify: `"names"` lists the files afterwards; `"content"` also reads them back and
            compares hashes; `None` checks nothing.
        progress: where the progress is reported. Bytes that are read back count too.
        on_file_sent: a function that is called with the name of each accepted file.

    Raises:
        FileNotFoundError, IsADirectoryError: a path is not a file; nothing was sent.
        ValueError, TypeError: a file could not be downloaded again by its name, a name appears
            twice, or an argument is not valid; nothing was sent.
        UploadChanged: a file changed or could not be read while it was sent.
        UploadNotKept: the middleware does not list a file, or returns different content for a file.
        DssError: the middleware refused, or the connection broke.
    """
    check_arguments(paths, verify, progress)
    needs_hash = verify == "content"
    with report_bytes(f"Files for ticket {files.ticket}", progress) as report:
        size = sum(path.stat().st_size for path in paths)
        counter = _ByteCounter(report, size * 2 if needs_hash else size)
        sent_hashes = dict[str, str]()

        def check_files(file_list: Sequence[TicketFile]) -> None:
            by_name = {file.filename: file for file in file_list}
            missing = [name for name in sent_hashes if name not in by_name]
            _raise_if_not_kept(missing, "does not list", files)
            if needs_hash:
                sent_files = [by_name[name] for name in sent_hashes]
                _check_content(sent_files, sent_hashes, files, counter, retries)

        try:
            for path in paths:
                sent_hashes[path.name] = _send_file(files, path, counter, needs_hash)
                on_file_sent(path.name)
            if verify:
                process_file_list(files, check_files)
        except _ProgressCallbackError as error:
            failure = error.failure
        else:
            return
        raise failure  # unchanged, with its own cause


def check_arguments(paths: Sequence[Path], verify: Verify, progress: Progress) -> None:
    """Check the arguments of `upload_files`; nothing is sent.

    Raises:
        FileNotFoundError, IsADirectoryError, ValueError, TypeError: see `upload_files`.
    """
    if verify not in ("names", "content", None):
        raise ValueError(f"verify must be 'names', 'content' or None, not {verify!r}.")
    check_progress(progress)
    filenames.check_upload_paths(paths)


def find_differing_files(
    files: FileSource, paths: Sequence[Path], *, retries: Retries
) -> list[Path]:
    """Return the files that the middleware lacks or has with different content.

    The middleware's files are read back, because a name and a size do not identify the content.

    Raises:
        UploadChanged: a file cannot be read on this computer.
        DssError: the middleware refused, or the connection broke.
    """

    def compare_all(file_list: Sequence[TicketFile]) -> list[Path]:
        by_name = {file.filename: file for file in file_list}
        return [
            path
            for path in paths
            if path.name not in by_name
            or not download_file(
                files, by_name[path.name], partial(_has_same_content, path), retries
            )
        ]

    return process_file_list(files, compare_all)


@contextmanager
def open_upload(path: Path) -> Iterator[Upload]:
    """Open a file for an upload under its own name.

    Raises:
        UploadChanged: the file no longer exists or cannot be read.
    """
    with _SourceFile.open_path(path) as source:
        yield Upload.of(path, source)


class _ProgressCallbackError(Exception):
    """The caller's progress function failed; the file and the network did not.

    Attributes:
        failure: the exception that the function raised.
    """

    def __init__(self, failure: Exception) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _ByteCounter:
    """A counter of the bytes moved, over all files."""

    def __init__(self, report: ProgressCallback, total: int) -> None:
        self._report = report
        self._total = total
        self._finished_bytes = 0

    def report_position(self, position: int) -> None:
        """Report the position in the current file, in bytes."""
        done = self._finished_bytes + position
        try:
            self._report(done, max(done, self._total))
        except Exception as error:
            # Wrapped, because the transport handles errors of the file and the connection itself.
            raise _ProgressCallbackError(error) from error

    def finish_file(self, size: int) -> None:
        """Report that the current file is complete, with its size in bytes."""
        self.report_position(size)
        self._finished_bytes += size


class _SourceFile(io.BufferedReader):
    """A file that reports the number of bytes read, and hashes the content."""

    def __init__(
        self, file: io.FileIO, report_position: Callable[[int], object] | None, needs_hash: bool
    ) -> None:
        super().__init__(file)
        self._report_position = report_position
        self._hash = hashlib.new(_HASH_ALGORITHM) if needs_hash else None

    @classmethod
    def open_path(
        cls,
        path: Path,
        report_position: Callable[[int], object] | None = None,
        *,
        needs_hash: bool = False,
    ) -> Self:
        """Open a file for reading.

        Raises:
            UploadChanged: the file no longer exists or cannot be read.
        """
        try:
            return cls(io.FileIO(path), report_position, needs_hash)
        except OSError as error:
            raise UploadChanged(
                f"The file {path} cannot be read: {error.strerror or error}. It was not sent."
            ) from error

    @property
    def digest(self) -> str:
        """The hash of the content read since the last seek; empty if no hash is computed."""
        return self._hash.hexdigest() if self._hash else ""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if self._hash:
            self._hash = hashlib.new(_HASH_ALGORITHM)
        return super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if self._hash:
            self._hash.update(piece)
        if self._report_position:
            self._report_position(self.tell())
        return piece


def _send_file(files: TicketFiles, path: Path, counter: _ByteCounter, needs_hash: bool) -> str:
    """Send a file and return the hash of the sent content; empty if no hash is needed."""
    with (
        name_file_in_errors(files, path.name),
        _SourceFile.open_path(path, counter.report_position, needs_hash=needs_hash) as source,
    ):
        upload = Upload.of(path, source)
        files.upload(upload)
    counter.finish_file(upload.size)
    return source.digest


def _has_same_content(path: Path, download: Download) -> bool:
    """Return whether a file equals a download; stop reading at the first difference."""
    with _SourceFile.open_path(path) as source:
        return all(source.read(len(chunk)) == chunk for chunk in download) and not source.read(1)


def _hash_download(
    download: Download, report_position: Callable[[int], object] = lambda size: None
) -> tuple[str, int]:
    """Return the hash of a download and its size in bytes."""
    digest, size = hashlib.new(_HASH_ALGORITHM), 0
    for chunk in download:
        digest.update(chunk)
        size += len(chunk)
        report_position(size)
    return digest.hexdigest(), size


def _check_content(
    file_list: Sequence[TicketFile],
    sent_hashes: Mapping[str, str],
    files: TicketFiles,
    counter: _ByteCounter,
    retries: Retries,
) -> None:
    """Read files back and compare their hashes.

    Raises:
        UploadNotKept: a file at the middleware differs from the sent file.
    """
    wrong = list[str]()
    for file in file_list:
        digest, size = download_file(
            files, file, partial(_hash_download, report_position=counter.report_position), retries
        )
        counter.finish_file(size)
        if digest != sent_hashes[file.filename]:
            wrong.append(file.filename)
    _raise_if_not_kept(wrong, "returns other content for", files)


def _raise_if_not_kept(names: Sequence[str], problem: str, files: TicketFiles) -> None:
    """Raise an error for files that the middleware did not keep.

    Args:
        problem: what the middleware does, as a verb before the names.

    Raises:
        UploadNotKept: `names` is not empty.
    """
    if names:
        raise UploadNotKept(
            f"The {files.area} files of ticket {files.ticket} were sent, but the middleware "
            f"{problem} {', '.join(map(repr, names))}. Send the files again. If this does not "
            "help, check whether another program writes to the ticket.",
            names=tuple(names),
        )
