"""A workspace of small scans, and faults during its upload."""

from __future__ import annotations

import hashlib
from pathlib import Path

import attrs
import numpy as np
import pytest
import SimpleITK

from dss_client import Label, Labels, Layer, Workspace
from dss_mock import faults
from dss_mock.faults import Fault, Target
from dss_mock.response import MockResponse

NICKNAME = "T1 of the head"
LABELS = Labels([Label(id=1, name="Hippocampus", red=255, green=128, blue=0)])


def make_voxels(seed: int) -> np.ndarray:
    """Make a small volume that is different for each seed."""
    return np.random.default_rng(seed).integers(0, 2, (4, 5, 6)).astype(np.uint8)


def write_volume(path: Path, seed: int, *, origin: float = 0.0) -> Path:
    """Write a small image.

    Args:
        origin: the origin of each axis, in mm. Files with 10.0 and 40.0 have the same length.
    """
    image = SimpleITK.GetImageFromArray(make_voxels(seed))
    image.SetOrigin([origin] * 3)
    SimpleITK.WriteImage(image, str(path))
    return path


def write_mesh(path: Path) -> Path:
    """Write a mesh of one triangle."""
    path.write_text(
        "# vtk DataFile Version 4.2\nvtk output\nASCII\nDATASET POLYDATA\n"
        "POINTS 3 float\n0 0 0 1 0 0 0 1 0\nPOLYGONS 1 4\n3 0 1 2\n"
    )
    return path


def read_origin(path: Path) -> tuple[float, ...]:
    """Return the origin of an image, in mm."""
    result: tuple[float, ...] = SimpleITK.ReadImage(str(path)).GetOrigin()
    return result


def make_exported_name(position: int, seed: int) -> str:
    """Return the file name of an exported layer with the volume of this seed."""
    return f"layer_{position:03d}_{hashlib.md5(make_voxels(seed).tobytes()).hexdigest()}.nii.gz"


def has_voxels(layer: Layer, seed: int) -> bool:
    """Return whether a layer's file exists and has the volume of this seed."""
    return bool((SimpleITK.GetArrayFromImage(layer.image()) == make_voxels(seed)).all())


EXPORTED_NAMES = tuple(make_exported_name(position, position) for position in range(3))
"""The file names of the exported layers of `create_brain_workspace`."""


def create_brain_workspace(folder: Path) -> Workspace:
    """Create and save a workspace of two scans and a segmentation with a label."""
    folder.mkdir(parents=True)
    scan, flair, mask = (
        write_volume(folder / f"MILLER^{name}.nii.gz", seed)
        for seed, name in enumerate(("t1", "flair", "mask"))
    )
    workspace = Workspace.create(scan, nickname=NICKNAME, tags=["T1-MRI"])
    workspace.add_image(flair, nickname="FLAIR", tags=["FLAIR"])
    workspace.add_segmentation(mask)
    workspace.labels = LABELS
    workspace.save(folder / "MILLER.itksnap")
    return workspace


@attrs.frozen
class LateFault(Fault):
    """A fault that strikes after some requests without a fault."""

    fault: Fault
    requests_before: int
    _seen: list[Target] = attrs.field(factory=list, init=False, eq=False)

    def strike(self, target: Target) -> MockResponse:
        self._seen.append(target)
        if len(self._seen) > self.requests_before:
            return self.fault.strike(target)
        return target.proceed()

    @property
    def description(self) -> str:
        return self.fault.description


UPLOAD_FAULTS = [
    pytest.param(faults.DropBefore(), id="cut"),
    pytest.param(faults.Answer(500), id="refused"),
]
"""Faults that make every attempt of an upload fail."""
