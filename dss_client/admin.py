"""Methods for system administrators: `dssa_...`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, SupportsIndex

from dss_api import DssError, PurgeScope, UserNotFound
from dss_client import tables, validation
from dss_client.errors import ProviderNotFound
from dss_client.group import MethodGroup
from dss_client.tickets import services

if TYPE_CHECKING:
    import pandas as pd


class AdminMethods(MethodGroup):
    """Methods for system administrators: manage providers, users, services and tickets.

    For other users, they raise `NotAnAdministrator`.

    The middleware treats an unknown provider as a provider without users and services, and reports
    success when it removes a user or a service that does not exist. Therefore these methods first
    check that the provider, user or service exists, and raise `ProviderNotFound`, `UserNotFound` or
    `ServiceNotFound`.
    """

    def dssa_list_providers(self) -> pd.DataFrame:
        """Return the providers.

        Like `itksnap-wt -dssa-providers-list`.

        Returns:
            A table with the column `provider` (text), in the order of creation. Middleware 0.2.0
            lists deleted providers too.
        """
        return tables.make_provider_table(self.api.admin.list_providers())

    def dssa_add_provider(self, provider: str) -> None:
        """Add a provider. If it exists, nothing changes.

        Like `itksnap-wt -dssa-providers-add PROVIDER`.

        Args:
            provider: the provider's name: letters, digits, `_` and `-`.

        Raises:
            ValueError: the name contains a character that is not allowed; nothing was sent.
        """
        self.api.admin.create_provider(name=validation.check_provider_name(provider))

    def dssa_delete_provider(self, provider: str) -> None:
        """Delete a provider. Services that no other provider offers accept no more tickets.

        Middleware 0.2.0 still lists the provider afterwards, and its users can still claim queued
        tickets. Remove the users with `dssa_remove_user`.

        Like `itksnap-wt -dssa-providers-delete PROVIDER`.

        Args:
            provider: the provider's name.

        Raises:
            ProviderNotFound: the provider does not exist.
        """
        self.api.admin.delete_provider(provider=self._require_provider(provider))

    def dssa_list_users(self, provider: str) -> pd.DataFrame:
        """Return the users who work for a provider.

        Like `itksnap-wt -dssa-providers-users-list PROVIDER`.

        Args:
            provider: the provider's name.

        Returns:
            A table with one row for each user.

            * `user` (integer): the user's id.
            * `email` (text): the e-mail address.
            * `admin` (bool): whether the user administers the provider.

        Raises:
            ProviderNotFound: the provider does not exist.
        """
        return tables.make_provider_user_table(
            self.api.admin.list_provider_users(provider=self._require_provider(provider))
        )

    def dssa_add_user(self, provider: str, email: str, admin: bool = False) -> None:
        """Let a user work for a provider.

        Like `itksnap-wt -dssa-providers-users-add PROVIDER EMAIL`.

        Args:
            provider: the provider's name.
            email: the e-mail address that the user signs in with.
            admin: whether the user administers the provider. If the user already works for the
                provider, only this is changed.

        Raises:
            ProviderNotFound: the provider does not exist.
            UserNotFound: no user of the middleware has this address. The user must sign in to the
                middleware once before.
        """
        address = validation.check_text(email, "An e-mail address")
        flag = validation.read_flag(admin, "admin")
        name = self._require_provider(provider)
        with _add_note(f"User: {address!r}. Provider: {name}."):
            self.api.admin.add_provider_user(provider=name, email=address, admin=flag)

    def dssa_remove_user(self, provider: str, user: SupportsIndex | str) -> None:
        """Stop a user from working for a provider. Tickets that the user has claimed stay claimed.

        Like `itksnap-wt -dssa-providers-users-delete PROVIDER ID`.

        Args:
            provider: the provider's name.
            user: the user's id or e-mail address, as in the table of `dssa_list_users`.

        Raises:
            ProviderNotFound: the provider does not exist.
            UserNotFound: the user does not work for the provider.
        """
        wanted = validation.read_user(user)
        name = self._require_provider(provider)
        members = self.api.admin.list_provider_users(provider=name)
        for member in members:
            if wanted in (member.id, member.email):
                self.api.admin.remove_provider_user(provider=name, user_id=member.id)
                return
        users = ", ".join(f"{member.email} ({member.id})" for member in members) or "none"
        raise UserNotFound(
            f"The provider {name} does not have a user {wanted!r}, so no user was removed. "
            f"Its users: {users}."
        )

    def dssa_list_services(self, provider: str) -> pd.DataFrame:
        """Return the services that a provider offers.

        Like `itksnap-wt -dssa-providers-services-list PROVIDER`.

        Args:
            provider: the provider's name.

        Returns:
            A table with one row for each service.

            * `service` (text): the service's name.
            * `version` (text): its version.
            * `hash` (text): its git commit, which identifies it.
            * `shortdesc` (text): its description in one line.

        Raises:
            ProviderNotFound: the provider does not exist.
        """
        return tables.make_service_table(
            self.api.admin.list_provider_services(provider=self._require_provider(provider))
        )

    def dssa_add_service(self, provider: str, repo: str, ref: str) -> str:
        """Let a provider offer the service in a git repository.

        The middleware clones the repository and reads `service.json` in its top folder. Both steps
        together must take less time than the client's `read_timeout`.

        Like `itksnap-wt -dssa-providers-services-add PROVIDER REPO REF`.

        Args:
            provider: the provider's name.
            repo: the URL of the repository, or its path on the middleware's computer.
            ref: a branch, a tag or a commit.

        Returns:
            The service's hash: the git commit.

        Raises:
            ProviderNotFound: the provider does not exist.
            RepositoryUnreadable: the middleware cannot fetch the repository, or the repository does
                not have the ref.
            DescriptorUnreadable: `service.json` is missing or not valid.
            ServiceExists: another commit has the same name and version.
        """
        source = validation.check_text(repo, "A repository")
        revision = validation.check_text(ref, "A branch, tag or commit")
        name = self._require_provider(provider)
        with _add_note(f"Service: {revision!r} of {source!r}. Provider: {name}."):
            return self.api.admin.register_service(provider=name, repo=source, ref=revision)

    def dssa_remove_service(self, provider: str, service: str) -> None:
        """Stop a provider from offering a service.

        If no other provider offers the service, it accepts no more tickets. Queued tickets stay.

        Like `itksnap-wt -dssa-providers-services-delete PROVIDER HASH`.

        Args:
            provider: the provider's name.
            service: the service's hash. A name is not enough, because a name does not tell the
                version.

        Raises:
            ProviderNotFound: the provider does not exist.
            ServiceNotFound: the provider does not offer the service.
        """
        (githash,) = validation.read_service_hashes([service])
        name = self._require_provider(provider)
        offered = self.api.admin.list_provider_services(provider=name)
        if githash not in (row.githash for row in offered):
            raise services.create_not_found_error(offered, githash, f"The provider {name}")
        self.api.admin.remove_provider_service(provider=name, githash=githash)

    def dssa_list_tickets(self) -> pd.DataFrame:
        """Return the tickets of all users, except deleted ones.

        Returns:
            A table with one row for each ticket.

            * `ticket` (integer): the ticket's id.
            * `email` (text): the e-mail address of its user.
            * `service` (text): the service's name.
            * `status` (text): the ticket's status.
            * `duration` (timedelta): the time from the first to the last change of the status,
              rounded to minutes. The middleware of 2020 returns `NaT` for tickets that are not
              finished.
        """
        return tables.make_submitted_ticket_table(self.api.admin.list_all_tickets())

    def dssa_purge_tickets(
        self, scope: PurgeScope | str, *, days: float | None = None, hours: float | None = None
    ) -> int:
        """Delete old tickets of all users, with their files. They cannot be restored.

        Args:
            scope: `completed` deletes finished tickets; `all` also deletes tickets that are waiting
                or being processed.
            days: the minimum age of a ticket since its creation, in days, 0 or more. The default is
                7 days.
            hours: the same in hours. Give days or hours, not both.

        Returns:
            The number of deleted tickets. If a response is lost, the request is repeated, and the
            number counts only the tickets that the first request left.

        Raises:
            ValueError: the scope does not exist, both ages are given, or the age is negative;
                nothing was sent.
        """
        chosen = validation.read_choice(PurgeScope, scope, "scope")
        validation.check_purge_age(days, hours)
        return self.api.admin.purge_tickets(
            scope=chosen,
            days=None if days is None else float(days),
            hours=None if hours is None else float(hours),
        )

    def _require_provider(self, provider: str) -> str:
        """Check that a provider exists, and return its name.

        Raises:
            ProviderNotFound: the provider does not exist.
        """
        name = validation.check_provider_name(provider)
        known = [row.name for row in self.api.admin.list_providers()]
        if name not in known:
            raise ProviderNotFound(
                f"The provider {name!r} does not exist, so nothing was changed. Providers: "
                f"{', '.join(known) or 'none'}. dssa_add_provider() adds one."
            )
        return name


@contextmanager
def _add_note(note: str) -> Iterator[None]:
    """Add a note to a `DssError` of the `with` block: facts that the response does not repeat."""
    try:
        yield
    except DssError as error:
        error.add_note(note)
        raise
