import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_httpserver import HTTPServer

import dss_client
import itksnap_dss
from dss_api import (
    ChunkClash,
    FileArea,
    NotAProvider,
    OperationNotSupported,
    TicketNotClaimed,
    TicketStatus,
    TransportError,
)
from dss_client import DSSClient, UnverifiedServer

from .conftest import World


class TestClaiming:
    def test_provided_services_are_listed(self, world: World, client: DSSClient) -> None:
        services = client.dssp_list_services()

        assert list(services.columns) == ["service", "version", "hash", "provider"]
        assert services.iloc[0].to_list() == [
            world.service.name,
            world.service.version,
            world.service.githash,
            "testlab",
        ]

    def test_user_who_provides_no_service_gets_an_empty_table(self, world: World) -> None:
        client = DSSClient(world.server.url)
        client.login(world.user.token)

        assert client.dssp_list_services().empty
        assert list(client.dssp_list_services().columns) == [
            "service",
            "version",
            "hash",
            "provider",
        ]

    def test_claim_returns_the_next_ticket_as_one_row(
        self, world: World, client: DSSClient
    ) -> None:
        first = world.add_ready_ticket()
        world.add_ready_ticket()

        claimed = client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")

        assert claimed is not None
        assert claimed.to_dict("records") == [
            {"ticket": first.id, "service": world.service.githash, "status": "claimed"}
        ]

    def test_claim_accepts_the_hash_column_of_a_table(
        self, world: World, client: DSSClient
    ) -> None:
        world.add_ready_ticket()

        services = client.dssp_list_services()

        assert client.dssp_claim_ticket(services["hash"], "testlab", "instance_1") is not None

    def test_claim_and_availability_return_none_without_tickets(
        self, world: World, client: DSSClient
    ) -> None:
        assert client.dssp_claim_ticket(world.hashes, "testlab", "instance_1") is None
        assert client.dssp_available_services(world.hashes) is None

    def test_available_services_count_tickets_without_claiming_them(
        self, world: World, client: DSSClient
    ) -> None:
        tickets = [world.add_ready_ticket(), world.add_ready_ticket()]

        available = client.dssp_available_services(world.hashes)

        assert available is not None
        assert available.to_dict("records") == [
            {
                "service": world.service.githash,
                "service_name": world.service.name,
                "ready_tickets": 2,
            }
        ]
        assert {ticket.status for ticket in tickets} == {TicketStatus.READY}

    def test_available_services_raise_on_an_old_middleware(
        self, world: World, client: DSSClient
    ) -> None:
        world.server.expect_request("/api/pro/services/available").respond_with_data(
            "not found", status=404, content_type="text/html; charset=utf-8"
        )

        with pytest.raises(OperationNotSupported, match="older than the operation") as caught:
            client.dssp_available_services(world.hashes)

        assert isinstance(caught.value, NotImplementedError)

    def test_wait_continues_until_there_is_a_ticket(self, world: World, client: DSSClient) -> None:
        claims = "/api/pro/services/claims"
        for _ in range(2):
            world.server.expect_ordered_request(claims).respond_with_data("None")
        ready = world.add_ready_ticket()

        claimed = client.dssp_wait_for_ticket(world.hashes, "testlab", "i", 60, interval=0.01)

        assert claimed is not None
        assert claimed["ticket"].iloc[0] == ready.id
        assert len(world.server.log) == 2

    def test_wait_with_timeout_zero_asks_once(self, world: World, client: DSSClient) -> None:
        assert client.dssp_wait_for_ticket(world.hashes, "testlab", "i", timeout=0) is None

        world.add_ready_ticket()
        claimed = client.dssp_wait_for_ticket(world.hashes, "testlab", "i", timeout=0)

        assert claimed is not None

    def test_claim_from_a_service_of_another_provider_is_refused(
        self, world: World, client: DSSClient
    ) -> None:
        with pytest.raises(NotAProvider, match="You are not a provider for service abc") as caught:
            client.dssp_claim_ticket(["abc"], "testlab", "instance_1")

        assert isinstance(caught.value, PermissionError)


class TestATicket:
    def test_files_of_a_claimed_ticket_are_listed(self, client: DSSClient, ticket: int) -> None:
        assert client.dssp_list_ticket_files(ticket).to_dict("records") == [
            {"index": 0, "filename": "scan.nii.gz"},
            {"index": 1, "filename": "ticket.itksnap"},
        ]
        assert client.dssp_list_ticket_files(ticket, area="results").empty

    def test_provider_methods_accept_ticket_ids_of_every_type(
        self, client: DSSClient, ticket: int
    ) -> None:
        for name in (ticket, str(ticket), np.int64(ticket)):
            assert client.dssp_ticket_status(name) == "claimed"

    def test_ticket_is_downloaded_into_a_new_folder(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        paths = client.dssp_download_ticket(ticket, tmp_path / "a" / "b")

        assert [path.name for path in paths] == ["scan.nii.gz", "ticket.itksnap"]
        assert paths[0].read_bytes() == b"voxels" * 1000
        assert paths[1].read_bytes() == b"<registry/>"
        assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == [
            "scan.nii.gz",
            "ticket.itksnap",
        ]

    def test_results_are_uploaded_under_their_names(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        result = tmp_path / "mask é.nii.gz"
        result.write_bytes(bytes(range(256)) * 100)

        client.dssp_upload_files(ticket, [result])

        listed = client.dssp_list_ticket_files(ticket, area=FileArea.RESULTS)
        assert listed["filename"].to_list() == ["mask é.nii.gz"]
        with client.api.provider.download_claimed_ticket_file(
            ticket_id=ticket, area=FileArea.RESULTS, index=0
        ) as download:
            assert download.read() == bytes(range(256)) * 100

    def test_progress_is_the_sum_over_chunks(self, client: DSSClient, ticket: int) -> None:
        client.dssp_set_progress(ticket, 0.5)
        assert client.api.provider.get_claimed_ticket_progress(ticket_id=ticket) == 0.5

        client.dssp_set_progress(ticket, 0)
        client.dssp_set_progress(ticket, 1.0, chunk_start=0.0, chunk_end=0.25)
        client.dssp_set_progress(ticket, 0.5, chunk_start=0.25, chunk_end=0.75)
        assert client.api.provider.get_claimed_ticket_progress(ticket_id=ticket) == 0.5

    def test_chunks_with_the_same_start_raise_chunk_clash(
        self, client: DSSClient, ticket: int
    ) -> None:
        client.dssp_set_progress(ticket, 0.5, 0.0, 0.5)

        with pytest.raises(ChunkClash, match="same chunks") as caught:
            client.dssp_set_progress(ticket, 0.5, 0.0, 1.0)

        assert isinstance(caught.value, ValueError)

    def test_invalid_arguments_of_provider_methods_are_refused_before_anything_is_sent(
        self, closed_port: int
    ) -> None:
        offline, ticket = DSSClient(f"http://127.0.0.1:{closed_port}"), 1

        for attempt in (
            lambda: offline.dssp_set_progress(ticket, 1.5),
            lambda: offline.dssp_log(ticket, "debug", "x"),
            lambda: offline.dssp_set_status(ticket, "ready"),
            lambda: offline.dssp_claim_ticket([], "testlab", "i"),
            lambda: offline.dssp_wait_for_ticket(["abc"], "testlab", "i", timeout=-1),
            lambda: offline.dssp_download_ticket("x", "folder"),
            lambda: offline.dssp_upload_files(ticket, []),
            lambda: offline.dssp_list_ticket_files(ticket, area="output"),
        ):
            with pytest.raises(ValueError, match=r"must|no |needed|empty"):
                attempt()

    def test_log_message_is_linked_to_the_attachments_before_it(
        self, world: World, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        text = tmp_path / "metrics.txt"
        text.write_text("dice 0.9")
        picture = tmp_path / "qc.png"
        picture.write_bytes(b"\x89PNG")

        client.dssp_attach(ticket, "Quality metrics", text, "text/plain")
        client.dssp_attach(ticket, "Check", str(picture))
        client.dssp_log(ticket, "warning", "Low contrast,\nplease check é")

        user = DSSClient(world.server.url)
        user.login(world.user.token)
        last = user.api.user.get_ticket_detail(ticket_id=ticket).log[-1]
        assert (last.category, last.message) == ("warning", "Low contrast,\nplease check é")
        assert [(a.description, a.mime_type) for a in last.attachments] == [
            ("Quality metrics", "text/plain"),
            ("Check", "image/png"),
        ]
        with user.api.user.download_blob(
            blob=last.attachments[0].url.rpartition("/")[2]
        ) as download:
            assert download.read() == b"dice 0.9"

    def test_attaching_a_missing_file_raises_file_not_found(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        with pytest.raises(FileNotFoundError):
            client.dssp_attach(ticket, "desc", tmp_path / "missing.txt")

    @pytest.mark.parametrize("status", ["success", "failed", TicketStatus.SUCCESS])
    def test_status_can_be_set_to_success_or_failed(
        self, client: DSSClient, ticket: int, status: str
    ) -> None:
        client.dssp_set_status(ticket, status)

        assert client.dssp_ticket_status(ticket) is TicketStatus(status)
        assert client.dssp_ticket_status(ticket) == str(status)

    def test_logging_to_an_unclaimed_ticket_raises(self, world: World, client: DSSClient) -> None:
        ready = world.add_ready_ticket()

        assert client.dssp_ticket_status(ready.id) == "ready"
        with pytest.raises(TicketNotClaimed, match=f"Ticket {ready.id} has not been claimed"):
            client.dssp_log(ready.id, "info", "x")


def test_documented_methods_have_their_documented_parameters() -> None:
    documented = {
        "__init__": ["server", "verify"],
        "login": ["token"],
        "login_if_needed": [],
        "dssp_list_services": [],
        "dssp_available_services": ["services"],
        "dssp_claim_ticket": ["services", "provider", "provider_code"],
        "dssp_wait_for_ticket": ["services", "provider", "provider_code", "timeout", "interval"],
        "dssp_list_ticket_files": ["ticket", "area"],
        "dssp_download_ticket": ["ticket", "outdir"],
        "dssp_set_progress": ["ticket", "progress", "chunk_start", "chunk_end"],
        "dssp_log": ["ticket", "category", "message"],
        "dssp_attach": ["ticket", "desc", "filename", "mime_type"],
        "dssp_set_status": ["ticket", "status"],
        "dssp_ticket_status": ["ticket"],
        "dssp_upload_files": ["ticket", "paths"],
    }
    for name, parameters in documented.items():
        found = inspect.signature(getattr(itksnap_dss.DSSClient, name)).parameters.values()
        by_place = [each.name for each in found if each.kind is not each.KEYWORD_ONLY]
        assert by_place[1:] == parameters, name


def test_repr_shows_the_server_and_no_secret(world: World, client: DSSClient) -> None:
    shown = repr(client) + repr(client.api.transport) + repr(vars(client))

    assert world.server.url in shown
    assert world.provider.token not in shown


@pytest.mark.parametrize(
    "server", ["dss.example.org", "ftp://dss.example.org", "", "http://", "https://host/?a=b"]
)
def test_invalid_server_address_raises_value_error(server: str) -> None:
    with pytest.raises(ValueError, match=r"address|must end"):
        DSSClient(server)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"server": None}, "not as NoneType"),
        ({"server": Path("dss.example")}, "given by its address, such as"),
        ({"retries": 3}, r"such as Retries\(attempts=3\), not int"),
        ({"retries": None}, "not NoneType"),
        ({"on_session_expired": "x"}, "on_session_expired must be a function .* not str"),
    ],
)
def test_client_argument_of_wrong_type_raises_type_error(
    wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        DSSClient(**{"server": "http://dss.example", **wrong})


def test_client_sends_its_version_as_user_agent(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/token").respond_with_data("t")
    with DSSClient(httpserver.url_for("")) as client:
        client.api.session.get_token()

    [(asked, _)] = httpserver.log
    assert asked.headers["User-Agent"] == f"itksnap-dss/{dss_client.__version__}"


def test_password_in_the_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="no user and password") as caught:
        DSSClient("https://someone:hunter2@dss.example.org")

    assert "hunter2" not in str(caught.value)


def test_untrusted_certificate_is_refused_unless_verify_is_false(https_server: HTTPServer) -> None:
    address = f"https://127.0.0.1:{https_server.port}"
    with DSSClient(address) as strict, pytest.raises(TransportError, match="certificate"):
        strict.api.session.get_token()

    with pytest.warns(UnverifiedServer, match="Any computer can pretend to be"):
        lenient = DSSClient(address, verify=False)
    with lenient:
        assert lenient.api.session.get_token() == "t"
