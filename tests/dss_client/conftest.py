"""Fixtures: a middleware with a user, a provider and a service, and clients for them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dss_client import DSSClient, Retries, Workspace
from dss_client.auth import environment, lookup
from dss_mock import DssServer
from dss_mock.state import Service, Ticket, User

from .scans import create_brain_workspace

ITKSNAP_DATA = Path(__file__).parents[3] / "shared" / "data" / "itksnap"
"""Workspaces and images of ITK-SNAP, which are not part of this project."""

QUICK_RETRIES = Retries(attempts=3, first_delay=0.01)
"""Retries with short delays."""


@dataclass(frozen=True)
class World:
    """The middleware and its objects at the start of a test."""

    server: DssServer
    user: User
    provider: User
    service: Service

    @property
    def hashes(self) -> list[str]:
        return [self.service.githash]

    def add_ready_ticket(self, files: dict[str, bytes] | None = None) -> Ticket:
        return self.server.add_ticket(self.user, self.service, files=files)


@pytest.fixture(autouse=True)
def isolate_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the sign-ins of other tests, and do not wait for sign-ins of other processes."""
    monkeypatch.setattr(environment, "_first_servers", {})
    monkeypatch.setattr(lookup, "_first_refusals", {})
    monkeypatch.setattr(lookup, "MAX_SAVE_WAIT", 0.0)


@pytest.fixture
def world(dss_server: DssServer) -> World:
    user = dss_server.add_user("user@example.com")
    provider = dss_server.add_user("provider@example.com")
    lab = dss_server.add_provider("testlab", users=[provider])
    return World(dss_server, user, provider, dss_server.add_service(lab))


@pytest.fixture
def client(world: World) -> Iterator[DSSClient]:
    """The client of the provider, signed in."""
    with DSSClient(world.server.url, retries=QUICK_RETRIES) as client:
        client.login(world.provider.token)
        yield client


@pytest.fixture
def ticket(world: World, client: DSSClient) -> int:
    """The id of a ticket with two files, claimed by the provider."""
    world.add_ready_ticket({"scan.nii.gz": b"voxels" * 1000, "ticket.itksnap": b"<registry/>"})
    claimed = client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")
    assert claimed is not None
    return int(claimed["ticket"].iloc[0])


@pytest.fixture
def user(world: World) -> Iterator[DSSClient]:
    """The client of the user, signed in."""
    with DSSClient(world.server.url, retries=QUICK_RETRIES) as client:
        client.login(world.user.token)
        yield client


@pytest.fixture
def admin(world: World) -> Iterator[DSSClient]:
    """The client of a system administrator, signed in."""
    with DSSClient(world.server.url, retries=QUICK_RETRIES) as client:
        client.login(world.server.add_user("admin@example.com", sysadmin=True).token)
        yield client


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace of two scans and a segmentation, with a patient's name in the file names."""
    return create_brain_workspace(tmp_path / "MILLER")


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, empty at first."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def itksnap_data() -> Path:
    """The folder of ITK-SNAP's workspaces. A test that needs it is skipped if it does not exist."""
    if not ITKSNAP_DATA.is_dir():
        pytest.skip(f"needs the test data of ITK-SNAP in {ITKSNAP_DATA}")
    return ITKSNAP_DATA
