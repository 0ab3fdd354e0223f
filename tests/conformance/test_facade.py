"""Methods of the client with the same results on both middlewares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from dss_api import (
    NotAnAdministrator,
    ServiceExists,
    ServiceNotFound,
    TicketNotFound,
    UserNotFound,
)
from dss_client import DSSClient, ProviderNotFound, TicketIncomplete

from .repositories import DESCRIPTOR, Repository, describe
from .sites import OTHER_PROVIDER, PROVIDER, Lab

SignIn = Callable[[str], DSSClient]


@pytest.fixture
def sign_in(lab: Lab) -> Iterator[SignIn]:
    """Return a function that creates a client for one of the four users."""
    host, port = lab.address
    with ExitStack() as clients:

        def sign_in(user: str) -> DSSClient:
            client = clients.enter_context(DSSClient(f"http://{host}:{port}"))
            client.login(lab.middleware.get_token(user))
            return client

        yield sign_in


@pytest.fixture
def user(sign_in: SignIn) -> DSSClient:
    return sign_in("user")


@pytest.fixture
def provider(sign_in: SignIn) -> DSSClient:
    return sign_in("prov1")


@pytest.fixture
def admin(sign_in: SignIn) -> DSSClient:
    return sign_in("admin")


def read_rows(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


class TestUser:
    def test_user_reads_list_detail_and_statistics_of_services(
        self, lab: Lab, user: DSSClient
    ) -> None:
        name = str(DESCRIPTOR["name"])
        assert read_rows(user.dss_list_services()) == [
            {
                "service": name,
                "version": DESCRIPTOR["version"],
                "hash": lab.service,
                "shortdesc": DESCRIPTOR["shortdesc"],
            }
        ]
        for service in (name, lab.service):
            detail = user.dss_service_detail(service)
            assert (detail.longdesc, detail.url) == (DESCRIPTOR["longdesc"], DESCRIPTOR["url"])
            assert [tag.name for tag in detail.tags or ()] == ["fixed"]
            assert user.dss_service_stats(service).queue_length == 0
        with pytest.raises(ServiceNotFound, match=lab.service):
            user.dss_service_stats("Nothing")
        with pytest.raises(ServiceNotFound):
            user.dss_service_detail("0" * 40)

    def test_service_name_selects_its_latest_version(
        self, lab: Lab, user: DSSClient, repository: Repository
    ) -> None:
        for version in ("1.9", "1.10", "1.2"):
            repository.commit(describe("Brain", version))
            assert lab.register_service(repository).status == 200

        assert user.dss_service_detail("Brain").version == "1.10"

    def test_user_follows_a_ticket_until_it_ends(
        self, lab: Lab, user: DSSClient, provider: DSSClient
    ) -> None:
        first, second = lab.create_ready_ticket(), lab.create_ready_ticket()
        assert [user.dss_queue_position(ticket) for ticket in (first, second)] == [1, 2]
        assert user.dss_wait_for_ticket(first, timeout=0) is None
        claimed = provider.dssp_claim_ticket(lab.service, PROVIDER, "one")
        assert claimed is not None
        assert claimed["ticket"].to_list() == [first]
        provider.dssp_set_progress(first, 0.5, 0.0, 0.5)
        provider.dssp_log(first, "warning", "Zürich, “quoted”\nand more")

        assert user.dss_ticket_progress(first) == provider.dssp_ticket_progress(first) == 0.25
        assert user.dss_queue_position(first) == 0
        log = user.dss_ticket_log(first)
        assert log["category"].to_list() == ["info", "info", "warning"]
        assert log["message"].iloc[-1] == "Zürich, “quoted”\nand more"
        age = datetime.now(UTC) - log["time"].iloc[-1]
        assert abs(age) < timedelta(minutes=1)
        assert user.dss_ticket_log(first, since=log["log"].iloc[-1]).empty
        detail = user.dss_ticket_detail(first, since=log["log"].iloc[1])
        assert (detail.status, detail.progress) == ("claimed", 0.25)
        assert [entry.message for entry in detail.log] == log["message"].to_list()[2:]

        provider.dssp_set_status(first, "failed")
        assert user.dss_wait_for_ticket(first) == "failed"
        user.dss_retry_ticket(first)
        with pytest.raises(TicketNotFound):
            user.dss_retry_ticket(first)
        user.dss_delete_ticket(second)
        user.dss_delete_ticket(second)
        assert user.dss_wait_for_ticket(second) == "deleted"
        assert user.dss_list_tickets()["status"].to_list() == ["ready"]

    def test_user_submits_files_and_downloads_results(
        self, lab: Lab, user: DSSClient, provider: DSSClient, tmp_path: Path
    ) -> None:
        scan, picture = tmp_path / "scan é.nii.gz", tmp_path / "check.png"
        scan.write_bytes(bytes(range(256)) * 1000)
        picture.write_bytes(b"\x89PNG")

        ticket = user.dss_create_ticket(str(DESCRIPTOR["name"]), [scan, picture], verify="content")

        assert user.dss_ticket_status(ticket) == "ready"
        assert set(user.dss_list_ticket_files(ticket, "input")["filename"]) == {
            scan.name,
            picture.name,
        }
        assert lab.claim_ticket().text == f"{ticket}"
        assert user.dss_download_results(ticket, tmp_path / "early") == []
        provider.dssp_upload_files(ticket, scan)
        provider.dssp_attach(ticket, "A picture", picture)
        provider.dssp_log(ticket, "info", "Look at it")
        provider.dssp_set_status(ticket, "success")

        (result,) = user.dss_download_results(ticket, tmp_path / "results")
        assert result.read_bytes() == scan.read_bytes()
        attachments = user.dss_list_attachments(ticket)
        assert attachments[["description", "mime_type"]].to_numpy().tolist() == [
            ["A picture", "image/png"]
        ]
        entry = attachments["log"].iloc[0]
        assert read_rows(user.dss_list_attachments(log=entry)) == read_rows(attachments)
        (attached,) = user.dss_download_attachments(ticket, tmp_path / "results")
        assert attached.name == f"attachment_{attachments['attachment'].iloc[0]}.png"
        assert attached.read_bytes() == b"\x89PNG"

    def test_user_adds_missing_files_to_an_incomplete_ticket(
        self, lab: Lab, user: DSSClient, tmp_path: Path
    ) -> None:
        ticket = lab.create_ticket({"a.txt": b"1"})
        files = [tmp_path / "a.txt", tmp_path / "b.txt"]
        for file in files:
            file.write_bytes(b"1")

        another = tmp_path / "c.txt"
        another.write_bytes(b"1")

        for _ in range(2):
            assert user.dss_create_ticket(lab.service, files, ticket=ticket) == ticket

        assert user.dss_ticket_status(ticket) == "ready"
        listed = user.dss_list_ticket_files(ticket, "input")
        assert listed["filename"].to_list() == ["a.txt", "b.txt"]
        with pytest.raises(ValueError, match="does not accept more files"):
            user.dss_create_ticket(lab.service, [another], ticket=ticket)

    def test_wait_for_an_incomplete_ticket_raises_ticket_incomplete(
        self, lab: Lab, user: DSSClient
    ) -> None:
        ticket = lab.create_ticket({"a.txt": b"1"})

        with pytest.raises(TicketIncomplete) as caught:
            user.dss_wait_for_ticket(ticket)

        assert caught.value.there == ("a.txt",)

    def test_ticket_of_another_user_raises_ticket_not_found(
        self, lab: Lab, provider: DSSClient
    ) -> None:
        with pytest.raises(TicketNotFound):
            provider.dss_ticket_status(lab.create_ready_ticket())


class TestProvider:
    def test_provider_finds_only_its_own_claimed_tickets(
        self, lab: Lab, user: DSSClient, provider: DSSClient, sign_in: SignIn
    ) -> None:
        mine, gone = lab.create_claimed_ticket(), lab.create_claimed_ticket()
        finished = lab.create_finished_ticket("success")
        lab.admin.post(f"/api/admin/providers/{PROVIDER}/users", {"email": "prov2@example.com"})
        theirs = lab.create_ready_ticket()
        assert lab.claim_ticket(lab.prov2).text == f"{theirs}"
        waits = lab.create_ready_ticket()
        user.dss_delete_ticket(gone)
        everything = [mine, gone, finished, theirs, waits, waits + 1]

        assert read_rows(provider.dssp_find_claimed(everything)) == [
            {"ticket": mine, "status": "claimed"},
            {"ticket": finished, "status": "success"},
        ]
        assert sign_in("prov2").dssp_find_claimed(everything)["ticket"].to_list() == [theirs]


class TestAdministrator:
    def test_administrator_adds_and_deletes_providers(
        self, admin: DSSClient, user: DSSClient
    ) -> None:
        admin.dssa_add_provider(OTHER_PROVIDER)
        admin.dssa_add_provider(OTHER_PROVIDER)
        assert admin.dssa_list_providers()["provider"].to_list() == [PROVIDER, OTHER_PROVIDER]

        admin.dssa_delete_provider(PROVIDER)
        assert user.dss_list_services().empty
        with pytest.raises(ProviderNotFound, match=f"{PROVIDER}, {OTHER_PROVIDER}"):
            admin.dssa_delete_provider("nolab")

    def test_administrator_adds_and_removes_users_of_a_provider(self, admin: DSSClient) -> None:
        assert admin.dssa_list_users(PROVIDER)["email"].to_list() == ["prov1@example.com"]
        admin.dssa_add_user(PROVIDER, "prov2@example.com")
        admin.dssa_add_user(PROVIDER, "user@example.com", admin=True)
        admin.dssa_add_user(PROVIDER, "prov2@example.com", admin=True)

        assert read_rows(admin.dssa_list_users(PROVIDER)) == [
            {"user": 2, "email": "prov1@example.com", "admin": False},
            {"user": 4, "email": "user@example.com", "admin": True},
            {"user": 3, "email": "prov2@example.com", "admin": True},
        ]
        admin.dssa_remove_user(PROVIDER, 4)
        admin.dssa_remove_user(PROVIDER, "prov2@example.com")
        for user in (4, "prov2@example.com"):
            with pytest.raises(UserNotFound, match=r"prov1@example\.com"):
                admin.dssa_remove_user(PROVIDER, user)
        with pytest.raises(UserNotFound):
            admin.dssa_add_user(PROVIDER, "nobody@example.com")

    def test_administrator_adds_and_removes_services_of_a_provider(
        self, lab: Lab, admin: DSSClient, repository: Repository
    ) -> None:
        commit = repository.commit(describe("Brain", "1.0"))
        assert admin.dssa_add_service(PROVIDER, str(repository.path), "master") == commit
        assert admin.dssa_list_services(PROVIDER)["service"].to_list() == [
            "Brain",
            DESCRIPTOR["name"],
        ]
        repository.commit(describe("Brain", "1.0", url="https://example.com/other"))
        with pytest.raises(ServiceExists):
            admin.dssa_add_service(PROVIDER, str(repository.path), "master")

        admin.dssa_remove_service(PROVIDER, commit)
        assert admin.dssa_list_services(PROVIDER)["hash"].to_list() == [lab.service]
        with pytest.raises(ServiceNotFound):
            admin.dssa_remove_service(PROVIDER, commit)

    def test_administrator_lists_and_purges_tickets(self, lab: Lab, admin: DSSClient) -> None:
        assert admin.dssa_list_tickets().empty
        finished, waiting = lab.create_finished_ticket("success"), lab.create_ready_ticket()
        assert read_rows(admin.dssa_list_tickets()) == [
            {
                "ticket": ticket,
                "email": "user@example.com",
                "service": DESCRIPTOR["name"],
                "status": status,
                "duration": timedelta(0),
            }
            for ticket, status in ((finished, "success"), (waiting, "ready"))
        ]
        lab.middleware.advance_time(8 * 24 * 3600)
        assert admin.dssa_purge_tickets("all", days=9) == 0
        assert admin.dssa_purge_tickets("completed") == 1
        assert admin.dssa_purge_tickets("all", hours=1) == 1
        assert admin.dssa_list_tickets().empty

    def test_administrator_methods_raise_not_an_administrator_for_other_users(
        self, user: DSSClient
    ) -> None:
        for ask in (user.dssa_list_providers, user.dssa_list_tickets):
            with pytest.raises(NotAnAdministrator):
                ask()
