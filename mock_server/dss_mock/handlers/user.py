"""What users of the services do."""

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
from ..call import Call, FileAnswer
from ..refusal import Refused
from ..state.stored_number import stored
from .transfers import fits_header, is_one_line, listed, named_upload, served


def list_services(call: Call) -> list[Service]:
    """List what can be asked for."""
    return [
        Service(
            name=service.name,
            githash=service.githash,
            version=service.version,
            shortdesc=service.shortdesc,
        )
        for service in call.state.catalogue.current_services()
    ]


def get_service_detail(call: Call) -> Mapping[str, object]:
    """Give the descriptor, with whatever else its author put into it."""
    return call.state.catalogue.find(call.path["githash"]).descriptor


def get_service_stats(call: Call) -> ServiceStats:
    """Count what became of tickets."""
    return call.state.outcomes.stats(call.state.catalogue.find(call.path["githash"]))


def list_tickets(call: Call) -> list[Ticket]:
    """List one's own tickets."""
    return [
        Ticket(id=ticket.id, service=ticket.service.name, status=ticket.status)
        for ticket in call.state.register.of_user(call.user)
    ]


def create_ticket(call: Call) -> int:
    """Begin a ticket."""
    asked = call.request(CreateTicketRequest)
    if asked.githash is not None:
        service = call.state.catalogue.find(asked.githash)
    elif asked.name is not None:
        service = call.state.catalogue.latest(asked.name)
    else:
        raise Refused(MissingParameter)
    return call.state.tickets.create(call.user, service).id


def list_ticket_files(call: Call) -> list[TicketFile]:
    """List the files of an area."""
    call.state.register.visible(call.user, call.ticket_id)
    return listed(call.state.areas.files(call.ticket_id, call.area))


def upload_ticket_file(call: Call) -> None:
    """Take a file."""
    call.state.register.changeable(call.user, call.ticket_id, [TicketStatus.INIT])
    upload = named_upload(call)
    call.state.areas.put_input(call.user, call.ticket_id, call.area, upload.stored())
    upload.take()


def download_ticket_file(call: Call) -> FileAnswer:
    """Send a file."""
    call.state.register.visible(call.user, call.ticket_id)
    file = call.state.areas.file(call.ticket_id, call.area, call.index)
    return served(file, sized=True)


def get_ticket_status(call: Call) -> TicketStatus:
    """Say where a ticket is in its life."""
    return call.state.register.existing(call.user, call.ticket_id).status


def set_ticket_status(call: Call) -> TicketStatus:
    """Queue a ticket."""
    return call.state.tickets.submit(call.user, call.ticket_id, call.required("status"))


def get_ticket_log(call: Call) -> list[LogEntry]:
    """Give what was logged."""
    ticket = call.state.register.visible(call.user, call.ticket_id)
    return [
        LogEntry(
            id=entry.id,
            atime=_instant(entry.time),
            category=entry.category,
            attachments=len(entry.attachments),
            message=entry.message,
        )
        for entry in (call.state.logbook.entries(ticket, _since(call)) if ticket else ())
    ]


def list_log_attachments(call: Call) -> list[Attachment]:
    """List the attachments of a line of the log."""
    log_id = call.path_id("log_id")
    found = call.state.logbook.linked_attachments(call.user, log_id)
    return [_attachment(call, attachment) for attachment in found]


def get_ticket_detail(call: Call) -> TicketDetail:
    """Give all about a ticket at once."""
    detail = call.state.tickets.detail(call.user, call.ticket_id, _since(call))
    return TicketDetail(
        status=detail.status,
        progress=detail.progress,
        queue_position=detail.queue_position,
        log=tuple(
            DetailedLogEntry(
                id=entry.id,
                atime=_instant(entry.time),
                category=entry.category,
                attachments=tuple(_attachment(call, item) for item in entry.attachments),
                message=entry.message,
            )
            for entry in detail.log
        ),
    )


def get_ticket_progress(call: Call) -> float:
    """Say how far the work is."""
    ticket = call.state.register.visible(call.user, call.ticket_id)
    return call.state.progress.of(ticket) if ticket else 0.0


def get_queue_position(call: Call) -> int:
    """Say how many tickets are due first."""
    ticket = call.state.register.visible(call.user, call.ticket_id)
    return call.state.queues.position(ticket) if ticket else 0


def delete_ticket(call: Call) -> TicketStatus:
    """Delete a ticket."""
    return call.state.tickets.delete(call.user, call.ticket_id)


def retry_ticket(call: Call) -> TicketStatus:
    """Queue a failed ticket again."""
    return call.state.tickets.retry(call.user, call.ticket_id)


def download_blob(call: Call) -> FileAnswer:
    """Send an attachment."""
    attachment = call.state.logbook.attachment(call.path["blob"])
    media_type = attachment.mime_type
    if attachment.path is None or not is_one_line(media_type):
        raise Refused(MiddlewareFault)
    if not fits_header(media_type):
        raise Refused(FileNotServable)
    return FileAnswer(attachment.path, media_type)


def _attachment(call: Call, attachment: state.Attachment) -> Attachment:
    return Attachment(
        id=attachment.id,
        description=attachment.description,
        mime_type=attachment.mime_type,
        url=call.server + DOWNLOAD_BLOB.path.format(blob=attachment.short_blob),
    )


def _since(call: Call) -> float:
    """After which line of the log to begin; what is no number comes after all of them."""
    since = stored(call.parameters.get("since", "-1"))
    return math.inf if isinstance(since, str) else since


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
