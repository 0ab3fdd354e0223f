"""What a user sends to the provider's script."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from dss_client.workspace import Workspace


def written(folder: Path, *tags: str) -> dict[str, bytes]:
    """A workspace with a small scan and, over it, a larger one that has these tags.

    Returns:
        The files, which are written into a new folder, by their names.
    """
    folder.mkdir()
    for name, sigma in (("t2.nii.gz", 1.0), ("t1.nii.gz", 4.0)):
        ball = sitk.GaussianSource(sitk.sitkUInt8, [16, 16, 8], [sigma] * 3, [8, 8, 4])
        sitk.WriteImage(ball, str(folder / name))
    workspace = Workspace.create(folder / "t2.nii.gz", tags=["T2-MRI"])
    workspace.add_image(folder / "t1.nii.gz", tags=tags)
    workspace.save(folder / "scan.itksnap")
    return {path.name: path.read_bytes() for path in folder.iterdir()}
