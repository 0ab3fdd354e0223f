"""Sending a ticket the files that it lacks, and telling which it has when that fails."""

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
"""Makes an error of the names of the files that are there, and of those that are missing."""


@attrs.define(kw_only=True)
class TicketSync:
    """Files for one ticket, which may have some of them already.

    Attributes:
        files: those that the ticket has.
        paths: those that it shall have, in the order in which they are sent.
        verify: as for `upload_files`, of what is sent.
        progress: what is told how far that is.
        retries: how often a file that is read back is begun again.
    """

    files: TicketFiles
    paths: Sequence[Path]
    verify: Verify
    progress: Progress
    retries: Retries
    _present_names: list[str] = attrs.field(factory=list, init=False)

    def find_differing_files(self) -> list[Path]:
        """The files that the ticket has not, or not as they are here; nothing is sent.

        Raises:
            UploadChanged: one cannot be read here.
            DssError: the middleware refused, or the connection broke.
        """
        return upload.find_differing_files(self.files, self.paths, retries=self.retries)

    def list_other_names(self) -> list[str]:
        """The names of files that the ticket has and that are none of these.

        Raises:
            DssError: the middleware refused, or the connection broke.
        """
        names = {path.name for path in self.paths}
        return [file.filename for file in self.files.list() if file.filename not in names]

    def upload_differing_files(self) -> None:
        """Upload what the ticket has not, or not as it is here, and check it.

        Raises:
            UploadChanged, UploadNotKept, DssError: as `upload_files` does.
        """
        lacking = self.find_differing_files()
        self._present_names += [path.name for path in self.paths if path not in lacking]
        if lacking:
            upload.upload_files(
                self.files,
                lacking,
                verify=self.verify,
                progress=self.progress,
                retries=self.retries,
                on_file_sent=self._present_names.append,
            )

    @contextmanager
    def report_state_on_failure(self, create_error: ErrorFactory) -> Iterator[None]:
        """Within it, a failure says what the ticket has by then, and what it lacks.

        Raises:
            Incomplete: as it was described, with what failed as its cause. An interruption stays
                what it is, and says the same in a note.
        """
        # What is told is what is known by then: to ask for more would take as long again where
        # nobody answers.
        try:
            yield
        except BaseException as failure:
            lost = failure.names if isinstance(failure, UploadNotKept) else ()
            there = [name for name in self._present_names if name not in lost]
            missing = [path.name for path in self.paths if path.name not in there]
            error = create_error(there, missing)
            if isinstance(failure, Exception):
                add_context(error, after=str(failure))
                raise error from failure
            failure.add_note(str(error))
            raise


def describe_state(present: Sequence[str], missing: Sequence[str]) -> str:
    """What is known of a ticket's files, by their names, as a sentence."""
    lacks = f"; missing or incomplete: {join_names(missing)}" if missing else ""
    return f"As far as is known, of its files the middleware has: {join_names(present)}{lacks}."


def join_names(names: Sequence[str]) -> str:
    """Names of files in a sentence."""
    return ", ".join(names) or "none"
