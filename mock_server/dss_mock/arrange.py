"""What a test needs to be there before it begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dss_api import FileArea, ServiceExists, TicketStatus

from .files import StoredFile
from .refusal import Refused
from .state import Service, State, Ticket, User
from .state.catalogue import NEEDED

EXAMPLE = {"name": "Example", "version": "1.0.0", "shortdesc": "A service to test against"}
"""The service of a test that needs any."""

_UNCLAIMED = (TicketStatus.INIT, TicketStatus.READY, TicketStatus.DELETED)


def add_provider(state: State, name: str, users: Iterable[User]) -> str:
    """See `DssServer.add_provider`."""
    members = list(users)
    for user in members:
        _check_user(user)
    state.catalogue.create_provider(name)
    for user in members:
        state.catalogue.add_member(name, user)
    return name


def add_service(
    state: State, provider: str, descriptor: Mapping[str, object] | None, githash: str | None
) -> Service:
    """See `DssServer.add_service`."""
    descriptor = descriptor or EXAMPLE
    missing = [key for key in NEEDED if descriptor.get(key) is None]
    if missing:
        raise ValueError(f"the descriptor lacks {', '.join(missing)}")
    try:
        return state.catalogue.register(provider, githash, descriptor)
    except Refused as refused:
        if refused.error is ServiceExists:
            name = f"{descriptor['name']} {descriptor['version']}"
            raise ValueError(f"there is another service {name}") from refused
        raise ValueError(
            f"there is no provider {provider!r}; add_provider() makes one"
        ) from refused


def add_ticket(
    state: State,
    user: User,
    service: Service,
    *,
    files: Mapping[str, bytes] | None,
    status: TicketStatus | str,
    claimed_by: User | None,
) -> Ticket:
    """See `DssServer.add_ticket`."""
    status = TicketStatus(status)
    _check_user(user)
    for name, content in (files or {}).items():
        if not isinstance(content, bytes):
            raise TypeError(f"the content of {name!r} must be bytes, not {type(content).__name__}")
    claim = None if status in _UNCLAIMED else _find_claimer(state, service, claimed_by)
    ticket = state.tickets.create(user, service, unlimited=True)
    for name, content in (files or {}).items():
        _add_input(state, ticket, name, content)
    if status is TicketStatus.DELETED:
        state.tickets.delete(user, ticket.id)
    elif status is not TicketStatus.INIT:
        state.tickets.submit(user, ticket.id, TicketStatus.READY)
    if claim is not None:
        provider, claimer = claim
        state.tickets.hand_over(ticket, claimer, provider, "default")
        if status is TicketStatus.TIMEOUT:
            state.tickets.expire(ticket)
        elif status is not TicketStatus.CLAIMED:
            state.tickets.finish(claimer, ticket.id, status)
    return ticket


def _add_input(state: State, ticket: Ticket, name: str, content: bytes) -> None:
    path = state.folder.new_path()
    path.write_bytes(content)
    file = StoredFile(name, path, len(content))
    state.areas.put_input(ticket.user, ticket.id, FileArea.INPUT, file)


def _find_claimer(state: State, service: Service, wanted: User | None) -> tuple[str, User]:
    for provider in state.catalogue.providers.values():
        if service.githash in provider.offers:
            for member in provider.members.values():
                if wanted in (None, member.user):
                    return provider.name, member.user
    who = f"{wanted.email} is none of them" if wanted else "there is none"
    raise ValueError(
        f"only a user of a provider of {service.name} can have claimed the ticket, and {who}; "
        "add_provider(name, users=[...]) names them"
    )


def _check_user(user: object) -> None:
    if not isinstance(user, User):
        raise TypeError(f"{user!r} is no user; add_user() gives one")
