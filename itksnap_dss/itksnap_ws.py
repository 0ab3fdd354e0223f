"""`WorkspaceWrapper` with the methods that existing provider scripts call.

It is a thin layer over `dss_client.Workspace`, which new scripts better use: layers are objects
there, and what is missing is told. `WorkspaceWrapper.workspace` is the one that is wrapped.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.workspace import Labels, Layer, MeshLayer, Role, Workspace, keys, numbered_folders
from dss_client.workspace import tags as tag_entries
from itksnap_dss.errors import LayerMissing, also_value_errors
from itksnap_dss.registry import Registry

if TYPE_CHECKING:
    from dss_client.export import Manifest


class WorkspaceWrapper:
    """A workspace whose layers are known by their keys: `Layers.Layer[000]`.

    The methods of the client that take a workspace take this one too.

    Who wrote a workspace chose the paths in it, which may name any file of this machine. Existing
    scripts may count on them, so they are believed here unless `confined` is given, which scripts
    do well to give for what came with a ticket: a result with a layer of such a path in it would
    bring that file to the ticket's user.

    Args:
        workspace_file: read at once, if given; else the workspace is empty.
        confined: whether files are looked for in the workspace's own folder only, as
            `dss_client.Workspace.open` says.

    Attributes:
        workspace: the same workspace as `dss_client` has it.
    """

    def __init__(
        self, workspace_file: str | PathLike[str] | None = None, *, confined: bool = False
    ) -> None:
        self.workspace = Workspace()
        if workspace_file is not None:
            self.load_workspace(workspace_file, confined=confined)

    @property
    def registry(self) -> Registry:
        """All that is in the workspace."""
        return Registry.of(self.workspace.registry)

    # The file

    def load_workspace(
        self, workspace_file: str | PathLike[str], *, confined: bool = False
    ) -> None:
        """Read a workspace, in place of what was here.

        Args:
            workspace_file: its file.
            confined: as for a new `WorkspaceWrapper`.

        Raises:
            WorkspaceMissing: there is no such file.
            WorkspaceUnreadable: it is no workspace.
        """
        self.workspace = Workspace.open(workspace_file, confined=confined)

    def save_workspace(self, workspace_file: str | PathLike[str]) -> None:
        """Write the workspace; its images stay where they are, and are found from there.

        Raises:
            FileNotWritten: it could not be written.
        """
        self.workspace.save(workspace_file)

    def get_workspace_directory(self) -> str:
        """The folder in which the workspace is; empty for one that was never saved."""
        path = self.workspace.path
        return "" if path is None else str(path.parent)

    def export_workspace(
        self, new_workspace: str | PathLike[str], scramble_filenames: bool = True
    ) -> Manifest:
        """Write the workspace and its images to a folder, ready to leave this machine.

        Args:
            new_workspace: the workspace's new file; the images get new names beside it.
            scramble_filenames: must be true; file names tell of patients.

        Raises:
            ValueError: the names of the files shall be kept.
            ImageMissing, ImageUnreadable: as `dss_client.Workspace.export` says.
        """
        if not scramble_filenames:
            raise ValueError(
                "An export does not keep the names of files, which may say whose images they are. "
                "Leave out scramble_filenames=False; nicknames and tags stay, so give the layers "
                "nicknames instead. For a copy that stays here, use save_workspace."
            )
        return self.workspace.export(new_workspace)

    # Layers

    def get_number_of_layers(self) -> int:
        """How many images there are."""
        return len(self.workspace.layers)

    def get_number_of_mesh_layers(self) -> int:
        """How many mesh layers there are."""
        return len(self.workspace.meshes)

    def get_layer_folder(self, layer_index: int) -> Registry:
        """The folder of an image.

        Args:
            layer_index: its position, from 0.

        Raises:
            LayerMissing: there is none.
        """
        return self.get_layer_folder_by_key(numbered_folders.name(keys.LAYERS, layer_index))

    def get_mesh_layer_folder(self, layer_index: int) -> Registry:
        """The folder of a mesh layer; as `get_layer_folder`."""
        return self.get_layer_folder_by_key(numbered_folders.name(keys.MESHES, layer_index))

    def get_layer_folder_by_key(self, layer_key: str) -> Registry:
        """The folder of an image or a mesh layer.

        Raises:
            LayerMissing: there is none.
        """
        return Registry.of(self._layer(layer_key).registry)

    def is_key_valid_layer(self, key: str) -> bool:
        """Whether this is the key of an image."""
        return key in [layer.key for layer in self.workspace.layers]

    def is_key_valid_mesh_layer(self, key: str) -> bool:
        """Whether this is the key of a mesh layer."""
        return key in [mesh.key for mesh in self.workspace.meshes]

    @also_value_errors()
    def get_main_layer_key(self) -> str:
        """The key of the main image.

        Raises:
            NoMainImage: there is none.
        """
        return self.workspace.main.key

    def find_layer_by_role(self, role: str, pos_in_role: int = 0) -> str:
        """The key of an image.

        Args:
            role: `MainRole`, `OverlayRole`, `SegmentationRole`, or `AnatomicalRole` for the first
                two.
            pos_in_role: which of them, from 0, or from the end if negative.

        Returns:
            The key; empty if there is no such image, or no such role.
        """
        if role not in list(Role):
            return ""
        layers = self.workspace.by_role(Role(role))
        found = -len(layers) <= pos_in_role < len(layers)
        return layers[pos_in_role].key if found else ""

    def find_layers_by_tag(self, tag: str) -> list[str]:
        """The keys of all images and mesh layers with a tag; none if there are none."""
        return [layer.key for layer in self._all() if tag in layer.tags]

    @also_value_errors()
    def layer_spec_to_key(self, layer_spec: str) -> str:
        """The key of the image that `itksnap-wt -layers-pick` would pick.

        Args:
            layer_spec: `M`, `S`, `A:1`, `O:-1`, or a number.

        Raises:
            LayerMissing: there is none.
            ValueError: it is no such text.
        """
        return self.workspace.find(layer_spec).key

    # Their files

    def get_layer_actual_path(self, folder: Registry | str) -> str:
        """Where the file of a layer is now, found again when the workspace was moved.

        Args:
            folder: of the layer, or its key; also a folder within a mesh layer that names a file.

        Raises:
            ValueError: it names no file.
        """
        if isinstance(folder, str):
            folder = self.get_layer_folder_by_key(folder)
        stored = folder[keys.PATH].get_string()
        if not stored:
            raise ValueError(f"{folder} has no {keys.PATH}, so it is of no file.")
        return str(self.workspace.located(stored))

    def set_all_layer_paths_to_actual_paths(self) -> None:
        """Let the workspace say where its images are now; saving it does so too."""
        for layer in self.workspace.layers:
            if layer.stored_path:
                layer.registry[keys.PATH] = str(layer.path)

    @also_value_errors()
    def add_layer(self, role: str, filename: str | PathLike[str]) -> str:
        """Add an image after the others.

        Args:
            role: `MainRole`, `OverlayRole`, `SegmentationRole`, or `AnatomicalRole`: the main image
                if there is none yet, else an overlay.

        Returns:
            Its key.

        Raises:
            NoMainImage: there is no main image yet, and this would not be one.
            ValueError: it would be a second main image, or there is no such role.
        """
        kind = _role(role)
        if kind is Role.SEGMENTATION:
            return self.workspace.add_segmentation(filename).key
        has_main = bool(self.find_layer_by_role(Role.MAIN))
        if kind is Role.MAIN and has_main:
            raise ValueError(
                f"{self.workspace} has a main image already; put this one in its place with "
                "set_layer, or add it as an overlay."
            )
        if kind is Role.OVERLAY:
            _ = self.workspace.main  # else it would become the main image
        return self.workspace.add_image(filename).key

    @also_value_errors()
    def set_layer(self, role: str, filename: str | PathLike[str]) -> str:
        """Put an image in place of the first in this role, of which nothing is kept.

        If there is none, this is as `add_layer`.
        """
        kind = _role(role)
        if kind is Role.SEGMENTATION:
            return self.workspace.set_segmentation(filename).key
        if kind is not Role.OVERLAY:
            return self.workspace.set_main(filename).key
        if not self.workspace.overlays:
            return self.add_layer(role, filename)
        overlay = self.workspace.overlays[0]
        overlay.registry.clear()
        overlay.registry[keys.PATH] = str(Path(filename).absolute())
        overlay.registry[keys.ROLE] = Role.OVERLAY
        return overlay.key

    @also_value_errors()
    def add_mesh_layer(self, filename: str | PathLike[str], tp: int = 1) -> str:
        """Add a mesh.

        Args:
            filename: a file in VTK's formats, `.vtk` or `.vtp`.
            tp: the time point at which it is shown, from 1.

        Returns:
            Its key.

        Raises:
            NoMainImage: there is no main image yet.
            ValueError: it is no such file, or no such time point.
        """
        _ = self.workspace.main  # ITK-SNAP opens nothing without one
        return self.workspace.add_mesh(filename, time_point=tp).key

    # What people see

    def set_layer_nickname(self, layer_key: str, value: str) -> None:
        """Name an image or a mesh layer.

        Raises:
            LayerMissing: there is none.
        """
        self._layer(layer_key).nickname = value

    @also_value_errors()
    def set_labels(self, label_file: str | PathLike[str]) -> None:
        """Take the labels of a label file, in place of those here.

        Raises:
            LabelsMissing: there is no such file.
            LabelsUnreadable: it is no label file.
            NoMainImage: there is none, so that nothing can hold them.
        """
        self.workspace.labels = Labels.read(label_file)

    def clear_labels(self) -> None:
        """Remove all labels."""
        if self.find_layer_by_role(Role.MAIN):
            self.workspace.labels = Labels()

    # Tags

    def get_tags(self, folder: Registry) -> set[str]:
        """The tags of a folder, which may be that of an image or a mesh layer, or any other."""
        return set(tag_entries.read(folder.tree, *Layer.TAGS))

    def put_tags(self, folder: Registry, tags: Iterable[str]) -> None:
        """Give a folder these tags, and no others."""
        names = {name for tag in tags for part in tag.split(",") if (name := part.strip())}
        tag_entries.write(folder.tree, sorted(names), *Layer.TAGS)

    def add_tag(self, folder: Registry, new_tag: str) -> None:
        """Add a tag to a folder."""
        self.put_tags(folder, self.get_tags(folder) | {new_tag})

    def remove_tag(self, folder: Registry, tag: str) -> None:
        """Remove a tag from a folder; nothing happens if it is not there."""
        self.put_tags(folder, self.get_tags(folder) - {tag})

    def add_tag_to_layer(self, layer_key: str, new_tag: str) -> None:
        """Add a tag to an image or a mesh layer.

        Raises:
            LayerMissing: there is none.
        """
        self.add_tag(self.get_layer_folder_by_key(layer_key), new_tag)

    def remove_tag_from_layer(self, layer_key: str, tag: str) -> None:
        """Remove a tag from an image or a mesh layer; nothing happens if it is not there.

        Raises:
            LayerMissing: there is none.
        """
        self.remove_tag(self.get_layer_folder_by_key(layer_key), tag)

    # Within

    def _all(self) -> list[Layer | MeshLayer]:
        return [*self.workspace.layers, *self.workspace.meshes]

    def _layer(self, key: str) -> Layer | MeshLayer:
        for layer in self._all():
            if layer.key == key:
                return layer
        raise LayerMissing(f"{self.workspace} has no layer {key!r}.")


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as cause:
        raise ValueError(f"There is no role {name!r}; there are {', '.join(Role)}.") from cause
