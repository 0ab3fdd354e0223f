"""A provider's script for the original client that runs unchanged on the mock."""

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

from tests.itksnap_dss import scans  # noqa: E402  # needs SimpleITK

from . import provider_script  # noqa: E402  # needs SimpleITK


@dataclass(frozen=True)
class Scenario:
    """A user with a scan, and a provider that segments it."""

    server: DssServer
    user: User
    provider: User
    service: Service
    folder: Path

    def submit(self, *tags: str) -> int:
        """Submit a workspace whose overlay has these tags, and return the ticket."""
        files = scans.write_scans(self.folder / "scans", *tags)
        return self.server.add_ticket(self.user, self.service, files=files).id

    def run(self) -> None:
        """Run the provider's script."""
        provider_script.main(
            self.server.url, self.provider.token, self.service.githash, str(self.folder / "work")
        )


@pytest.fixture
def scenario(dss_server: DssServer, tmp_path: Path) -> Scenario:
    user = dss_server.add_user("user@example.com")
    provider = dss_server.add_user("provider@example.com")
    lab = dss_server.add_provider(provider_script.PROVIDER, users=[provider])
    return Scenario(dss_server, user, provider, dss_server.add_service(lab), tmp_path)


@pytest.fixture
def user(scenario: Scenario) -> Iterator[DSSClient]:
    """Return a client that is signed in as the user."""
    with DSSClient(scenario.server.url) as client:
        client.login(scenario.user.token)
        yield client


def test_provider_script_uploads_a_workspace_with_its_segmentation(
    scenario: Scenario, user: DSSClient, tmp_path: Path
) -> None:
    ticket = scenario.submit("T1-MRI", "Brain")

    scenario.run()

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
    segmentation = workspace.tagged("Result")
    assert segmentation.nickname == "What is bright"
    assert set(segmentation.tags) == {"Result", "Bright"}
    assert list(workspace.labels) == [Label(id=1, name="Bright", red=255, green=128, blue=0)]
    bright = sitk.GetArrayFromImage(sitk.ReadImage(tmp_path / "scans" / "t1.nii.gz")) > 100
    assert 0 < bright.sum() < bright.size
    assert (sitk.GetArrayFromImage(segmentation.image()) == bright).all()


def test_provider_script_fails_the_ticket_when_its_tag_is_missing(
    scenario: Scenario, user: DSSClient
) -> None:
    ticket = scenario.submit("Brain")

    scenario.run()

    assert user.dss_ticket_status(ticket) == "failed"
    log = user.dss_ticket_log(ticket)
    assert "0 layers have the tag T1-MRI" in list(log["message"])


def test_provider_script_ends_if_no_ticket_is_ready(scenario: Scenario) -> None:
    scenario.run()

    assert not (scenario.folder / "work").exists()
