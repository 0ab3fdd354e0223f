"""The README's code runs as it is written.

`make release-check` copies this file, and runs it with the wheel alone. It therefore imports
nothing from `tests`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import SimpleITK as sitk

from dss_api import TicketStatus
from dss_client import DSSClient, Workspace
from dss_mock import DssServer

README = Path(__file__).parents[1] / "README.md"
DEADLINE = 60.0


def code_blocks() -> list[str]:
    """Return the Python code of the README."""
    text = README.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def write_provider(folder: Path) -> None:
    """Write the provider of the README as the file that its test imports."""
    (folder / "my_provider.py").write_text(code_blocks()[0], encoding="utf-8")


def run_python(folder: Path, *arguments: str) -> str:
    """Run a Python program in a folder, and return its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_readme_has_one_provider_and_one_test() -> None:
    provider, test = code_blocks()

    assert "def segment(voxels, spacing)" in provider
    assert "from my_provider import work_once" in test
    assert "def test_" in test


def test_readme_provider_finishes_a_ticket(
    dss_server: DssServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_provider(tmp_path)
    user = dss_server.add_user("user@example.com")
    provider = dss_server.add_user("provider@example.com")
    dss_server.add_provider("mylab", users=[provider])
    tags = [{"name": "T1-MRI", "type": "MainImage", "required": True}]
    dss_server.add_service(
        "mylab", {"name": "BrainMask", "version": "1", "shortdesc": "", "tags": tags}
    )
    sitk.WriteImage(
        sitk.GaussianSource(sitk.sitkInt16, [8, 7, 6], [2, 2, 2], [4, 3, 3]), "scan.nii"
    )
    submitter = DSSClient(dss_server.url, session=dss_server.client(user).session_id)
    number = submitter.dss_create_ticket(
        "BrainMask", Workspace.create("scan.nii", tags=["T1-MRI"]), progress=False
    )

    monkeypatch.setenv("DSS_TOKEN", provider.token)
    monkeypatch.setenv("DSS_SERVER", dss_server.url)
    printed = run_python(tmp_path, "my_provider.py", dss_server.url)

    assert printed == f"Ticket {number} is done.\n"
    [ticket] = dss_server.tickets
    assert ticket.id == number
    assert ticket.status is TicketStatus.SUCCESS
    assert len(ticket.attachments) == 1
    paths = submitter.dss_download_results(number, "results", progress=False)
    assert Workspace.received(paths).named("Brain").array().array.any()


def test_readme_test_passes_with_readme_provider(tmp_path: Path) -> None:
    write_provider(tmp_path)
    (tmp_path / "test_provider.py").write_text(code_blocks()[1], encoding="utf-8")

    printed = run_python(
        tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_provider.py"
    )

    assert "1 passed in" in printed
