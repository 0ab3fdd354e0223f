"""The files in one area of a ticket, as a provider or as a user sees them."""

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
"""How often the files are listed anew because they changed while they were fetched."""


class FileSource(Protocol):
    """Files of one ticket that can be downloaded.

    Attributes:
        server: the address of the middleware that has them.
        ticket: the ticket's id.
        area: which of its files are meant.
        has_content_length: whether a download says beforehand how long it is.
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
        """The files, each with the index under which it can be fetched until they change."""
        ...

    def download(self, index: int) -> Download:
        """A file by its index; to be closed."""
        ...


class TicketFiles(FileSource, Protocol):
    """Files of one ticket to which others can be added."""

    def upload(self, file: Upload) -> None:
        """Add a file, or overwrite the one of its name."""
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
    """Do something with the list of files; again with a new list when the indices shifted.

    Raises:
        FilesChanged, FileNotFound: they shifted each time.
    """
    for _ in range(MAX_LIST_RETRIES):
        try:
            return process(files.list())
        except (FilesChanged, FileNotFound):
            continue
    return process(files.list())


def fetch_file(
    files: FileSource,
    file: TicketFile,
    receive: Callable[[Download], T],
    retries: Retries,
) -> T:
    """Give a file to who takes it, from its beginning again when the connection broke within it.

    Raises:
        FilesChanged: another file has its index by now.
        FileNotFound: none has.
        TransportError: the connection broke each time.
    """
    delays = retries.delays()
    with name_file_in_errors(files, file.filename):
        while True:
            with files.download(file.index) as download:
                if download.filename != file.filename:
                    raise FilesChanged(
                        f"In its place came {download.filename!r}, for the files changed while "
                        "they were fetched. Try again when whoever changes them has finished."
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
    """Within it, an error says which file of which ticket it is about."""
    try:
        yield
    except DssError as error:
        add_context(error, before=f"Ticket {files.ticket}, {filename!r}:")
        raise
