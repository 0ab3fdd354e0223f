"""Providers, their users and the services that they offer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping

from dss_api import MiddlewareFault, NotAProvider, ServiceExists, ServiceNotFound

from ..refusal import Refused
from .accounts import check_known
from .entities import Member, Provider, Service, User
from .ground import Ground

NEEDED = ("name", "version", "shortdesc")
"""What a service's descriptor must have; the last one as a text, the others maybe as a number."""


class Catalogue:
    """Who offers what.

    Attributes:
        providers: by name, in the order of their creation.
        services: by githash, in the order of their registration; those no longer offered too.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.clear()

    def clear(self) -> None:
        """Forget all providers and services."""
        with self._ground.lock:
            self.providers: dict[str, Provider] = {}
            self.services: dict[str, Service] = {}
            self._by_name: dict[str, list[Service]] = {}
            self._providers_of_user: dict[int, dict[str, Provider]] = {}
            # The names of those who offer a service now, by githash.
            self._offering: dict[str, set[str]] = {}

    # ------------------------------------------------------------------------------- providers

    def create_provider(self, name: str) -> Provider:
        """Create a provider; one that exists stays as it is."""
        with self._ground.lock:
            provider = self.providers.get(name, Provider(name))
            if not provider.listed:
                # Users may have been added to it before; its place in the list is its creation's.
                self.providers.pop(name, None)
                self.providers[name] = provider
                provider.listed = True
            self._ground.changed(provider)
            return provider

    def delete_provider(self, name: str) -> None:
        """Let a provider offer nothing any more; it stays in the list, and so do its users."""
        with self._ground.lock:
            if name in self.providers:
                for githash in self.providers[name].offers:
                    self.withdraw(name, githash)

    def listed_providers(self) -> list[Provider]:
        """The providers that were created."""
        with self._ground.lock:
            return [provider for provider in self.providers.values() if provider.listed]

    def add_member(self, name: str, user: User, *, admin: bool = False) -> None:
        """Let a user act for a provider, even for one that does not exist.

        Raises:
            Refused: a reset has forgotten the user.
        """
        with self._ground.lock:
            check_known(user)
            provider = self.providers.setdefault(name, Provider(name))
            # Who is added anew comes last.
            provider.members.pop(user.id, None)
            provider.members[user.id] = Member(user, admin)
            self._providers_of_user.setdefault(user.id, {})[name] = provider
            self._ground.changed(provider)

    def remove_member(self, name: str, user_id: int) -> None:
        """Let a user no longer act for a provider."""
        with self._ground.lock:
            provider = self.providers.get(name)
            if provider and provider.members.pop(user_id, None):
                del self._providers_of_user[user_id][name]
                self._ground.changed(provider)

    def members(self, name: str) -> list[Member]:
        """The users of a provider, in the order in which they were last added."""
        with self._ground.lock:
            return list(self.providers[name].members.values()) if name in self.providers else []

    # -------------------------------------------------------------------------------- services

    def register(self, name: str, githash: str | None, descriptor: Mapping[str, object]) -> Service:
        """Let a provider offer a service.

        Args:
            githash: the commit that the descriptor stands in; made from it if there is none.

        Raises:
            Refused: there is no such provider, the descriptor lacks something, or another
                service has the same name and version.
        """
        githash = githash or made_githash(descriptor)
        with self._ground.lock:
            service = self.services.get(githash)
            if service is None:
                if not is_complete(descriptor):
                    raise Refused(MiddlewareFault)
                service = Service(githash, descriptor, self._ground.now())
            if self.has_other(service.name, service.version, githash):
                raise Refused(ServiceExists)
            provider = self.providers.get(name)
            if provider is None or not provider.listed:
                raise Refused(MiddlewareFault)
            if githash not in self.services:
                self.restore_service(service)
                self._ground.changed(service)
            provider.offers[githash] = True
            self._offering.setdefault(githash, set()).add(name)
            self._ground.changed(provider)
            return service

    def has_other(self, name: str, version: str, githash: str) -> bool:
        """Whether a current service of this name and version has another hash."""
        with self._ground.lock:
            return any(
                other.version == version and other.githash != githash and self._is_current(other)
                for other in self._by_name.get(name, ())
            )

    def withdraw(self, name: str, githash: str) -> None:
        """Let a provider no longer offer a service."""
        with self._ground.lock:
            provider = self.providers.get(name)
            if provider and githash in provider.offers:
                provider.offers[githash] = False
                self._offering[githash].discard(name)
                self._ground.changed(provider)

    def current_services(self) -> list[Service]:
        """The services that some provider offers, in the order of their registration."""
        with self._ground.lock:
            return [service for service in self.services.values() if self._is_current(service)]

    def services_of(self, name: str) -> list[Service]:
        """The current services that a provider ever offered, by name and version."""
        with self._ground.lock:
            offers = self.providers[name].offers if name in self.providers else {}
            found = [self.services[githash] for githash in offers]
            return sorted(
                filter(self._is_current, found), key=lambda found: (found.name, found.version)
            )

    def provided_by(self, user: User) -> list[tuple[Service, Provider]]:
        """The current services that a user's providers ever offered, by provider and githash."""
        with self._ground.lock:
            pairs = [
                (self.services[githash], provider)
                for provider in self._providers_of(user)
                for githash in provider.offers
            ]
            return sorted(
                (pair for pair in pairs if self._is_current(pair[0])),
                key=lambda pair: (pair[1].name, pair[0].githash),
            )

    def find(self, githash: str) -> Service:
        """A service, offered or not.

        Raises:
            Refused: there is none.
        """
        service = self.services.get(githash)
        if service is None:
            raise Refused(ServiceNotFound, githash=githash)
        return service

    def latest(self, name: str) -> Service:
        """The service of the highest version that a name has, offered or not.

        Raises:
            Refused: there is none of that name.
        """
        with self._ground.lock:
            found = self._by_name.get(name)
            if found is None:
                raise Refused(ServiceNotFound, name=name)
            return max(found, key=_version_numbers)

    # ---------------------------------------------------------------------------------- claims

    def serves(self, user: User, service: Service) -> bool:
        """Whether a provider of the user ever offered a service."""
        with self._ground.lock:
            return any(service.githash in provider.offers for provider in self._providers_of(user))

    def asked_by(self, user: User, githashes: Iterable[str]) -> list[Service]:
        """The services of which a user asks as their provider.

        Raises:
            Refused: the user is no provider of one of them.
        """
        with self._ground.lock:
            found: list[Service] = []
            for githash in githashes:
                service = self.services.get(githash)
                if service is None or not self.serves(user, service):
                    raise Refused(NotAProvider, githash=githash)
                found.append(service)
            return found

    def hear_from(self, service: Service) -> None:
        """Note that a provider is at work on a service."""
        with self._ground.lock:
            service.heard_from = self._ground.now()
            service.asked_for = True
            # One that a reset has forgotten since is not to be saved.
            if self.services.get(service.githash) is service:
                self._ground.changed(service)

    # --------------------------------------------------------------------- what was saved

    def restore_service(self, service: Service) -> None:
        """Put in a service that was there before."""
        with self._ground.lock:
            self.services[service.githash] = service
            self._by_name.setdefault(service.name, []).append(service)

    def restore_provider(self, provider: Provider) -> None:
        """Put in a provider that was there before, as were its members and services."""
        with self._ground.lock:
            self.providers[provider.name] = provider
            for user_id in provider.members:
                self._providers_of_user.setdefault(user_id, {})[provider.name] = provider
            for githash, offered in provider.offers.items():
                offering = self._offering.setdefault(githash, set())
                if offered:
                    offering.add(provider.name)

    # -------------------------------------------------------- with the lock held by the caller

    def _is_current(self, service: Service) -> bool:
        return bool(self._offering.get(service.githash))

    def _providers_of(self, user: User) -> Collection[Provider]:
        return self._providers_of_user.get(user.id, {}).values()


def is_complete(descriptor: Mapping[str, object]) -> bool:
    """Whether a descriptor has what it must have."""
    *names, text = (descriptor.get(key) for key in NEEDED)
    return isinstance(text, str) and all(isinstance(name, str | int | float) for name in names)


def made_githash(descriptor: Mapping[str, object]) -> str:
    """What stands for the commit of a descriptor that lies in no repository."""
    text = json.dumps(descriptor, sort_keys=True)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _version_numbers(service: Service) -> list[int]:
    """Versions compare by their numbers; what is no number comes before them."""
    parts = service.version.split(".")
    return [int(part) if part.isdecimal() else -1 for part in parts]
