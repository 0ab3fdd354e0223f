"""A workspace whose images are like a scan's: smooth, with noise, and nothing around."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from dss_client import Workspace


def make_layers(folder: Path, layers: int, side: int) -> Path:
    """A workspace of so many images, each a cube of 16-bit numbers, as `.nii.gz`.

    Args:
        folder: for all of it; made.
        side: of the cubes, in voxels.
    """
    folder.mkdir()
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    radius = np.sqrt(axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2)
    random = np.random.default_rng(0)
    workspace = Workspace()
    for number in range(layers):
        signal = 1000 * np.exp(-2 * radius**2) + random.normal(0, 30, radius.shape)
        image = sitk.GetImageFromArray(np.where(radius < 0.9, signal, 0).astype(np.int16))
        path = folder / f"scan_{number}.nii.gz"
        sitk.WriteImage(image, path)
        workspace.add_image(path)
    made = folder / "scans.itksnap"
    workspace.save(made)
    return made
