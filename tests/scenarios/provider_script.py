"""A provider's script that was written for the original client.

It imports only `itksnap_dss` from the client.
"""

from __future__ import annotations

import sys
from pathlib import Path

import SimpleITK as sitk

from itksnap_dss import DSSClient, WorkspaceWrapper

PROVIDER = "testlab"

LABELS = """\
# IDX R G B A VIS MSH LABEL
0 0 0 0 0 0 0 "Clear Label"
1 255 128 0 1 1 1 "Bright"
"""


def process(client: DSSClient, ticket: int, folder: str) -> None:
    """Segment the bright voxels of the image with the tag `T1-MRI`."""
    client.dssp_log(ticket, "info", "Working")
    client.dssp_download_ticket(ticket, folder)
    (path,) = Path(folder).glob("*.itksnap")

    work = WorkspaceWrapper(str(path))
    keys = work.find_layers_by_tag("T1-MRI")
    if len(keys) != 1:
        client.dssp_log(ticket, "error", f"{len(keys)} layers have the tag T1-MRI")
        client.dssp_set_status(ticket, "failed")
        return
    client.dssp_set_progress(ticket, 0.25)

    image = sitk.ReadImage(work.get_layer_actual_path(work.get_layer_folder_by_key(keys[0])))
    mask = str(Path(folder) / "bright.nii.gz")
    sitk.WriteImage(sitk.Cast(image > 100, sitk.sitkUInt8), mask)
    labels = Path(folder) / "bright.label"
    labels.write_text(LABELS)

    segmentation = work.add_layer("SegmentationRole", mask)
    work.set_layer_nickname(segmentation, "What is bright")
    layer_folder = work.get_layer_folder_by_key(segmentation)
    work.add_tag(layer_folder, "Result")
    work.add_tag(layer_folder, "Bright")
    work.set_labels(str(labels))
    work.set_all_layer_paths_to_actual_paths()
    results = str(Path(folder) / "results.itksnap")
    work.save_workspace(results)

    client.dssp_set_progress(ticket, 0.75)
    client.dssp_upload_ticket(ticket, results)
    client.dssp_set_status(ticket, "success")


def main(server: str, token: str, service: str, folder: str) -> None:
    client = DSSClient(server)
    client.login(token)
    claimed = client.dssp_claim_ticket([service], PROVIDER, "instance_1")
    if claimed is not None:
        process(client, int(claimed["ticket"].iloc[0]), folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
