"""A provider for the service of ITK-SNAP's own DSS tutorial: it registers two images.

It also transfers the labels of the source image, for example an atlas, to the target image. Greedy
(``pip install picsl_greedy``) does the registration, first affine, then deformable. Run it with any
middleware that knows you as a provider:

    python -m examples.registration_provider https://dss.itksnap.org --provider mylab
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from dss_client import DSSClient, Workspace
from examples.daemon import attach_text, ignore_failure, log_info, serve
from examples.greedy import run_greedy

# If an image has fewer than 17 voxels along an axis, as a small image has at the coarsest level,
# Greedy itself takes a smaller radius than 8. The seed makes its result reproducible.
METRIC = "-d 3 -m NCC 8x8x8 -n 40x40x20 -seed 1 -i target.nii source.nii"
AFFINE = f"{METRIC} -a -ia initial.mat -o affine.mat"
DEFORMABLE = f"{METRIC} -it affine.mat -o warp.nii.gz"
RESLICING = (
    "-d 3 -rf target.nii -rm source.nii resliced.nii.gz"
    " -ri LABEL 0.2vox -rm labels.nii resliced_labels.nii.gz"
    " -rc deformation.nii.gz -r warp.nii.gz affine.mat"
)


def process(client: DSSClient, ticket: int, folder: Path) -> None:
    """Download the workspace of a ticket, register its images, and upload the result."""
    workspace = Workspace.received(client.dssp_download_ticket(ticket, folder / "input"))
    target, source, labels = (workspace.tagged(tag) for tag in ("Target", "Source", "SourceSeg"))
    log_info(client, ticket, "The workspace was downloaded")

    # Greedy needs single files, but a layer of a workspace can also be a series of DICOM files.
    sitk.WriteImage(target.image(), folder / "target.nii")
    sitk.WriteImage(source.image(), folder / "source.nii")
    sitk.WriteImage(labels.image(), folder / "labels.nii")
    # The registration starts from the transform that the user has set in ITK-SNAP.
    np.savetxt(folder / "initial.mat", source.transform)

    output = run_greedy(AFFINE, folder, "affine")
    attach_text(client, ticket, "AffineReg output", output)
    attach_text(client, ticket, "Affine matrix", folder / "affine.mat")
    log_info(client, ticket, "The affine registration is done")
    client.dssp_set_progress(ticket, 0.4)

    output = run_greedy(DEFORMABLE, folder, "deformable")
    attach_text(client, ticket, "Deformable output", output)
    log_info(client, ticket, "The deformable registration is done")
    client.dssp_set_progress(ticket, 0.8)

    run_greedy(RESLICING, folder, "reslicing")
    workspace.add_image(folder / "resliced.nii.gz", nickname="Resliced Source Image")
    field = workspace.add_image(folder / "deformation.nii.gz", nickname="Deformation Field")
    field.colour_map = "Jet"
    workspace.add_segmentation(folder / "resliced_labels.nii.gz", nickname="Resliced Segmentation")
    client.dssp_upload_ticket(ticket, workspace)
    with ignore_failure():
        client.dssp_set_progress(ticket, 1.0)
        client.dssp_attach_snapshot(ticket, workspace)


if __name__ == "__main__":
    serve(process, service="RegistrationExample", description="Register images with Greedy")
