"""The images of a workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dss_api.errors import DssError
from dss_client.errors import told_more
from dss_client.workspace import moved, numbered
from dss_client.workspace.errors import ImageMissing
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.tagged import Tagged

if TYPE_CHECKING:
    import SimpleITK as sitk

    from dss_client.workspace.voxels import Voxels

KEY = "Layers.Layer"
"""What the folders of layers are called, without their numbers."""


class Layer(Tagged):
    """An image of a workspace, which stays a file until `image` or `array` is called.

    A live view: what is changed through it changes the workspace. It keeps to its image when the
    layers are counted anew; when the image is removed, asking for anything raises `LayerMissing`.
    """

    _NICKNAME = "LayerMetaData.CustomNickName"
    _TAGS = ("Tags", "LayerMetaData.Tags")

    @property
    def position(self) -> int:
        """Its number among the layers, from 0."""
        return numbered.position(self.registry)

    @property
    def role(self) -> Role:
        """What the image is in the workspace.

        Raises:
            KeyMissing, KeyUnreadable: the file does not say it, or something unheard of.
        """
        return self.registry.get_enum("Role", Role)

    @property
    def stored_path(self) -> str:
        """The image's path as it stands in the workspace; it may be of another machine."""
        return self.registry.get("AbsolutePath")

    @property
    def path(self) -> Path:
        """The image's file, found again when the workspace was moved; it need not be there."""
        return self._workspace.located(self.registry.get("AbsolutePath"))

    def existing_path(self) -> Path:
        """The image's file, which is there.

        Raises:
            ImageMissing: it is not.
        """
        path = self.path
        if not self.stored_path or not os.path.exists(path):  # noqa: PTH110  # never raises
            raise ImageMissing(
                f"{self._told}: there is no file {self.stored_path or '(none is named)'}, nor one "
                "in the same place as seen from the workspace. Put it there, or give the layer "
                "another."
            )
        return path

    @property
    def name(self) -> str:
        """What ITK-SNAP shows: the nickname, else the file's name without its extension."""
        if self.nickname:
            return self.nickname
        name = moved.file_name(self.stored_path)
        stem = name.removesuffix(".gz")
        return stem.rpartition(".")[0] or stem

    def image(self) -> sitk.Image:
        """Read the image.

        Raises:
            ImageMissing: its file is not there.
            ImageUnreadable: its file is no image.
            ImagesNotInstalled: SimpleITK is not installed.
        """
        from dss_client.workspace import images  # noqa: PLC0415

        path = self.existing_path()
        try:
            return images.read(path, self._hints())
        except DssError as error:
            told_more(error, before=f"{self._told}:")
            raise

    def array(self) -> Voxels:
        """Read the image as an array, with what places it in space.

        Raises:
            ImageMissing, ImageUnreadable, ImagesNotInstalled: as `image` does.
        """
        from dss_client.workspace.voxels import voxels  # noqa: PLC0415

        return voxels(self.image())

    def _hints(self) -> Registry | None:
        return self.registry.folder("IOHints") if self.registry.has_folder("IOHints") else None

    @property
    def _told(self) -> str:
        """Which layer of what, for messages."""
        return f"Layer {self.position:03d} ({self.name}) of {self._workspace}"
