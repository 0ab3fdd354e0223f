"""A provider of a DSS service that measures the brain in head MRIs.

Run it with any middleware that knows you as a provider:

    python -m examples.provider https://dss.itksnap.org --provider mylab

It waits for tickets until you stop it; see `examples/daemon.py`. To make your own provider, replace
`process`.
"""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from dss_client import DSSClient, Label, Labels, Workspace
from examples.brain import brain_mask, volume_ml
from examples.daemon import attach_text, ignore_failure, log_info, serve

BRAIN = Label(id=1, name="Brain", red=255, green=176, blue=59)


def process(client: DSSClient, ticket: int, folder: Path) -> None:
    """Download the workspace of a ticket, segment the brain, and upload the result."""
    log_info(client, ticket, "Downloading the input")
    workspace = Workspace.received(client.dssp_download_ticket(ticket, folder / "input"))
    scan = workspace.tagged("T1-MRI").image()
    client.dssp_set_progress(ticket, 0.2)

    log_info(client, ticket, "Looking for the brain")
    mask = brain_mask(scan)
    client.dssp_set_progress(ticket, 0.7)

    volume = folder / "volume.txt"
    volume.write_text(f"brain volume: {volume_ml(mask):.0f} ml\n", encoding="utf-8")
    attach_text(client, ticket, "Volume of the brain", volume)
    log_info(client, ticket, f"Found a brain of {volume_ml(mask):.0f} ml; please check")

    segmentation = folder / "brain_mask.nii.gz"
    sitk.WriteImage(mask, segmentation)
    workspace.add_segmentation(segmentation, nickname="Brain")
    workspace.labels = Labels([BRAIN])
    client.dssp_upload_ticket(ticket, workspace)
    with ignore_failure():
        client.dssp_set_progress(ticket, 1.0)
        client.dssp_attach_snapshot(ticket, workspace)


if __name__ == "__main__":
    serve(process, service="BrainMask", description="Measure the brain in head MRIs")
