"""A provider of a DSS service that registers one image to another: the DSS tutorial's own service.

A segmentation comes along: whoever has an image with labels, such as an atlas, gets these onto an
image of their own. The registration is that of Greedy (``pip install picsl_greedy``), first affine,
then deformable. Run it against any middleware on which you are a provider:

    python -m examples.registration_provider https://dss.itksnap.org --provider mylab
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from dss_client import DSSClient, Workspace
from examples.daemon import attach, in_passing, note, serve
from examples.greedy import greedy

# Where an image has fewer than 17 voxels along an axis, as small ones have at the coarsest level,
# Greedy takes a smaller radius than 8 by itself. The seed makes its result one that can be had
# again.
FITTING = "-d 3 -m NCC 8x8x8 -n 40x40x20 -seed 1 -i target.nii source.nii"
AFFINE = f"{FITTING} -a -ia initial.mat -o affine.mat"
DEFORMABLE = f"{FITTING} -it affine.mat -o warp.nii.gz"
RESLICING = (
    "-d 3 -rf target.nii -rm source.nii resliced.nii.gz"
    " -ri LABEL 0.2vox -rm labels.nii resliced_labels.nii.gz"
    " -rc deformation.nii.gz -r warp.nii.gz affine.mat"
)


def process(client: DSSClient, ticket: int, folder: Path) -> None:
    """Do the work of one ticket, from its workspace to the one that its user gets back."""
    workspace = Workspace.received(client.dssp_download_ticket(ticket, folder / "input"))
    target, source, labels = (workspace.tagged(tag) for tag in ("Target", "Source", "SourceSeg"))
    note(client, ticket, "The workspace was downloaded")

    # Greedy gets copies, for what workspaces refer to may also be series of DICOM files.
    sitk.WriteImage(target.image(), folder / "target.nii")
    sitk.WriteImage(source.image(), folder / "source.nii")
    sitk.WriteImage(labels.image(), folder / "labels.nii")
    # Where the user has already brought the images together, by hand or automatically, in ITK-SNAP.
    np.savetxt(folder / "initial.mat", source.transform)

    printed = greedy(AFFINE, folder, "affine")
    attach(client, ticket, "AffineReg output", printed)
    attach(client, ticket, "Affine matrix", folder / "affine.mat")
    note(client, ticket, "The affine registration is done")
    client.dssp_set_progress(ticket, 0.4)

    printed = greedy(DEFORMABLE, folder, "deformable")
    attach(client, ticket, "Deformable output", printed)
    note(client, ticket, "The deformable registration is done")
    client.dssp_set_progress(ticket, 0.8)

    greedy(RESLICING, folder, "reslicing")
    workspace.add_image(folder / "resliced.nii.gz", nickname="Resliced Source Image")
    field = workspace.add_image(folder / "deformation.nii.gz", nickname="Deformation Field")
    field.colour_map = "Jet"
    workspace.add_segmentation(folder / "resliced_labels.nii.gz", nickname="Resliced Segmentation")
    client.dssp_upload_ticket(ticket, workspace)
    with in_passing():
        client.dssp_set_progress(ticket, 1.0)
        client.dssp_attach_snapshot(ticket, workspace)


if __name__ == "__main__":
    serve(process, service="RegistrationExample", description="Register images with Greedy")
