"""The handlers for users."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from dss_api import (
    Attachment,
    DetailedLogEntry,
    FileNotServable,
    LogEntry,
    MiddlewareFault,
    MissingParameter,
    Service,
    ServiceStats,
    Ticket,
    TicketDetail,
    TicketFile,
    TicketStatus,
)
from dss_api.requests import CreateTicketRequest
from dss_api.routes import DOWNLOAD_BLOB

from .. import state
from ..errors import RequestRefused
from ..request import MockRequest
from ..response import FileResponse
from ..state.stored_number import parse_number
from .transfers import fits_header, get_named_upload, is_one_line, list_files, serve_file


def list_services(request: MockRequest) -> list[Service]:
    """List the services on offer."""
    return [
        Service(
            name=service.name,
            githash=service.githash,
            version=service.version,
            shortdesc=service.shortdesc,
        )
        for service in request.state.catalogue.list_services()
    ]


def get_service_detail(request: MockRequest) -> Mapping[str, object]:
    """Return the complete descriptor of a service."""
    return request.state.catalogue.find_service(request.path["githash"]).descriptor


def get_service_stats(request: MockRequest) -> ServiceStats:
    """Return the statistics of a service."""
    return request.state.service_statistics.compute(
        request.state.catalogue.find_service(request.path["githash"])
    )


def list_tickets(request: MockRequest) -> list[Ticket]:
    """List the user's tickets."""
    return [
        Ticket(id=ticket.id, service=ticket.service.name, status=ticket.status)
        for ticket in request.state.ticket_registry.list_user_tickets(request.user)
    ]


def create_ticket(request: MockRequest) -> int:
    """Create a ticket."""
    asked = request.decode(CreateTicketRequest)
    if asked.githash is not None:
        service = request.state.catalogue.find_service(asked.githash)
    elif asked.name is not None:
        service = request.state.catalogue.find_latest_service(asked.name)
    else:
        raise RequestRefused(MissingParameter)
    return request.state.tickets.create(request.user, service).id


def list_ticket_files(request: MockRequest) -> list[TicketFile]:
    """List the files of an area."""
    request.state.ticket_registry.find_visible(request.user, request.ticket_id)
    return list_files(request.state.file_areas.list_files(request.ticket_id, request.area))


def upload_ticket_file(request: MockRequest) -> None:
    """Store an uploaded file."""
    request.state.ticket_registry.find_changeable(
        request.user, request.ticket_id, [TicketStatus.INIT]
    )
    upload = get_named_upload(request)
    request.state.file_areas.put_input(
        request.user, request.ticket_id, request.area, upload.to_stored_file()
    )
    upload.keep()


def download_ticket_file(request: MockRequest) -> FileResponse:
    """Send a file."""
    request.state.ticket_registry.find_visible(request.user, request.ticket_id)
    file = request.state.file_areas.get_file(request.ticket_id, request.area, request.index)
    return serve_file(file, sized=True)


def get_ticket_status(request: MockRequest) -> TicketStatus:
    """Return the status of a ticket."""
    return request.state.ticket_registry.get_existing(request.user, request.ticket_id).status


def set_ticket_status(request: MockRequest) -> TicketStatus:
    """Queue a ticket."""
    return request.state.tickets.submit(
        request.user, request.ticket_id, request.require_parameter("status")
    )


def get_ticket_log(request: MockRequest) -> list[LogEntry]:
    """Return the log of a ticket."""
    ticket = request.state.ticket_registry.find_visible(request.user, request.ticket_id)
    return [
        LogEntry(
            id=entry.id,
            atime=_to_datetime(entry.time),
            category=entry.category,
            attachments=len(entry.attachments),
            message=entry.message,
        )
        for entry in (
            request.state.logbook.list_entries(ticket, _parse_since(request)) if ticket else ()
        )
    ]


def list_log_attachments(request: MockRequest) -> list[Attachment]:
    """List the attachments of a log line."""
    log_id = request.parse_path_id("log_id")
    found = request.state.logbook.list_attachments(request.user, log_id)
    return [_describe_attachment(request, attachment) for attachment in found]


def get_ticket_detail(request: MockRequest) -> TicketDetail:
    """Return all details of a ticket."""
    detail = request.state.tickets.get_snapshot(
        request.user, request.ticket_id, _parse_since(request)
    )
    return TicketDetail(
        status=detail.status,
        progress=detail.progress,
        queue_position=detail.queue_position,
        log=tuple(
            DetailedLogEntry(
                id=entry.id,
                atime=_to_datetime(entry.time),
                category=entry.category,
                attachments=tuple(
                    _describe_attachment(request, item) for item in entry.attachments
                ),
                message=entry.message,
            )
            for entry in detail.log
        ),
    )


def get_ticket_progress(request: MockRequest) -> float:
    """Return the progress of a ticket."""
    ticket = request.state.ticket_registry.find_visible(request.user, request.ticket_id)
    return request.state.progress.get(ticket) if ticket else 0.0


def get_queue_position(request: MockRequest) -> int:
    """Return the place of a ticket in the queue."""
    ticket = request.state.ticket_registry.find_visible(request.user, request.ticket_id)
    return request.state.ready_queues.get_position(ticket) if ticket else 0


def delete_ticket(request: MockRequest) -> TicketStatus:
    """Delete a ticket."""
    return request.state.tickets.delete(request.user, request.ticket_id)


def retry_ticket(request: MockRequest) -> TicketStatus:
    """Queue a failed ticket again."""
    return request.state.tickets.retry(request.user, request.ticket_id)


def download_blob(request: MockRequest) -> FileResponse:
    """Send an attachment."""
    attachment = request.state.logbook.find_attachment(request.path["blob"])
    media_type = attachment.mime_type
    if attachment.path is None or not is_one_line(media_type):
        raise RequestRefused(MiddlewareFault)
    if not fits_header(media_type):
        raise RequestRefused(FileNotServable)
    return FileResponse(attachment.path, media_type)


def _describe_attachment(request: MockRequest, attachment: state.Attachment) -> Attachment:
    return Attachment(
        id=attachment.id,
        description=attachment.description,
        mime_type=attachment.mime_type,
        url=request.server + DOWNLOAD_BLOB.path.format(blob=attachment.short_blob),
    )


def _parse_since(request: MockRequest) -> float:
    """Return the log id to start after. A string that is not a number counts as after all ids."""
    since = parse_number(request.parameters.get("since", "-1"))
    return math.inf if isinstance(since, str) else since


def _to_datetime(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
