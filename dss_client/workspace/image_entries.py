"""What a workspace says of an image that is put into it."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from dss_client.images import read
from dss_client.workspace import keys
from dss_client.workspace.errors import ImageMissing, ImagesNotInstalled, ImageUnreadable
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.tags import joined

_DIMENSIONS = "ProjectMetaData.Files.Grey.Dimensions"


def content(role: Role, path: str | PathLike[str], nickname: str, tags: Iterable[str]) -> Registry:
    """What a workspace says of an image that is new to it.

    Raises:
        ValueError: a tag is none, or XML cannot hold what is given.
    """
    folder = Registry()
    folder[keys.PATH] = str(absolute := Path(path).absolute())
    folder[keys.ROLE] = role
    folder[keys.TAGS] = joined(tags)
    folder["LayerMetaData.CustomNickName"] = nickname
    if role is Role.MAIN and (size := _known_size(absolute)):
        folder[_DIMENSIONS] = size
    return folder


def _known_size(path: Path) -> tuple[int, ...]:
    """How many voxels an image has along x, y and z, where that can be known by now."""
    try:
        size = read.size(path)[:3]
    except (ImageMissing, ImageUnreadable, ImagesNotInstalled):
        return ()  # ITK-SNAP does not need it
    return (*size, 1)[:3]
