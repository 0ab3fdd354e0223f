"""What system administrators do; nobody else gets here."""

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
from ..call import Call
from ..refusal import Refused
from ..repository import read_repository

PURGE_AFTER = timedelta(days=PURGE_DAYS)
"""How old a ticket must be to be purged, if the request does not say it."""
PURGE_UNITS = {"days": timedelta(days=1), "hours": timedelta(hours=1)}
"""The parameters that say it, in the order in which they count."""


def list_providers(call: Call) -> list[Provider]:
    """List the providers."""
    return [Provider(name=found.name) for found in call.state.catalogue.listed_providers()]


def create_provider(call: Call) -> None:
    """Create a provider."""
    call.state.catalogue.create_provider(call.request(CreateProviderRequest).name)


def delete_provider(call: Call) -> None:
    """Let a provider offer nothing any more."""
    call.state.catalogue.delete_provider(call.path["provider"])


def list_provider_users(call: Call) -> list[ProviderUser]:
    """List who may act for a provider."""
    return [
        ProviderUser(id=member.user.id, email=member.user.email, admin=member.admin)
        for member in call.state.catalogue.members(call.path["provider"])
    ]


def add_provider_user(call: Call) -> ProviderMembership:
    """Let a user act for a provider."""
    name, email = call.path["provider"], call.required("email")
    try:
        admin = int(call.parameters.get("admin", "0")) != 0
    except ValueError as error:
        raise DecodingError("admin is no whole number") from error
    user = call.state.accounts.find(email)
    if user is None:
        raise Refused(UserNotFound)
    call.state.catalogue.add_member(name, user, admin=admin)
    return ProviderMembership(email=email, provider=name)


def remove_provider_user(call: Call) -> None:
    """Let a user no longer act for a provider."""
    call.state.catalogue.remove_member(call.path["provider"], call.path_id("user_id"))


def list_provider_services(call: Call) -> list[Service]:
    """List what a provider offers."""
    return [
        Service(
            name=service.name,
            version=service.version,
            githash=service.githash,
            shortdesc=service.shortdesc,
        )
        for service in call.state.catalogue.services_of(call.path["provider"])
    ]


def register_service(call: Call) -> str:
    """Offer the service that a git repository holds."""
    asked = call.request(RegisterServiceRequest)
    githash, descriptor = read_repository(asked.repo, asked.ref)
    return call.state.catalogue.register(asked.provider, githash, descriptor).githash


def remove_provider_service(call: Call) -> None:
    """Let a provider no longer offer a service."""
    call.state.catalogue.withdraw(call.path["provider"], call.path["githash"])


def list_all_tickets(call: Call) -> list[SubmittedTicket]:
    """List everybody's tickets."""
    return [
        SubmittedTicket(
            id=ticket.id,
            email=ticket.user.email,
            service=ticket.service.name,
            status=ticket.status,
            duration=_rounded_duration(ticket),
        )
        for ticket in call.state.register.everything()
    ]


def purge_tickets(call: Call) -> int:
    """Delete old tickets."""
    age = PURGE_AFTER.total_seconds()
    # Once there are days, nobody looks at the hours.
    for name, unit in PURGE_UNITS.items():
        if name in call.parameters:
            age = float(call.number(name)) * unit.total_seconds()
            break
    return call.state.tickets.purge(PurgeScope(call.path["scope"]), age)


def _rounded_duration(ticket: state.Ticket) -> timedelta:
    """From the first to the last change of status, in whole minutes; half a minute counts."""
    seconds = ticket.history[-1].time - ticket.created
    return timedelta(minutes=(seconds + 30) // 60)
