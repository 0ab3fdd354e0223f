"""What there is to see of the state: no tokens, no sessions, and no more than a page can take.

The names of these classes' attributes are those of the JSON document, for programs in any language.
Sizes are in bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import attrs

from dss_api import Dialect, LogCategory, TicketStatus


class FaultInForce(Protocol):
    """A fault with which the mock answers some requests."""

    @property
    def id(self) -> int | str:
        """By which it can be lifted."""
        ...

    @property
    def description(self) -> str:
        """One line about it."""
        ...

    @property
    def operation(self) -> str | None:
        """The operation that it is about, if it is about one."""
        ...

    @property
    def path(self) -> str | None:
        """The path that it is about, if it is about one."""
        ...

    @property
    def remaining(self) -> int | None:
        """For how many more requests it is in force; `None` for until it is lifted."""
        ...

    @property
    def hits(self) -> int:
        """How many requests it has met."""
        ...


@attrs.frozen
class FaultView:
    """A fault in force; see `FaultInForce`."""

    id: int | str
    description: str
    operation: str | None
    path: str | None
    remaining: int | None
    hits: int


@attrs.frozen
class ClockView:
    """How the mock's clock stands to the real time.

    Attributes:
        frozen: whether it stands still.
        ahead: by how many seconds it is ahead of the real time, negative if it is behind; `None`
            while it stands still.
    """

    frozen: bool
    ahead: float | None


@attrs.frozen
class UserView:
    """Somebody who may sign in."""

    id: int
    email: str
    name: str
    sysadmin: bool
    tier: str


@attrs.frozen
class MemberView:
    """A user of a provider, and whether as its administrator."""

    id: int
    email: str
    admin: bool


@attrs.frozen
class ProviderView:
    """A lab that offers services.

    Attributes:
        services: the githashes of those that it offers now.
    """

    name: str
    users: tuple[MemberView, ...]
    services: tuple[str, ...]


@attrs.frozen
class ServiceView:
    """A version of a service.

    Attributes:
        providers: the names of those that offer it now; if there are none, it is not listed.
        queue_length: how many tickets wait for it.
        last_heard: when a provider last asked for its tickets, or worked on one; `None` if none
            ever did.
    """

    githash: str
    name: str
    version: str
    shortdesc: str
    providers: tuple[str, ...]
    queue_length: int
    last_heard: datetime | None


@attrs.frozen
class ServiceName:
    """For which service a ticket is."""

    githash: str
    name: str
    version: str


@attrs.frozen
class Person:
    """Whose ticket it is, or who claimed it."""

    id: int
    email: str


@attrs.frozen
class ClaimView:
    """Who claimed a ticket.

    Attributes:
        user: who was signed in.
        provider: for which one, as the user said.
        code: which instance of the provider, as the user said.
    """

    user: Person
    provider: str
    code: str


@attrs.frozen
class StatusView:
    """That a ticket came to a status, when, and by which claim if by one."""

    status: TicketStatus
    time: datetime
    claim: ClaimView | None


@attrs.frozen
class ChunkView:
    """What a provider said about a part of the work; numbers that are none are `None`."""

    start: float | None
    end: float | None
    progress: float | None


@attrs.frozen
class AttachmentView:
    """A file that was attached to the log.

    Attributes:
        url: where it is, on this server; `None` if it was erased.
        size: `None` if it was erased.
    """

    id: int
    description: str
    mime_type: str
    url: str | None
    size: int | None


@attrs.frozen
class LogView:
    """A line of the log.

    Attributes:
        message: its beginning, if it is very long.
        length: how many characters the whole message has.
    """

    id: int
    time: datetime
    category: LogCategory
    message: str
    length: int
    attachments: tuple[AttachmentView, ...]


@attrs.frozen
class LastLogView:
    """The last line of the log, shortened."""

    time: datetime
    category: LogCategory
    message: str


@attrs.frozen
class FileView:
    """A file of a ticket; `url` is where it is, on this server."""

    name: str
    size: int
    url: str


@attrs.frozen
class AreaView:
    """The files that the user sent, or those that the provider gave back.

    Attributes:
        count: how many there are.
        size: of all together.
        files: the first of them.
    """

    count: int
    size: int
    files: tuple[FileView, ...]


@attrs.frozen
class TicketView:
    """A ticket in a list.

    Attributes:
        changed: when it came to its status.
        last_activity: when anything about it last changed: status, progress, log or files.
        progress: the sum of what was said about the parts of the work, from 0; it may exceed 1.
        claim: the last one.
        last_log: `None` if nothing was logged.
        log_lines: how many lines the log has.
    """

    id: int
    status: TicketStatus
    service: ServiceName
    user: Person
    created: datetime
    changed: datetime
    last_activity: datetime
    progress: float | None
    claim: ClaimView | None
    last_log: LastLogView | None
    log_lines: int


@attrs.frozen
class OpenedTicket(TicketView):
    """A ticket with its details.

    Attributes:
        queue_position: its place among all tickets that wait, from 1; `None` if it does not.
        history: every change of its status, oldest first.
        chunks: of which `progress` is the sum.
        log: its last lines, oldest first.
        pending: attachments that wait for the next line of the log.
    """

    queue_position: int | None
    history: tuple[StatusView, ...]
    chunks: tuple[ChunkView, ...]
    log: tuple[LogView, ...]
    pending: tuple[AttachmentView, ...]
    input: AreaView
    results: AreaView


@attrs.frozen
class View:
    """The state as the page and `GET /_mock/state` show it.

    Attributes:
        life: another text after each start and reset of the mock: then all ids begin anew.
        noauth: whether everybody is signed in as an administrator.
        ticket_counts: how many tickets there are in each status.
        tickets: the newest of those that were asked for, newest first.
        older_tickets: how many more of them there are.
        opened: those that were asked for with their details, newest first.
    """

    life: str
    dialect: Dialect
    noauth: bool
    clock: ClockView
    faults: tuple[FaultView, ...]
    services: tuple[ServiceView, ...]
    providers: tuple[ProviderView, ...]
    users: tuple[UserView, ...]
    ticket_counts: Mapping[TicketStatus, int]
    tickets: tuple[TicketView, ...]
    older_tickets: int
    opened: tuple[OpenedTicket, ...]
