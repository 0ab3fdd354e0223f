"""Workspaces of ITK-SNAP: images, what they are for, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.images.external_data import refuse_detached
from dss_client.workspace import (
    image_entries,
    keys,
    lookup,
    meshes,
    numbered_folders,
    paths,
    time_points,
)
from dss_client.workspace.annotations import Annotation, marked
from dss_client.workspace.errors import (
    LayerMissing,
    MainImageNeeded,
    NoMainImage,
    WorkspaceMissing,
    WorkspaceNotUnique,
)
from dss_client.workspace.labels import Labels
from dss_client.workspace.layers import Layer
from dss_client.workspace.meshes import MeshLayer
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.time_points import TimePoint

if TYPE_CHECKING:
    import pandas as pd

    from dss_client.export import Anonymize, Manifest

VERSION = "20250815"
"""The release of ITK-SNAP whose format is written."""

_LABELS = "ProjectMetaData.IRIS.LabelTable"


class Workspace:
    """A workspace: the main image, overlays, segmentations and meshes, and how they are shown.

    Images stay files; nothing of them is read until it is asked for.

    ```python
    workspace = Workspace.open("ticket_00000042.itksnap")
    scan = workspace.tagged("T1-MRI").existing_path()
    ...
    workspace.add_segmentation("result.nii.gz", nickname="Ventricles")
    workspace.labels = Labels.read("ventricles.label")
    workspace.save("ticket_00000042_results.itksnap")
    ```

    Attributes:
        registry: the tree of keys and values, for what has no property here.
    """

    def __init__(self) -> None:
        """A workspace with nothing in it."""
        self.registry = Registry()
        self._path: Path | None = None

    @classmethod
    def open(cls, path: str | PathLike[str], *, confined: bool = False) -> Workspace:
        """Read a workspace.

        Args:
            path: its file.
            confined: for workspaces of others, such as a ticket's input, which could name any file
                of this machine: every path that leads out of the workspace's folder is replaced by
                that of a file of the same name in it, there or not, and no image may name another
                file that is read with it.

        Raises:
            WorkspaceMissing: there is no such file.
            WorkspaceUnreadable: it is no workspace.
            ImageUnreadable: an image of a confined workspace may lead to a file elsewhere.
        """
        workspace = cls()
        workspace.registry = Registry.read(path)
        workspace._path = Path(path).absolute()
        if confined:
            workspace._relocate(workspace._path.parent, confined=True)
            for layer in filter(lambda layer: layer.stored_path, workspace.layers):
                is_series = bool(layer.registry.get("IOHints.DICOM.SeriesId"))
                refuse_detached(layer.path, is_series=is_series)
        return workspace

    @classmethod
    def received(cls, paths: Iterable[str | PathLike[str]] | str | PathLike[str]) -> Workspace:
        """Open the workspace that somebody sent, from the files of a ticket.

        Whoever sent it wrote the paths in it, so its files are looked for in its own folder only,
        as `open(path, confined=True)` does.

        Args:
            paths: what `dssp_download_ticket` or `dss_download_results` gave, or the folder, or the
                workspace's own file.

        Raises:
            WorkspaceMissing: there is no workspace among the files, or no such file or folder.
            WorkspaceNotUnique: there is more than one; open the one that counts.
            WorkspaceUnreadable: it is no workspace.
            ImageUnreadable: an image may lead to a file elsewhere.
        """
        if isinstance(paths, str | PathLike):
            one = Path(paths)
            paths = sorted(one.iterdir()) if one.is_dir() else [one]
        files = [Path(path) for path in paths]
        found = [path for path in files if path.suffix.lower() == ".itksnap"]
        if len(found) == 1:
            return cls.open(found[0], confined=True)
        names = ", ".join(path.name for path in found or files) or "none at all"
        if found:
            raise WorkspaceNotUnique(f"There is more than one workspace among the files: {names}.")
        raise WorkspaceMissing(f"There is no workspace (.itksnap) among the files: {names}.")

    @classmethod
    def create(
        cls, main_image_path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Workspace:
        """A workspace with a main image, which no file holds yet.

        Raises:
            ValueError: a tag is none.
        """
        workspace = cls()
        workspace.add_image(main_image_path, nickname=nickname, tags=tags)
        return workspace

    @property
    def path(self) -> Path | None:
        """The file; `None` as long as there is none."""
        return self._path

    @property
    def folder(self) -> Path | None:
        """Where the file is; `None` as long as there is none."""
        return None if self._path is None else self._path.parent

    def save(self, path: str | PathLike[str] | None = None) -> None:
        """Write the workspace into a file, with the paths at which its files were found.

        Images and meshes are not copied; `export` does that.

        Args:
            path: the file; the one it was read from if `None`.

        Raises:
            ValueError: no path was given, and it was never read or saved.
            FileNotWritten: it could not be written.
        """
        if path is None and self._path is None:
            raise ValueError("This workspace has no file yet; say where to save it.")
        target = Path(path).absolute() if path is not None else self._path
        assert target is not None
        written = self.copy()
        written._relocate(target.parent)
        written.registry["Version"] = VERSION
        written.registry.write(target)
        self.registry.update(written.registry)  # only now that it is true
        self._path, self.registry.source = target, str(target)

    def copy(self) -> Workspace:
        """The same workspace once more, which does not change with this one."""
        copied = Workspace()
        copied.registry = self.registry.copy()
        copied._path = self._path
        return copied

    def located(self, stored: str) -> Path:
        """Where a file is that the workspace names, found again when the workspace was moved.

        Looked for first where it lies as seen from the workspace's folder, if it lay so when the
        workspace was saved; else it is where the workspace says. It need not be there.

        Args:
            stored: the path as it stands in the workspace.
        """
        return paths.found(stored, self.registry.get(keys.SAVED_IN), self.folder)

    def settle(self) -> None:
        """Let a workspace that was moved name its files by where they are now.

        Else a path that it is given would be taken for one from before it was moved, and a file of
        that name beside it for the one that is meant. Whatever adds a file here does this first.
        """
        if self.folder is not None and self.registry.get(keys.SAVED_IN) != str(self.folder):
            self._relocate(self.folder)

    # Which layers there are

    @property
    def layers(self) -> list[Layer]:
        """All images, in their order; the main image is the first."""
        return [
            Layer(self, folder) for folder in numbered_folders.numbered(self.registry, keys.LAYERS)
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
        return [layer for layer in self.layers if role.covers(layer.registry.get(keys.ROLE))]

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
        return lookup.specified(self, str(spec))

    def tagged(self, tag: str) -> Layer:
        """The one layer with a tag.

        Raises:
            TagMissing: no layer has it; names the tags that there are.
            TagNotUnique: more than one has it; names them.
        """
        return lookup.tagged(self, tag)

    def all_tagged(self, tag: str) -> list[Layer]:
        """The layers with a tag, in their order. As `itksnap-wt -tags-list` lists them."""
        return [layer for layer in self.layers if tag.strip() in layer.tags]

    def named(self, nickname: str) -> Layer:
        """The one layer with a nickname.

        Raises:
            LayerMissing: no layer has it.
            LayerNotUnique: more than one has it.
        """
        return lookup.named(self, nickname)

    def describe(self) -> pd.DataFrame:
        """Columns `layer, role, nickname, filename, tags`, as `itksnap-wt -layers-list` prints."""
        import pandas as pd  # noqa: PLC0415

        rows = [
            (
                f"{layer.position:03d}",
                layer.registry.get(keys.ROLE).removesuffix("Role"),
                layer.nickname,
                str(layer.path),
                ",".join(layer.tags),
            )
            for layer in self.layers
        ]
        columns = ["layer", "role", "nickname", "filename", "tags"]
        return pd.DataFrame(rows, columns=columns).astype("str")

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
            return self._add(0, Role.MAIN, path, nickname, tags)
        return self._add(len(self.layers), Role.OVERLAY, path, nickname, tags)

    def add_segmentation(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Add a segmentation. As `itksnap-wt -layers-add-seg` does. It need not be there yet.

        Raises:
            NoMainImage: there is no main image, in whose space it would be.
            ValueError: a tag is none.
        """
        _ = self.main  # raises if there is none
        return self._add(len(self.layers), Role.SEGMENTATION, path, nickname, tags)

    def set_main(
        self, path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Layer:
        """Put an image in place of the main one, with all that was said of that, or add it.

        As `itksnap-wt -layers-set-main` does: the labels, which belong to it, are gone too.

        Raises:
            ValueError: a tag is none.
        """
        for layer in self.by_role(Role.MAIN):
            return self._changed(layer, image_entries.content(Role.MAIN, path, nickname, tags))
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
            return self._changed(
                layer, image_entries.content(Role.SEGMENTATION, path, nickname, tags)
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
                f"{lookup.told(others)}. Remove those first, or set_main another."
            )
        row = keys.LAYERS if isinstance(layer, Layer) else keys.MESHES
        numbered_folders.remove(self.registry, row, layer.position)

    @property
    def meshes(self) -> list[MeshLayer]:
        """All meshes, in their order."""
        folders = numbered_folders.numbered(self.registry, keys.MESHES)
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
        new = meshes.content(path, time_point, nickname, tags)
        self.settle()
        position = len(self.meshes)
        return MeshLayer(self, numbered_folders.insert(self.registry, keys.MESHES, position, new))

    @property
    def labels(self) -> Labels:
        """The labels of the segmentations.

        A change of them takes effect when they are given back: `workspace.labels = labels`.

        Raises:
            NoMainImage: there is no main image, to which they belong.
            KeyMissing, KeyUnreadable, LabelsUnreadable: their table is not what it should be.
        """
        main = self.main.registry
        return Labels.from_registry(main.folder(_LABELS)) if main.has_folder(_LABELS) else Labels()

    @labels.setter
    def labels(self, labels: Labels) -> None:
        if not isinstance(labels, Labels):
            raise TypeError(
                f"Labels are needed, not {type(labels).__name__}: Labels([Label(1, 'Left'), ...]), "
                "Labels.from_frame(table) or Labels.read(path)."
            )
        labels.to_registry(self.main.registry.folder(_LABELS))

    def _relocate(self, folder: Path, *, confined: bool = False) -> None:
        """Let the workspace name its files by where they are, seen from a folder.

        Args:
            folder: in which the workspace is, or will be.
            confined: whether no path may lead out of it.
        """
        saved_in, entries = self.registry.get(keys.SAVED_IN), self.registry.walk()
        named = [(key, text) for key, text in entries if key.rpartition(".")[2] == keys.PATH]
        for key, stored in named:
            if stored:
                path = paths.kept(stored, saved_in, self.folder)
                self.registry[key] = str(paths.confined(path, folder) if confined else path)
        self.registry[keys.SAVED_IN] = str(folder)

    def _add(
        self,
        position: int,
        role: Role,
        path: str | PathLike[str],
        nickname: str,
        tags: Iterable[str],
    ) -> Layer:
        new = image_entries.content(role, path, nickname, tags)
        self.settle()
        return Layer(self, numbered_folders.insert(self.registry, keys.LAYERS, position, new))

    def _changed(self, layer: Layer, content: Registry) -> Layer:
        """A layer, of which the workspace now says something else altogether."""
        self.settle()
        layer.registry.clear()
        layer.registry.update(content)
        return layer

    @property
    def time_points(self) -> list[TimePoint]:
        """The time points of which the workspace says something, in their order.

        Raises:
            KeyMissing, KeyUnreadable: their table is not what it should be.
        """
        return [TimePoint(self, folder) for folder in time_points.named(self.registry)]

    def time_point(self, number: int) -> TimePoint:
        """A time point, to give it a nickname or tags.

        Args:
            number: which one, from 1; how many there are, the main image says.

        Raises:
            ValueError: there is no such time point.
        """
        return TimePoint(self, time_points.made(self.registry, number))

    @property
    def annotations(self) -> list[Annotation]:
        """What was marked in the images, in its order.

        Raises:
            KeyMissing, KeyUnreadable: one of them is not what it should be.
        """
        return marked(self.registry)

    def export(
        self,
        path: str | PathLike[str],
        *,
        anonymize: Anonymize = "names",
        meshes: bool = True,
        parallel: int | None = None,
    ) -> Manifest:
        """Write the workspace and its files for others, with nothing private in them.

        As `itksnap-wt` does when it sends a ticket; `dss_client.export.export_workspace` says more.

        Args:
            path: the workspace's file to be; the others are put beside it.
            anonymize: `names` takes out names of files and what their headers say of people;
                `strict` also nicknames and the names of labels.
            meshes: whether they are exported too.
            parallel: how many files are made at the same time.

        Returns:
            What was made of which file, and what was taken out.
        """
        from dss_client.export import export_workspace  # noqa: PLC0415

        return export_workspace(self, path, anonymize=anonymize, meshes=meshes, parallel=parallel)

    def __str__(self) -> str:
        return str(self._path) if self._path is not None else "the new workspace"

    def __repr__(self) -> str:
        return f"<Workspace {self} with {len(self.layers)} layers>"
