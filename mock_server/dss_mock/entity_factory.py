"""Users, providers, services and tickets for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dss_api import FileArea, ServiceExists, TicketStatus

from .errors import RequestRefused
from .file_store import StoredFile
from .seed import GITHASH
from .state import Service, State, Ticket, User
from .state.catalogue import REQUIRED_KEYS, is_complete

EXAMPLE_SERVICE = {"name": "Example", "version": "1.0.0", "shortdesc": "A service to test against"}
"""The default service of a test."""

_UNCLAIMED_STATUSES = (TicketStatus.INIT, TicketStatus.READY, TicketStatus.DELETED)


def add_user(state: State, email: str, *, sysadmin: bool, tier: str) -> User:
    """Add a user; see `DssServer.add_user`."""
    _check_text(email, "the e-mail address")
    if type(sysadmin) is not bool:
        raise TypeError(f"sysadmin must be True or False, not {sysadmin!r}")
    return state.accounts.add(email, sysadmin=sysadmin, tier=tier)


def add_provider(state: State, name: str, users: Iterable[User]) -> str:
    """Add a provider; see `DssServer.add_provider`."""
    _check_text(name, "the provider's name")
    if not isinstance(users, Iterable) or isinstance(users, str):
        raise TypeError(f"users must be a list of users, not {users!r}")
    members = list(users)
    for user in members:
        check_user(state, user)
    state.catalogue.create_provider(name)
    for user in members:
        state.catalogue.add_member(name, user)
    return name


def add_service(
    state: State, provider: str, descriptor: Mapping[str, object] | None, githash: str | None
) -> Service:
    """Add a service; see `DssServer.add_service`."""
    descriptor = EXAMPLE_SERVICE if descriptor is None else descriptor
    if not isinstance(descriptor, Mapping):
        raise TypeError(
            f"The descriptor must be a mapping such as {EXAMPLE_SERVICE!r}, not {descriptor!r}"
        )
    if githash is not None and not GITHASH.fullmatch(githash):
        raise ValueError(f"A githash has 40 hexadecimal digits, not {githash!r}")
    missing = [key for key in REQUIRED_KEYS if descriptor.get(key) is None]
    if missing:
        raise ValueError(f"The descriptor lacks {', '.join(missing)}. Add these entries.")
    if not is_complete(descriptor):
        raise ValueError(
            "In the descriptor, name and version must be strings or numbers, and shortdesc must be "
            f"a string, not {', '.join(repr(descriptor[key]) for key in REQUIRED_KEYS)}"
        )
    try:
        return state.catalogue.register_service(provider, githash, descriptor)
    except RequestRefused as refused:
        if refused.error is ServiceExists:
            name = f"{descriptor['name']} {descriptor['version']}"
            raise ValueError(
                f"The service {name} exists already with a different githash. "
                "Choose a different name or version"
            ) from refused
        raise ValueError(
            f"The provider {provider!r} does not exist. Create it with add_provider()."
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
    """Add a ticket; see `DssServer.add_ticket`."""
    status = TicketStatus(status)
    check_user(state, user)
    _check_service(state, service)
    if claimed_by is not None:
        check_user(state, claimed_by)
    if files is not None and not isinstance(files, Mapping):
        raise TypeError(f"files must map names to bytes, as in {{'a.txt': b'a'}}, not {files!r}")
    for name, content in (files or {}).items():
        if not isinstance(content, bytes):
            raise TypeError(f"The content of {name!r} must be bytes, not {type(content).__name__}")
    claim = None if status in _UNCLAIMED_STATUSES else _find_claimer(state, service, claimed_by)
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
    path = state.file_store.allocate_path()
    path.write_bytes(content)
    file = StoredFile(name, path, len(content))
    state.file_areas.put_input(ticket.user, ticket.id, FileArea.INPUT, file)


def _find_claimer(state: State, service: Service, wanted: User | None) -> tuple[str, User]:
    for provider in state.catalogue.providers.values():
        if service.githash in provider.offers:
            for member in provider.members.values():
                if wanted in (None, member.user):
                    return provider.name, member.user
    who = f"{wanted.email} does not belong to" if wanted else "No user belongs to"
    raise ValueError(
        f"{who} a provider that offers {service.name}, so the ticket cannot be claimed. "
        "Add users with add_provider(name, users=[...])"
    )


def check_user(state: State, user: object) -> None:
    """Check that an object is a user of the state.

    Raises:
        TypeError: it is not a user.
        ValueError: the user is unknown to this state, or a reset has removed the user.
    """
    if not isinstance(user, User):
        raise TypeError(f"{user!r} is not a user. Create one with add_user().")
    if state.accounts.users.get(user.id) is not user:
        raise ValueError(f"{user.email} is unknown, or a reset has removed it. Use add_user().")


def _check_service(state: State, service: object) -> None:
    if not isinstance(service, Service):
        raise TypeError(f"{service!r} is not a service. Create one with add_service().")
    if state.catalogue.services.get(service.githash) is not service:
        raise ValueError(
            f"{service.name} is unknown, or a reset has removed it. Use add_service()."
        )


def _check_text(value: object, name: str) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {value!r}")
    if not value:
        raise ValueError(f"{name} must not be empty")
