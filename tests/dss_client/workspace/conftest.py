"""A workspace with five layers for the tests of this folder."""

from __future__ import annotations

import pytest

from dss_client import Workspace


@pytest.fixture
def workspace() -> Workspace:
    """Return a workspace with a main image, two overlays and two segmentations."""
    workspace = Workspace.create("/data/scan.nii.gz", nickname="Scan", tags=["T1"])
    workspace.add_image("/data/flair.nii.gz", tags=["FLAIR", "raw"])
    workspace.add_image("/data/map.mha", nickname="Map", tags=["raw"])
    workspace.add_segmentation("/data/seg.nii.gz")
    workspace.add_segmentation("/data/second.nii.gz")
    return workspace
