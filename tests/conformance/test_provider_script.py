"""A provider's script that runs with the original client and with this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dss_client.workspace import Workspace

from . import real_middleware
from .middleware import MockMiddleware
from .repositories import Repository
from .sites import Lab

sitk = pytest.importorskip("SimpleITK")

from tests.itksnap_dss import scans  # noqa: E402  # needs SimpleITK

SCRIPT = real_middleware.ROOT / "tests" / "scenarios" / "provider_script.py"
DEADLINE = 60.0
"""Seconds to wait for the script."""


@pytest.fixture
def lab(example: Repository) -> Iterator[Lab]:
    middleware = MockMiddleware()
    yield Lab(middleware, example)
    middleware.close()


def run_script(python: str, more: dict[str, str], lab: Lab, folder: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "HOME": str(folder)}
    address = f"http://{lab.address[0]}:{lab.address[1]}"
    token = lab.middleware.get_token("prov1")
    subprocess.run(
        [python, "-P", SCRIPT, address, token, lab.service, str(folder / "work")],
        env=environment | more,
        check=True,
        timeout=DEADLINE,
    )


def download_results(lab: Lab, ticket: int, folder: Path) -> tuple[list[str], Workspace]:
    """Download the results; return the names of the images, and the workspace."""
    folder.mkdir()
    area = f"/api/tickets/{ticket}/files/results"
    names = [line.split(",")[1] for line in lab.user.get(area).text.splitlines()]
    for index, name in enumerate(names):
        (folder / name).write_bytes(lab.user.get(f"{area}/{index}").body)
    (path,) = folder.glob("*.itksnap")
    return sorted(name for name in names if name != path.name), Workspace.open(path)


def test_provider_script_uploads_the_same_results_with_both_clients(
    lab: Lab, example: Repository, tmp_path: Path
) -> None:
    if not real_middleware.is_installed():
        pytest.skip(real_middleware.NOT_INSTALLED)
    path = os.pathsep.join(
        str(real_middleware.ROOT / part) for part in ("", "generated", "mock_server")
    )
    pythons = {
        "original": (str(real_middleware.PYTHON), {}),
        "ours": (sys.executable, {"PYTHONPATH": path}),
    }
    results = {}
    for client, (python, more) in pythons.items():
        folder = tmp_path / client
        folder.mkdir()
        ticket = lab.create_ready_ticket(scans.write_scans(folder / "scans", "T1-MRI"))
        run_script(python, more, lab, folder)
        assert lab.user.get(f"/api/tickets/{ticket}/status").text == "success"
        names, workspace = download_results(lab, ticket, folder / "results")
        (segmentation,) = workspace.segmentations
        results[client] = (
            names,
            [(layer.role, layer.nickname, set(layer.tags)) for layer in workspace.layers],
            list(workspace.labels),
            sitk.GetArrayFromImage(segmentation.image()).tolist(),
        )

    assert results["ours"] == results["original"]
    assert len(results["ours"][0]) == 3
