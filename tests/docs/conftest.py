"""A mock server and files for the code of the documentation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import attrs
import numpy as np
import pytest
import SimpleITK as sitk

from dss_client import DSSClient, DssError, Label, Labels, Workspace
from dss_mock import DssServer
from dss_mock.state import User

DEADLINE = 60.0
TAGS = [{"name": "T1-MRI", "type": "MainImage", "hint": "The scan", "required": True}]


@attrs.frozen
class World:
    """A mock with one account that has all rights, and the files that pages name.

    Attributes:
        me: provider of `mylab`, user and administrator.
        client: the client, signed in as this account.
    """

    server: DssServer
    me: User
    client: DSSClient

    def submit(self) -> int:
        """Queue a ticket with the workspace of the folder."""
        return self.client.dss_create_ticket("BrainMask", "study.itksnap", progress=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files that pages read."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    scan = sitk.GetImageFromArray(random.integers(0, 300, (6, 7, 8)).astype(np.int16))
    sitk.WriteImage(scan, "scan.nii.gz")
    Workspace.create("scan.nii.gz", tags=["T1-MRI"]).save("study.itksnap")
    Labels([Label(1, "Ventricles", 0, 30, 255)]).write("atlas.label")
    Path("volumes.csv").write_text("label,ml\nBrain,1903\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def world(dss_server: DssServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A mock with a service, whose session programs find in the environment."""
    me = dss_server.add_user("me@example.com", sysadmin=True, tier="poweruser")
    dss_server.add_provider("mylab", users=[me])
    dss_server.add_service(
        "mylab", {"name": "BrainMask", "version": "1", "shortdesc": "", "tags": TAGS}
    )
    session = dss_server.client(me).session_id
    monkeypatch.setenv("DSS_SESSION", session)
    monkeypatch.setenv("DSS_SERVER", dss_server.url)
    return World(dss_server, me, DSSClient(dss_server.url, session=session))


@pytest.fixture
def working(world: World) -> Iterator[None]:
    """A provider that works on tickets until the test ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_work, args=(world, ended))
    thread.start()
    yield
    ended.set()
    thread.join(DEADLINE)
    assert not thread.is_alive()


def _work(world: World, ended: threading.Event) -> None:
    client = DSSClient(world.server.url, session=world.server.client(world.me).session_id)
    hashes = client.dssp_list_services()["hash"]
    while not ended.wait(0.02):
        claimed = client.dssp_claim_ticket(hashes, "mylab", "test")
        if claimed is not None:
            ticket = claimed["ticket"].iloc[0]
            with suppress(DssError):  # the page can delete the ticket first
                client.dssp_upload_ticket(ticket, "study.itksnap", progress=False)
                client.dssp_attach_snapshot(ticket, "study.itksnap")
                client.dssp_set_status(ticket, "success")
