"""The attachments in a ticket's log, as files."""

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
    """A name for an attachment, which has none; nothing in it was written by another."""
    kind = attachment.mime_type.partition(";")[0].strip().lower()
    ending = (
        _COMPRESSED_EXTENSIONS.get(kind)
        or _load_mime_types().guess_extension(kind)
        or UNKNOWN_EXTENSION
    )
    return f"attachment_{attachment.id}{ending}"


@cache
def _load_mime_types() -> mimetypes.MimeTypes:
    # What this machine knows besides would make names differ from one to the next.
    return mimetypes.MimeTypes()


@attrs.frozen(eq=False)
class NamedDownload(Download):
    """A download that is given the name that the middleware has not for it."""

    name: str

    @property
    def filename(self) -> str:
        return self.name


@attrs.frozen
class AttachmentFiles:
    """Attachments, to be downloaded as the files of a ticket are; the index is the id."""

    server: str
    user: UserOperations
    ticket: int
    attachments: Sequence[Attachment]
    area: str = attrs.field(default="attachments", init=False)
    has_content_length: bool = attrs.field(default=False, init=False)

    def list(self) -> Sequence[TicketFile]:
        # By now it is there; with the client alone it is not.
        from dss_api import TicketFile  # noqa: PLC0415

        return [TicketFile(index=a.id, filename=create_file_name(a)) for a in self.attachments]

    def download(self, index: int) -> Download:
        (found,) = (attachment for attachment in self.attachments if attachment.id == index)
        blob = found.url.rpartition("/")[2]
        return NamedDownload(self.user.download_blob(blob=blob).response, create_file_name(found))
