"""What providers of the services do."""

from __future__ import annotations

import mimetypes

from dss_api import (
    AvailableService,
    Claim,
    MiddlewareFault,
    ProvidedService,
    TicketFile,
    TicketStatus,
)
from dss_api.requests import (
    ClaimServiceTicketRequest,
    ClaimTicketRequest,
    LogMessageRequest,
)
from dss_wire.scalars import DecodingError

from ..call import Call, FileAnswer
from ..refusal import Refused
from ..state import Service
from ..state.stored_number import counted, stored
from .transfers import listed, named_upload, served

UNKNOWN_TYPE = "application/octet-stream"


def list_provided_services(call: Call) -> list[ProvidedService]:
    """List what one's providers offer."""
    return [
        ProvidedService(
            name=service.name,
            version=service.version,
            githash=service.githash,
            provider=provider.name,
        )
        for service, provider in call.state.catalogue.provided_by(call.user)
    ]


def claim_ticket(call: Call) -> Claim | None:
    """Take the oldest ticket for several services."""
    services = _services(call)
    asked = call.request(ClaimTicketRequest)
    ticket = call.state.tickets.claim(call.user, services, asked.provider, asked.code)
    if ticket is None:
        return None
    return Claim(id=ticket.id, service_githash=ticket.service.githash, status=TicketStatus.CLAIMED)


def list_available_services(call: Call) -> list[AvailableService]:
    """List the services for which tickets wait."""
    services = _services(call)
    for service in services:
        call.state.catalogue.hear_from(service)
    return [
        AvailableService(
            service_githash=service.githash, service_name=service.name, ready_tickets=count
        )
        for service, count in call.state.queues.waiting(services)
    ]


def claim_service_ticket(call: Call) -> int | None:
    """Take the oldest ticket for one service."""
    services = call.state.catalogue.asked_by(call.user, [call.path["githash"]])
    asked = call.request(ClaimServiceTicketRequest)
    ticket = call.state.tickets.claim(call.user, services, asked.provider, asked.code)
    return None if ticket is None else ticket.id


def list_service_claims(call: Call) -> None:
    """Fail, as it does in the middleware."""
    raise Refused(MiddlewareFault)


def list_claimed_ticket_files(call: Call) -> list[TicketFile]:
    """List the files of an area."""
    call.state.register.claimed(call.user, call.ticket_id)
    return listed(call.state.areas.files(call.ticket_id, call.area))


def upload_claimed_ticket_file(call: Call) -> None:
    """Take a file."""
    call.state.register.claimed(call.user, call.ticket_id)
    upload = named_upload(call)
    call.state.areas.put_result(call.user, call.ticket_id, call.area, upload.stored())
    upload.take()


def download_claimed_ticket_file(call: Call) -> FileAnswer:
    """Send a file."""
    call.state.register.claimed(call.user, call.ticket_id)
    file = call.state.areas.file(call.ticket_id, call.area, call.index)
    return served(file, sized=False)


def get_claimed_ticket_status(call: Call) -> TicketStatus:
    """Say where a ticket is in its life."""
    return call.state.register.offered(call.user, call.ticket_id).status


def set_claimed_ticket_status(call: Call) -> TicketStatus:
    """Say how the work ended."""
    call.state.register.claimed(call.user, call.ticket_id)
    return call.state.tickets.finish(call.user, call.ticket_id, call.required("status"))


def log_message(call: Call) -> int:
    """Write into the ticket's log."""
    call.state.register.claimed(call.user, call.ticket_id)
    asked = call.request(LogMessageRequest)
    entry = call.state.logbook.write(call.user, call.ticket_id, asked.category, asked.message)
    return entry.id


def attach_file(call: Call) -> int:
    """Take a file for the log."""
    call.state.register.claimed(call.user, call.ticket_id)
    description, upload = call.required("desc"), call.upload
    if upload is None or not upload.filename:
        raise DecodingError("there is no file")
    mime_type = call.parameters.get("mime_type")
    if mime_type is None:
        mime_type = mimetypes.guess_type(upload.filename)[0] or UNKNOWN_TYPE
    attachment = call.state.logbook.attach(
        call.user, call.ticket_id, description, mime_type, upload.path
    )
    upload.take()
    return attachment.id


def get_claimed_ticket_progress(call: Call) -> float:
    """Say how far the work is."""
    ticket = call.state.register.claimed(call.user, call.ticket_id)
    return call.state.progress.of(ticket)


def set_progress(call: Call) -> None:
    """Take note of how far the work is."""
    call.state.register.claimed(call.user, call.ticket_id)
    start, end = (stored(call.required(name)) for name in ("chunk_start", "chunk_end"))
    done = call.number("progress")
    if float(done) == 0:
        call.state.progress.forget(call.user, call.ticket_id, start, end)
    else:
        call.state.progress.set(call.user, call.ticket_id, start, end, counted(stored(done)))


def _services(call: Call) -> list[Service]:
    """The services that a provider asks about."""
    return call.state.catalogue.asked_by(call.user, call.required("services").split(","))
