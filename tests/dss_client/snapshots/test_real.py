"""There is a picture of what people have."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import Workspace, snapshot
from dss_client.workspace import ImageUnreadable

from .pictures import coloured, pixels

UNREADABLE = {"echo_cartesian_loading"}
"""Whose main image is in no format that SimpleITK reads."""


def test_of_every_workspace(real: Path) -> None:
    refused = set[str]()
    for path in sorted(real.glob("*.itksnap")):
        workspace = Workspace.open(path)
        segmentation = next(iter(workspace.segmentations), None)
        try:
            picture = pixels(snapshot(workspace.main, segmentation, workspace.labels))
        except ImageUnreadable:
            refused.add(path.stem)
            continue
        assert 200 < picture.shape[0] <= 800, path
        assert picture.shape[1] <= 1200, path
        assert coloured(picture) == (segmentation is not None), path
    assert refused == UNREADABLE


@pytest.mark.parametrize(
    ("name", "width"),
    [("X300.mha", 600), ("t1_chunk.nii.gz", 1200), ("multi_chunk.nii.gz", 1200)],
)
def test_of_images_of_all_kinds(real: Path, name: str, width: int) -> None:
    picture = pixels(snapshot(real / name))

    assert abs(picture.shape[1] - width) < 3
    assert picture.std() > 10
    assert not coloured(picture)


def test_of_colours_in_colour(real: Path) -> None:
    assert coloured(pixels(snapshot(real / "tensor_rgb.nii.gz")))


def test_of_every_label_of_a_label_file(real: Path) -> None:
    picture = pixels(
        snapshot(
            real / "MRIcrop-orig.gipl.gz",
            real / "MRIcrop-seg.gipl.gz",
            real / "MRIcrop-seg.label",
        )
    )

    for colour in ((0, 30, 255), (0, 175, 255), (74, 0, 255), (255, 255, 0), (255, 8, 186)):
        assert (picture == colour).all(axis=2).sum() > 100, colour  # the swatch, at least
