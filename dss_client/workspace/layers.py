"""The images of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.errors import ImageMissing, ImageUnreadable, add_context
from dss_client.images import read
from dss_client.workspace import display, keys, numbered_folders, paths
from dss_client.workspace.display import Contrast
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.tagged_folder import TaggedFolder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import SimpleITK as sitk

    from dss_client.images.arrays import Voxels

_ALPHA = "LayerMetaData.Alpha"
_STICKY = "LayerMetaData.Sticky"
_TRANSFORM = "ImageTransform"


class Layer(TaggedFolder):
    """An image of a workspace, which stays a file until `image` or `array` is called.

    A live view: what is changed through it changes the workspace. It keeps to its image when the
    layers are counted anew; when the image is removed, asking for anything raises `LayerMissing`.
    """

    _NICKNAME_KEY = "LayerMetaData.CustomNickName"
    TAGS = (keys.TAGS, f"LayerMetaData.{keys.TAGS}")

    @property
    def position(self) -> int:
        """Its number among the layers, from 0."""
        return numbered_folders.get_number(self.registry)

    @property
    def role(self) -> Role:
        """What the image is in the workspace.

        Raises:
            KeyMissing, KeyUnreadable: the file does not say it, or something unheard of.
        """
        return self.registry.get_enum(keys.ROLE, Role)

    @property
    def stored_path(self) -> str:
        """The image's path as it stands in the workspace; it may be of another machine."""
        return self.registry.get(keys.PATH)

    @property
    def path(self) -> Path:
        """The image's file, found again when the workspace was moved; it need not be there.

        Setting it gives the layer another file; nickname, tags and all else stay.
        """
        return self._workspace.resolve_path(self.stored_path)

    @path.setter
    def path(self, path: str | PathLike[str]) -> None:
        self._workspace.refresh_paths()
        self.registry[keys.PATH] = str(Path(path).absolute())
        if self.registry.has_folder(keys.HINTS):  # which are about the file that it was
            self.registry.folder(keys.HINTS).clear()

    def existing_path(self) -> Path:
        """The image's file, which is there.

        Raises:
            ImageMissing: it is not.
        """
        path = self.path
        if not self.stored_path or not read.is_there(path):
            raise ImageMissing(
                f"{self._description}: there is no file {self.stored_path or '(none is named)'}, nor one "
                "in the same place as seen from the workspace. Put it there, or give the layer "
                "another: layer.path = ..."
            )
        return path

    @property
    def name(self) -> str:
        """What ITK-SNAP shows: the nickname, else the file's name without its extension."""
        if self.nickname:
            return self.nickname
        name = paths.get_file_name(self.stored_path)
        stem = name.removesuffix(".gz")
        return stem.rpartition(".")[0] or stem

    @property
    def alpha(self) -> float:
        """How opaque it is shown over the main image, 0 to 1.

        How opaque segmentations are is set once for all of them, in the main image's
        `ProjectMetaData.IRIS.LabelState.SegmentationAlpha`.

        Raises:
            KeyUnreadable: it is no number.
        """
        most = self._max_alpha
        alpha = self.registry.get_float(_ALPHA, 255.0 if most == 255 else 0.5) / most
        return min(max(alpha, 0.0), 1.0)

    @alpha.setter
    def alpha(self, alpha: float) -> None:
        if not 0 <= alpha <= 1:
            raise ValueError(f"An opacity is 0 to 1, not {alpha}.")
        self.registry[_ALPHA] = alpha * self._max_alpha

    @property
    def _max_alpha(self) -> int:
        """What the file says of a layer that is opaque: ITK-SNAP has 0 to 255 for a main image."""
        return 255 if self.registry.get(keys.ROLE) == Role.MAIN else 1

    @property
    def sticky(self) -> bool:
        """Whether it is shown over the main image; else beside it.

        Raises:
            KeyUnreadable: it is no truth value.
        """
        is_segmentation = self.registry.get(keys.ROLE) == Role.SEGMENTATION
        return self.registry.get_bool(_STICKY, is_segmentation)

    @sticky.setter
    def sticky(self, sticky: bool) -> None:
        self.registry[_STICKY] = sticky

    @property
    def colour_map(self) -> str:
        """The name of its colour map, such as `Grayscale`, `Jet` or `Hot`."""
        return display.read_colour_map(self.registry)

    @colour_map.setter
    def colour_map(self, name: str) -> None:
        display.write_colour_map(self.registry, name)

    @property
    def contrast(self) -> Contrast:
        """How its intensities are shown.

        If a voxel has several components, this is of what is shown of them.

        Raises:
            KeyMissing, KeyUnreadable: its curve is not what it should be.
        """
        return display.read_contrast(self.registry)

    @contrast.setter
    def contrast(self, contrast: Contrast) -> None:
        display.write_contrast(self.registry, contrast)

    @property
    def transform(self) -> npt.NDArray[np.float64]:
        """Where in it each point of the main image is found: 4 by 4, in mm, RAS.

        This is the way round in which registration tools write their matrices. Where there is
        none, the two lie in the same space, and it is the identity.

        Raises:
            KeyMissing, KeyUnreadable: an element is missing, or no number.
        """
        from dss_client.workspace import transforms  # noqa: PLC0415

        known = self.registry.has_folder(_TRANSFORM)
        return transforms.read_transform(self.registry.folder(_TRANSFORM) if known else Registry())

    @transform.setter
    def transform(self, matrix: npt.ArrayLike) -> None:
        from dss_client.workspace import transforms  # noqa: PLC0415

        transforms.write_transform(self.registry.folder(_TRANSFORM), matrix)

    def image(self) -> sitk.Image:
        """Read the image.

        Raises:
            ImageMissing: its file is not there.
            ImageUnreadable: its file is no image.
            ImagesNotInstalled: SimpleITK is not installed.
        """
        path = self.existing_path()
        with self._name_layer_in_errors():
            return read.read(path, self.hints)

    def array(self) -> Voxels:
        """Read the image as an array, with what places it in space.

        Raises:
            ImageMissing, ImageUnreadable, ImagesNotInstalled: as `image` does.
        """
        from dss_client.images.arrays import voxels  # noqa: PLC0415

        return voxels(self.image())

    def write_like(self, path: str | PathLike[str], array: npt.ArrayLike | Voxels) -> Path:
        """Write an array into an image file that lies in space as this image does.

        ```python
        scan = workspace.tagged("T1-MRI")
        workspace.add_segmentation(scan.write_like("bright.nii.gz", scan.array().array > 500))
        ```

        Args:
            path: the file, in a folder that is there. The end of its name says the format:
                `.nii.gz`, `.nii`, `.mha` or `.nrrd`, which hold where an image lies.
            array: indexed as that of `array` is; with one axis more if there are components.

        Returns:
            The file's path.

        Raises:
            ValueError: there are not as many voxels along each axis, or no such file can hold them.
            FileNotWritten: the file could not be written; the one that was there is as it was.
            ImageMissing, ImageUnreadable, ImagesNotInstalled: as `image` does.
        """
        from dss_client.images.write import write_on  # noqa: PLC0415

        like, path = self.existing_path(), Path(path).absolute()
        with self._name_layer_in_errors():
            write_on(read.grid(like, self.hints), path, array)
        return path

    @contextmanager
    def _name_layer_in_errors(self) -> Iterator[None]:
        """Within it, errors say of which layer they are."""
        try:
            yield
        except ImageUnreadable as error:
            add_context(error, before=f"{self._description}:")
            raise

    @property
    def hints(self) -> Registry | None:
        """What the workspace says of how to read the image, if anything."""
        return self.registry.folder(keys.HINTS) if self.registry.has_folder(keys.HINTS) else None

    @property
    def _description(self) -> str:
        """Which layer of what, for messages."""
        return f"Layer {self.position:03d} ({self.name}) of {self._workspace}"
