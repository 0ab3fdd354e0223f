# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Operations for system administrators. Other users are refused."""

from __future__ import annotations

from dss_wire.codec import call
from dss_wire.transport import Transport

from . import requests, routes
from .enums import PurgeScope
from .models import Provider, ProviderMembership, ProviderUser, Service, SubmittedTicket


class AdminOperations:
    """Operations for system administrators. Other users are refused."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_providers(self) -> list[Provider]:
        """List the providers.

        Returns:
            The providers, oldest first.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.LIST_PROVIDERS, requests.ListProvidersRequest())

    def create_provider(self, *, name: str) -> None:
        """Create a provider.

        Args:
            name: The provider's name.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(self._transport, routes.CREATE_PROVIDER, requests.CreateProviderRequest(name=name))

    def delete_provider(self, *, provider: str) -> None:
        """Delete a provider.

        Also succeeds if the provider does not exist. Services without a provider are no longer
        current.

        Defect of the middleware: In 0.2.0 the provider stays in the list of providers, and its
        users can still claim.

        Args:
            provider: The provider's name; letters, digits, `_` and `-` only, because a path
                cannot contain others.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(
            self._transport,
            routes.DELETE_PROVIDER,
            requests.DeleteProviderRequest(provider=provider),
        )

    def list_provider_users(self, *, provider: str) -> list[ProviderUser]:
        """List the users of a provider.

        Args:
            provider: The provider's name; letters, digits, `_` and `-` only, because a path
                cannot contain others.

        Returns:
            The users who may act for the provider.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.LIST_PROVIDER_USERS,
            requests.ListProviderUsersRequest(provider=provider),
        )

    def add_provider_user(
        self, *, provider: str, email: str, admin: bool | None = None
    ) -> ProviderMembership:
        """Add a user to a provider.

        Args:
            provider: The provider's name; letters, digits, `_` and `-` only, because a path
                cannot contain others.
            email: The user's e-mail address, as known to the middleware.
            admin: Whether the user administers the provider; false if left out.

        Returns:
            The user was added.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            UserNotFound: The middleware does not know a user with this e-mail address.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.ADD_PROVIDER_USER,
            requests.AddProviderUserRequest(provider=provider, email=email, admin=admin),
        )

    def remove_provider_user(self, *, provider: str, user_id: int) -> None:
        """Remove a user from a provider.

        Args:
            provider: The provider's name; letters, digits, `_` and `-` only, because a path
                cannot contain others.
            user_id: The user's id, as in `list_provider_users`. At least 1.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(
            self._transport,
            routes.REMOVE_PROVIDER_USER,
            requests.RemoveProviderUserRequest(provider=provider, user_id=user_id),
        )

    def list_provider_services(self, *, provider: str) -> list[Service]:
        """List the services of a provider.

        Args:
            provider: The provider's name; letters, digits, `_` and `-` only, because a path
                cannot contain others.

        Returns:
            The provider's services.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.LIST_PROVIDER_SERVICES,
            requests.ListProviderServicesRequest(provider=provider),
        )

    def register_service(self, *, provider: str, repo: str, ref: str) -> str:
        """Register a service of a provider from its git repository.

        The middleware clones the repository and reads `service.json` at its top.

        Args:
            provider: The provider's name; letters, digits, `_` and `-` only, because a path
                cannot contain others.
            repo: The repository's URL, or its path on the middleware's machine.
            ref: A branch, a tag or a commit.

        Returns:
            The git commit that names the service from now on.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            ServiceExists: A service with this name and version exists already.
            RepositoryUnreadable: The middleware could not fetch the git repository.
            DescriptorUnreadable: The middleware could not read the repository's service.json.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.REGISTER_SERVICE,
            requests.RegisterServiceRequest(provider=provider, repo=repo, ref=ref),
        )

    def remove_provider_service(self, *, provider: str, githash: str) -> None:
        """Remove a service from a provider.

        Args:
            provider: The provider's name; letters, digits, `_` and `-` only, because a path
                cannot contain others.
            githash: The service's git commit, 40 hexadecimal digits in lower case.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        call(
            self._transport,
            routes.REMOVE_PROVIDER_SERVICE,
            requests.RemoveProviderServiceRequest(provider=provider, githash=githash),
        )

    def list_all_tickets(self) -> list[SubmittedTicket]:
        """List the tickets of all users, without deleted ones.

        Returns:
            The tickets, oldest first.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(self._transport, routes.LIST_ALL_TICKETS, requests.ListAllTicketsRequest())

    def purge_tickets(
        self, *, scope: PurgeScope, days: float | None = None, hours: float | None = None
    ) -> int:
        """Delete old tickets of all users.

        A ticket's age is the time since its creation. If both `days` and `hours` are given,
        `days` counts.

        Args:
            scope: Which tickets to delete.
            days: The age in days after which tickets are deleted; 7 if left out.
            hours: The age in hours, instead of `days`.

        Returns:
            The number of deleted tickets.

        Raises:
            NotAnAdministrator: This needs a system administrator.
            DssError: any other failure; see `dss_api.errors`.
        """
        return call(
            self._transport,
            routes.PURGE_TICKETS,
            requests.PurgeTicketsRequest(scope=scope, days=days, hours=hours),
        )
