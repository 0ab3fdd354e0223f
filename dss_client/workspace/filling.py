"""Putting an image into a workspace."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from dss_client.workspace.errors import ImageMissing, ImagesNotInstalled, ImageUnreadable
from dss_client.workspace.images import grid
from dss_client.workspace.layers import Layer
from dss_client.workspace.role import Role
from dss_client.workspace.tags import checked

_DIMENSIONS = "ProjectMetaData.Files.Grey.Dimensions"


def fill(
    layer: Layer, role: Role, path: str | PathLike[str], nickname: str, tags: Iterable[str]
) -> Layer:
    """Give a layer an image, in place of whatever it had.

    Raises:
        ValueError: a tag is none.
    """
    kept = tuple(checked(tag) for tag in tags)
    folder = layer.registry
    folder.clear()
    folder["AbsolutePath"] = str(Path(path).absolute())
    folder["Role"] = role
    layer.nickname, layer.tags = nickname, kept
    if role is Role.MAIN and (size := _known_size(layer.path)):
        folder[_DIMENSIONS] = size
    return layer


def _known_size(path: Path) -> tuple[int, ...]:
    """How many voxels an image has along x, y and z, where that can be known by now."""
    try:
        size = grid(path).size[:3]
    except (ImageMissing, ImageUnreadable, ImagesNotInstalled):
        return ()  # ITK-SNAP does not need it
    return (*size, 1)[:3]
