"""`WorkspaceWrapper` with the methods that existing provider scripts call.

It is a thin layer over `dss_client.Workspace`. New scripts should use `dss_client.Workspace`: its
layers are objects, and its errors say what is missing. `WorkspaceWrapper.workspace` is the wrapped
workspace.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.workspace import Labels, Layer, MeshLayer, Role, Workspace, keys, numbered_folders
from dss_client.workspace import tags as tag_entries
from itksnap_dss.errors import LayerMissing, convert_lookup_errors
from itksnap_dss.registry import Registry

if TYPE_CHECKING:
    from dss_client.export import Manifest


class WorkspaceWrapper:
    """A workspace whose layers are found by their keys: `Layers.Layer[000]`.

    The methods of the client that take a workspace also take a `WorkspaceWrapper`.

    The author of a workspace chooses the paths in it, and a path can name any file on this machine.
    If a result has a layer with such a path, the client sends that file to the ticket's user.
    Existing scripts may rely on such paths, so the paths are trusted unless `confined` is true.
    Scripts should set `confined=True` for a workspace that came with a ticket.

    Args:
        workspace_file: the file to read; if it is not given, the workspace is empty.
        confined: look for files only in the workspace's own folder; see
            `dss_client.Workspace.open`.

    Attributes:
        workspace: the same workspace as a `dss_client.Workspace`.
    """

    def __init__(
        self, workspace_file: str | PathLike[str] | None = None, *, confined: bool = False
    ) -> None:
        self.workspace = Workspace()
        if workspace_file is not None:
            self.load_workspace(workspace_file, confined=confined)

    @property
    def registry(self) -> Registry:
        """The contents of the workspace as a registry."""
        return Registry.of(self.workspace.registry)

    # The file

    def load_workspace(
        self, workspace_file: str | PathLike[str], *, confined: bool = False
    ) -> None:
        """Read a workspace that replaces the current one.

        Args:
            workspace_file: the file to read.
            confined: see `WorkspaceWrapper`.

        Raises:
            WorkspaceMissing: the file does not exist.
            WorkspaceUnreadable: the file is not a workspace.
        """
        self.workspace = Workspace.open(workspace_file, confined=confined)

    def save_workspace(self, workspace_file: str | PathLike[str]) -> None:
        """Write the workspace to a file; the image files stay where they are.

        Raises:
            FileNotWritten: the file could not be written.
        """
        self.workspace.save(workspace_file)

    def get_workspace_directory(self) -> str:
        """Return the folder of the workspace file; empty if the workspace was never saved."""
        path = self.workspace.path
        return "" if path is None else str(path.parent)

    def export_workspace(
        self, new_workspace: str | PathLike[str], scramble_filenames: bool = True
    ) -> Manifest:
        """Write the workspace and its images to a folder, without the original file names.

        Args:
            new_workspace: the new workspace file; the images are written to its folder under new
                names.
            scramble_filenames: must be true, because file names can identify patients.

        Raises:
            ValueError: `scramble_filenames` is false.
            ImageMissing, ImageUnreadable: see `dss_client.Workspace.export`.
        """
        if not scramble_filenames:
            raise ValueError(
                "An export does not keep file names, because they can identify patients. "
                "Do not pass scramble_filenames=False. Nicknames and tags are kept: give each "
                "layer a nickname that does not identify the patient. For a copy on this machine, "
                "use save_workspace."
            )
        return self.workspace.export(new_workspace)

    # Layers

    def get_number_of_layers(self) -> int:
        """Return the number of images."""
        return len(self.workspace.layers)

    def get_number_of_mesh_layers(self) -> int:
        """Return the number of mesh layers."""
        return len(self.workspace.meshes)

    def get_layer_folder(self, layer_index: int) -> Registry:
        """Return the registry folder of an image.

        Args:
            layer_index: the number of the image, from 0.

        Raises:
            LayerMissing: the workspace does not have this image.
        """
        return self.get_layer_folder_by_key(numbered_folders.format_name(keys.LAYERS, layer_index))

    def get_mesh_layer_folder(self, layer_index: int) -> Registry:
        """Return the registry folder of a mesh layer; see `get_layer_folder`."""
        return self.get_layer_folder_by_key(numbered_folders.format_name(keys.MESHES, layer_index))

    def get_layer_folder_by_key(self, layer_key: str) -> Registry:
        """Return the registry folder of an image or a mesh layer.

        Raises:
            LayerMissing: the workspace does not have this layer.
        """
        return Registry.of(self._find_layer(layer_key).registry)

    def is_key_valid_layer(self, key: str) -> bool:
        """Return whether this is the key of an image."""
        return key in [layer.key for layer in self.workspace.layers]

    def is_key_valid_mesh_layer(self, key: str) -> bool:
        """Return whether this is the key of a mesh layer."""
        return key in [mesh.key for mesh in self.workspace.meshes]

    @convert_lookup_errors()
    def get_main_layer_key(self) -> str:
        """Return the key of the main image.

        Raises:
            NoMainImage: the main image is missing.
        """
        return self.workspace.main.key

    def find_layer_by_role(self, role: str, pos_in_role: int = 0) -> str:
        """Return the key of an image with a role.

        Args:
            role: `MainRole`, `OverlayRole` or `SegmentationRole`; `AnatomicalRole` stands for the
                first two.
            pos_in_role: the number of the image among the images with this role, from 0; negative
                numbers count from the end.

        Returns:
            The key; empty if the image or the role does not exist.
        """
        if role not in list(Role):
            return ""
        layers = self.workspace.by_role(Role(role))
        exists = -len(layers) <= pos_in_role < len(layers)
        return layers[pos_in_role].key if exists else ""

    def find_layers_by_tag(self, tag: str) -> list[str]:
        """Return the keys of all images and mesh layers with a tag."""
        return [layer.key for layer in self._list_layers() if tag in layer.tags]

    @convert_lookup_errors()
    def layer_spec_to_key(self, layer_spec: str) -> str:
        """Return the key of the image that `itksnap-wt -layers-pick` picks.

        Args:
            layer_spec: `M`, `S`, `A:1`, `O:-1`, or a number.

        Raises:
            LayerMissing: the workspace does not have this image.
            ValueError: `layer_spec` does not have one of these forms.
        """
        return self.workspace.find(layer_spec).key

    # Files of layers

    def get_layer_actual_path(self, folder: Registry | str) -> str:
        """Return the current path of a layer's file, also if the workspace was moved.

        Args:
            folder: the registry folder or the key of a layer, or a folder inside a mesh layer that
                names a file.

        Raises:
            ValueError: the folder does not name a file.
        """
        if isinstance(folder, str):
            folder = self.get_layer_folder_by_key(folder)
        stored = folder[keys.PATH].get_string()
        if not stored:
            raise ValueError(f"{folder} does not name a file: {keys.PATH} is missing.")
        return str(self.workspace.resolve_path(stored))

    def set_all_layer_paths_to_actual_paths(self) -> None:
        """Store the current path of each image in the workspace; saving it also does so."""
        for layer in self.workspace.layers:
            if layer.stored_path:
                layer.registry[keys.PATH] = str(layer.path)

    @convert_lookup_errors()
    def add_layer(self, role: str, filename: str | PathLike[str]) -> str:
        """Add an image after the others.

        Args:
            role: `MainRole`, `OverlayRole`, `SegmentationRole` or `AnatomicalRole`. With
                `AnatomicalRole` the image becomes the main image if the workspace does not have
                one, otherwise an overlay.
            filename: the image file.

        Returns:
            The key of the image.

        Raises:
            NoMainImage: the main image is missing, and this image would not become it.
            ValueError: there is already a main image, or the role does not exist.
        """
        kind = _parse_role(role)
        if kind is Role.SEGMENTATION:
            return self.workspace.add_segmentation(filename).key
        has_main = bool(self.find_layer_by_role(Role.MAIN))
        if kind is Role.MAIN and has_main:
            raise ValueError(
                f"{self.workspace} has a main image already. Replace it with set_layer, or add "
                "this image as an overlay."
            )
        if kind is Role.OVERLAY:
            _ = self.workspace.main  # otherwise the overlay would become the main image
        return self.workspace.add_image(filename).key

    @convert_lookup_errors()
    def set_layer(self, role: str, filename: str | PathLike[str]) -> str:
        """Replace the first image with this role.

        The nickname, tags and other entries of the old image are removed. If such an image does not
        exist, add one; see `add_layer`.
        """
        kind = _parse_role(role)
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

    @convert_lookup_errors()
    def add_mesh_layer(self, filename: str | PathLike[str], tp: int = 1) -> str:
        """Add a mesh layer.

        Args:
            filename: a file in one of VTK's formats, `.vtk` or `.vtp`.
            tp: the time point that shows the mesh, from 1.

        Returns:
            The key of the mesh layer.

        Raises:
            NoMainImage: the main image is missing.
            ValueError: the file name does not end in `.vtk` or `.vtp`, or the time point is below
                1.
        """
        _ = self.workspace.main  # ITK-SNAP does not open a workspace without one
        return self.workspace.add_mesh(filename, time_point=tp).key

    # Nicknames and labels

    def set_layer_nickname(self, layer_key: str, value: str) -> None:
        """Set the nickname of an image or a mesh layer.

        Raises:
            LayerMissing: the workspace does not have this layer.
        """
        self._find_layer(layer_key).nickname = value

    @convert_lookup_errors()
    def set_labels(self, label_file: str | PathLike[str]) -> None:
        """Replace the labels with the labels of a label file.

        Raises:
            LabelsMissing: the file does not exist.
            LabelsUnreadable: the file is not a label file.
            NoMainImage: the workspace does not have a main image, which stores the labels.
        """
        self.workspace.labels = Labels.read(label_file)

    def clear_labels(self) -> None:
        """Remove all labels."""
        if self.find_layer_by_role(Role.MAIN):
            self.workspace.labels = Labels()

    # Tags

    def get_tags(self, folder: Registry) -> set[str]:
        """Return the tags of any registry folder, for example of an image or a mesh layer."""
        return set(tag_entries.read_tags(folder.tree, *Layer.TAGS))

    def put_tags(self, folder: Registry, tags: Iterable[str]) -> None:
        """Replace all tags of a folder."""
        names = {name for tag in tags for part in tag.split(",") if (name := part.strip())}
        tag_entries.write_tags(folder.tree, sorted(names), *Layer.TAGS)

    def add_tag(self, folder: Registry, new_tag: str) -> None:
        """Add a tag to a folder."""
        self.put_tags(folder, self.get_tags(folder) | {new_tag})

    def remove_tag(self, folder: Registry, tag: str) -> None:
        """Remove a tag from a folder, if the folder has it."""
        self.put_tags(folder, self.get_tags(folder) - {tag})

    def add_tag_to_layer(self, layer_key: str, new_tag: str) -> None:
        """Add a tag to an image or a mesh layer.

        Raises:
            LayerMissing: the workspace does not have this layer.
        """
        self.add_tag(self.get_layer_folder_by_key(layer_key), new_tag)

    def remove_tag_from_layer(self, layer_key: str, tag: str) -> None:
        """Remove a tag from an image or a mesh layer, if the layer has it.

        Raises:
            LayerMissing: the workspace does not have this layer.
        """
        self.remove_tag(self.get_layer_folder_by_key(layer_key), tag)

    def _list_layers(self) -> list[Layer | MeshLayer]:
        return [*self.workspace.layers, *self.workspace.meshes]

    def _find_layer(self, key: str) -> Layer | MeshLayer:
        for layer in self._list_layers():
            if layer.key == key:
                return layer
        raise LayerMissing(f"{self.workspace} has no layer {key!r}.")


def _parse_role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as cause:
        raise ValueError(f"{name!r} is not a role. Use one of {', '.join(Role)}.") from cause
