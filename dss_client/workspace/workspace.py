"""ITK-SNAP workspaces: images, their roles and tags, labels and display settings."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from dss_client.errors import WorkspaceMissing, WorkspaceNotUnique
from dss_client.images.external_data import refuse_external_data
from dss_client.workspace import keys, time_points
from dss_client.workspace.annotations import Annotation, read_annotations
from dss_client.workspace.contents import WorkspaceContents
from dss_client.workspace.document import FORMAT_VERSION
from dss_client.workspace.labels import Labels
from dss_client.workspace.registry import Registry
from dss_client.workspace.time_points import TimePoint

if TYPE_CHECKING:
    import pandas as pd

    from dss_client.export import Anonymize, Manifest

_LABELS = "ProjectMetaData.IRIS.LabelTable"


class Workspace(WorkspaceContents):
    """An ITK-SNAP workspace: the main image, overlays, segmentations and meshes.

    Images stay files until `Layer.image` or `Layer.array` is called.

    ```python
    workspace = Workspace.open("ticket_00000042.itksnap")
    scan = workspace.tagged("T1-MRI").existing_path()
    ...
    workspace.add_segmentation("result.nii.gz", nickname="Ventricles")
    workspace.labels = Labels.read("ventricles.label")
    workspace.save("ticket_00000042_results.itksnap")
    ```

    Attributes:
        registry: the tree of keys and values. It also contains the values that have no property in
            this class.
    """

    @classmethod
    def open(cls, path: str | PathLike[str], *, confined: bool = False) -> Workspace:
        """Open a workspace.

        Args:
            path: the workspace file.
            confined: whether to allow only files in the workspace's folder. Use this for a
                workspace from another person, such as a ticket's input, because the paths in it
                could name any file on this computer. Each path that leads out of the folder is
                replaced by a path in the folder with the same file name. The file may be missing
                there. An image that refers to another file is refused.

        Raises:
            WorkspaceMissing: the file does not exist.
            WorkspaceUnreadable: the file is not a readable workspace.
            ImageUnreadable: an image of a confined workspace can refer to a file outside its
                folder.
        """
        workspace = cls()
        workspace.registry = Registry.read(path)
        workspace._path = Path(path).absolute()
        if confined:
            workspace._rewrite_paths(workspace._path.parent, confined=True)
            for layer in filter(lambda layer: layer.stored_path, workspace.layers):
                is_series = bool(layer.registry.get("IOHints.DICOM.SeriesId"))
                refuse_external_data(layer.path, is_series=is_series)
        return workspace

    @classmethod
    def received(cls, paths: Iterable[str | PathLike[str]] | str | PathLike[str]) -> Workspace:
        """Open the workspace among the files of a ticket.

        The sender chose the paths in the workspace. So the client looks for the files of the
        workspace only in the workspace's own folder, as `open(path, confined=True)` does.

        Args:
            paths: the result of `dssp_download_ticket` or `dss_download_results`, the folder of
                these files, or the workspace file itself.

        Raises:
            WorkspaceMissing: the files do not contain a workspace, or a file does not exist.
            WorkspaceNotUnique: the files contain more than one workspace. Open the right file with
                `open`.
            WorkspaceUnreadable: the file is not a readable workspace.
            ImageUnreadable: an image can refer to a file outside its folder.
        """
        if isinstance(paths, str | PathLike):
            path = Path(paths)
            paths = sorted(path.iterdir()) if path.is_dir() else [path]
        files = [Path(path) for path in paths]
        found = [path for path in files if path.suffix.lower() == ".itksnap"]
        if len(found) == 1:
            return cls.open(found[0], confined=True)
        names = ", ".join(path.name for path in found or files) or "(no files)"
        if found:
            raise WorkspaceNotUnique(f"There is more than one workspace among the files: {names}.")
        raise WorkspaceMissing(f"There is no workspace (.itksnap) among the files: {names}.")

    @classmethod
    def create(
        cls, main_image_path: str | PathLike[str], *, nickname: str = "", tags: Iterable[str] = ()
    ) -> Workspace:
        """Create a workspace with a main image. It does not have a file yet.

        Raises:
            ValueError: a tag is not valid.
        """
        workspace = cls()
        workspace.add_image(main_image_path, nickname=nickname, tags=tags)
        return workspace

    def copy(self) -> Workspace:
        """Return an independent copy of the workspace.

        The copy of a subclass is a plain `Workspace`.
        """
        # A subclass may need arguments to create an instance.
        return self._copy_into(Workspace())

    def save(self, path: str | PathLike[str] | None = None) -> None:
        """Save the workspace. The paths in the file become the current paths of images and meshes.

        This does not copy images and meshes. Use `export` for that.

        Args:
            path: the file; if `None`, the file that was opened or saved last.

        Raises:
            ValueError: no path is given, and the workspace was never opened or saved.
            FileNotWritten: the file could not be written.
        """
        if path is None and self._path is None:
            raise ValueError("This workspace has no file yet. Pass the path to save it to.")
        target = Path(path).absolute() if path is not None else self._path
        assert target is not None
        saved = self.copy()
        saved._rewrite_paths(target.parent)
        saved.registry["Version"] = FORMAT_VERSION
        saved.registry.write(target)
        self.registry.update(saved.registry)  # only after the file is written
        self._path, self.registry.source = target, str(target)

    def describe(self) -> pd.DataFrame:
        """Return a table of the layers, as `itksnap-wt -layers-list` prints it.

        The columns are `layer, role, nickname, filename, tags`.
        """
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

        The result is a copy. To change the labels of the workspace, assign them:
        `workspace.labels = labels`.

        Raises:
            NoMainImage: the workspace does not have a main image, which holds the labels.
            KeyMissing: a key of the label table is missing.
            KeyUnreadable: a value of the label table does not have the expected form.
            LabelsUnreadable: a label number is out of range or occurs twice.
        """
        main = self.main.registry
        return Labels.from_registry(main.folder(_LABELS)) if main.has_folder(_LABELS) else Labels()

    @labels.setter
    def labels(self, labels: Labels) -> None:
        if not isinstance(labels, Labels):
            raise TypeError(
                f"The labels must be of type Labels, not {type(labels).__name__}. Create them with "
                "Labels([Label(1, 'Left'), ...]), Labels.from_frame(table) or Labels.read(path)."
            )
        labels.to_registry(self.main.registry.folder(_LABELS))

    @property
    def time_points(self) -> list[TimePoint]:
        """The time points that the workspace stores, sorted by number.

        Raises:
            KeyMissing: a time point does not have a number.
            KeyUnreadable: the number of a time point is not a whole number.
        """
        return [TimePoint(self, folder) for folder in time_points.list_folders(self.registry)]

    def time_point(self, number: int) -> TimePoint:
        """Return a time point, for example to set its nickname or tags.

        Args:
            number: the number of the time point, from 1. The main image defines how many exist.

        Raises:
            ValueError: the number is less than 1.
        """
        return TimePoint(self, time_points.get_or_create_folder(self.registry, number))

    @property
    def annotations(self) -> list[Annotation]:
        """The annotations, in their order.

        Raises:
            KeyMissing: a key of an annotation is missing.
            KeyUnreadable: a value of an annotation does not have the expected form.
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
        """Write a copy of the workspace and its files without private information.

        `itksnap-wt` does the same when it sends a ticket. See `dss_client.export.export_workspace`.

        Args:
            path: the new workspace file. The other files are written beside it.
            anonymize: `names` removes file names and personal data in headers. `strict` also
                removes nicknames and label names.
            meshes: whether to export meshes too.
            parallel: the number of files to export at the same time.

        Returns:
            The list of exported files with their sources, and the list of removed data.
        """
        from dss_client.export import export_workspace  # noqa: PLC0415

        return export_workspace(self, path, anonymize=anonymize, meshes=meshes, parallel=parallel)

    def __repr__(self) -> str:
        return f"<Workspace {self} with {len(self.layers)} layers>"
