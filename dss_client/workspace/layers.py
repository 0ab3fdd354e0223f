"""Images of a workspace."""

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
    """An image of a workspace. It stays a file until `image` or `array` is called.

    The object is a live view: changing it changes the workspace. It stays valid when the number of
    the layer changes. After the layer is removed, every use raises `LayerMissing`.
    """

    _NICKNAME_KEY = "LayerMetaData.CustomNickName"
    TAGS = (keys.TAGS, f"LayerMetaData.{keys.TAGS}")

    @property
    def position(self) -> int:
        """The number of the layer, from 0."""
        return numbered_folders.get_number(self.registry)

    @property
    def role(self) -> Role:
        """The role of the image in the workspace.

        Raises:
            KeyMissing: the workspace does not store a role.
            KeyUnreadable: the stored role is unknown.
        """
        return self.registry.get_enum(keys.ROLE, Role)

    @property
    def stored_path(self) -> str:
        """The image path as the workspace stores it. It can be a path on another computer."""
        return self.registry.get(keys.PATH)

    @property
    def path(self) -> Path:
        """The current path of the image file. The file may be missing.

        If the image was moved together with the workspace, the path is updated. To give the layer
        another file, set this property. Nickname, tags and all other settings stay.
        """
        return self._workspace.resolve_path(self.stored_path)

    @path.setter
    def path(self, path: str | PathLike[str]) -> None:
        self._workspace.refresh_paths()
        self.registry[keys.PATH] = str(Path(path).absolute())
        if self.registry.has_folder(keys.HINTS):  # they describe the previous file
            self.registry.folder(keys.HINTS).clear()

    def existing_path(self) -> Path:
        """Return the path of the image file after checking that the file exists.

        Raises:
            ImageMissing: the file does not exist.
        """
        path = self.path
        if not self.stored_path or not read.is_file_or_folder(path):
            raise ImageMissing(
                f"{self._description}: the file {self.stored_path or '(no path is stored)'} does "
                "not exist. At the same place relative to the workspace, there is no such file "
                "either. Put the file there, or choose a different file: layer.path = ..."
            )
        return path

    @property
    def name(self) -> str:
        """The name that ITK-SNAP shows: the nickname, or the file name without its extension."""
        if self.nickname:
            return self.nickname
        name = paths.get_file_name(self.stored_path)
        stem = name.removesuffix(".gz")
        return stem.rpartition(".")[0] or stem

    @property
    def alpha(self) -> float:
        """The opacity over the main image, 0 to 1.

        The opacity of all segmentations is one setting of the main image:
        `ProjectMetaData.IRIS.LabelState.SegmentationAlpha`.

        Raises:
            KeyUnreadable: the stored opacity is not a number.
        """
        max_alpha = self._max_alpha
        alpha = self.registry.get_float(_ALPHA, 255.0 if max_alpha == 255 else 0.5) / max_alpha
        return min(max(alpha, 0.0), 1.0)

    @alpha.setter
    def alpha(self, alpha: float) -> None:
        if not 0 <= alpha <= 1:
            raise ValueError(f"The opacity must be 0 to 1, not {alpha}.")
        self.registry[_ALPHA] = alpha * self._max_alpha

    @property
    def _max_alpha(self) -> int:
        """The stored value of an opaque layer. ITK-SNAP stores 0 to 255 for main images."""
        return 255 if self.registry.get(keys.ROLE) == Role.MAIN else 1

    @property
    def sticky(self) -> bool:
        """`True` if ITK-SNAP shows the image over the main image, `False` if beside it.

        Raises:
            KeyUnreadable: the stored value is neither true nor false.
        """
        is_segmentation = self.registry.get(keys.ROLE) == Role.SEGMENTATION
        return self.registry.get_bool(_STICKY, is_segmentation)

    @sticky.setter
    def sticky(self, sticky: bool) -> None:
        self.registry[_STICKY] = sticky

    @property
    def colour_map(self) -> str:
        """The name of the colour map, such as `Grayscale`, `Jet` or `Hot`."""
        return display.read_colour_map(self.registry)

    @colour_map.setter
    def colour_map(self, name: str) -> None:
        display.write_colour_map(self.registry, name)

    @property
    def contrast(self) -> Contrast:
        """The contrast of the image.

        If voxels have several components, this is the contrast of the selected view.

        Raises:
            KeyMissing: a key of the curve is missing.
            KeyUnreadable: the curve does not have the expected form.
        """
        return display.read_contrast(self.registry)

    @contrast.setter
    def contrast(self, contrast: Contrast) -> None:
        display.write_contrast(self.registry, contrast)

    @property
    def transform(self) -> npt.NDArray[np.float64]:
        """The 4 x 4 matrix that maps points of the main image to points of this image, in mm, RAS.

        Registration tools write their matrices in the same direction. If no transform is stored,
        both images have the same space, and the matrix is the identity.

        Raises:
            KeyMissing: an element of the matrix is missing.
            KeyUnreadable: an element of the matrix is not a number.
        """
        from dss_client.workspace import transforms  # noqa: PLC0415

        known = self.registry.has_folder(_TRANSFORM)
        return transforms.read_transform(self.registry.folder(_TRANSFORM) if known else Registry())

    @transform.setter
    def transform(self, matrix: npt.ArrayLike) -> None:
        from dss_client.workspace import transforms  # noqa: PLC0415

        transforms.write_transform(self.registry.folder(_TRANSFORM), matrix)

    def image(self) -> sitk.Image:
        """Read the image with SimpleITK.

        Raises:
            ImageMissing: the file does not exist.
            ImageUnreadable: the file is not a readable image.
            ImagesNotInstalled: SimpleITK is not installed.
        """
        path = self.existing_path()
        with self._name_layer_in_errors():
            return read.read_image(path, self.hints)

    def array(self) -> Voxels:
        """Read the image as `array, spacing, affine`; see `Voxels`.

        The array has the axes x, y, z, then time, then components. The spacing is in mm. The affine
        matrix is 4 x 4 and maps voxel indices to mm, RAS.

        Raises:
            ImageMissing: the file does not exist.
            ImageUnreadable: the file is not a readable image.
            ImagesNotInstalled: SimpleITK is not installed.
        """
        from dss_client.images.arrays import extract_voxels  # noqa: PLC0415

        return extract_voxels(self.image())

    def write_like(self, path: str | PathLike[str], array: npt.ArrayLike | Voxels) -> Path:
        """Write an array into an image file with the space of this image.

        ```python
        scan = workspace.tagged("T1-MRI")
        workspace.add_segmentation(scan.write_like("bright.nii.gz", scan.array().array > 500))
        ```

        Args:
            path: the file, in an existing folder. Its extension chooses the format: `.nii.gz`,
                `.nii`, `.mha` or `.nrrd`. These formats store the position in space.
            array: an array with the same axes as the result of `array`. Voxels with several
                components have one more axis.

        Returns:
            The path of the file.

        Raises:
            ValueError: the array does not have this image's size, or the format cannot store it.
            FileNotWritten: the file could not be written. An existing file is unchanged.
            ImageMissing: the file of this image does not exist.
            ImageUnreadable: the file of this image is not a readable image.
            ImagesNotInstalled: SimpleITK is not installed.
        """
        from dss_client.images.write import write_image  # noqa: PLC0415

        source, path = self.existing_path(), Path(path).absolute()
        with self._name_layer_in_errors():
            write_image(read.read_grid(source, self.hints), path, array)
        return path

    @contextmanager
    def _name_layer_in_errors(self) -> Iterator[None]:
        """Add the name of the layer to errors raised inside the `with` block."""
        try:
            yield
        except ImageUnreadable as error:
            add_context(error, before=f"{self._description}:")
            raise

    @property
    def hints(self) -> Registry | None:
        """The folder of hints for reading the image; `None` if the workspace does not have one."""
        return self.registry.folder(keys.HINTS) if self.registry.has_folder(keys.HINTS) else None

    @property
    def _description(self) -> str:
        """The number, the name and the workspace of the layer, for messages."""
        return f"Layer {self.position:03d} ({self.name}) of {self._workspace}"
