"""The handlers for administrators."""

from __future__ import annotations

from datetime import timedelta

from dss_api import (
    Provider,
    ProviderMembership,
    ProviderUser,
    PurgeScope,
    Service,
    SubmittedTicket,
    UserNotFound,
)
from dss_api.constants import PURGE_DAYS
from dss_api.requests import CreateProviderRequest, RegisterServiceRequest
from dss_wire.scalars import DecodingError

from .. import state
from ..errors import RequestRefused
from ..git_repository import read_repository
from ..request import MockRequest

PURGE_AFTER = timedelta(days=PURGE_DAYS)
"""The minimum age of a purged ticket if the request does not set it."""
PURGE_UNITS = {"days": timedelta(days=1), "hours": timedelta(hours=1)}
"""The parameters that set the age. The first of them that the request contains counts."""


def list_providers(request: MockRequest) -> list[Provider]:
    """List the providers."""
    return [Provider(name=found.name) for found in request.state.catalogue.list_providers()]


def create_provider(request: MockRequest) -> None:
    """Create a provider."""
    request.state.catalogue.create_provider(request.decode(CreateProviderRequest).name)


def delete_provider(request: MockRequest) -> None:
    """Withdraw all services of a provider."""
    request.state.catalogue.delete_provider(request.path["provider"])


def list_provider_users(request: MockRequest) -> list[ProviderUser]:
    """List the users of a provider."""
    return [
        ProviderUser(id=member.user.id, email=member.user.email, admin=member.admin)
        for member in request.state.catalogue.list_members(request.path["provider"])
    ]


def add_provider_user(request: MockRequest) -> ProviderMembership:
    """Add a user to a provider."""
    name, email = request.path["provider"], request.require_parameter("email")
    try:
        admin = int(request.parameters.get("admin", "0")) != 0
    except ValueError as error:
        raise DecodingError("admin is not a whole number") from error
    user = request.state.accounts.find(email)
    if user is None:
        raise RequestRefused(UserNotFound)
    request.state.catalogue.add_member(name, user, admin=admin)
    return ProviderMembership(email=email, provider=name)


def remove_provider_user(request: MockRequest) -> None:
    """Remove a user from a provider."""
    request.state.catalogue.remove_member(
        request.path["provider"], request.parse_path_id("user_id")
    )


def list_provider_services(request: MockRequest) -> list[Service]:
    """List the services of a provider."""
    return [
        Service(
            name=service.name,
            version=service.version,
            githash=service.githash,
            shortdesc=service.shortdesc,
        )
        for service in request.state.catalogue.list_provider_services(request.path["provider"])
    ]


def register_service(request: MockRequest) -> str:
    """Register the service that a git repository describes."""
    asked = request.decode(RegisterServiceRequest)
    githash, descriptor = read_repository(asked.repo, asked.ref)
    return request.state.catalogue.register_service(asked.provider, githash, descriptor).githash


def remove_provider_service(request: MockRequest) -> None:
    """Let a provider no longer offer a service."""
    request.state.catalogue.withdraw_service(request.path["provider"], request.path["githash"])


def list_all_tickets(request: MockRequest) -> list[SubmittedTicket]:
    """List the tickets of all users."""
    return [
        SubmittedTicket(
            id=ticket.id,
            email=ticket.user.email,
            service=ticket.service.name,
            status=ticket.status,
            duration=_compute_duration(ticket),
        )
        for ticket in request.state.ticket_registry.list_open()
    ]


def purge_tickets(request: MockRequest) -> int:
    """Delete old tickets."""
    age = PURGE_AFTER.total_seconds()
    # If days are given, the middleware ignores hours.
    for name, unit in PURGE_UNITS.items():
        if name in request.parameters:
            age = float(request.require_number(name)) * unit.total_seconds()
            break
    return request.state.tickets.purge(PurgeScope(request.path["scope"]), age)


def _compute_duration(ticket: state.Ticket) -> timedelta:
    """Return the time from the first to the last change of status, rounded to minutes, half up."""
    seconds = ticket.history[-1].time - ticket.created
    return timedelta(minutes=(seconds + 30) // 60)
