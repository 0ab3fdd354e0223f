"""A provider's script for the original client, with the original and with ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dss_client.workspace import Workspace

from . import real
from .middleware import MockMiddleware
from .repositories import Repository
from .site import Lab

sitk = pytest.importorskip("SimpleITK")

from tests.itksnap_dss import scans  # noqa: E402  # it needs SimpleITK

SCRIPT = real.ROOT / "tests" / "itksnap_dss" / "provider_script.py"
DEADLINE = 60.0
"""Seconds that the script may take."""


@pytest.fixture
def lab(example: Repository) -> Iterator[Lab]:
    middleware = MockMiddleware()
    yield Lab(middleware, example)
    middleware.close()


def run(python: str, more: dict[str, str], lab: Lab, folder: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "HOME": str(folder)}
    address = f"http://{lab.address[0]}:{lab.address[1]}"
    token = lab.middleware.token("prov1")
    subprocess.run(
        [python, "-P", SCRIPT, address, token, lab.service, str(folder / "work")],
        env=environment | more,
        check=True,
        timeout=DEADLINE,
    )


def given_back(lab: Lab, ticket: int, folder: Path) -> tuple[list[str], Workspace]:
    """The names of the images in the results, and the workspace."""
    folder.mkdir()
    area = f"/api/tickets/{ticket}/files/results"
    names = [line.split(",")[1] for line in lab.user.get(area).text.splitlines()]
    for index, name in enumerate(names):
        (folder / name).write_bytes(lab.user.get(f"{area}/{index}").body)
    (path,) = folder.glob("*.itksnap")
    return sorted(name for name in names if name != path.name), Workspace.open(path)


def test_the_same_script_gives_back_the_same(lab: Lab, example: Repository, tmp_path: Path) -> None:
    if not real.is_installed():
        pytest.skip(f"the original is not installed at {real.PYTHON}; make conformance does")
    path = os.pathsep.join(str(real.ROOT / part) for part in ("", "generated", "mock_server"))
    pythons = {"original": (str(real.PYTHON), {}), "ours": (sys.executable, {"PYTHONPATH": path})}
    told = {}
    for who, (python, more) in pythons.items():
        folder = tmp_path / who
        folder.mkdir()
        ticket = lab.ready_ticket(scans.written(folder / "scans", "T1-MRI"))
        run(python, more, lab, folder)
        assert lab.user.get(f"/api/tickets/{ticket}/status").text == "success"
        names, workspace = given_back(lab, ticket, folder / "results")
        (found,) = workspace.segmentations
        told[who] = (
            names,
            [(layer.role, layer.nickname, set(layer.tags)) for layer in workspace.layers],
            list(workspace.labels),
            sitk.GetArrayFromImage(found.image()).tolist(),
        )

    assert told["ours"] == told["original"]
    assert len(told["ours"][0]) == 3
