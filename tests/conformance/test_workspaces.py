"""Workspaces that users submit and providers return, with both middlewares and clients."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dss_client import DSSClient, RequirementsNotMet, Workspace
from tests.dss_client.scans import (
    EXPORTED_NAMES,
    LABELS,
    NICKNAME,
    create_brain_workspace,
    has_voxels,
)

from . import real_middleware
from .repositories import DESCRIPTOR
from .sites import PROVIDER, Lab

SCRIPT = Path(__file__).with_name("original_provider.py")
REPORT = "report: "
DEADLINE = 60.0
"""Seconds to wait for the original client."""

SERVICE = str(DESCRIPTOR["name"])


@pytest.fixture
def address(lab: Lab) -> str:
    host, port = lab.address
    return f"http://{host}:{port}"


@pytest.fixture
def user(lab: Lab, address: str) -> Iterator[DSSClient]:
    with DSSClient(address) as client:
        client.login(lab.middleware.get_token("user"))
        yield client


@pytest.fixture
def provider(lab: Lab, address: str) -> Iterator[DSSClient]:
    with DSSClient(address) as client:
        client.login(lab.middleware.get_token("prov1"))
        yield client


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Create a workspace that meets the requirements of the service."""
    workspace = create_brain_workspace(tmp_path / "MILLER")
    workspace.main.add_tag("fixed")
    return workspace


def run_original(home: Path, *arguments: str) -> list[dict[str, object]]:
    """Run the script of the original client and return its report."""
    if not real_middleware.is_installed():
        pytest.skip(real_middleware.NOT_INSTALLED)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "HOME": str(home),
    }
    done = subprocess.run(
        [real_middleware.PYTHON, "-P", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(REPORT))
    layers: list[dict[str, object]] = json.loads(line.removeprefix(REPORT))
    return layers


def describe_layers(folder: Path) -> list[dict[str, object]]:
    """Return the expected report on the workspace of these tests."""
    return [
        {"path": str(folder / name), "tags": tags, "role": role, "nickname": nickname}
        for name, tags, role, nickname in zip(
            EXPORTED_NAMES,
            (["T1-MRI", "fixed"], ["FLAIR"], []),
            ("MainRole", "OverlayRole", "SegmentationRole"),
            (NICKNAME, "FLAIR", ""),
            strict=True,
        )
    ]


def test_workspace_is_submitted_processed_and_downloaded(
    lab: Lab, user: DSSClient, provider: DSSClient, workspace: Workspace, tmp_path: Path
) -> None:
    ticket = user.dss_create_ticket(SERVICE, workspace)
    assert user.dss_create_ticket(SERVICE, workspace, ticket=ticket) == ticket
    provider.dssp_claim_ticket(lab.service, PROVIDER, "one")
    provider.dssp_download_ticket(ticket, tmp_path / "input")
    input_workspace = Workspace.open(tmp_path / "input" / f"ticket_{ticket:08d}.itksnap")
    assert has_voxels(input_workspace.tagged("fixed"), 0)
    input_workspace.remove(input_workspace.overlays[0])

    provider.dssp_upload_ticket(ticket, input_workspace)
    manifest = provider.dssp_upload_ticket(ticket, input_workspace)  # no files are missing

    files = user.dss_download_results(ticket, tmp_path / "results")
    assert {file.name for file in files} == {path.name for path in manifest.paths}
    results = Workspace.open(tmp_path / "results" / f"ticket_{ticket:08d}_results.itksnap")
    assert [layer.nickname for layer in results.layers] == [NICKNAME, ""]
    assert [has_voxels(layer, seed) for layer, seed in zip(results.layers, (0, 2), strict=True)]
    assert results.labels[1] == LABELS[1]


def test_workspace_without_required_tag_is_not_submitted(
    user: DSSClient, workspace: Workspace
) -> None:
    workspace.main.remove_tag("fixed")

    with pytest.raises(RequirementsNotMet, match="The fixed image"):
        user.dss_create_ticket(SERVICE, workspace)

    assert user.dss_list_tickets().empty


def test_workspace_is_processed_by_the_original_client(
    lab: Lab, address: str, user: DSSClient, workspace: Workspace, tmp_path: Path
) -> None:
    ticket = user.dss_create_ticket(SERVICE, workspace)
    token, folder = lab.middleware.get_token("prov1"), tmp_path / "input"

    layers = run_original(tmp_path, "work", address, token, lab.service, str(folder))

    assert layers == describe_layers(folder)
    assert user.dss_wait_for_ticket(ticket) == "success"
    user.dss_download_results(ticket, tmp_path / "results")
    results = Workspace.open(tmp_path / "results" / f"ticket_{ticket:08d}_results.itksnap")
    assert all(has_voxels(layer, seed) for seed, layer in enumerate(results.layers))
    assert results.tagged("fixed").nickname == NICKNAME


def test_result_workspace_opens_with_the_original_client(
    lab: Lab, user: DSSClient, provider: DSSClient, workspace: Workspace, tmp_path: Path
) -> None:
    ticket = lab.create_claimed_ticket()
    provider.dssp_upload_ticket(ticket, workspace)
    folder = tmp_path / "results"
    user.dss_download_results(ticket, folder)

    layers = run_original(tmp_path, "open", str(folder / f"ticket_{ticket:08d}_results.itksnap"))

    assert layers == describe_layers(folder)
