"""The JSON document at `/_mock/state`.

`docs/reference/mock-http.md` describes the names in the document. The document never contains a
token or a session.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import attrs

from dss_api import FileArea, TicketStatus

from ..faults import ActiveFault
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
from .downloads import attachment_url, file_url, read_size
from .query import StateQuery

MESSAGE_LENGTH = 4000
"""The number of characters of a log message in the document."""
LAST_MESSAGE_LENGTH = 200
"""The number of characters of the last log message of a listed ticket."""
TEXT_LENGTH = 500
"""The number of characters of every text that is not a log message."""
MOST_FILES = 200
"""The number of files in the document for each area of a ticket."""

Json = dict[str, object]


@attrs.frozen
class StateDocument:
    """The state as JSON.

    Attributes:
        time: the time of the mock's clock.
        etag: the value of the `ETag` header. It does not depend on `time`.
    """

    time: str
    body: bytes
    etag: str


@attrs.frozen
class _TicketCopy:
    """The values of a ticket at one moment."""

    ticket: Ticket
    history: Sequence[StatusChange]
    last_activity: float
    progress: float
    log: Sequence[LogEntry]
    log_lines: int


@attrs.frozen
class _DetailCopy:
    """The values and details of a ticket at one moment."""

    values: _TicketCopy
    chunks: Sequence[tuple[tuple[float, float], float]]
    pending: Sequence[Attachment]
    files: Mapping[FileArea, Sequence[StoredFile]]
    queue_position: int


def write_state_document(
    state: State, query: StateQuery, faults: Iterable[ActiveFault] = (), *, noauth: bool = False
) -> StateDocument:
    """Write the part of the state that a query selects."""
    text = json.dumps(_describe_state(state, query, faults, noauth), allow_nan=False)
    etag = f'"{hashlib.blake2b(text.encode("ascii"), digest_size=12).hexdigest()}"'
    time = _format_time(state.clock.now())
    # The ETag excludes the time, so the time is added to the text afterwards.
    body = f'{{"time": {json.dumps(time)}, {text[1:]}'
    return StateDocument(time, body.encode("ascii"), etag)


def _describe_state(
    state: State, query: StateQuery, faults: Iterable[ActiveFault], noauth: bool
) -> Json:
    counts = state.ticket_registry.count_by_status()
    tickets, matching = _find_tickets(state, query, counts)
    # Only copies are made under the lock, because requests to the mock wait for it.
    with state.lock:
        life = state.life
        users = dict(state.accounts.users)
        providers = [_describe_provider(item) for item in state.catalogue.providers.values()]
        services = [
            (service, state.ready_queues.get_length(service), _list_offering(state, service))
            for service in state.catalogue.services.values()
        ]
        listed = [_copy_ticket(state, ticket) for ticket in tickets]
        opened = [
            _copy_details(state, state.ticket_registry[ticket_id], query.log_lines)
            for ticket_id in sorted(query.opened, reverse=True)
            if 1 <= ticket_id <= len(state.ticket_registry)
        ]
    return {
        "life": life,
        "dialect": state.dialect,
        "noauth": noauth,
        "clock": _describe_clock(state.clock.setting),
        "faults": [_describe_fault(fault) for fault in faults],
        "services": [_describe_service(*service) for service in services],
        "providers": providers,
        "users": [_describe_user(user) for user in users.values()],
        "ticket_counts": counts,
        "tickets": [_describe_ticket(copy, users) for copy in listed],
        "older_tickets": matching - len(listed),
        "opened": [_describe_details(copy, users) for copy in opened],
    }


def _find_tickets(
    state: State, query: StateQuery, counts: Mapping[TicketStatus, int]
) -> tuple[list[Ticket], int]:
    """Return the tickets to list, and how many tickets match in all."""
    if query.ticket is None:
        matching = sum(counts[status] for status in query.statuses or TicketStatus)
        tickets = state.ticket_registry.list_newest(query.limit, query.statuses)
        return tickets, max(matching, len(tickets))
    with state.lock:
        if not 1 <= query.ticket <= len(state.ticket_registry):
            return [], 0
        ticket = state.ticket_registry[query.ticket]
    matches = not query.statuses or ticket.status in query.statuses
    return ([ticket], 1) if matches else ([], 0)


# ----------------------------------------------------------------- the caller holds the lock


def _copy_ticket(state: State, ticket: Ticket, log_lines: int = 1) -> _TicketCopy:
    return _TicketCopy(
        ticket,
        tuple(ticket.history),
        ticket.last_activity,
        state.progress.get(ticket),
        ticket.log[-log_lines:] if log_lines else [],
        len(ticket.log),
    )


def _copy_details(state: State, ticket: Ticket, log_lines: int) -> _DetailCopy:
    return _DetailCopy(
        values=_copy_ticket(state, ticket, log_lines),
        chunks=ticket.parts,
        pending=tuple(ticket.unlinked),
        files={area: state.file_areas.list_files(ticket.id, area) for area in FileArea},
        queue_position=state.ready_queues.get_overall_position(ticket),
    )


def _list_offering(state: State, service: Service) -> list[str]:
    """Return the names of the providers that offer a service now."""
    providers = state.catalogue.providers.values()
    return [_shorten(item.name) for item in providers if item.offers.get(service.githash)]


def _describe_provider(provider: Provider) -> Json:
    return {
        "name": _shorten(provider.name),
        "users": [
            {**_describe_person(member.user), "admin": member.admin}
            for _, member in sorted(provider.members.items())
        ],
        "services": [githash for githash, is_offered in provider.offers.items() if is_offered],
    }


# ------------------------------------------------------------------------ without the lock


def _describe_clock(setting: ClockSetting) -> Json:
    is_frozen = setting.frozen_at is not None
    return {"frozen": is_frozen, "ahead": None if is_frozen else round(setting.ahead, 3)}


def _describe_fault(fault: ActiveFault) -> Json:
    return {
        "id": fault.id,
        "description": _shorten(fault.description),
        "operation": fault.operation,
        "path": fault.path,
        "remaining": fault.remaining,
        "hits": fault.hits,
    }


def _describe_user(user: User) -> Json:
    return {
        **_describe_person(user),
        "name": _shorten(user.name),
        "sysadmin": user.sysadmin,
        "tier": user.tier,
    }


def _describe_person(user: User) -> Json:
    return {"id": user.id, "email": _shorten(user.email)}


def _describe_service(service: Service, length: int, providers: Sequence[str]) -> Json:
    return {
        **_describe_service_name(service),
        "shortdesc": service.shortdesc,
        "providers": providers,
        "queue_length": length,
        "last_heard": _format_time(service.heard_from) if service.asked_for else None,
    }


def _describe_service_name(service: Service) -> Json:
    return {
        "githash": service.githash,
        "name": _shorten(service.name),
        "version": _shorten(service.version),
    }


def _describe_ticket(copy: _TicketCopy, users: Mapping[int, User]) -> Json:
    ticket = copy.ticket
    claims = [change.claim for change in copy.history if change.claim is not None]
    return {
        "id": ticket.id,
        "status": copy.history[-1].status,
        "service": _describe_service_name(ticket.service),
        "user": _describe_person(ticket.user),
        "created": _format_time(copy.history[0].time),
        "changed": _format_time(copy.history[-1].time),
        "last_activity": _format_time(copy.last_activity),
        "progress": _finite_or_none(copy.progress),
        "claim": _describe_claim(claims[-1], users) if claims else None,
        "last_log": _describe_last_log(copy.log),
        "log_lines": copy.log_lines,
    }


def _describe_details(copy: _DetailCopy, users: Mapping[int, User]) -> Json:
    values = copy.values
    return {
        **_describe_ticket(values, users),
        "queue_position": copy.queue_position or None,
        "history": [
            {
                "status": change.status,
                "time": _format_time(change.time),
                "claim": _describe_claim(change.claim, users),
            }
            for change in values.history
        ],
        "chunks": [
            {
                "start": _finite_or_none(start),
                "end": _finite_or_none(end),
                "progress": _finite_or_none(progress),
            }
            for (start, end), progress in copy.chunks
        ],
        "log": [_describe_log_entry(entry) for entry in values.log],
        "pending": [_describe_attachment(attachment) for attachment in copy.pending],
        "input": _describe_area(copy, FileArea.INPUT),
        "results": _describe_area(copy, FileArea.RESULTS),
    }


def _describe_claim(claim: Claim | None, users: Mapping[int, User]) -> Json | None:
    if claim is None:
        return None
    return {
        "user": _describe_person(users[claim.user_id]),
        "provider": _shorten(claim.provider),
        "code": _shorten(claim.code),
    }


def _describe_last_log(log: Sequence[LogEntry]) -> Json | None:
    if not log:
        return None
    return {
        "time": _format_time(log[-1].time),
        "category": log[-1].category,
        "message": _shorten(log[-1].message, LAST_MESSAGE_LENGTH),
    }


def _describe_log_entry(entry: LogEntry) -> Json:
    return {
        "id": entry.id,
        "time": _format_time(entry.time),
        "category": entry.category,
        "message": entry.message[:MESSAGE_LENGTH],
        "length": len(entry.message),
        "attachments": [_describe_attachment(attachment) for attachment in entry.attachments],
    }


def _describe_attachment(attachment: Attachment) -> Json:
    size = read_size(attachment.path)
    return {
        "id": attachment.id,
        "description": _shorten(attachment.description),
        "mime_type": _shorten(attachment.mime_type),
        "url": None if size is None else attachment_url(attachment),
        "size": size,
    }


def _describe_area(copy: _DetailCopy, area: FileArea) -> Json:
    files = copy.files[area]
    return {
        "count": len(files),
        "size": sum(file.size for file in files),
        "files": [
            {
                "name": file.name,
                "size": file.size,
                "url": file_url(copy.values.ticket.id, area, file.name),
            }
            for file in files[:MOST_FILES]
        ],
    }


def _shorten(text: str, length: int = TEXT_LENGTH) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _finite_or_none(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _format_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
