"""A provider of a DSS service: it measures the brain in every head MRI that it is sent.

Run it against any middleware on which you are a provider:

    python -m examples.provider https://dss.itksnap.org --provider mylab

It waits for tickets until it is stopped; how stands in `examples/daemon.py`. To make your own,
replace `process`.
"""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from dss_client import DSSClient
from examples.brain import brain_mask, volume_ml, write_picture
from examples.daemon import in_passing, note, serve


def process(client: DSSClient, ticket: int, folder: Path) -> None:
    """Do the work of one ticket, from its files to its results."""
    note(client, ticket, "Downloading the input")
    paths = client.dssp_download_ticket(ticket, folder / "input")
    scan = sitk.ReadImage(find_scan(paths))
    client.dssp_set_progress(ticket, 0.2)

    note(client, ticket, "Looking for the brain")
    mask = brain_mask(scan)
    client.dssp_set_progress(ticket, 0.7)

    volume = folder / "volume.txt"
    volume.write_text(f"brain volume: {volume_ml(mask):.0f} ml\n", encoding="utf-8")
    picture = folder / "brain.png"
    write_picture(scan, mask, picture)
    with in_passing():
        client.dssp_attach(ticket, "Volume of the brain", volume, "text/plain")
    with in_passing():
        client.dssp_attach(ticket, "The brain's outline on three slices", picture, "image/png")
    note(client, ticket, f"Found a brain of {volume_ml(mask):.0f} ml; please check")

    result = folder / "brain_mask.nii.gz"
    sitk.WriteImage(mask, result)
    client.dssp_upload_files(ticket, [result])
    client.dssp_set_progress(ticket, 1.0)


def find_scan(paths: list[Path]) -> Path:
    """The one image among the files of a ticket."""
    images = [path for path in paths if path.name.endswith((".nii", ".nii.gz", ".nrrd", ".mha"))]
    if len(images) != 1:
        names = ", ".join(path.name for path in paths) or "none"
        raise ValueError(f"This service takes one image, but the ticket's files are: {names}")
    return images[0]


if __name__ == "__main__":
    serve(process, service="BrainMask", description="Measure the brain in head MRIs")
