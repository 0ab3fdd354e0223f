"""Scans that a user sends to a provider."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from dss_client.workspace import Workspace


def write_scans(folder: Path, *tags: str) -> dict[str, bytes]:
    """Write a workspace with a main image and an overlay that has these tags.

    Returns:
        The contents of the files in the new folder, by file name.
    """
    folder.mkdir()
    for name, sigma in (("t2.nii.gz", 1.0), ("t1.nii.gz", 4.0)):
        ball = sitk.GaussianSource(sitk.sitkUInt8, [16, 16, 8], [sigma] * 3, [8, 8, 4])
        sitk.WriteImage(ball, str(folder / name))
    workspace = Workspace.create(folder / "t2.nii.gz", tags=["T2-MRI"])
    workspace.add_image(folder / "t1.nii.gz", tags=tags)
    workspace.save(folder / "scan.itksnap")
    return {path.name: path.read_bytes() for path in folder.iterdir()}
