"""Workspaces that the measured clients export and upload."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from dss_client import Workspace

from ..curl import MB

HEAD = Path(__file__).parents[2] / "examples" / "data" / "mni_icbm152_t1_2mm.nii.gz"
MAXIMUM = 1000.0
"""The largest intensity of the head."""
NOISE = 20.0
"""The standard deviation of the noise in both channels of the scanner."""


def make_scans(folder: Path, layers: int, side: int) -> Path:
    """Make a workspace with images that are like scans: a head with a scanner's noise.

    Args:
        folder: the folder to make, for the workspace and its images.
        layers: the number of images. Each is a `.nii.gz` file with 16-bit integers.
        side: the number of voxels along each side of an image, which is a cube.

    Returns:
        The path of the workspace.
    """
    folder.mkdir()
    grid = _make_grid(side)
    resampled = sitk.Resample(sitk.ReadImage(HEAD, sitk.sitkFloat32), grid)
    head = sitk.GetArrayFromImage(resampled) * (
        MAXIMUM / sitk.GetArrayViewFromImage(resampled).max()
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
    saved = folder / "scans.itksnap"
    workspace.save(saved)
    return saved


def make_workspace(folder: Path, voxels: Path) -> Path:
    """Make a workspace with one image of the given voxels, and return its path.

    The public client uploads only workspaces.
    """
    image = folder / "image.mha"
    size = voxels.stat().st_size
    header = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nCompressedData = False\n"
        f"DimSize = 1000 100 {size // 100_000}\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    )
    with image.open("wb") as stream, voxels.open("rb") as source:
        stream.write(header.encode("ascii"))
        while piece := source.read(MB):
            stream.write(piece)
    path = folder / "work.itksnap"
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8" ?>
<registry>
  <entry key="SaveLocation" value="{folder}" />
  <folder key="Layers">
    <folder key="Layer[000]">
      <entry key="AbsolutePath" value="{image}" />
      <entry key="Role" value="MainRole" />
      <entry key="Tags" value="" />
    </folder>
  </folder>
</registry>
""",
        encoding="utf-8",
    )
    return path


def _make_grid(side: int) -> sitk.Image:
    """Return a cube over the complete head, with this number of voxels along each side."""
    head = sitk.ReadImage(HEAD)
    grid = sitk.Image([side] * 3, sitk.sitkFloat32)
    sizes = zip(head.GetSize(), head.GetSpacing(), strict=True)
    grid.SetSpacing([count * spacing / side for count, spacing in sizes])
    grid.SetOrigin(head.GetOrigin())
    grid.SetDirection(head.GetDirection())
    return grid
