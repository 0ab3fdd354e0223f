"""Uploading files to a ticket."""

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
from dss_client.progress import Progress, Tell, telling
from dss_client.progress import check as check_progress
from dss_client.transfers import filenames
from dss_client.transfers.ticket_files import (
    FileSource,
    TicketFiles,
    name_file_in_errors,
    fetch_file,
    process_file_list,
)
from dss_client.transport.retries import Retries

if TYPE_CHECKING:
    from dss_api import Download, TicketFile

Verify = Literal["names", "content"] | None
"""What is checked after an upload: that the files are listed, or also what is in them."""

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
        retries: how often a file whose connection broke while it was read back is begun again.
        verify: `"names"` lists the files afterwards; `"content"` also reads them back, and
            compares hashes; `None` does neither.
        progress: what is told how far it is; what is read back counts too.
        taken: what is told the name of each file that the middleware has taken.

    Raises:
        FileNotFoundError, IsADirectoryError: a path is no file; nothing was sent.
        ValueError, TypeError: a name that nobody could download again, one that stands twice, or
            an argument that cannot be right; nothing was sent.
        UploadChanged: a file changed, or could not be read, while it was sent.
        UploadNotKept: the middleware does not have what was sent.
        DssError: the middleware refused, or the connection broke.
    """
    check_arguments(paths, verify, progress)
    hashed = verify == "content"
    with telling(f"Files for ticket {files.ticket}", progress) as tell:
        size = sum(path.stat().st_size for path in paths)
        count = _ByteCounter(tell, size * 2 if hashed else size)
        sent = dict[str, str]()

        def check_kept(listed: Sequence[TicketFile]) -> None:
            kept = {file.filename: file for file in listed}
            _raise_if_not_kept([name for name in sent if name not in kept], "does not list", files)
            if hashed:
                _check_content([kept[name] for name in sent], sent, files, count, retries)

        try:
            for path in paths:
                sent[path.name] = _send_file(files, path, count, hashed)
                on_file_sent(path.name)
            if verify:
                process_file_list(files, check_kept)
        except _ProgressCallbackError as error:
            failure = error.failure
        else:
            return
        raise failure  # as it was, with its own cause


def check_arguments(paths: Sequence[Path], verify: Verify, progress: Progress) -> None:
    """Check what `upload_files` is given, as it does itself; nothing is sent.

    Raises:
        FileNotFoundError, IsADirectoryError, ValueError, TypeError: as it raises them.
    """
    if verify not in ("names", "content", None):
        raise ValueError(f"verify must be 'names', 'content' or None, not {verify!r}.")
    check_progress(progress)
    filenames.check_upload_paths(paths)


def find_differing_files(
    files: FileSource, paths: Sequence[Path], *, retries: Retries
) -> list[Path]:
    """Which files the middleware has not, or not as they are here.

    Those that it has are read back, for neither name nor length says what is in them.

    Raises:
        UploadChanged: one cannot be read here.
        DssError: the middleware refused, or the connection broke.
    """

    def all_of(listed: Sequence[TicketFile]) -> list[Path]:
        kept = {file.filename: file for file in listed}
        return [
            path
            for path in paths
            if path.name not in kept
            or not fetch_file(files, kept[path.name], partial(_has_same_content, path), retries)
        ]

    return process_file_list(files, all_of)


@contextmanager
def open_upload(path: Path) -> Iterator[Upload]:
    """A file, to be sent under its own name.

    Raises:
        UploadChanged: it is not there any more, or cannot be read.
    """
    with _SourceFile.open_path(path) as source:
        yield Upload.of(path, source)


class _ProgressCallbackError(Exception):
    """What is told of the bytes failed; no fault of the file or of the network.

    Attributes:
        failure: how.
    """

    def __init__(self, failure: Exception) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _ByteCounter:
    """How many bytes have moved, of how many in all."""

    def __init__(self, report: Tell, total: int) -> None:
        self._report = report
        self._total = total
        self._finished_bytes = 0

    def report_position(self, position: int) -> None:
        """So many bytes of the present file have moved."""
        done = self._finished_bytes + position
        try:
            self._report(done, max(done, self._total))
        except Exception as error:
            # As it is, it could be taken for a failure to read the file or to reach the server.
            raise _ProgressCallbackError(error) from error

    def finish_file(self, size: int) -> None:
        """The present file, of so many bytes, has moved; the next one is the present one."""
        self.report_position(size)
        self._finished_bytes += size


class _SourceFile(io.BufferedReader):
    """A file that tells how far it has been read, and what was in it."""

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
        """A file, open for reading.

        Raises:
            UploadChanged: it is not there any more, or cannot be read.
        """
        try:
            return cls(io.FileIO(path), report_position, needs_hash)
        except OSError as error:
            raise UploadChanged(
                f"The file {path} cannot be read: {error.strerror or error}. It was not sent."
            ) from error

    @property
    def digest(self) -> str:
        """The hash of what was read since it stood at the beginning; empty if there is none."""
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
    """Send a file; the hash of what was sent, if it is wanted."""
    with (
        name_file_in_errors(files, path.name),
        _SourceFile.open_path(path, counter.report_position, needs_hash=needs_hash) as source,
    ):
        upload = Upload.of(path, source)
        files.upload(upload)
    counter.finish_file(upload.size)
    return source.digest


def _has_same_content(path: Path, download: Download) -> bool:
    """Whether a file is what arrives, of which no more is taken than it needs to tell."""
    with _SourceFile.open_path(path) as source:
        return all(source.read(len(chunk)) == chunk for chunk in download) and not source.read(1)


def _hash_download(
    download: Download, report_position: Callable[[int], object] = lambda size: None
) -> tuple[str, int]:
    """The hash of a file that arrives, and how many bytes it has."""
    found, size = hashlib.new(_HASH_ALGORITHM), 0
    for chunk in download:
        found.update(chunk)
        size += len(chunk)
        report_position(size)
    return found.hexdigest(), size


def _check_content(
    file_list: Sequence[TicketFile],
    sent_hashes: Mapping[str, str],
    files: TicketFiles,
    counter: _ByteCounter,
    retries: Retries,
) -> None:
    """Read files back.

    Raises:
        UploadNotKept: in some there is not what was sent.
    """
    wrong = list[str]()
    for file in file_list:
        digest, size = fetch_file(
            files, file, partial(_hash_download, report_position=counter.report_position), retries
        )
        counter.finish_file(size)
        if digest != sent_hashes[file.filename]:
            wrong.append(file.filename)
    _raise_if_not_kept(wrong, "gives other bytes back for", files)


def _raise_if_not_kept(names: Sequence[str], problem: str, files: TicketFiles) -> None:
    """Raises an error that names files, if there are any.

    Raises:
        UploadNotKept: there are.
    """
    if names:
        raise UploadNotKept(
            f"The {files.area} of ticket {files.ticket} were sent, but the middleware {problem} "
            f"{', '.join(map(repr, names))}. Send the files again; if that does not help, see "
            "whether something else writes to the ticket.",
            names=tuple(names),
        )
