"""A workspace whose images are like scans: a head, finely sampled, with the noise of a scanner."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from dss_client import Workspace

HEAD = Path(__file__).parents[2] / "examples" / "data" / "mni_icbm152_t1_2mm.nii.gz"
BRIGHTEST, NOISE = 1000.0, 20.0
"""Of the head, and the standard deviation of the noise in both channels of the scanner."""


def make_layers(folder: Path, layers: int, side: int) -> Path:
    """A workspace of so many images, each a cube of 16-bit numbers, as `.nii.gz`.

    Args:
        folder: for all of it; made.
        side: of the cubes, in voxels.
    """
    folder.mkdir()
    grid = _grid(side)
    resampled = sitk.Resample(sitk.ReadImage(HEAD, sitk.sitkFloat32), grid)
    head = sitk.GetArrayFromImage(resampled) * (
        BRIGHTEST / sitk.GetArrayViewFromImage(resampled).max()
    )
    random = np.random.default_rng(0)
    workspace = Workspace()
    for number in range(layers):
        real, imaginary = (random.normal(0, NOISE, head.shape) for _ in range(2))
        scan = sitk.GetImageFromArray(np.hypot(head + real, imaginary).astype(np.int16))
        scan.CopyInformation(grid)
        path = folder / f"scan_{number}.nii.gz"
        sitk.WriteImage(scan, path)
        workspace.add_image(path)
    made = folder / "scans.itksnap"
    workspace.save(made)
    return made


def _grid(side: int) -> sitk.Image:
    """A cube of so many voxels over the whole head."""
    head = sitk.ReadImage(HEAD)
    grid = sitk.Image([side] * 3, sitk.sitkFloat32)
    sizes = zip(head.GetSize(), head.GetSpacing(), strict=True)
    grid.SetSpacing([count * spacing / side for count, spacing in sizes])
    grid.SetOrigin(head.GetOrigin())
    grid.SetDirection(head.GetDirection())
    return grid
