"""Providers, their users and the services that they offer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping

from dss_api import MiddlewareFault, NotAProvider, ServiceExists, ServiceNotFound

from ..errors import RequestRefused
from .accounts import check_not_forgotten
from .entities import Member, Provider, Service, User
from .foundation import Foundation

REQUIRED_KEYS = ("name", "version", "shortdesc")
"""The required keys of a service's descriptor. The last is a string, the others can be numbers."""


class Catalogue:
    """The providers and the services that they offer.

    Attributes:
        providers: the providers by name, in the order of their creation.
        services: the services by githash, in the order of their registration. Services that no
            provider offers any more are included.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self.clear()

    def clear(self) -> None:
        """Remove all providers and services."""
        with self._foundation.lock:
            self.providers: dict[str, Provider] = {}
            self.services: dict[str, Service] = {}
            self._by_name: dict[str, list[Service]] = {}
            self._providers_of_user: dict[int, dict[str, Provider]] = {}
            # The names of the providers that offer a service now, by githash.
            self._offering: dict[str, set[str]] = {}

    # ------------------------------------------------------------------------------- providers

    def create_provider(self, name: str) -> Provider:
        """Create a provider. If the provider exists, nothing changes."""
        with self._foundation.lock:
            provider = self.providers.get(name, Provider(name))
            if not provider.listed:
                # Users may have been added earlier, but the creation decides the place in the list.
                self.providers.pop(name, None)
                self.providers[name] = provider
                provider.listed = True
            self._foundation.note_change(provider)
            return provider

    def delete_provider(self, name: str) -> None:
        """Withdraw all services of a provider. The provider and its users stay in the lists."""
        with self._foundation.lock:
            if name in self.providers:
                for githash in self.providers[name].offers:
                    self.withdraw_service(name, githash)

    def list_providers(self) -> list[Provider]:
        """Return the providers that were created."""
        with self._foundation.lock:
            return [provider for provider in self.providers.values() if provider.listed]

    def add_member(self, name: str, user: User, *, admin: bool = False) -> None:
        """Add a user to a provider, even if the provider does not exist.

        Raises:
            RequestRefused: a reset has removed the user.
        """
        with self._foundation.lock:
            check_not_forgotten(user)
            provider = self.providers.setdefault(name, Provider(name))
            # A user that is added again comes last.
            provider.members.pop(user.id, None)
            provider.members[user.id] = Member(user, admin)
            self._providers_of_user.setdefault(user.id, {})[name] = provider
            self._foundation.note_change(provider)

    def remove_member(self, name: str, user_id: int) -> None:
        """Remove a user from a provider."""
        with self._foundation.lock:
            provider = self.providers.get(name)
            if provider and provider.members.pop(user_id, None):
                del self._providers_of_user[user_id][name]
                self._foundation.note_change(provider)

    def list_members(self, name: str) -> list[Member]:
        """Return the users of a provider, the last added user last."""
        with self._foundation.lock:
            return list(self.providers[name].members.values()) if name in self.providers else []

    # -------------------------------------------------------------------------------- services

    def register_service(
        self, name: str, githash: str | None, descriptor: Mapping[str, object]
    ) -> Service:
        """Let a provider offer a service.

        Args:
            githash: the commit of the descriptor. The default is made from the descriptor.

        Raises:
            RequestRefused: the provider does not exist, the descriptor is incomplete, or a service
                with this name, this version and a different githash exists.
        """
        githash = githash or make_githash(descriptor)
        with self._foundation.lock:
            service = self.services.get(githash)
            if service is None:
                if not is_complete(descriptor):
                    raise RequestRefused(MiddlewareFault)
                service = Service(githash, descriptor, self._foundation.now())
            if self.has_other_githash(service.name, service.version, githash):
                raise RequestRefused(ServiceExists)
            provider = self.providers.get(name)
            if provider is None or not provider.listed:
                raise RequestRefused(MiddlewareFault)
            if githash not in self.services:
                self.restore_service(service)
                self._foundation.note_change(service)
            provider.offers[githash] = True
            self._offering.setdefault(githash, set()).add(name)
            self._foundation.note_change(provider)
            return service

    def has_other_githash(self, name: str, version: str, githash: str) -> bool:
        """Return whether a current service of this name and version has a different githash."""
        with self._foundation.lock:
            return any(
                other.version == version and other.githash != githash and self._is_current(other)
                for other in self._by_name.get(name, ())
            )

    def withdraw_service(self, name: str, githash: str) -> None:
        """Let a provider no longer offer a service."""
        with self._foundation.lock:
            provider = self.providers.get(name)
            if provider and githash in provider.offers:
                provider.offers[githash] = False
                self._offering[githash].discard(name)
                self._foundation.note_change(provider)

    def list_services(self) -> list[Service]:
        """Return the services on offer, in the order of their registration."""
        with self._foundation.lock:
            return [service for service in self.services.values() if self._is_current(service)]

    def list_provider_services(self, name: str) -> list[Service]:
        """Return the current services that a provider ever offered, by name and version."""
        with self._foundation.lock:
            offers = self.providers[name].offers if name in self.providers else {}
            found = [self.services[githash] for githash in offers]
            return sorted(
                filter(self._is_current, found), key=lambda found: (found.name, found.version)
            )

    def list_user_services(self, user: User) -> list[tuple[Service, Provider]]:
        """Return the current services of a user's providers, by provider and githash.

        Services that a provider offered earlier are included if any provider still offers them.
        """
        with self._foundation.lock:
            pairs = [
                (self.services[githash], provider)
                for provider in self._providers_of(user)
                for githash in provider.offers
            ]
            return sorted(
                (pair for pair in pairs if self._is_current(pair[0])),
                key=lambda pair: (pair[1].name, pair[0].githash),
            )

    def find_service(self, githash: str) -> Service:
        """Return a service, whether or not it is on offer.

        Raises:
            RequestRefused: the service does not exist.
        """
        service = self.services.get(githash)
        if service is None:
            raise RequestRefused(ServiceNotFound, githash=githash)
        return service

    def find_latest_service(self, name: str) -> Service:
        """Return the highest version of a service, whether or not it is on offer.

        Raises:
            RequestRefused: no service has this name.
        """
        with self._foundation.lock:
            found = self._by_name.get(name)
            if found is None:
                raise RequestRefused(ServiceNotFound, name=name)
            return max(found, key=_parse_version)

    # ---------------------------------------------------------------------------------- claims

    def can_serve(self, user: User, service: Service) -> bool:
        """Return whether a provider of the user ever offered a service."""
        with self._foundation.lock:
            return any(service.githash in provider.offers for provider in self._providers_of(user))

    def find_provided_services(self, user: User, githashes: Iterable[str]) -> list[Service]:
        """Return the services that a provider's user asks for.

        Raises:
            RequestRefused: a service does not exist, or no provider of the user ever offered it.
        """
        with self._foundation.lock:
            found: list[Service] = []
            for githash in githashes:
                service = self.services.get(githash)
                if service is None or not self.can_serve(user, service):
                    raise RequestRefused(NotAProvider, githash=githash)
                found.append(service)
            return found

    def note_activity(self, service: Service) -> None:
        """Note that a provider is working on a service."""
        with self._foundation.lock:
            service.heard_from = self._foundation.now()
            service.asked_for = True
            # A service that a reset has removed must not be saved.
            if self.services.get(service.githash) is service:
                self._foundation.note_change(service)

    # ------------------------------------------------------------------------ loading

    def restore_service(self, service: Service) -> None:
        """Add a saved service."""
        with self._foundation.lock:
            self.services[service.githash] = service
            self._by_name.setdefault(service.name, []).append(service)

    def restore_provider(self, provider: Provider) -> None:
        """Add a saved provider. Its members and services must exist."""
        with self._foundation.lock:
            self.providers[provider.name] = provider
            for user_id in provider.members:
                self._providers_of_user.setdefault(user_id, {})[provider.name] = provider
            for githash, offered in provider.offers.items():
                offering = self._offering.setdefault(githash, set())
                if offered:
                    offering.add(provider.name)

    # -------------------------------------------------------- the caller holds the lock

    def _is_current(self, service: Service) -> bool:
        return bool(self._offering.get(service.githash))

    def _providers_of(self, user: User) -> Collection[Provider]:
        return self._providers_of_user.get(user.id, {}).values()


def is_complete(descriptor: Mapping[str, object]) -> bool:
    """Return whether a descriptor has all required values."""
    *names, text = (descriptor.get(key) for key in REQUIRED_KEYS)
    return isinstance(text, str) and all(isinstance(name, str | int | float) for name in names)


def make_githash(descriptor: Mapping[str, object]) -> str:
    """Return a made-up commit hash for a descriptor that is not in a repository."""
    text = json.dumps(descriptor, sort_keys=True)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _parse_version(service: Service) -> list[int]:
    """Return the numbers of a version for comparison. Parts that are not numbers sort first."""
    parts = service.version.split(".")
    return [int(part) if part.isdecimal() else -1 for part in parts]
