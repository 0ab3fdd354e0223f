"""The README's code runs as it is written.

`make release-check` copies this file, and runs it with the wheel alone. It therefore imports
nothing from `tests`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK as sitk

from dss_api import TicketStatus
from dss_client import DSSClient, Workspace
from dss_mock import DssServer

README = Path(__file__).parents[1] / "README.md"
ADDRESS = "https://dss.itksnap.org"
DEADLINE = 60.0
MY_PROVIDER = """
def work_once(client):
    claimed = client.dssp_claim_ticket(client.dssp_list_services()["hash"], "mylab", "test")
    client.dssp_set_status(claimed["ticket"].iloc[0], "success")
"""
"""The provider that a reader of the README has written."""


def code_blocks() -> list[str]:
    """Return the Python code of the README."""
    text = README.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def segment(voxels: npt.NDArray[np.generic], spacing: tuple[float, ...]) -> npt.NDArray[np.bool_]:
    """Return a mask, as the algorithm of the README's reader does."""
    assert len(spacing) == voxels.ndim
    return np.asarray(voxels > voxels.mean())


def test_readme_has_one_provider_and_one_test() -> None:
    provider, test = code_blocks()

    assert "segment(voxels, spacing)" in provider
    assert "def test_" in test


def test_readme_provider_finishes_a_ticket(
    dss_server: DssServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    user = dss_server.add_user("user@example.com")
    provider = dss_server.add_user("provider@example.com")
    dss_server.add_provider("mylab", users=[provider])
    tags = [{"name": "T1-MRI", "type": "MainImage", "required": True}]
    dss_server.add_service(
        "mylab", {"name": "BrainMask", "version": "1", "shortdesc": "", "tags": tags}
    )
    random = np.random.default_rng(0)
    scan = sitk.GetImageFromArray(random.integers(0, 300, (6, 7, 8)).astype(np.int16))
    sitk.WriteImage(scan, "scan.nii.gz")
    submitter = DSSClient(dss_server.url, session=dss_server.client(user).session_id)
    number = submitter.dss_create_ticket(
        "BrainMask", Workspace.create("scan.nii.gz", tags=["T1-MRI"]), progress=False
    )

    monkeypatch.setenv("DSS_TOKEN", provider.token)
    monkeypatch.setenv("DSS_SERVER", dss_server.url)
    exec(code_blocks()[0].replace(ADDRESS, dss_server.url), {"segment": segment})

    ticket = dss_server.tickets[number]
    assert ticket.status is TicketStatus.SUCCESS
    assert len(ticket.attachments) == 1
    paths = submitter.dss_download_results(number, "results", progress=False)
    assert Workspace.received(paths).named("Brain").array().array.any()


def test_readme_test_passes(tmp_path: Path) -> None:
    (tmp_path / "my_provider.py").write_text(MY_PROVIDER, encoding="utf-8")
    (tmp_path / "test_provider.py").write_text(code_blocks()[1], encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_provider.py"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed in" in done.stdout
