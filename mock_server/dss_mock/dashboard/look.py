"""Taking a look at the state."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import attrs

from dss_api import FileArea, TicketStatus

from ..file_store import StoredFile
from ..state import (
    Attachment,
    Claim,
    LogEntry,
    Provider,
    Service,
    State,
    StatusChange,
    Ticket,
    User,
)
from ..state.clock import ClockSetting
from .downloads import attachment_url, file_url
from .query import Query
from .view import (
    AreaView,
    AttachmentView,
    ChunkView,
    ClaimView,
    ClockView,
    FaultInForce,
    FaultView,
    FileView,
    LastLogView,
    LogView,
    MemberView,
    OpenedTicket,
    Person,
    ProviderView,
    ServiceName,
    ServiceView,
    StatusView,
    TicketView,
    UserView,
    View,
)

MESSAGE_LENGTH = 4000
"""How many characters of a log message are shown."""
LAST_LENGTH = 200
"""How many characters of the last log message are shown with a ticket that is not open."""
TEXT_LENGTH = 500
"""How many characters are shown of any other text that somebody sent."""
MOST_FILES = 200
"""How many files of each area of a ticket are shown."""


@attrs.frozen
class _Listed:
    """What of a ticket changes, at one moment."""

    ticket: Ticket
    history: Sequence[StatusChange]
    last_activity: float
    progress: float
    log: Sequence[LogEntry]
    log_lines: int


@attrs.frozen
class _Opened(_Listed):
    """The same of a ticket that is open."""

    chunks: Sequence[tuple[tuple[float, float], float]]
    unlinked: Sequence[Attachment]
    files: Mapping[FileArea, Sequence[StoredFile]]
    queue_position: int


def look(
    state: State,
    query: Query,
    faults: Iterable[FaultInForce] = (),
    *,
    noauth: bool = False,
) -> View:
    """What there is to see at this moment; the state is held up only while it is copied."""
    counts = state.ticket_registry.count_by_status()
    found, matching = _find(state, query, counts)
    with state.lock:
        life = state.life
        users = dict(state.accounts.users)
        providers = [_provider(provider) for provider in state.catalogue.providers.values()]
        services = [
            (service, state.ready_queues.get_length(service))
            for service in state.catalogue.services.values()
        ]
        listed = [_Listed(*_copied(state, ticket, 1)) for ticket in found]
        opened = [
            _copied_whole(state, state.ticket_registry[number], query.lines)
            for number in sorted(query.opened, reverse=True)
            if 1 <= number <= len(state.ticket_registry)
        ]
    return View(
        life=life,
        dialect=state.dialect,
        noauth=noauth,
        clock=_clock(state.clock.setting),
        faults=tuple(_fault(fault) for fault in faults),
        services=tuple(_service(service, length, providers) for service, length in services),
        providers=tuple(providers),
        users=tuple(_user(user) for user in users.values()),
        ticket_counts=counts,
        tickets=tuple(_ticket(copy, users) for copy in listed),
        older_tickets=matching - len(listed),
        opened=tuple(_opened(copy, users) for copy in opened),
    )


def _find(
    state: State, query: Query, counts: Mapping[TicketStatus, int]
) -> tuple[list[Ticket], int]:
    """The tickets to be listed, and how many there are of the kind."""
    if query.ticket is None:
        matching = sum(counts[status] for status in query.statuses or TicketStatus)
        found = state.ticket_registry.list_newest(query.limit, query.statuses)
        return found, max(matching, len(found))
    with state.lock:
        if not 1 <= query.ticket <= len(state.ticket_registry):
            return [], 0
        ticket = state.ticket_registry[query.ticket]
    fits = not query.statuses or ticket.status in query.statuses
    return ([ticket], 1) if fits else ([], 0)


# ------------------------------------------------------------ with the lock held by the caller


def _copied(
    state: State, ticket: Ticket, lines: int
) -> tuple[Ticket, Sequence[StatusChange], float, float, Sequence[LogEntry], int]:
    log = ticket.log[-lines:] if lines else []
    progress = state.progress.get(ticket)
    return ticket, tuple(ticket.history), ticket.last_activity, progress, log, len(ticket.log)


def _copied_whole(state: State, ticket: Ticket, lines: int) -> _Opened:
    return _Opened(
        *_copied(state, ticket, lines),
        chunks=ticket.parts,
        unlinked=tuple(ticket.unlinked),
        files={area: state.file_areas.list_files(ticket.id, area) for area in FileArea},
        queue_position=state.ready_queues.get_overall_position(ticket),
    )


def _provider(provider: Provider) -> ProviderView:
    members = (provider.members[user_id] for user_id in sorted(provider.members))
    return ProviderView(
        name=_short(provider.name),
        users=tuple(
            MemberView(member.user.id, _short(member.user.email), member.admin)
            for member in members
        ),
        services=tuple(githash for githash, offered in provider.offers.items() if offered),
    )


# ------------------------------------------------------------------------- without the lock


def _clock(setting: ClockSetting) -> ClockView:
    frozen = setting.frozen_at is not None
    return ClockView(frozen, None if frozen else round(setting.ahead, 3))


def _fault(fault: FaultInForce) -> FaultView:
    return FaultView(
        id=fault.id,
        description=_short(fault.description),
        operation=fault.operation,
        path=fault.path,
        remaining=fault.remaining,
        hits=fault.hits,
    )


def _user(user: User) -> UserView:
    return UserView(
        id=user.id,
        email=_short(user.email),
        name=_short(user.name),
        sysadmin=user.sysadmin,
        tier=user.tier,
    )


def _service(service: Service, length: int, providers: Iterable[ProviderView]) -> ServiceView:
    return ServiceView(
        githash=service.githash,
        name=_short(service.name),
        version=_short(service.version),
        shortdesc=service.shortdesc,
        providers=tuple(item.name for item in providers if service.githash in item.services),
        queue_length=length,
        last_heard=_instant(service.heard_from) if service.asked_for else None,
    )


def _ticket(copy: _Listed, users: Mapping[int, User]) -> TicketView:
    ticket, service = copy.ticket, copy.ticket.service
    claims = [change.claim for change in copy.history if change.claim is not None]
    return TicketView(
        id=ticket.id,
        status=copy.history[-1].status,
        service=ServiceName(service.githash, _short(service.name), _short(service.version)),
        user=_person(ticket.user),
        created=_instant(copy.history[0].time),
        changed=_instant(copy.history[-1].time),
        last_activity=_instant(copy.last_activity),
        progress=_finite(copy.progress),
        claim=_claim(claims[-1], users) if claims else None,
        last_log=_last_log(copy.log[-1]) if copy.log else None,
        log_lines=copy.log_lines,
    )


def _opened(copy: _Opened, users: Mapping[int, User]) -> OpenedTicket:
    return OpenedTicket(
        **attrs.asdict(_ticket(copy, users), recurse=False),
        queue_position=copy.queue_position or None,
        history=tuple(
            StatusView(change.status, _instant(change.time), _claim(change.claim, users))
            for change in copy.history
        ),
        chunks=tuple(
            ChunkView(_finite(start), _finite(end), _finite(progress))
            for (start, end), progress in copy.chunks
        ),
        log=tuple(_log(entry) for entry in copy.log),
        pending=tuple(_attachment(attachment) for attachment in copy.unlinked),
        input=_area(copy, FileArea.INPUT),
        results=_area(copy, FileArea.RESULTS),
    )


def _person(user: User) -> Person:
    return Person(user.id, _short(user.email))


def _claim(claim: Claim | None, users: Mapping[int, User]) -> ClaimView | None:
    if claim is None:
        return None
    return ClaimView(_person(users[claim.user_id]), _short(claim.provider), _short(claim.code))


def _log(entry: LogEntry) -> LogView:
    return LogView(
        id=entry.id,
        time=_instant(entry.time),
        category=entry.category,
        message=entry.message[:MESSAGE_LENGTH],
        length=len(entry.message),
        attachments=tuple(_attachment(attachment) for attachment in entry.attachments),
    )


def _last_log(entry: LogEntry) -> LastLogView:
    return LastLogView(_instant(entry.time), entry.category, _short(entry.message, LAST_LENGTH))


def _attachment(attachment: Attachment) -> AttachmentView:
    size = None
    # Read once, for it may be erased meanwhile.
    path = attachment.path
    if path is not None:
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            path = None
    return AttachmentView(
        id=attachment.id,
        description=_short(attachment.description),
        mime_type=_short(attachment.mime_type),
        url=attachment_url(attachment) if path else None,
        size=size,
    )


def _area(copy: _Opened, area: FileArea) -> AreaView:
    files = copy.files[area]
    return AreaView(
        count=len(files),
        size=sum(file.size for file in files),
        files=tuple(
            FileView(file.name, file.size, file_url(copy.ticket.id, area, file.name))
            for file in files[:MOST_FILES]
        ),
    )


def _short(text: str, length: int = TEXT_LENGTH) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
