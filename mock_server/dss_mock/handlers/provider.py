"""The handlers for providers."""

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

from ..errors import RequestRefused
from ..request import MockRequest
from ..response import FileResponse
from ..state import Service
from ..state.stored_number import parse_number, to_float
from .transfers import get_named_upload, list_files, serve_file

UNKNOWN_TYPE = "application/octet-stream"


def list_provided_services(request: MockRequest) -> list[ProvidedService]:
    """List the services of the user's providers."""
    return [
        ProvidedService(
            name=service.name,
            version=service.version,
            githash=service.githash,
            provider=provider.name,
        )
        for service, provider in request.state.catalogue.list_user_services(request.user)
    ]


def claim_ticket(request: MockRequest) -> Claim | None:
    """Claim the oldest ticket of several services."""
    services = _find_services(request)
    asked = request.decode(ClaimTicketRequest)
    ticket = request.state.tickets.claim(request.user, services, asked.provider, asked.code)
    if ticket is None:
        return None
    return Claim(id=ticket.id, service_githash=ticket.service.githash, status=TicketStatus.CLAIMED)


def list_available_services(request: MockRequest) -> list[AvailableService]:
    """List the services with waiting tickets."""
    services = _find_services(request)
    for service in services:
        request.state.catalogue.note_activity(service)
    return [
        AvailableService(
            service_githash=service.githash, service_name=service.name, ready_tickets=count
        )
        for service, count in request.state.ready_queues.list_waiting(services)
    ]


def claim_service_ticket(request: MockRequest) -> int | None:
    """Claim the oldest ticket of one service."""
    services = request.state.catalogue.find_provided_services(
        request.user, [request.path["githash"]]
    )
    asked = request.decode(ClaimServiceTicketRequest)
    ticket = request.state.tickets.claim(request.user, services, asked.provider, asked.code)
    return None if ticket is None else ticket.id


def list_service_claims(request: MockRequest) -> None:
    """Fail, as the middleware does."""
    raise RequestRefused(MiddlewareFault)


def list_claimed_ticket_files(request: MockRequest) -> list[TicketFile]:
    """List the files of an area."""
    request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    return list_files(request.state.file_areas.list_files(request.ticket_id, request.area))


def upload_claimed_ticket_file(request: MockRequest) -> None:
    """Store an uploaded file."""
    request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    upload = get_named_upload(request)
    request.state.file_areas.put_result(
        request.user, request.ticket_id, request.area, upload.to_stored_file()
    )
    upload.keep()


def download_claimed_ticket_file(request: MockRequest) -> FileResponse:
    """Send a file."""
    request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    file = request.state.file_areas.get_file(request.ticket_id, request.area, request.index)
    return serve_file(file, sized=False)


def get_claimed_ticket_status(request: MockRequest) -> TicketStatus:
    """Return the status of a ticket."""
    return request.state.ticket_registry.get_offered(request.user, request.ticket_id).status


def set_claimed_ticket_status(request: MockRequest) -> TicketStatus:
    """Set the outcome of a ticket."""
    request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    return request.state.tickets.finish(
        request.user, request.ticket_id, request.require_parameter("status")
    )


def log_message(request: MockRequest) -> int:
    """Add a line to the log of a ticket."""
    request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    asked = request.decode(LogMessageRequest)
    entry = request.state.logbook.write(
        request.user, request.ticket_id, asked.category, asked.message
    )
    return entry.id


def attach_file(request: MockRequest) -> int:
    """Attach a file to the log."""
    request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    description, upload = request.require_parameter("desc"), request.upload
    if upload is None or not upload.filename:
        raise DecodingError("the file is missing")
    mime_type = request.parameters.get("mime_type")
    if mime_type is None:
        mime_type = mimetypes.guess_type(upload.filename)[0] or UNKNOWN_TYPE
    attachment = request.state.logbook.attach(
        request.user, request.ticket_id, description, mime_type, upload.path
    )
    upload.keep()
    return attachment.id


def get_claimed_ticket_progress(request: MockRequest) -> float:
    """Return the progress of a ticket."""
    ticket = request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    return request.state.progress.get(ticket)


def set_progress(request: MockRequest) -> None:
    """Set the progress of a chunk."""
    request.state.ticket_registry.get_claimed(request.user, request.ticket_id)
    start, end = (
        parse_number(request.require_parameter(name)) for name in ("chunk_start", "chunk_end")
    )
    done = request.require_number("progress")
    if float(done) == 0:
        request.state.progress.forget(request.user, request.ticket_id, start, end)
    else:
        request.state.progress.set(
            request.user, request.ticket_id, start, end, to_float(parse_number(done))
        )


def _find_services(request: MockRequest) -> list[Service]:
    """Return the services that a provider asks for."""
    return request.state.catalogue.find_provided_services(
        request.user, request.require_parameter("services").split(",")
    )
