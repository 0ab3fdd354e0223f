"""Images and meshes of a workspace: find, add, replace and remove them."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from dss_client.errors import (
    ImageMissing,
    ImagesNotInstalled,
    ImageUnreadable,
    LayerMissing,
    MainImageNeeded,
    NoMainImage,
)
from dss_client.images import read
from dss_client.workspace import keys, lookup, meshes, numbered_folders
from dss_client.workspace.document import WorkspaceDocument
from dss_client.workspace.layers import Layer
from dss_client.workspace.meshes import MeshLayer
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.tags import join_tags

_DIMENSIONS = "ProjectMetaData.Files.Grey.Dimensions"


class WorkspaceContents(WorkspaceDocument):
    """The images and meshes of a workspace.

    Attributes:
        registry: the tree of keys and values. It also contains the values that have no property in
            this class.
    """

    def copy(self) -> WorkspaceContents:
        """Return an independent copy of the workspace."""
        return self._copy_into(WorkspaceContents())

    @property
    def layers(self) -> list[Layer]:
        """All images, in their order. The main image is the first one."""
        return [
            Layer(self, folder)
            for folder in numbered_folders.iterate_folders(self.registry, keys.LAYERS)
        ]

    @property
    def main(self) -> Layer:
        """The main image.

        Raises:
            NoMainImage: the workspace does not have a main image.
        """
        for layer in self.by_role(Role.MAIN):
            return layer
        raise NoMainImage(f"{self} has no main image. Add one with add_image.")

    @property
    def overlays(self) -> list[Layer]:
        """The images that ITK-SNAP shows over or beside the main image."""
        return self.by_role(Role.OVERLAY)

    @property
    def segmentations(self) -> list[Layer]:
        """The segmentations."""
        return self.by_role(Role.SEGMENTATION)

    def by_role(self, role: Role) -> list[Layer]:
        """Return the layers of a role, in their order.

        `Role.ANATOMICAL` means the main image and the overlays.
        """
        return lookup.filter_by_role(self.layers, role)

    def find(self, spec: str | int) -> Layer:
        """Return the layer that a string specifies, as `itksnap-wt -layers-pick` does.

        Args:
            spec: the number of a layer (`1`, `001`), `M` for the main image, `S` for the first
                segmentation, `O:0` for the first overlay, or `A:0` for the first anatomical image
                (main image or overlay). Numbers start at 0. Negative numbers count from the end:
                `O:-1` is the last overlay.

        Raises:
            LayerMissing: the workspace does not have this layer.
            ValueError: the string does not have one of these forms.
        """
        return lookup.find_by_spec(self.layers, str(spec), str(self))

    def tagged(self, tag: str) -> Layer:
        """Return the only layer with a tag.

        Raises:
            TagMissing: no layer has the tag. The message lists the tags of all layers.
            TagNotUnique: more than one layer has the tag. The message lists them.
        """
        return lookup.find_by_tag(self.layers, tag, str(self))

    def all_tagged(self, tag: str) -> list[Layer]:
        """Return the layers with a tag, in their order, as `itksnap-wt -tags-list` does."""
        return lookup.filter_by_tag(self.layers, tag)

    def named(self, nickname: str) -> Layer:
        """Return the only layer with a nickname.

        Raises:
            LayerMissing: no layer has the nickname.
            LayerNotUnique: more than one layer has the nickname.
        """
        return lookup.find_by_nickname(self.layers, nickname, str(self))

    # Adding and removing

    def add_image(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Add an image, as `itksnap-wt -layers-add-anat` does.

        The first image becomes the main image, and later ones become overlays. The file does not
        have to exist yet.

        Raises:
            ValueError: a tag is not valid.
        """
        if not self.by_role(Role.MAIN):
            return self._add_layer(0, Role.MAIN, path, nickname, tags)
        return self._add_layer(len(self.layers), Role.OVERLAY, path, nickname, tags)

    def add_segmentation(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Add a segmentation, as `itksnap-wt -layers-add-seg` does.

        The file does not have to exist yet.

        Raises:
            NoMainImage: the workspace does not have a main image, which defines the space.
            ValueError: a tag is not valid.
        """
        _ = self.main  # raises NoMainImage
        return self._add_layer(len(self.layers), Role.SEGMENTATION, path, nickname, tags)

    def set_main(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Replace the main image, or add it, as `itksnap-wt -layers-set-main` does.

        Everything that the workspace says about the old main image is removed. This includes the
        labels, because the workspace keeps them with the main image.

        Raises:
            ValueError: a tag is not valid.
        """
        for layer in self.by_role(Role.MAIN):
            return self._replace_entries(
                layer, _create_image_entries(Role.MAIN, path, nickname, tags)
            )
        return self.add_image(path, nickname=nickname, tags=tags)

    def set_segmentation(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Replace the first segmentation, or add one, as `itksnap-wt -layers-set-seg` does.

        Everything that the workspace says about the old segmentation is removed.

        Raises:
            NoMainImage: the workspace does not have a main image, which defines the space.
            ValueError: a tag is not valid.
        """
        for layer in self.segmentations:
            return self._replace_entries(
                layer, _create_image_entries(Role.SEGMENTATION, path, nickname, tags)
            )
        return self.add_segmentation(path, nickname=nickname, tags=tags)

    def remove(self, layer: Layer | MeshLayer) -> None:
        """Remove an image or a mesh from the workspace. Its file stays.

        The layers after it get a new number, and existing `Layer` and `MeshLayer` objects stay
        valid. Only the object of the removed layer raises `LayerMissing` from now on.

        Raises:
            LayerMissing: the layer is not in this workspace.
            MainImageNeeded: the layer is the main image, and the workspace has other images.
        """
        if layer.registry.root is not self.registry:
            raise LayerMissing(f"{layer!r} is not in {self}.")
        others = [other for other in self.layers if other != layer]
        if layer in self.by_role(Role.MAIN)[:1] and others:
            raise MainImageNeeded(
                f"The main image of {self} cannot be removed while there are other images: "
                f"{lookup.list_layers(others)}. Remove these images first, or "
                "replace the main image with set_main."
            )
        row = keys.LAYERS if isinstance(layer, Layer) else keys.MESHES
        numbered_folders.remove_folder(self.registry, row, layer.position)

    @property
    def meshes(self) -> list[MeshLayer]:
        """All meshes, in their order."""
        folders = numbered_folders.iterate_folders(self.registry, keys.MESHES)
        return [MeshLayer(self, folder) for folder in folders]

    def add_mesh(
        self,
        path: str | PathLike[str],
        *,
        time_point: int = 1,
        nickname: str = "",
        tags: Iterable[str] = (),
    ) -> MeshLayer:
        """Add a mesh, as `itksnap-wt -mesh-add` does.

        Args:
            path: the file, which ends in `.vtk` or `.vtp`. It does not have to exist yet.
            time_point: the time point that the file belongs to, from 1. `MeshLayer.add_file` adds
                the files of further time points.
            nickname: the name that ITK-SNAP shows.
            tags: the tags of the mesh. A service finds the mesh by its tags.

        Raises:
            ValueError: the file name, the time point or a tag is not valid.
        """
        new = meshes.create_mesh_entries(path, time_point, nickname, tags)
        self.refresh_paths()
        position = len(self.meshes)
        return MeshLayer(
            self, numbered_folders.insert_folder(self.registry, keys.MESHES, position, new)
        )

    def _add_layer(
        self,
        position: int,
        role: Role,
        path: str | PathLike[str],
        nickname: str,
        tags: Iterable[str],
    ) -> Layer:
        new = _create_image_entries(role, path, nickname, tags)
        self.refresh_paths()
        return Layer(
            self, numbered_folders.insert_folder(self.registry, keys.LAYERS, position, new)
        )

    def _replace_entries(self, layer: Layer, entries: Registry) -> Layer:
        """Replace all entries of a layer."""
        self.refresh_paths()
        layer.registry.clear()
        layer.registry.update(entries)
        return layer


def _create_image_entries(
    role: Role, path: str | PathLike[str], nickname: str, tags: Iterable[str]
) -> Registry:
    """Return the entries of a new image.

    Raises:
        ValueError: a tag is not valid, or a value contains a character that XML cannot hold.
    """
    folder = Registry()
    folder[keys.PATH] = str(absolute := Path(path).absolute())
    folder[keys.ROLE] = role
    folder[keys.TAGS] = join_tags(tags)
    folder["LayerMetaData.CustomNickName"] = nickname
    if role is Role.MAIN and (size := _read_size_if_known(absolute)):
        folder[_DIMENSIONS] = size
    return folder


def _read_size_if_known(path: Path) -> tuple[int, ...]:
    """Return the number of voxels along x, y and z; empty if the image cannot be read yet."""
    try:
        size = read.read_size(path)[:3]
    except (ImageMissing, ImageUnreadable, ImagesNotInstalled):
        return ()  # ITK-SNAP does not need it
    return (*size, 1)[:3]
