"""Pictures of real workspaces and images."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import Workspace, snapshot
from dss_client.workspace import ImageUnreadable

from .pictures import is_coloured, read_pixels

UNREADABLE = {"echo_cartesian_loading"}
"""The workspace with a main image that SimpleITK cannot read."""


def test_every_workspace_of_itksnap_test_data_can_be_drawn(itksnap_data: Path) -> None:
    refused = set[str]()
    for path in sorted(itksnap_data.glob("*.itksnap")):
        workspace = Workspace.open(path)
        segmentation = next(iter(workspace.segmentations), None)
        try:
            picture = read_pixels(snapshot(workspace.main, segmentation, workspace.labels))
        except ImageUnreadable:
            refused.add(path.stem)
            continue
        assert 200 < picture.shape[0] <= 800, path
        assert picture.shape[1] <= 1200, path
        assert is_coloured(picture) == (segmentation is not None), path
    assert refused == UNREADABLE


@pytest.mark.parametrize(
    ("name", "width"),
    [("X300.mha", 600), ("t1_chunk.nii.gz", 1200), ("multi_chunk.nii.gz", 1200)],
)
def test_itksnap_test_images_of_all_kinds_can_be_drawn(
    itksnap_data: Path, name: str, width: int
) -> None:
    picture = read_pixels(snapshot(itksnap_data / name))

    assert abs(picture.shape[1] - width) < 3
    assert picture.std() > 10
    assert not is_coloured(picture)


def test_colour_image_of_itksnap_test_data_is_drawn_in_colour(itksnap_data: Path) -> None:
    assert is_coloured(read_pixels(snapshot(itksnap_data / "tensor_rgb.nii.gz")))


def test_every_label_of_an_itksnap_label_file_is_drawn(itksnap_data: Path) -> None:
    picture = read_pixels(
        snapshot(
            itksnap_data / "MRIcrop-orig.gipl.gz",
            itksnap_data / "MRIcrop-seg.gipl.gz",
            itksnap_data / "MRIcrop-seg.label",
        )
    )

    for colour in ((0, 30, 255), (0, 175, 255), (74, 0, 255), (255, 255, 0), (255, 8, 186)):
        assert (picture == colour).all(axis=2).sum() > 100, colour  # the swatch, at least
