"""A provider's script that was written for the original client, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dss_client import DSSClient
from dss_client.workspace import Label, Role, Workspace
from dss_mock import DssServer
from dss_mock.state import Service, User

sitk = pytest.importorskip("SimpleITK")

from . import provider_script, scans  # noqa: E402  # they need it


@dataclass(frozen=True)
class World:
    """A user with a scan, and a provider who looks for what is tagged in it."""

    server: DssServer
    user: User
    provider: User
    service: Service
    folder: Path

    def submit(self, *tags: str) -> int:
        """Submit a workspace with a scan that has these tags, over another."""
        files = scans.written(self.folder / "scans", *tags)
        return self.server.add_ticket(self.user, self.service, files=files).id

    def run(self) -> None:
        """Let the provider's script work."""
        provider_script.main(
            self.server.url, self.provider.token, self.service.githash, str(self.folder / "work")
        )


@pytest.fixture
def world(dss_server: DssServer, tmp_path: Path) -> World:
    user = dss_server.add_user("user@example.com")
    provider = dss_server.add_user("provider@example.com")
    lab = dss_server.add_provider(provider_script.PROVIDER, users=[provider])
    return World(dss_server, user, provider, dss_server.add_service(lab), tmp_path)


@pytest.fixture
def user(world: World) -> Iterator[DSSClient]:
    """The user's client, signed in."""
    with DSSClient(world.server.url) as client:
        client.login(world.user.token)
        yield client


def test_provider_script_uploads_a_workspace_with_its_segmentation(
    world: World, user: DSSClient, tmp_path: Path
) -> None:
    ticket = world.submit("T1-MRI", "Brain")

    world.run()

    assert user.dss_ticket_status(ticket) == "success"
    results = user.dss_download_results(ticket, tmp_path / "results")
    (path,) = [path for path in results if path.suffix == ".itksnap"]
    assert path.name == f"ticket_{ticket:08d}_results.itksnap"
    workspace = Workspace.open(path)
    assert [layer.role for layer in workspace.layers] == [
        Role.MAIN,
        Role.OVERLAY,
        Role.SEGMENTATION,
    ]
    assert workspace.tagged("T1-MRI").position == 1
    found = workspace.tagged("Result")
    assert found.nickname == "What is bright"
    assert set(found.tags) == {"Result", "Bright"}
    assert list(workspace.labels) == [Label(id=1, name="Bright", red=255, green=128, blue=0)]
    bright = sitk.GetArrayFromImage(sitk.ReadImage(tmp_path / "scans" / "t1.nii.gz")) > 100
    assert 0 < bright.sum() < bright.size
    assert (sitk.GetArrayFromImage(found.image()) == bright).all()


def test_provider_script_fails_the_ticket_when_its_tag_is_missing(
    world: World, user: DSSClient
) -> None:
    ticket = world.submit("Brain")

    world.run()

    assert user.dss_ticket_status(ticket) == "failed"
    log = user.dss_ticket_log(ticket)
    assert "0 layers have the tag T1-MRI" in list(log["message"])


def test_provider_script_ends_without_a_ready_ticket(world: World) -> None:
    world.run()

    assert not (world.folder / "work").exists()
