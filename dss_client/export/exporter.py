"""Exports of workspaces: images and meshes under neutral names, and a workspace without paths."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from errno import EISDIR
from functools import partial
from os import PathLike
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Literal, get_args

from attrs import evolve, frozen

from dss_api import DssError
from dss_client import validation
from dss_client.atomic_write import translate_os_errors
from dss_client.errors import ImageMissing, SizesDiffer, add_context
from dss_client.export.anonymize import NEUTRAL_FOLDER, anonymize_registry
from dss_client.export.image import ImageFile, export_image
from dss_client.export.manifest import ExportedFile, Manifest
from dss_client.export.mesh import MeshFile, export_mesh, iterate_file_entries, remove_meshes
from dss_client.images.read import is_file_or_folder
from dss_client.workspace import keys
from dss_client.workspace.document import FORMAT_VERSION

if TYPE_CHECKING:
    from dss_client.workspace.contents import WorkspaceContents
    from dss_client.workspace.layers import Layer
    from dss_client.workspace.registry import Registry

Anonymize = Literal["names", "strict"]
"""`names` removes entries that identify a person or a place. `strict` also removes user texts."""


def export_workspace(
    workspace: WorkspaceContents,
    path: str | PathLike[str],
    *,
    anonymize: Anonymize = "names",
    meshes: bool = True,
    parallel: int | None = None,
) -> Manifest:
    """Write a workspace and copies of its files without private information.

    The export writes the same files as `itksnap-wt -dssp-tickets-upload`, with less content. Each
    image becomes `layer_NNN_HASH.nii.gz` beside the workspace. Each mesh becomes `mesh_NNN_HASH`
    with its extension. An image's hash is the MD5 of its voxels.

    These are removed:

    * File names and folder names.
    * Texts in image and mesh headers. In NIfTI files these are `descrip`, `aux_file`, `db_name`,
      `intent_name`, `data_type` and extensions. In other formats they are all metadata. In gzip
      files they are the fields of the gzip header.
    * Reading hints, the history, and all texts in the workspace that are not known to be harmless.

    The workspace itself is not changed. The new files get their names after all are complete.

    Args:
        workspace: the workspace. The files of its images must exist.
        path: the workspace file to write. Its folder is created if it does not exist.
        anonymize: `"names"` keeps nicknames, label names and annotation texts. `"strict"` removes
            them too. Tags always stay.
        meshes: whether to export meshes. Meshes without files are always left out, because
            ITK-SNAP does not send meshes.
        parallel: the number of files to export at the same time. The default is one more than the
            number of processors, because one job usually waits for the disk. Images in formats
            other than NIfTI are held in memory.

    Returns:
        The exported files with their sources, and the list of removed content.

    Raises:
        NoMainImage: the workspace does not have a main image, so ITK-SNAP cannot open it.
        ImageMissing: files of images do not exist. The message lists all of them.
        ImageUnreadable, MeshUnreadable: a file is damaged or has an unknown format.
        SizesDiffer: a segmentation is not on the main image's grid.
        ImagesNotInstalled: an image is not NIfTI, and SimpleITK is not installed.
        FileNotWritten: a file could not be written.
        ValueError: an argument is not valid.

    Warns:
        MeshLeftOut: files of meshes do not exist.
    """
    if anonymize not in get_args(Anonymize):
        raise ValueError(f"anonymize must be 'names' or 'strict', not {anonymize!r}.")
    max_workers = (
        (os.cpu_count() or 1) + 1 if parallel is None else validation.read_parallel(parallel)
    )
    _ = workspace.main  # raises NoMainImage
    target = Path(path).absolute()
    if workspace.path is not None and target.resolve() == workspace.path.resolve():
        raise ValueError(
            f"{target} is the workspace itself, and the export would replace it. Choose another "
            "file."
        )
    copy = workspace.copy()
    removed = remove_meshes(copy, only_missing=meshes)
    jobs = [*_list_image_jobs(copy), *_list_mesh_jobs(copy)]
    _refuse_missing_files(workspace, jobs)
    with translate_os_errors(f"{target} cannot be exported"):
        target.parent.mkdir(parents=True, exist_ok=True)
        # In the same folder, so that the last steps are renames.
        temporary = tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-")
    with temporary as name:
        folder = Path(name)
        files = _create_files(jobs, folder, max_workers)
        _check_segmentation_sizes(copy, files)
        exported = tuple(evolve(file, path=target.parent / file.path.name) for file in files)
        removed += anonymize_registry(copy.registry, strict=anonymize == "strict")
        removed += _rewrite_paths(copy.registry, exported)
        copy.registry.write(workspace_file := folder / "workspace")
        with translate_os_errors(f"{target} cannot be exported"):
            moves = [(a.path, b.path) for a, b in zip(files, exported, strict=True)]
            _move_files([*moves, (workspace_file, target)], folder)
    return Manifest(target, exported, tuple(removed))


@frozen
class _FileJob:
    """A file to export.

    Attributes:
        source: the original file.
        key: the key of the file's folder in the workspace.
        description: the layer or mesh of the file, for messages.
        create: creates the exported file in a folder. The event cancels it.
    """

    source: Path
    key: str
    description: str
    create: Callable[[Path, Event], ImageFile | MeshFile]


def _list_image_jobs(workspace: WorkspaceContents) -> list[_FileJob]:
    jobs = list[_FileJob]()
    for layer in workspace.layers:
        create = partial(export_image, layer.path, layer.hints, position=layer.position)
        jobs.append(_FileJob(layer.path, layer.key, _describe_layer(layer), create))
    return jobs


def _list_mesh_jobs(workspace: WorkspaceContents) -> list[_FileJob]:
    jobs = list[_FileJob]()
    for mesh in workspace.meshes:
        for file in iterate_file_entries(mesh):
            source = workspace.resolve_path(file[keys.PATH])
            create = partial(_create_mesh_file, source, len(jobs))
            jobs.append(_FileJob(source, file.key, f"mesh {mesh.position:03d}", create))
    return jobs


def _create_mesh_file(source: Path, number: int, folder: Path, cancel_event: Event) -> MeshFile:
    return export_mesh(source, folder, number=number)


def _refuse_missing_files(workspace: WorkspaceContents, jobs: Iterable[_FileJob]) -> None:
    """Check that the files to export exist.

    Raises:
        ImageMissing: files do not exist. The message lists all of them.
    """
    missing = [
        f"{job.source} of {job.description}"
        for job in jobs
        # An empty path would mean the current folder of this process.
        if job.source == Path() or not is_file_or_folder(job.source)
    ]
    if missing:
        raise ImageMissing(
            f"{workspace} cannot be exported because files are missing: {', '.join(missing)}. "
            "Restore the files, or remove their layers from the workspace."
        )


def _create_files(jobs: Sequence[_FileJob], folder: Path, max_workers: int) -> list[ExportedFile]:
    """Create files in parallel. The first failure or an interrupt cancels all jobs."""
    cancel_event = Event()
    pool = ThreadPoolExecutor(max_workers)
    try:
        futures = [pool.submit(_create_file, job, folder, cancel_event) for job in jobs]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in (each for each in futures if each in done):
            future.result()  # raises the error of a failed job
        return [future.result() for future in futures]
    finally:
        cancel_event.set()
        pool.shutdown(cancel_futures=True)


def _create_file(job: _FileJob, folder: Path, cancel_event: Event) -> ExportedFile:
    try:
        file = job.create(folder, cancel_event)
    except DssError as error:
        add_context(error, before=f"The file of {job.description} cannot be exported.")
        raise
    copied, grid = (file.copied, file.grid) if isinstance(file, ImageFile) else (False, ())
    return ExportedFile(file.path, job.source, job.key, file.md5, copied, file.removed, grid)


def _check_segmentation_sizes(workspace: WorkspaceContents, files: Iterable[ExportedFile]) -> None:
    """Check that ITK-SNAP will accept the segmentations.

    Raises:
        SizesDiffer: segmentations are not on the main image's grid. The message lists them.
    """
    grids = {file.key: file.grid for file in files}
    expected = grids[workspace.main.key]
    wrong = [
        f"{_describe_layer(layer)} has {_format_size(grids[layer.key])}"
        for layer in workspace.segmentations
        if grids[layer.key] != expected
    ]
    if wrong:
        raise SizesDiffer(
            f"ITK-SNAP would not open {workspace}: its main image has {_format_size(expected)} "
            f"voxels, but {', '.join(wrong)}. Resample the segmentation onto the main image's "
            "grid. main.write_like(path, array) writes an array on this grid and reports axes in "
            "the wrong order."
        )


def _describe_layer(layer: Layer) -> str:
    return f"layer {layer.position:03d} ({layer.name})"


def _format_size(size: Iterable[int]) -> str:
    return " x ".join(map(str, size))


def _move_files(moves: Iterable[tuple[Path, Path]], backup_folder: Path) -> None:
    """Rename files. If one rename fails, undo all.

    Args:
        moves: the current and the new path of each file.
        backup_folder: holds replaced files until all renames are done.
    """
    with ExitStack() as undo:
        for source, target in moves:
            if target.is_dir():
                raise IsADirectoryError(EISDIR, f"{target} is a folder")
            if os.path.lexists(target):
                backup = backup_folder / f"former-{source.name}"
                target.replace(backup)
                undo.callback(backup.replace, target)
            source.replace(target)
            undo.callback(target.unlink)
        undo.pop_all()


def _rewrite_paths(registry: Registry, files: Iterable[ExportedFile]) -> list[str]:
    """Write the paths of the exported files, remove other paths, and return the removed keys."""
    new = {f"{file.key}.{keys.PATH}": f"{NEUTRAL_FOLDER}/{file.path.name}" for file in files}
    old = [key for key, _ in registry.walk() if key not in new]
    others = [key for key in old if key.rpartition(".")[2] == keys.PATH]
    for key in others:  # readers do not use these paths
        del registry[key]
    for key, stored in new.items():
        registry[key] = stored
    registry[keys.SAVE_LOCATION] = NEUTRAL_FOLDER
    registry["Version"] = registry.get("Version", FORMAT_VERSION)
    return others
