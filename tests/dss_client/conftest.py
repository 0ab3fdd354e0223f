"""A small world for the client's tests: a user, a provider, a service, and both signed in."""

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

from .scans import brain

REAL = Path(__file__).parents[3] / "shared" / "data" / "itksnap"
"""Real workspaces and images, which are not part of this project."""

QUICK = Retries(attempts=3, first_delay=0.01)
"""For tests that shall not wait as long as people do."""


@dataclass(frozen=True)
class World:
    """What the middleware knows at the beginning of a test."""

    server: DssServer
    user: User
    provider: User
    service: Service

    @property
    def hashes(self) -> list[str]:
        return [self.service.githash]

    def ready_ticket(self, files: dict[str, bytes] | None = None) -> Ticket:
        return self.server.add_ticket(self.user, self.service, files=files)


@pytest.fixture(autouse=True)
def environment_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment belongs to a server of another test, or is waited for."""
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
    """The provider's client, signed in."""
    with DSSClient(world.server.url, retries=QUICK) as client:
        client.login(world.provider.token)
        yield client


@pytest.fixture
def ticket(world: World, client: DSSClient) -> int:
    """A ticket with two files, claimed by the client."""
    world.ready_ticket({"scan.nii.gz": b"voxels" * 1000, "ticket.itksnap": b"<registry/>"})
    claimed = client.dssp_claim_ticket(world.hashes, "testlab", "instance_1")
    assert claimed is not None
    return int(claimed["ticket"].iloc[0])


@pytest.fixture
def user(world: World) -> Iterator[DSSClient]:
    """The user's client, signed in."""
    with DSSClient(world.server.url, retries=QUICK) as client:
        client.login(world.user.token)
        yield client


@pytest.fixture
def admin(world: World) -> Iterator[DSSClient]:
    """The client of a system administrator, signed in."""
    with DSSClient(world.server.url, retries=QUICK) as client:
        client.login(world.server.add_user("admin@example.com", sysadmin=True).token)
        yield client


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with a scan, another one, and a segmentation; named after a patient."""
    return brain(tmp_path / "MILLER")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files lie in this test; empty at first."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def real() -> Path:
    """The folder of real workspaces. A test that needs it is skipped if it does not exist."""
    if not REAL.is_dir():
        pytest.skip(f"needs the test data of ITK-SNAP in {REAL}")
    return REAL
