"""Uploads of the files that a ticket lacks; errors report which files the ticket has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import attrs

from dss_client.errors import Incomplete, UploadNotKept, add_context
from dss_client.progress import Progress
from dss_client.transfers import upload
from dss_client.transfers.ticket_files import TicketFiles
from dss_client.transfers.upload import Verify
from dss_client.transport.retries import Retries

ErrorFactory: TypeAlias = Callable[[Sequence[str], Sequence[str]], Incomplete]
"""A function that creates an error from the names of the present and of the missing files."""


@attrs.define(kw_only=True)
class TicketSync:
    """The upload of files to one ticket, which may already have some of them.

    Attributes:
        files: the files of the ticket.
        paths: the files that the ticket needs, in the order in which they are sent.
        verify: how the sent files are checked; see `upload_files`.
        progress: where the progress of the upload is reported.
        retries: how often reading a file back is repeated if the connection breaks.
    """

    files: TicketFiles
    paths: Sequence[Path]
    verify: Verify
    progress: Progress
    retries: Retries
    _present_names: list[str] = attrs.field(factory=list, init=False)

    def find_differing_files(self) -> list[Path]:
        """Return the files that the ticket lacks or has with different content; nothing is sent.

        Raises:
            UploadChanged: a file cannot be read on this computer.
            DssError: the middleware refused, or the connection broke.
        """
        return upload.find_differing_files(self.files, self.paths, retries=self.retries)

    def list_other_names(self) -> list[str]:
        """Return the names of the ticket's files that are not in `paths`.

        Raises:
            DssError: the middleware refused, or the connection broke.
        """
        names = {path.name for path in self.paths}
        return [file.filename for file in self.files.list() if file.filename not in names]

    def upload_differing_files(self) -> None:
        """Upload and check the files that the ticket lacks or has with different content.

        Raises:
            UploadChanged, UploadNotKept, DssError: see `upload_files`.
        """
        differing = self.find_differing_files()
        self._present_names += [path.name for path in self.paths if path not in differing]
        if differing:
            upload.upload_files(
                self.files,
                differing,
                verify=self.verify,
                progress=self.progress,
                retries=self.retries,
                on_file_sent=self._present_names.append,
            )

    @contextmanager
    def report_state_on_failure(self, create_error: ErrorFactory) -> Iterator[None]:
        """Turn a failure in the `with` block into an error with the state of the ticket's files.

        Raises:
            Incomplete: the `with` block failed; the failure is the cause. An interruption is raised
                unchanged, with the state in a note.
        """
        # The state is as known so far: if the middleware does not answer, asking again would
        # take as long again.
        try:
            yield
        except BaseException as failure:
            lost = failure.names if isinstance(failure, UploadNotKept) else ()
            present = [name for name in self._present_names if name not in lost]
            missing = [path.name for path in self.paths if path.name not in present]
            error = create_error(present, missing)
            if isinstance(failure, Exception):
                add_context(error, after=str(failure))
                raise error from failure
            failure.add_note(str(error))
            raise


def describe_state(present: Sequence[str], missing: Sequence[str]) -> str:
    """Return a sentence with the names of a ticket's present and missing files."""
    lacks = f"; missing or incomplete: {join_names(missing)}" if missing else ""
    return f"As far as is known, the middleware has: {join_names(present)}{lacks}."


def join_names(names: Sequence[str]) -> str:
    """Join file names for a message."""
    return ", ".join(names) or "none"
