"""The files in one area of a ticket, through the requests of a provider or of a user."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

import attrs

from dss_api import DssError, FileNotFound, LastingFailure, TransportError
from dss_client.errors import FilesChanged, add_context
from dss_client.transport.retries import Retries
from dss_wire.cancellation import sleep

if TYPE_CHECKING:
    from dss_api import Download, FileArea, TicketFile, Upload
    from dss_api.provider_operations import ProviderOperations
    from dss_api.user_operations import UserOperations

T = TypeVar("T")

MAX_LIST_RETRIES = 3
"""The most times that the files are listed again because they changed."""


class FileSource(Protocol):
    """Files of one ticket that can be downloaded.

    Attributes:
        server: the address of the middleware.
        ticket: the ticket's id.
        area: the area of the ticket, such as `input` or `results`.
        has_content_length: whether the response states the size of the file.
    """

    @property
    def server(self) -> str: ...
    @property
    def ticket(self) -> int: ...
    @property
    def area(self) -> str: ...
    @property
    def has_content_length(self) -> bool: ...

    def list(self) -> Sequence[TicketFile]:
        """Return the files; their indices are valid until the files change."""
        ...

    def download(self, index: int) -> Download:
        """Request a file by its index; the caller closes the download."""
        ...


class TicketFiles(FileSource, Protocol):
    """Files of one ticket that also accept uploads."""

    def upload(self, file: Upload) -> None:
        """Add a file, or replace the file of the same name."""
        ...


@attrs.frozen
class ProviderTicketFiles:
    """The files of a ticket that a provider has claimed."""

    server: str
    provider: ProviderOperations
    ticket: int
    area: FileArea
    has_content_length: bool = attrs.field(default=False, init=False)

    def list(self) -> Sequence[TicketFile]:
        return self.provider.list_claimed_ticket_files(ticket_id=self.ticket, area=self.area)

    def download(self, index: int) -> Download:
        return self.provider.download_claimed_ticket_file(
            ticket_id=self.ticket, area=self.area, index=index
        )

    def upload(self, file: Upload) -> None:
        self.provider.upload_claimed_ticket_file(ticket_id=self.ticket, area=self.area, file=file)


@attrs.frozen
class UserTicketFiles:
    """The files of a user's own ticket."""

    server: str
    user: UserOperations
    ticket: int
    area: FileArea
    has_content_length: bool = attrs.field(default=True, init=False)

    def list(self) -> Sequence[TicketFile]:
        return self.user.list_ticket_files(ticket_id=self.ticket, area=self.area)

    def download(self, index: int) -> Download:
        return self.user.download_ticket_file(ticket_id=self.ticket, area=self.area, index=index)

    def upload(self, file: Upload) -> None:
        self.user.upload_ticket_file(ticket_id=self.ticket, area=self.area, file=file)


def process_file_list(files: FileSource, process: Callable[[Sequence[TicketFile]], T]) -> T:
    """Process the list of files; list and process the files again if their indices change.

    Args:
        process: a function that raises `FilesChanged` or `FileNotFound` if an index is outdated.

    Raises:
        FilesChanged, FileNotFound: the indices changed each time.
    """
    for _ in range(MAX_LIST_RETRIES):
        try:
            return process(files.list())
        except (FilesChanged, FileNotFound):
            continue
    return process(files.list())


def download_file(
    files: FileSource,
    file: TicketFile,
    receive: Callable[[Download], T],
    retries: Retries,
) -> T:
    """Download a file; start again from the first byte if the connection breaks.

    Args:
        receive: a function that reads the download and returns the result.

    Raises:
        FilesChanged: another file has this index now.
        FileNotFound: no file has this index any more.
        TransportError: the connection broke each time.
    """
    delays = retries.delays()
    with name_file_in_errors(files, file.filename):
        while True:
            with files.download(file.index) as download:
                if download.filename != file.filename:
                    raise FilesChanged(
                        f"The middleware sent {download.filename!r} instead of this file, because "
                        "the files changed during the download. Try again when the files no "
                        "longer change."
                    )
                try:
                    return receive(download)
                except TransportError as error:
                    delay = None if isinstance(error, LastingFailure) else next(delays, None)
                    if delay is None:
                        raise
            sleep(delay)


@contextmanager
def name_file_in_errors(files: FileSource, filename: str) -> Iterator[None]:
    """Put the ticket and the file name before the message of an error in the `with` block."""
    try:
        yield
    except DssError as error:
        add_context(error, before=f"Ticket {files.ticket}, {filename!r}:")
        raise
