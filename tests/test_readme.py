"""What the README shows does what it says."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK as sitk

from dss_api import TicketStatus
from dss_client import Label, Labels, Workspace
from dss_mock import DssServer

README = Path(__file__).parents[1] / "README.md"


def block(containing: str) -> str:
    """The Python code of the README in which something stands."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    [found] = [code for code in blocks if containing in code]
    return str(found)


def segment(voxels: npt.NDArray[np.generic], spacing: tuple[float, ...]) -> npt.NDArray[np.bool_]:
    assert len(spacing) == voxels.ndim
    return np.asarray(voxels > voxels.mean())


@pytest.fixture(autouse=True)
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what the README's code reads, in which it runs."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    scan = sitk.GetImageFromArray(random.integers(0, 300, (6, 7, 8)).astype(np.int16))
    sitk.WriteImage(scan, "scan.nii.gz")
    Workspace.create("scan.nii.gz", tags=["T1-MRI"]).save("study.itksnap")
    Labels([Label(1, "Ventricles", 0, 30, 255)]).write("atlas.label")


def test_workspaces_are_read_changed_and_exported() -> None:
    names: dict[str, object] = {}
    exec(block("Labels.read"), names)
    exec(block("manifest = workspace.export"), names)

    saved = Workspace.open("study_with_mask.itksnap")
    assert saved.named("Bright").existing_path().name == "mask.nii.gz"
    assert 101 in saved.labels
    assert Path("outbox/study.itksnap").is_file()


def test_a_user_submits_what_a_provider_works_on(
    dss_server: DssServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = dss_server.add_user("user@example.com")
    provider = dss_server.add_user("provider@example.com")
    dss_server.add_provider("mylab", users=[provider])
    tags = [{"name": "T1-MRI", "type": "MainImage", "required": True}]
    dss_server.add_service(
        "mylab", {"name": "BrainMask", "version": "1", "shortdesc": "", "tags": tags}
    )
    address = "https://dss.itksnap.org"
    connected = f'from dss_client import *\nclient = DSSClient("{dss_server.url}")\n'
    submitting = threading.Thread(
        target=exec,
        args=(
            f'{connected}client.login("{user.token}")\n' + block('dss_create_ticket("BrainMask"'),
            {},
        ),
    )

    submitting.start()
    deadline = time.monotonic() + 60
    while not [one for one in dss_server.tickets if one.status is TicketStatus.READY]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    monkeypatch.setenv("DSS_TOKEN", provider.token)
    monkeypatch.setenv("DSS_SERVER", dss_server.url)
    exec(block("dssp_wait_for_ticket").replace(address, dss_server.url), {"segment": segment})
    submitting.join(60)

    [ticket] = dss_server.tickets
    assert ticket.status is TicketStatus.SUCCESS
    assert Workspace.received(f"results/{ticket.id}").named("Brain").array().array.any()
