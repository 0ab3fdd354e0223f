"""Workspaces of ITK-SNAP: images, what they are for, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.errors import WorkspaceMissing, WorkspaceNotUnique
from dss_client.images.external_data import refuse_detached
from dss_client.workspace import keys, time_points
from dss_client.workspace.annotations import Annotation, read_annotations
from dss_client.workspace.contents import Contents
from dss_client.workspace.document import FORMAT_VERSION
from dss_client.workspace.labels import Labels
from dss_client.workspace.registry import Registry
from dss_client.workspace.time_points import TimePoint

if TYPE_CHECKING:
    import pandas as pd

    from dss_client.export import Anonymize, Manifest

_LABELS = "ProjectMetaData.IRIS.LabelTable"


class Workspace(Contents):
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
            workspace._rewrite_paths(workspace._path.parent, confined=True)
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
        written._rewrite_paths(target.parent)
        written.registry["Version"] = FORMAT_VERSION
        written.registry.write(target)
        self.registry.update(written.registry)  # only now that it is true
        self._path, self.registry.source = target, str(target)

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

    @property
    def time_points(self) -> list[TimePoint]:
        """The time points of which the workspace says something, in their order.

        Raises:
            KeyMissing, KeyUnreadable: their table is not what it should be.
        """
        return [TimePoint(self, folder) for folder in time_points.list_folders(self.registry)]

    def time_point(self, number: int) -> TimePoint:
        """A time point, to give it a nickname or tags.

        Args:
            number: which one, from 1; how many there are, the main image says.

        Raises:
            ValueError: there is no such time point.
        """
        return TimePoint(self, time_points.get_or_create_folder(self.registry, number))

    @property
    def annotations(self) -> list[Annotation]:
        """What was marked in the images, in its order.

        Raises:
            KeyMissing, KeyUnreadable: one of them is not what it should be.
        """
        return read_annotations(self.registry)

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

    def __repr__(self) -> str:
        return f"<Workspace {self} with {len(self.layers)} layers>"
