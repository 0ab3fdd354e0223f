"""`WorkspaceWrapper` as an argument of client methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import DSSClient, snapshot
from dss_mock import DssServer
from itksnap_dss import WorkspaceWrapper

pytest.importorskip("SimpleITK")

from . import scans  # needs SimpleITK


def test_workspace_wrapper_is_submitted_drawn_and_uploaded(
    dss_server: DssServer, tmp_path: Path
) -> None:
    user = dss_server.add_user("user@example.com")
    service = dss_server.add_service(dss_server.add_provider("lab", users=[user]))
    scans.write_scans(tmp_path / "scans", "T1-MRI")
    work = WorkspaceWrapper(tmp_path / "scans" / "scan.itksnap")
    work.set_layer_nickname("Layers.Layer[001]", "not yet saved")
    with DSSClient(dss_server.url) as client:
        client.login(user.token)

        ticket = client.dss_create_ticket(service.githash, work, progress=False)
        client.dssp_claim_ticket([service.githash], "lab", "here")
        picture = client.dssp_attach_snapshot(ticket, work)
        client.dssp_upload_ticket(ticket, work, progress=False)

        assert picture == snapshot(work.workspace)
        client.dssp_set_status(ticket, "success")
        inputs, results = tmp_path / "inputs", tmp_path / "results"
        client.dssp_download_ticket(ticket, inputs, progress=False)
        client.dss_download_results(ticket, results, progress=False)
        for folder in (inputs, results):
            (path,) = folder.rglob("*.itksnap")
            (key,) = WorkspaceWrapper(path, confined=True).find_layers_by_tag("T1-MRI")
            assert key == "Layers.Layer[001]"
            assert b"not yet saved" in path.read_bytes()
