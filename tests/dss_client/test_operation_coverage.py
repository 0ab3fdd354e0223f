"""Coverage of the contract's operations by the methods of the client."""

from __future__ import annotations

from pathlib import Path

from dss_api import OPERATIONS
from dss_client import DSSClient
from tests.conformance.repositories import Repository
from tests.dss_client.conftest import World

UNUSED_OPERATIONS = {
    "list_service_claims": "fails in every version of the middleware, for every service and user",
    "claim_service_ticket": "dssp_claim_ticket with a single service does the same",
    "get_token": "returns a token as text; users take one from the page /token",
}
"""The operations that no method uses, and the reasons."""


def call_user_methods(client: DSSClient, world: World, scan: Path) -> int:
    """Call the methods of a user until a ticket waits, and return its id."""
    client.dss_list_services()
    client.dss_service_detail(world.service.githash)
    client.dss_service_stats(world.service.githash)
    ticket = client.dss_create_ticket(world.service.name, [scan])
    client.dss_list_tickets()
    client.dss_queue_position(ticket)
    return ticket


def call_provider_methods(client: DSSClient, world: World, ticket: int, folder: Path) -> None:
    """Call the methods of a provider."""
    client.dssp_list_services()
    client.dssp_available_services(world.hashes)
    client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")
    (scan,) = client.dssp_download_ticket(ticket, folder)
    client.dssp_set_progress(ticket, 0.5)
    client.dssp_ticket_progress(ticket)
    client.dssp_upload_files(ticket, scan)
    client.dssp_attach(ticket, "The scan", scan)
    client.dssp_log(ticket, "info", "Done")
    client.dssp_set_status(ticket, "failed")
    client.dssp_find_claimed([ticket])


def call_user_methods_after_work(client: DSSClient, ticket: int, folder: Path) -> None:
    """Call the methods of a user after the provider has finished."""
    client.dss_ticket_progress(ticket)
    client.dss_wait_for_ticket(ticket)
    client.dss_ticket_detail(ticket)
    log = client.dss_ticket_log(ticket)
    client.dss_list_attachments(log=log["log"].iloc[-1])
    client.dss_download_attachments(ticket, folder)
    client.dss_download_results(ticket, folder)
    client.dss_retry_ticket(ticket)
    client.dss_delete_ticket(ticket)


def call_admin_methods(client: DSSClient, repository: Repository, email: str) -> None:
    """Call the methods of an administrator."""
    client.dssa_add_provider("mylab")
    client.dssa_list_providers()
    client.dssa_add_user("mylab", email)
    client.dssa_list_users("mylab")
    githash = client.dssa_add_service("mylab", str(repository.path), "master")
    client.dssa_list_services("mylab")
    client.dssa_list_tickets()
    client.dssa_purge_tickets("completed")
    client.dssa_remove_service("mylab", githash)
    client.dssa_remove_user("mylab", email)
    client.dssa_delete_provider("mylab")


def test_methods_use_every_operation_except_the_listed_ones(
    world: World, client: DSSClient, user: DSSClient, admin: DSSClient, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.nii.gz"
    scan.write_bytes(b"voxels")
    repository = Repository.create(tmp_path / "repository")
    repository.commit()

    client.whoami()
    ticket = call_user_methods(user, world, scan)
    call_provider_methods(client, world, ticket, tmp_path / "input")
    call_user_methods_after_work(user, ticket, tmp_path / "results")
    call_admin_methods(admin, repository, world.user.email)
    client.logout()

    reached = {request.operation for request in world.server.requests}
    assert {operation.name for operation in OPERATIONS} - reached == set(UNUSED_OPERATIONS)
