"""A workspace of small scans, and what can happen to it on its way to a ticket."""

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


def voxels(seed: int) -> np.ndarray:
    """A small volume that no other seed has."""
    return np.random.default_rng(seed).integers(0, 2, (4, 5, 6)).astype(np.uint8)


def write_volume(path: Path, seed: int, *, origin: float = 0.0) -> Path:
    """Write a small volume.

    Args:
        origin: of each axis, in mm. A file with 40.0 is as long as one with 10.0.
    """
    image = SimpleITK.GetImageFromArray(voxels(seed))
    image.SetOrigin([origin] * 3)
    SimpleITK.WriteImage(image, str(path))
    return path


def write_mesh(path: Path) -> Path:
    """Write a triangle."""
    path.write_text(
        "# vtk DataFile Version 4.2\nvtk output\nASCII\nDATASET POLYDATA\n"
        "POINTS 3 float\n0 0 0 1 0 0 0 1 0\nPOLYGONS 1 4\n3 0 1 2\n"
    )
    return path


def origin(path: Path) -> tuple[float, ...]:
    """Where an image begins, in mm."""
    begins: tuple[float, ...] = SimpleITK.ReadImage(str(path)).GetOrigin()
    return begins


def exported_name(position: int, seed: int) -> str:
    """What a layer with such a volume is called when it leaves."""
    return f"layer_{position:03d}_{hashlib.md5(voxels(seed).tobytes()).hexdigest()}.nii.gz"


def holds(layer: Layer, seed: int) -> bool:
    """Whether a layer's file is there, and is such a volume."""
    return bool((SimpleITK.GetArrayFromImage(layer.image()) == voxels(seed)).all())


NAMES = tuple(exported_name(position, position) for position in range(3))
"""Of the layers of `brain`."""


def brain(folder: Path) -> Workspace:
    """A scan, a second one, and a segmentation with a label; saved."""
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
class Later(Fault):
    """A fault that lets the first few requests pass."""

    fault: Fault
    passing: int
    _seen: list[Target] = attrs.field(factory=list, init=False, eq=False)

    def strike(self, target: Target) -> MockResponse:
        self._seen.append(target)
        if len(self._seen) > self.passing:
            return self.fault.strike(target)
        return target.proceed()

    @property
    def description(self) -> str:
        return self.fault.description


BROKEN = [
    pytest.param(faults.DropBefore(), id="cut"),
    pytest.param(faults.Answer(500), id="refused"),
]
"""What can happen to an upload, however often it is tried."""
