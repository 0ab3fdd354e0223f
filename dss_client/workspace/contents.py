"""The images and meshes of a workspace: find, add, replace and remove them."""

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
from dss_client.workspace.document import Document
from dss_client.workspace.layers import Layer
from dss_client.workspace.meshes import MeshLayer
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.tags import join_tags

_DIMENSIONS = "ProjectMetaData.Files.Grey.Dimensions"


class Contents(Document):
    """The images and meshes of a workspace.

    Attributes:
        registry: the tree of keys and values, for what has no property here.
    """

    @property
    def layers(self) -> list[Layer]:
        """All images, in their order; the main image is the first."""
        return [
            Layer(self, folder)
            for folder in numbered_folders.iterate_folders(self.registry, keys.LAYERS)
        ]

    @property
    def main(self) -> Layer:
        """The main image.

        Raises:
            NoMainImage: there is none.
        """
        for layer in self.by_role(Role.MAIN):
            return layer
        raise NoMainImage(f"{self} has no main image; add one with add_image.")

    @property
    def overlays(self) -> list[Layer]:
        """The images that are shown over or beside the main image."""
        return self.by_role(Role.OVERLAY)

    @property
    def segmentations(self) -> list[Layer]:
        """The segmentations."""
        return self.by_role(Role.SEGMENTATION)

    def by_role(self, role: Role) -> list[Layer]:
        """The layers of a role, in their order; `Role.ANATOMICAL` is the main one and overlays."""
        return lookup.filter_by_role(self.layers, role)

    def find(self, spec: str | int) -> Layer:
        """The layer that a text means, as `itksnap-wt -layers-pick` does.

        Args:
            spec: a position (`1`, `001`), `M` for the main image, `S` for the first segmentation,
                `O:0` for the first overlay, `A:0` for the first anatomical image (main or overlay);
                numbers are from 0, and with a minus from the end: `O:-1`.

        Raises:
            LayerMissing: there is none.
            ValueError: the text means nothing.
        """
        return lookup.find_by_spec(self.layers, str(spec), str(self))

    def tagged(self, tag: str) -> Layer:
        """The one layer with a tag.

        Raises:
            TagMissing: no layer has it; names the tags that there are.
            TagNotUnique: more than one has it; names them.
        """
        return lookup.find_by_tag(self.layers, tag, str(self))

    def all_tagged(self, tag: str) -> list[Layer]:
        """The layers with a tag, in their order. As `itksnap-wt -tags-list` lists them."""
        return lookup.filter_by_tag(self.layers, tag)

    def named(self, nickname: str) -> Layer:
        """The one layer with a nickname.

        Raises:
            LayerMissing: no layer has it.
            LayerNotUnique: more than one has it.
        """
        return lookup.find_by_nickname(self.layers, nickname, str(self))

    # Adding and removing

    def add_image(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Add an image: the main one if there is none, else an overlay.

        As `itksnap-wt -layers-add-anat` does. The file need not be there yet.

        Raises:
            ValueError: a tag is none.
        """
        if not self.by_role(Role.MAIN):
            return self._add_layer(0, Role.MAIN, path, nickname, tags)
        return self._add_layer(len(self.layers), Role.OVERLAY, path, nickname, tags)

    def add_segmentation(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Add a segmentation. As `itksnap-wt -layers-add-seg` does. It need not be there yet.

        Raises:
            NoMainImage: there is no main image, in whose space it would be.
            ValueError: a tag is none.
        """
        _ = self.main  # raises if there is none
        return self._add_layer(len(self.layers), Role.SEGMENTATION, path, nickname, tags)

    def set_main(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Put an image in place of the main one, with all that was said of that, or add it.

        As `itksnap-wt -layers-set-main` does: the labels, which belong to it, are gone too.

        Raises:
            ValueError: a tag is none.
        """
        for layer in self.by_role(Role.MAIN):
            return self._replace_entries(
                layer, _create_image_entries(Role.MAIN, path, nickname, tags)
            )
        return self.add_image(path, nickname=nickname, tags=tags)

    def set_segmentation(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Put a segmentation in place of the first one, with all that was said of it, or add it.

        As `itksnap-wt -layers-set-seg` does.

        Raises:
            NoMainImage: there is no main image, in whose space it would be.
            ValueError: a tag is none.
        """
        for layer in self.segmentations:
            return self._replace_entries(
                layer, _create_image_entries(Role.SEGMENTATION, path, nickname, tags)
            )
        return self.add_segmentation(path, nickname=nickname, tags=tags)

    def remove(self, layer: Layer | MeshLayer) -> None:
        """Remove an image or a mesh from the workspace; its file stays.

        Those behind it are counted anew, and objects that stand for them follow. The one that was
        removed raises `LayerMissing` whatever it is asked.

        Raises:
            LayerMissing: it is not in this workspace.
            MainImageNeeded: it is the main image, and there are others.
        """
        if layer.registry.root is not self.registry:
            raise LayerMissing(f"{layer!r} is not in {self}.")
        others = [other for other in self.layers if other != layer]
        if layer in self.by_role(Role.MAIN)[:1] and others:
            raise MainImageNeeded(
                f"The main image of {self} cannot be removed while there are others: "
                f"{lookup.list_layers(others)}. Remove those first, or set_main another."
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
        """Add a mesh, which need not be there yet. As `itksnap-wt -mesh-add` does.

        Args:
            path: its file, ending in `.vtk` or `.vtp`.
            time_point: to which it belongs, from 1; `MeshLayer.add_file` adds those of others.
            nickname: what people call it.
            tags: by which it is found.

        Raises:
            ValueError: it is no such file, no such time point, or a tag is none.
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
        """A layer, of which the workspace now says something else altogether."""
        self.refresh_paths()
        layer.registry.clear()
        layer.registry.update(entries)
        return layer


def _create_image_entries(
    role: Role, path: str | PathLike[str], nickname: str, tags: Iterable[str]
) -> Registry:
    """What a workspace says of an image that is new to it.

    Raises:
        ValueError: a tag is none, or XML cannot hold what is given.
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
    """How many voxels an image has along x, y and z, where that can be known by now."""
    try:
        size = read.size(path)[:3]
    except (ImageMissing, ImageUnreadable, ImagesNotInstalled):
        return ()  # ITK-SNAP does not need it
    return (*size, 1)[:3]
