"""Exporting a workspace: its images and meshes under neutral names, and its file without paths."""

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
    from dss_client.workspace.contents import Contents
    from dss_client.workspace.layers import Layer
    from dss_client.workspace.registry import Registry

Anonymize = Literal["names", "strict"]
"""How much is taken out: what names a person or a place, or also nicknames and labels' names."""


def export_workspace(
    workspace: Contents,
    path: str | PathLike[str],
    *,
    anonymize: Anonymize = "names",
    meshes: bool = True,
    parallel: int | None = None,
) -> Manifest:
    """Write a workspace, and copies of its files, with nothing private in them.

    What `itksnap-wt -dssp-tickets-upload` sends, and less: each image becomes
    `layer_NNN_HASH.nii.gz` beside the workspace, called by its voxels, each mesh
    `mesh_NNN_HASH` with its extension. File and folder names stay here, and so do the texts in
    the headers of images and meshes (of NIfTI `descrip`, `aux_file`, `db_name`, `intent_name`,
    `data_type` and extensions, the metadata of other formats, and the file name in gzip's own
    header), the hints of how to read files, the history, and any text in the workspace that is not
    known to be harmless. The workspace itself is not changed.

    Nothing is there under its name until all is whole.

    Args:
        workspace: with its images where it says they are.
        path: of the workspace file to write; its folder is made if it is not there.
        anonymize: `"names"` keeps what people wrote for others to read: nicknames, labels' names,
            annotations' texts; `"strict"` takes that out too. Tags always stay.
        meshes: whether meshes are sent; if not, the exported workspace has none. Those that are not
            here, for ITK-SNAP does not send them, are left out in any case.
        parallel: how many files are made at a time; if `None`, one more than there are processors,
            for one of them always waits for the disk. An image that is not NIfTI is held whole.

    Returns:
        What was made, of what, and what was taken out.

    Raises:
        NoMainImage: there is no main image, without which ITK-SNAP opens nothing.
        ImageMissing: images are not there; names all of them.
        ImageUnreadable, MeshUnreadable: a file is damaged, or of an unknown kind.
        SizesDiffer: a segmentation is not on the main image's grid.
        ImagesNotInstalled: an image is not NIfTI, and what reads it is not installed.
        FileNotWritten: a file could not be written.
        ValueError: an argument cannot be right.

    Warns:
        MeshLeftOut: files of meshes are not there.
    """
    if anonymize not in get_args(Anonymize):
        raise ValueError(f"anonymize must be 'names' or 'strict', not {anonymize!r}.")
    at_once = (os.cpu_count() or 1) + 1 if parallel is None else validation.read_parallel(parallel)
    _ = workspace.main  # raises if there is none
    target = Path(path).absolute()
    if workspace.path is not None and target.resolve() == workspace.path.resolve():
        raise ValueError(
            f"{target} is the workspace itself, which would be lost; name another file."
        )
    leaving = workspace.copy()
    removed = remove_meshes(leaving, only_missing=meshes)
    work = [*_list_image_jobs(leaving), *_list_mesh_jobs(leaving)]
    _refuse_missing_files(workspace, work)
    with translate_os_errors(f"{target} cannot be exported"):
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the last steps are renames.
        temporary = tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-")
    with temporary as within:
        made = _create_files(work, Path(within), at_once)
        _check_segmentation_sizes(leaving, made)
        placed = tuple(evolve(file, path=target.parent / file.path.name) for file in made)
        removed += anonymize_registry(leaving.registry, strict=anonymize == "strict")
        removed += _rewrite_paths(leaving.registry, placed)
        leaving.registry.write(ready := Path(within) / "workspace")
        with translate_os_errors(f"{target} cannot be exported"):
            moves = [(a.path, b.path) for a, b in zip(made, placed, strict=True)]
            _move_files([*moves, (ready, target)], Path(within))
    return Manifest(target, placed, tuple(removed))


@frozen
class _FileJob:
    """A file to be made.

    Attributes:
        source: of what.
        key: where the workspace has it.
        what: it is, for messages.
        make: makes it in a folder.
    """

    source: Path
    key: str
    description: str
    create: Callable[[Path, Event], ImageFile | MeshFile]


def _list_image_jobs(workspace: Contents) -> list[_FileJob]:
    work = list[_FileJob]()
    for layer in workspace.layers:
        make = partial(export_image, layer.path, layer.hints, position=layer.position)
        work.append(_FileJob(layer.path, layer.key, _describe_layer(layer), make))
    return work


def _list_mesh_jobs(workspace: Contents) -> list[_FileJob]:
    work = list[_FileJob]()
    for mesh in workspace.meshes:
        for file in iterate_file_entries(mesh):
            source = workspace.resolve_path(file[keys.PATH])
            make = partial(_create_mesh_file, source, len(work))
            work.append(_FileJob(source, file.key, f"mesh {mesh.position:03d}", make))
    return work


def _create_mesh_file(source: Path, number: int, folder: Path, cancel_event: Event) -> MeshFile:
    return export_mesh(source, folder, number=number)


def _refuse_missing_files(workspace: Contents, jobs: Iterable[_FileJob]) -> None:
    """Raises an error that names the files that are not there, if there are any.

    Raises:
        ImageMissing: there are.
    """
    missing = [
        f"{each.source} of {each.description}"
        for each in jobs
        # A layer without a path would be the folder in which this process runs.
        if each.source == Path() or not is_file_or_folder(each.source)
    ]
    if missing:
        raise ImageMissing(
            f"{workspace} cannot be exported, for files are not there: {', '.join(missing)}. Put "
            "them there, or remove what names them from the workspace."
        )


def _create_files(jobs: Sequence[_FileJob], folder: Path, at_once: int) -> list[ExportedFile]:
    """Make files, several at a time; when one fails, or on an interrupt, all stop."""
    cancel_event = Event()
    pool = ThreadPoolExecutor(at_once)
    try:
        futures = [pool.submit(_create_file, job, folder, cancel_event) for job in jobs]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in (each for each in futures if each in done):
            future.result()  # raises what went wrong
        return [future.result() for future in futures]
    finally:
        cancel_event.set()
        pool.shutdown(cancel_futures=True)


def _create_file(job: _FileJob, folder: Path, cancel_event: Event) -> ExportedFile:
    try:
        made = job.create(folder, cancel_event)
    except DssError as error:
        add_context(error, before=f"The file of {job.description} cannot be exported.")
        raise
    copied, grid = (made.copied, made.grid) if isinstance(made, ImageFile) else (False, ())
    return ExportedFile(made.path, job.source, job.key, made.md5, copied, made.removed, grid)


def _check_segmentation_sizes(workspace: Contents, files: Iterable[ExportedFile]) -> None:
    """Raises an error that names segmentations that ITK-SNAP would refuse, if there are any.

    Raises:
        SizesDiffer: there are.
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
            f"voxels, but {', '.join(wrong)}. Bring the segmentation onto the main image's grid; "
            "main.write_like(path, array) writes an array there and says if its axes are turned."
        )


def _describe_layer(layer: Layer) -> str:
    return f"layer {layer.position:03d} ({layer.name})"


def _format_size(size: Iterable[int]) -> str:
    return " x ".join(map(str, size))


def _move_files(moves: Iterable[tuple[Path, Path]], backup_folder: Path) -> None:
    """Give files their names; when one cannot have it, all is as it was.

    Args:
        moves: what each is called, and what it shall be called.
        aside: where files are put meanwhile that had those names.
    """
    with ExitStack() as undo:
        for made, target in moves:
            if target.is_dir():
                raise IsADirectoryError(EISDIR, f"{target} is a folder")
            if os.path.lexists(target):
                former = backup_folder / f"former-{made.name}"
                target.replace(former)
                undo.callback(former.replace, target)
            made.replace(target)
            undo.callback(target.unlink)
        undo.pop_all()


def _rewrite_paths(registry: Registry, files: Iterable[ExportedFile]) -> list[str]:
    """Let a workspace name the files that were made; the keys of other paths, which go."""
    new = {f"{file.key}.{keys.PATH}": f"{NEUTRAL_FOLDER}/{file.path.name}" for file in files}
    old = [key for key, _ in registry.walk() if key not in new]
    others = [key for key in old if key.rpartition(".")[2] == keys.PATH]
    for key in others:  # where readers do not look for any
        del registry[key]
    for key, stored in new.items():
        registry[key] = stored
    registry[keys.SAVE_LOCATION] = NEUTRAL_FOLDER
    registry["Version"] = registry.get("Version", FORMAT_VERSION)
    return others
