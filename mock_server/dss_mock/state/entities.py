"""The things that the state is made of."""

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
    """Somebody who may sign in.

    Attributes:
        token: what the next sign-in takes; replaced by it.
        tier: decides how many tickets the user may have.
        accepted_terms: whether the user may ask for the token without a browser.
        forgotten: whether there was a reset since, after which somebody else may have this id.
    """

    id: int
    email: str
    token: str = attrs.field(repr=False)
    name: str = ""
    sysadmin: bool = False
    tier: str = "guest"
    accepted_terms: bool = False
    forgotten: bool = False


@attrs.define(eq=False)
class Session:
    """What a session cookie stands for.

    Attributes:
        user: who signed in, if anybody did.
        ended: whether the cookie is to be taken back.
    """

    id: str = attrs.field(repr=False)
    user: User | None = None
    ended: bool = False


@attrs.define(eq=False)
class Service:
    """A version of a service.

    Attributes:
        descriptor: what its `service.json` holds.
        heard_from: when a provider last asked for its tickets; at first, its registration.
        asked_for: whether a provider ever did.
    """

    githash: str
    descriptor: Mapping[str, object]
    heard_from: float
    asked_for: bool = False

    @property
    def name(self) -> str:
        """Its name, which other versions have too."""
        return _text(self.descriptor["name"])

    @property
    def version(self) -> str:
        """Its version."""
        return _text(self.descriptor["version"])

    @property
    def shortdesc(self) -> str:
        """One line about it, as the lists show it."""
        return _text(self.descriptor["shortdesc"])[:SHORTDESC_LENGTH]


def _text(value: object) -> str:
    """A text, or what the database makes of a number in its place."""
    return str(int(value)) if isinstance(value, bool) else str(value)


@attrs.define(eq=False)
class Member:
    """A user of a provider, and whether as its administrator, which gives no rights."""

    user: User
    admin: bool


@attrs.define(eq=False)
class Provider:
    """A lab that offers services.

    Attributes:
        listed: whether it was ever created; users can be added to one that was not.
        members: by the ids of the users, in the order in which they were last added.
        offers: every service that it ever offered, by githash, and whether it does now.
    """

    name: str
    listed: bool = False
    members: dict[int, Member] = attrs.field(factory=dict)
    offers: dict[str, bool] = attrs.field(factory=dict)


@attrs.frozen
class Claim:
    """Who took a ticket.

    Attributes:
        user_id: of who was signed in.
        provider: for which it was taken, as the user said.
        code: which of the provider's instances took it, as the user said.
    """

    user_id: int
    provider: str
    code: str


@attrs.frozen
class StatusChange:
    """That a ticket came to a status, when (in Unix seconds), and by which claim if by one."""

    status: TicketStatus
    time: float
    claim: Claim | None = None


@attrs.define(eq=False)
class Attachment:
    """A file that a provider attached to the log.

    Attributes:
        blob: hexadecimal digits, the first of which name it on the wire.
        path: where its bytes lie; `None` once they are erased.
    """

    id: int
    description: str
    mime_type: str
    blob: str
    path: Path | None

    def read_bytes(self) -> bytes:
        """What is in it.

        Raises:
            FileNotFoundError: it was erased with its ticket.
        """
        if self.path is None:
            raise FileNotFoundError(f"attachment {self.id} was erased with its ticket")
        return self.path.read_bytes()

    @property
    def short_blob(self) -> str:
        """Its name on the wire."""
        return self.blob[:SHORT_BLOB_LENGTH]


@attrs.define(eq=False)
class LogEntry:
    """A line of a ticket's log; its time is in Unix seconds."""

    id: int
    ticket_id: int
    time: float
    category: LogCategory
    message: str
    attachments: tuple[Attachment, ...] = ()


Files = dict[FileArea, dict[str, StoredFile]]
"""By area and name, in the order in which they were last written."""


def _no_files() -> Files:
    return {area: {} for area in FileArea}


@attrs.define(eq=False)
class StrayFiles:
    """Files that lie where there is no ticket, by the id that one would have."""

    id: int
    files: Files = attrs.field(factory=_no_files)

    @property
    def paths(self) -> list[Path]:
        """Where the bytes lie."""
        return [file.path for files in self.files.values() for file in files.values()]


def _start(chunk: tuple[tuple[StoredNumber, StoredNumber], float]) -> tuple[bool, StoredNumber]:
    return make_sort_key(chunk[0][0])


@attrs.define(eq=False)
class Ticket:
    """A user's job for a service.

    Attributes:
        history: every change of its status, oldest first.
        claimers: the ids of the users who ever claimed it.
        chunks: progress by the beginning and the end of the part that it is about.
        log: oldest first.
        unlinked: attachments that wait for the next line of the log.
        files: what lies in its areas.
        last_activity: when anything of all this last changed, in Unix seconds.
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
        """Where it is in its life."""
        return self.history[-1].status

    @property
    def statuses(self) -> list[TicketStatus]:
        """Every status that it came to, oldest first."""
        return [change.status for change in self.history]

    @property
    def progress(self) -> float:
        """How far the work is, from 0; there is no upper limit."""
        # The middleware sums them up in this order, which decides the last digit.
        parts = ((end - start) * part for (start, end), part in self.parts)
        return max(0.0, sum((part for part in parts if not math.isnan(part)), start=0.0))

    @property
    def parts(self) -> list[tuple[tuple[float, float], float]]:
        """The chunks as they count, in the order of their beginnings."""
        return [
            ((to_float(start), to_float(end)), part)
            for (start, end), part in sorted(self.chunks.items(), key=_start)
        ]

    @property
    def attachments(self) -> list[Attachment]:
        """What was attached to the log, also what still waits for a line."""
        # Looked at first, so that none is missed that is linked in between.
        unlinked = list(self.unlinked)
        linked = [attachment for entry in list(self.log) for attachment in entry.attachments]
        return list(dict.fromkeys([*linked, *unlinked]))

    @property
    def inputs(self) -> dict[str, StoredFile]:
        """What its user gave, by name."""
        return dict(self.files[FileArea.INPUT])

    @property
    def results(self) -> dict[str, StoredFile]:
        """What its provider made, by name."""
        return dict(self.files[FileArea.RESULTS])

    @property
    def paths(self) -> list[Path]:
        """Where the bytes of its files and attachments lie."""
        attached = (attachment.path for attachment in self.attachments)
        return [
            *(file.path for files in self.files.values() for file in files.values()),
            *(path for path in attached if path is not None),
        ]

    @property
    def created(self) -> float:
        """When it was created."""
        return self.history[0].time

    @property
    def claimed(self) -> float | None:
        """When it was last claimed."""
        times = (at.time for at in self.history if at.status is TicketStatus.CLAIMED)
        return max(times, default=None)


Entity = User | Session | Service | Provider | Ticket | LogEntry | StrayFiles
"""Everything that is saved."""
