from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dss_api import (
    DssError,
    NotAnAdministrator,
    PurgeScope,
    RepositoryUnreadable,
    ServiceExists,
    ServiceNotFound,
    UserNotFound,
)
from dss_client import DSSClient, ProviderNotFound
from dss_mock import faults
from tests.conformance.repositories import Repository, describe

from .conftest import World


def count_requests(world: World, operation: str) -> int:
    """Return how often an operation was requested."""
    return sum(request.operation == operation for request in world.server.requests)


class TestProviders:
    def test_providers_are_listed_in_order_of_creation(self, admin: DSSClient) -> None:
        admin.dssa_add_provider("otherlab")

        listed = admin.dssa_list_providers()

        assert list(listed.columns) == ["provider"]
        assert listed["provider"].to_list() == ["testlab", "otherlab"]

    def test_adding_an_existing_provider_changes_nothing(
        self, world: World, admin: DSSClient
    ) -> None:
        admin.dssa_add_provider("testlab")

        assert admin.dssa_list_providers()["provider"].to_list() == ["testlab"]
        assert admin.dssa_list_users("testlab")["email"].to_list() == [world.provider.email]

    @pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "lab.", "..", "new\nline", "lab?x=1"])
    def test_invalid_provider_name_is_refused_before_anything_is_sent(
        self, world: World, admin: DSSClient, name: str
    ) -> None:
        before = len(world.server.requests)

        with pytest.raises(ValueError, match="name"):
            admin.dssa_add_provider(name)

        assert len(world.server.requests) == before

    def test_deleted_provider_offers_no_services(self, world: World, admin: DSSClient) -> None:
        admin.dssa_delete_provider("testlab")

        assert admin.dss_list_services().empty

    def test_deleting_unknown_provider_raises_and_lists_providers(
        self, world: World, admin: DSSClient
    ) -> None:
        with pytest.raises(ProviderNotFound, match=r"'testlb'.*Providers: testlab") as caught:
            admin.dssa_delete_provider("testlb")

        assert isinstance(caught.value, LookupError)
        assert count_requests(world, "delete_provider") == 0

    @pytest.mark.parametrize(
        "ask",
        [
            lambda admin: admin.dssa_list_users("nolab"),
            lambda admin: admin.dssa_add_user("nolab", "user@example.com"),
            lambda admin: admin.dssa_remove_user("nolab", 1),
            lambda admin: admin.dssa_list_services("nolab"),
            lambda admin: admin.dssa_add_service("nolab", "repository", "main"),
            lambda admin: admin.dssa_remove_service("nolab", "abc"),
        ],
    )
    def test_methods_for_a_provider_raise_if_it_does_not_exist(
        self, admin: DSSClient, ask: Callable[[DSSClient], object]
    ) -> None:
        with pytest.raises(ProviderNotFound, match="provider 'nolab' does not exist"):
            ask(admin)


class TestUsers:
    def test_added_user_is_listed(self, world: World, admin: DSSClient) -> None:
        admin.dssa_add_user("testlab", world.user.email, admin=True)

        listed = admin.dssa_list_users("testlab")

        assert listed.to_dict("records") == [
            {"user": world.provider.id, "email": world.provider.email, "admin": False},
            {"user": world.user.id, "email": world.user.email, "admin": True},
        ]
        assert [str(kind) for kind in listed.dtypes] == [
            "int64",
            str(listed["email"].dtype),
            "bool",
        ]

    def test_adding_a_user_unknown_to_the_middleware_raises(self, admin: DSSClient) -> None:
        with pytest.raises(UserNotFound, match="signed in to the middleware"):
            admin.dssa_add_user("testlab", "nobody@example.com")

    @pytest.mark.parametrize("admin_flag", ["no", None, 2])
    def test_admin_argument_must_be_a_bool(self, admin: DSSClient, admin_flag: object) -> None:
        with pytest.raises(TypeError, match="True or False"):
            admin.dssa_add_user("testlab", "user@example.com", admin=admin_flag)  # type: ignore[arg-type]

    @pytest.mark.parametrize("given", [str, lambda user: user, np.int64])
    def test_user_is_removed_by_id(
        self, world: World, admin: DSSClient, given: Callable[[int], int | str]
    ) -> None:
        admin.dssa_remove_user("testlab", given(world.provider.id))

        assert admin.dssa_list_users("testlab").empty

    def test_user_is_removed_by_email_address(self, world: World, admin: DSSClient) -> None:
        admin.dssa_remove_user("testlab", world.provider.email)

        assert admin.dssa_list_users("testlab").empty

    @pytest.mark.parametrize("wanted", [99, "user@example.com"])
    def test_removing_a_user_who_does_not_work_for_the_provider_raises(
        self, world: World, admin: DSSClient, wanted: int | str
    ) -> None:
        with pytest.raises(UserNotFound, match=r"provider@example.com \(2\)"):
            admin.dssa_remove_user("testlab", wanted)

        assert count_requests(world, "remove_provider_user") == 0

    def test_provider_without_users_gives_an_empty_table(self, admin: DSSClient) -> None:
        admin.dssa_add_provider("otherlab")

        listed = admin.dssa_list_users("otherlab")

        assert listed.empty
        assert listed["admin"].dtype == "bool"


class TestServices:
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Repository:
        return Repository.create(tmp_path / "repository")

    def test_service_added_from_a_repository_is_listed(
        self, admin: DSSClient, repository: Repository
    ) -> None:
        commit = repository.commit(describe("Brain", "2.0"))

        assert admin.dssa_add_service("testlab", str(repository.path), "master") == commit

        listed = admin.dssa_list_services("testlab")
        assert list(listed.columns) == ["service", "version", "hash", "shortdesc"]
        assert listed.iloc[0].to_list() == ["Brain", "2.0", commit, "Registers two images"]
        assert admin.dss_service_detail("Brain").version == "2.0"

    def test_service_with_existing_name_and_version_is_refused(
        self, world: World, admin: DSSClient, repository: Repository
    ) -> None:
        repository.commit(describe(world.service.name, world.service.version))

        with pytest.raises(ServiceExists, match="Raise the version"):
            admin.dssa_add_service("testlab", str(repository.path), "master")

    def test_service_from_a_folder_without_repository_is_refused(
        self, admin: DSSClient, tmp_path: Path
    ) -> None:
        with pytest.raises(RepositoryUnreadable) as caught:
            admin.dssa_add_service("testlab", str(tmp_path), "master")

        assert f"'master' of '{tmp_path}'" in caught.value.__notes__[0]

    def test_service_is_removed_by_its_hash(self, world: World, admin: DSSClient) -> None:
        admin.dssa_remove_service("testlab", world.service.githash)

        assert admin.dssa_list_services("testlab").empty
        assert admin.dss_list_services().empty

    def test_removing_a_service_that_the_provider_does_not_offer_raises(
        self, world: World, admin: DSSClient
    ) -> None:
        admin.dssa_add_provider("otherlab")

        with pytest.raises(ServiceNotFound, match="The provider otherlab has no service") as caught:
            admin.dssa_remove_service("otherlab", world.service.githash)

        assert isinstance(caught.value, LookupError)
        assert count_requests(world, "remove_provider_service") == 0

    def test_removing_a_service_by_name_is_refused(self, world: World, admin: DSSClient) -> None:
        with pytest.raises(ValueError, match="not a service's hash"):
            admin.dssa_remove_service("testlab", world.service.name)


class TestTickets:
    def test_tickets_of_all_users_are_listed_with_their_duration(
        self, world: World, admin: DSSClient, client: DSSClient
    ) -> None:
        ticket = world.add_ready_ticket()
        world.server.clock.advance(minutes=12)
        client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")

        listed = admin.dssa_list_tickets()

        assert listed.to_dict("records") == [
            {
                "ticket": ticket.id,
                "email": world.user.email,
                "service": world.service.name,
                "status": "claimed",
                "duration": pd.Timedelta(minutes=12),
            }
        ]

    def test_table_without_tickets_has_the_same_column_types(
        self, world: World, admin: DSSClient
    ) -> None:
        empty = admin.dssa_list_tickets()
        world.add_ready_ticket()

        assert empty.empty
        assert empty.dtypes.to_dict() == admin.dssa_list_tickets().dtypes.to_dict()
        assert empty["duration"].dtype == "timedelta64[ns]"


class TestPurging:
    @pytest.fixture
    def tickets(self, world: World) -> list[int]:
        """The ids of a waiting ticket and a finished one, both eight days old."""
        found = [
            world.server.add_ticket(world.user, world.service, status=status).id
            for status in ("ready", "success")
        ]
        world.server.clock.advance(days=8)
        return found

    @pytest.mark.parametrize("scope", ["completed", PurgeScope.COMPLETED])
    def test_purge_deletes_finished_tickets_older_than_a_week(
        self, world: World, admin: DSSClient, tickets: list[int], scope: str
    ) -> None:
        assert admin.dssa_purge_tickets(scope) == 1

        assert [world.server.tickets[id_].status for id_ in tickets] == ["ready", "deleted"]

    def test_purge_with_scope_all_deletes_waiting_tickets_too(
        self, admin: DSSClient, tickets: list[int]
    ) -> None:
        assert admin.dssa_purge_tickets("all") == len(tickets)

    @pytest.mark.parametrize(
        ("days", "hours", "purged"),
        [(9, None, 0), (np.float64(7.5), None, 2), (None, 8 * 24 + 1, 0), (None, np.int64(1), 2)],
    )
    def test_purge_deletes_tickets_older_than_the_given_age(
        self,
        admin: DSSClient,
        tickets: list[int],
        days: float | None,
        hours: float | None,
        purged: int,
    ) -> None:
        assert admin.dssa_purge_tickets("all", days=days, hours=hours) == purged

    @pytest.mark.parametrize("scope", ["", "everything", "ALL"])
    def test_purge_with_unknown_scope_sends_nothing(
        self, world: World, admin: DSSClient, scope: str
    ) -> None:
        with pytest.raises(ValueError, match="'completed' or 'all'"):
            admin.dssa_purge_tickets(scope)

        assert count_requests(world, "purge_tickets") == 0

    @pytest.mark.parametrize(
        ("age", "error"),
        [
            ({"days": 1, "hours": 1}, ValueError),
            ({"days": -1}, ValueError),
            ({"hours": float("nan")}, ValueError),
            ({"hours": float("inf")}, ValueError),
            ({"days": "1"}, TypeError),
            ({"days": True}, TypeError),
        ],
    )
    def test_purge_with_invalid_age_sends_nothing(
        self, world: World, admin: DSSClient, age: dict[str, float], error: type[Exception]
    ) -> None:
        with pytest.raises(error, match=r"days|hours"):
            admin.dssa_purge_tickets("all", **age)

        assert count_requests(world, "purge_tickets") == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.dssa_list_providers(),
        lambda client: client.dssa_add_provider("mylab"),
        lambda client: client.dssa_delete_provider("testlab"),
        lambda client: client.dssa_list_tickets(),
        lambda client: client.dssa_purge_tickets("all"),
    ],
)
def test_admin_methods_refuse_other_users(
    user: DSSClient, ask: Callable[[DSSClient], object]
) -> None:
    with pytest.raises(NotAnAdministrator) as caught:
        ask(user)

    assert isinstance(caught.value, PermissionError)


def test_adding_a_user_is_repeated_if_the_response_is_lost(world: World, admin: DSSClient) -> None:
    world.server.faults.add(faults.DropAfter(), operation="add_provider_user", times=1)

    admin.dssa_add_user("testlab", world.user.email)

    assert len(admin.dssa_list_users("testlab")) == 2


def test_invalid_arguments_of_admin_methods_are_refused_before_anything_is_sent(
    closed_port: int,
) -> None:
    offline = DSSClient(f"http://127.0.0.1:{closed_port}")

    for attempt in (
        lambda: offline.dssa_add_user("testlab", ""),
        lambda: offline.dssa_add_user("test lab", "user@example.com"),
        lambda: offline.dssa_remove_user("testlab", 0),
        lambda: offline.dssa_remove_user("testlab", " "),
        lambda: offline.dssa_add_service("testlab", "", "main"),
        lambda: offline.dssa_add_service("testlab", "repository", ""),
        lambda: offline.dssa_remove_service("testlab", ""),
    ):
        with pytest.raises(ValueError, match=r"must|not a") as caught:
            attempt()
        assert not isinstance(caught.value, DssError)
