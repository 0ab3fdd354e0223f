"""The attachments in a ticket's log, downloaded as files."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import attrs

from dss_api import Download

if TYPE_CHECKING:
    from dss_api import Attachment, TicketFile
    from dss_api.user_operations import UserOperations

UNKNOWN_EXTENSION = ".bin"

_COMPRESSED_EXTENSIONS = {"application/gzip": ".gz", "application/x-gzip": ".gz"}


def create_file_name(attachment: Attachment) -> str:
    """Return a file name for an attachment.

    The middleware does not store a name. No other user chooses any part of the returned name.
    """
    kind = attachment.mime_type.partition(";")[0].strip().lower()
    extension = (
        _COMPRESSED_EXTENSIONS.get(kind)
        or _load_mime_types().guess_extension(kind)
        or UNKNOWN_EXTENSION
    )
    return f"attachment_{attachment.id}{extension}"


@cache
def _load_mime_types() -> mimetypes.MimeTypes:
    # Without this computer's own list of types: names must be the same on every computer.
    return mimetypes.MimeTypes()


@attrs.frozen(eq=False)
class NamedDownload(Download):
    """A download under a file name chosen by the client."""

    name: str

    @property
    def filename(self) -> str:
        return self.name


@attrs.frozen
class AttachmentFiles:
    """The attachments of a ticket as a `FileSource`; the index of a file is the attachment's id."""

    server: str
    user: UserOperations
    ticket: int
    attachments: Sequence[Attachment]
    area: str = attrs.field(default="attachments", init=False)
    has_content_length: bool = attrs.field(default=False, init=False)

    def list(self) -> Sequence[TicketFile]:
        # Imported here: `import dss_client` must not load the models.
        from dss_api import TicketFile  # noqa: PLC0415

        return [TicketFile(index=a.id, filename=create_file_name(a)) for a in self.attachments]

    def download(self, index: int) -> Download:
        (found,) = (attachment for attachment in self.attachments if attachment.id == index)
        blob = found.url.rpartition("/")[2]
        return NamedDownload(self.user.download_blob(blob=blob).response, create_file_name(found))
