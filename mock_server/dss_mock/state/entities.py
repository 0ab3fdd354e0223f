"""The objects that the state consists of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import attrs

from dss_api import FileArea, LogCategory, TicketStatus
from dss_api.constants import SHORT_BLOB_LENGTH, SHORTDESC_LENGTH

from ..file_store import StoredFile
from .stored_number import StoredNumber, make_sort_key, to_float


@attrs.define(eq=False, kw_only=True)
class User:
    """A user.

    Attributes:
        token: the token for the next sign-in. Each sign-in replaces the token.
        tier: the tier of the user. It sets the quota of tickets.
        accepted_terms: whether the user has accepted the terms of service. Otherwise the API does
            not give the token to the user.
        is_forgotten: whether a reset has removed the user. A new user can have this id now.
    """

    id: int
    email: str
    token: str = attrs.field(repr=False)
    name: str = ""
    sysadmin: bool = False
    tier: str = "guest"
    accepted_terms: bool = False
    is_forgotten: bool = False


@attrs.define(eq=False)
class Session:
    """A session. A cookie carries its id.

    Attributes:
        user: the signed-in user, or `None`.
        is_ended: whether the client must delete the cookie.
    """

    id: str = attrs.field(repr=False)
    user: User | None = None
    is_ended: bool = False


@attrs.define(eq=False)
class Service:
    """A version of a service.

    Attributes:
        descriptor: the content of `service.json`.
        heard_from: when a provider last asked for tickets of the service. Before that, when the
            service was registered.
        asked_for: whether a provider ever asked for tickets of the service.
    """

    githash: str
    descriptor: Mapping[str, object]
    heard_from: float
    asked_for: bool = False

    @property
    def name(self) -> str:
        """The name, which all versions share."""
        return _text(self.descriptor["name"])

    @property
    def version(self) -> str:
        """The version."""
        return _text(self.descriptor["version"])

    @property
    def shortdesc(self) -> str:
        """The short description, cut as in the lists."""
        return _text(self.descriptor["shortdesc"])[:SHORTDESC_LENGTH]


def _text(value: object) -> str:
    """Return a value as a string; a number as the middleware's database writes it."""
    return str(int(value)) if isinstance(value, bool) else str(value)


@attrs.define(eq=False)
class Member:
    """A user of a provider. `admin` marks an administrator, but does not give rights."""

    user: User
    admin: bool


@attrs.define(eq=False)
class Provider:
    """A provider, such as a lab.

    Attributes:
        listed: whether the provider was created. Users can be added before that.
        members: the members by user id, the last added member last.
        offers: every service that the provider ever offered, by githash, and whether it still does.
    """

    name: str
    listed: bool = False
    members: dict[int, Member] = attrs.field(factory=dict)
    offers: dict[str, bool] = attrs.field(factory=dict)


@attrs.frozen
class Claim:
    """The claim of a ticket.

    Attributes:
        user_id: the id of the signed-in user.
        provider: the provider that the user named.
        code: the name of the provider's instance, as the user gave it.
    """

    user_id: int
    provider: str
    code: str


@attrs.frozen
class StatusChange:
    """A change of a ticket's status.

    Attributes:
        time: when the status changed, in Unix seconds.
        claim: the claim that caused the change, or `None`.
    """

    status: TicketStatus
    time: float
    claim: Claim | None = None


@attrs.define(eq=False)
class Attachment:
    """A file that a provider attached to the log.

    Attributes:
        blob: a hexadecimal number. The first digits are the name on the wire.
        path: the path of the bytes on this disk, or `None` if they are erased.
    """

    id: int
    description: str
    mime_type: str
    blob: str
    path: Path | None

    def read_bytes(self) -> bytes:
        """Return the content of the file.

        Raises:
            FileNotFoundError: the file was erased with its ticket.
        """
        if self.path is None:
            raise FileNotFoundError(f"attachment {self.id} was erased with its ticket")
        return self.path.read_bytes()

    @property
    def short_blob(self) -> str:
        """The name on the wire."""
        return self.blob[:SHORT_BLOB_LENGTH]


@attrs.define(eq=False)
class LogEntry:
    """A line of a ticket's log. The time is in Unix seconds."""

    id: int
    ticket_id: int
    time: float
    category: LogCategory
    message: str
    attachments: tuple[Attachment, ...] = ()


Files = dict[FileArea, dict[str, StoredFile]]
"""Files by area and name, the last written file last."""


def _no_files() -> Files:
    return {area: {} for area in FileArea}


@attrs.define(eq=False)
class StrayFiles:
    """Files that were uploaded for a ticket that does not exist. `id` is the id of that ticket."""

    id: int
    files: Files = attrs.field(factory=_no_files)

    @property
    def paths(self) -> list[Path]:
        """The paths of the files."""
        return [file.path for files in self.files.values() for file in files.values()]


def _start(chunk: tuple[tuple[StoredNumber, StoredNumber], float]) -> tuple[bool, StoredNumber]:
    return make_sort_key(chunk[0][0])


@attrs.define(eq=False)
class Ticket:
    """A ticket: a user's job for a service.

    Attributes:
        history: every change of the status, oldest first.
        claimers: the ids of all users that ever claimed the ticket.
        chunks: the progress by start and end of each chunk.
        log: the lines of the log, oldest first.
        unlinked: the attachments that wait for the next line of the log.
        files: the files in the areas.
        last_activity: the time of the last change of the ticket, in Unix seconds.
    """

    id: int
    user: User
    service: Service
    history: list[StatusChange]
    claimers: set[int] = attrs.field(factory=set)
    chunks: dict[tuple[StoredNumber, StoredNumber], float] = attrs.field(factory=dict)
    log: list[LogEntry] = attrs.field(factory=list)
    unlinked: list[Attachment] = attrs.field(factory=list)
    files: Files = attrs.field(factory=_no_files)
    last_activity: float = 0.0

    @property
    def status(self) -> TicketStatus:
        """The current status."""
        return self.history[-1].status

    @property
    def statuses(self) -> list[TicketStatus]:
        """Every status so far, oldest first."""
        return [change.status for change in self.history]

    @property
    def progress(self) -> float:
        """The progress of the work, from 0. It can exceed 1."""
        # The middleware adds in this order, which affects the last digit.
        parts = ((end - start) * part for (start, end), part in self.parts)
        return max(0.0, sum((part for part in parts if not math.isnan(part)), start=0.0))

    @property
    def parts(self) -> list[tuple[tuple[float, float], float]]:
        """The chunks as numbers, in the order of their starts."""
        return [
            ((to_float(start), to_float(end)), part)
            for (start, end), part in sorted(self.chunks.items(), key=_start)
        ]

    @property
    def attachments(self) -> list[Attachment]:
        """All attachments, including attachments that wait for a log line."""
        # Copied first, so that an attachment that is linked in the meantime is not missed.
        unlinked = list(self.unlinked)
        linked = [attachment for entry in list(self.log) for attachment in entry.attachments]
        return list(dict.fromkeys([*linked, *unlinked]))

    @property
    def inputs(self) -> dict[str, StoredFile]:
        """The files from the user, by name."""
        return dict(self.files[FileArea.INPUT])

    @property
    def results(self) -> dict[str, StoredFile]:
        """The files from the provider, by name."""
        return dict(self.files[FileArea.RESULTS])

    @property
    def paths(self) -> list[Path]:
        """The paths of the files and attachments."""
        attached = (attachment.path for attachment in self.attachments)
        return [
            *(file.path for files in self.files.values() for file in files.values()),
            *(path for path in attached if path is not None),
        ]

    @property
    def created(self) -> float:
        """When the ticket was created."""
        return self.history[0].time

    @property
    def claimed(self) -> float | None:
        """When the ticket was last claimed."""
        times = (at.time for at in self.history if at.status is TicketStatus.CLAIMED)
        return max(times, default=None)


Entity = User | Session | Service | Provider | Ticket | LogEntry | StrayFiles
"""Every type of object that is saved."""
