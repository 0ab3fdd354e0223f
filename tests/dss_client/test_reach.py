"""Every operation of the contract is reached by a method of the client, but for those named."""

from __future__ import annotations

from pathlib import Path

from dss_api import OPERATIONS
from dss_client import DSSClient
from tests.conformance.repositories import Repository

from .conftest import World

NOT_REACHED = {
    "list_service_claims": "fails in every version of the middleware, for every service and user",
    "claim_service_ticket": "dssp_claim_ticket with a single service does the same",
    "get_token": "gives a session to whoever reads it; people take a token from the page /token",
}
"""The operations that no method asks for, and why."""


def as_user(client: DSSClient, world: World, scan: Path) -> int:
    """What users do before a provider works; gives a ticket that waits."""
    client.dss_list_services()
    client.dss_service_detail(world.service.githash)
    client.dss_service_stats(world.service.githash)
    ticket = client.dss_create_ticket(world.service.name, [scan])
    client.dss_list_tickets()
    client.dss_queue_position(ticket)
    return ticket


def as_provider(client: DSSClient, world: World, ticket: int, folder: Path) -> None:
    """What providers do."""
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


def as_user_afterwards(client: DSSClient, ticket: int, folder: Path) -> None:
    """What users do then."""
    client.dss_ticket_progress(ticket)
    client.dss_wait_for_ticket(ticket)
    client.dss_ticket_detail(ticket)
    log = client.dss_ticket_log(ticket)
    client.dss_list_attachments(log=log["log"].iloc[-1])
    client.dss_download_attachments(ticket, folder)
    client.dss_download_results(ticket, folder)
    client.dss_retry_ticket(ticket)
    client.dss_delete_ticket(ticket)


def as_administrator(client: DSSClient, repository: Repository, email: str) -> None:
    """What administrators do."""
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


def test_every_operation_is_reached_but_for_those_that_are_named(
    world: World, client: DSSClient, user: DSSClient, admin: DSSClient, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.nii.gz"
    scan.write_bytes(b"voxels")
    repository = Repository.create(tmp_path / "repository")
    repository.commit()

    client.whoami()
    ticket = as_user(user, world, scan)
    as_provider(client, world, ticket, tmp_path / "input")
    as_user_afterwards(user, ticket, tmp_path / "results")
    as_administrator(admin, repository, world.user.email)
    client.logout()

    reached = {request.operation for request in world.server.requests}
    assert {operation.name for operation in OPERATIONS} - reached == set(NOT_REACHED)
