"""What system administrators do: the methods whose names begin with `dssa_`."""

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
    """Managing providers, their users and services, and everybody's tickets.

    All of them raise `NotAnAdministrator` for everybody else. Where the middleware would take a
    name that it does not know for one that has nothing, or say that something was removed that was
    never there, they look first, and raise `ProviderNotFound` and its like.
    """

    def dssa_list_providers(self) -> pd.DataFrame:
        """The providers.

        Like `itksnap-wt -dssa-providers-list`.

        Returns:
            Column `provider`, in the order in which they were made.
        """
        return tables.make_provider_table(self.api.admin.list_providers())

    def dssa_add_provider(self, provider: str) -> None:
        """Add a provider; one that is there stays as it is.

        Like `itksnap-wt -dssa-providers-add PROVIDER`.

        Args:
            provider: its name: letters, digits, `_` and `-`.

        Raises:
            ValueError: the middleware could be asked nothing about a provider of this name.
        """
        self.api.admin.create_provider(name=validation.check_provider_name(provider))

    def dssa_delete_provider(self, provider: str) -> None:
        """Delete a provider; services that nobody else provides take no more tickets.

        The middleware of version 0.2.0 still lists it afterwards, and its users can still claim
        what is queued: remove them with `dssa_remove_user`. Like
        `itksnap-wt -dssa-providers-delete PROVIDER`.

        Raises:
            ProviderNotFound: there is no such provider.
        """
        self.api.admin.delete_provider(provider=self._require_provider(provider))

    def dssa_list_users(self, provider: str) -> pd.DataFrame:
        """The users who act for a provider.

        Like `itksnap-wt -dssa-providers-users-list PROVIDER`.

        Returns:
            Columns `user` (the id), `email`, `admin` (whether the user administers the provider).

        Raises:
            ProviderNotFound: there is no such provider.
        """
        return tables.make_provider_user_table(
            self.api.admin.list_provider_users(provider=self._require_provider(provider))
        )

    def dssa_add_user(self, provider: str, email: str, admin: bool = False) -> None:
        """Let a user act for a provider.

        Like `itksnap-wt -dssa-providers-users-add PROVIDER EMAIL`.

        Args:
            provider: the provider's name.
            email: the user's address, as the user signs in to the middleware.
            admin: whether the user administers the provider; for a user who is there already, this
                is set anew.

        Raises:
            ProviderNotFound: there is no such provider.
            UserNotFound: the middleware knows no user with this address.
        """
        address = validation.check_text(email, "An e-mail address")
        flag = validation.read_flag(admin, "admin")
        name = self._require_provider(provider)
        with _add_note(f"The user was to be {address!r}, for the provider {name}."):
            self.api.admin.add_provider_user(provider=name, email=address, admin=flag)

    def dssa_remove_user(self, provider: str, user: SupportsIndex | str) -> None:
        """Let a user no longer act for a provider; tickets that the user claimed stay claimed.

        Like `itksnap-wt -dssa-providers-users-delete PROVIDER ID`.

        Args:
            provider: the provider's name.
            user: the user's id or e-mail address, as `dssa_list_users` gives them.

        Raises:
            ProviderNotFound: there is no such provider.
            UserNotFound: this user does not act for the provider.
        """
        wanted = validation.read_user(user)
        name = self._require_provider(provider)
        members = self.api.admin.list_provider_users(provider=name)
        for member in members:
            if wanted in (member.id, member.email):
                self.api.admin.remove_provider_user(provider=name, user_id=member.id)
                return
        there = ", ".join(f"{member.email} ({member.id})" for member in members) or "none"
        raise UserNotFound(
            f"The provider {name} has no user {wanted!r}; nobody was removed. Its users are: "
            f"{there}."
        )

    def dssa_list_services(self, provider: str) -> pd.DataFrame:
        """The services that a provider offers.

        Like `itksnap-wt -dssa-providers-services-list PROVIDER`.

        Returns:
            Columns `service, version, hash, shortdesc`, all text.

        Raises:
            ProviderNotFound: there is no such provider.
        """
        return tables.make_service_table(
            self.api.admin.list_provider_services(provider=self._require_provider(provider))
        )

    def dssa_add_service(self, provider: str, repo: str, ref: str) -> str:
        """Let a provider offer the service that a git repository holds.

        The middleware clones the repository, which may take as long as the client's read timeout
        at most, and reads `service.json` at its top. Like
        `itksnap-wt -dssa-providers-services-add PROVIDER REPO REF`.

        Args:
            provider: the provider's name.
            repo: the repository's URL, or its path on the middleware's machine.
            ref: a branch, a tag or a commit.

        Returns:
            The service's hash: the git commit.

        Raises:
            ProviderNotFound: there is no such provider.
            RepositoryUnreadable: the middleware cannot fetch the repository, or has not the ref.
            DescriptorUnreadable: `service.json` is missing or no good.
            ServiceExists: another commit has the same name and version.
        """
        source = validation.check_text(repo, "A repository")
        point = validation.check_text(ref, "A branch, tag or commit")
        name = self._require_provider(provider)
        with _add_note(f"The service was to be {point!r} of {source!r}, for the provider {name}."):
            return self.api.admin.register_service(provider=name, repo=source, ref=point)

    def dssa_remove_service(self, provider: str, service: str) -> None:
        """Let a provider no longer offer a service.

        If nobody else provides it, it takes no more tickets; those that are queued stay. Like
        `itksnap-wt -dssa-providers-services-delete PROVIDER HASH`.

        Args:
            provider: the provider's name.
            service: the service's hash; its name will not do, for it does not tell the version.

        Raises:
            ProviderNotFound: there is no such provider.
            ServiceNotFound: the provider does not offer it.
        """
        (githash,) = validation.read_service_hashes([service])
        name = self._require_provider(provider)
        offered = self.api.admin.list_provider_services(provider=name)
        if githash not in (found.githash for found in offered):
            raise services.create_not_found_error(offered, githash, f"The provider {name}")
        self.api.admin.remove_provider_service(provider=name, githash=githash)

    def dssa_list_tickets(self) -> pd.DataFrame:
        """The tickets of all users, those deleted left out.

        Returns:
            Columns `ticket`, `email` (whose it is), `service` (the name), `status`, `duration`
            (from the first to the last change of its status, rounded to minutes; `NaT` where the
            middleware of 2020 has none, for a ticket that is not finished).
        """
        return tables.make_submitted_ticket_table(self.api.admin.list_all_tickets())

    def dssa_purge_tickets(
        self, scope: PurgeScope | str, *, days: float | None = None, hours: float | None = None
    ) -> int:
        """Delete old tickets of all users, with their files; they cannot be brought back.

        Args:
            scope: `completed` for those that are finished; `all` also for those that wait, or at
                which somebody is at work.
            days: how long ago a ticket must have been created; 7 days if neither is given.
            hours: the same in hours.

        Returns:
            How many tickets were deleted. A purge whose answer is lost is repeated, and then counts
            only what the first one left.

        Raises:
            ValueError: there is no such scope, both ages are given, or one is negative; nothing was
                sent.
        """
        chosen = validation.read_choice(PurgeScope, scope, "scope")
        validation.check_purge_age(days, hours)
        return self.api.admin.purge_tickets(
            scope=chosen,
            days=None if days is None else float(days),
            hours=None if hours is None else float(hours),
        )

    def _require_provider(self, provider: str) -> str:
        """The name of a provider that there is."""
        name = validation.check_provider_name(provider)
        there = [found.name for found in self.api.admin.list_providers()]
        if name not in there:
            raise ProviderNotFound(
                f"There is no provider {name!r}; nothing was done. There are: "
                f"{', '.join(there) or 'none'}. dssa_add_provider() adds one."
            )
        return name


@contextmanager
def _add_note(note: str) -> Iterator[None]:
    """Adds to a failure what the middleware's answer does not repeat."""
    try:
        yield
    except DssError as error:
        error.add_note(note)
        raise
