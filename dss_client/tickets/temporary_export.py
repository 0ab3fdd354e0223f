"""The export of a workspace into a temporary folder, for a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from dss_client import validation
from dss_client.workspace import Workspace

if TYPE_CHECKING:
    from dss_client.export import Anonymize, Manifest

WORKSPACE_EXTENSION = ".itksnap"
"""The extension of workspace files."""


@runtime_checkable
class WorkspaceHolder(Protocol):
    """An object that wraps a workspace, such as `itksnap_dss.WorkspaceWrapper`."""

    workspace: Workspace


def open_workspace_or_paths(
    given: Workspace | WorkspaceHolder | Iterable[str | PathLike[str]] | str | PathLike[str],
) -> Workspace | list[Path]:
    """Return the workspace to send, read from its file if needed, or the paths of plain files.

    Raises:
        WorkspaceMissing: a single path ends in `.itksnap`, but the file does not exist.
        WorkspaceUnreadable: a single path ends in `.itksnap`, but the file is not a workspace.
        ValueError: a single path does not end in `.itksnap`, or the list is empty.
        TypeError: the argument is neither a workspace nor paths.
    """
    if isinstance(given, str | PathLike):
        path = str(given)
        if path.lower().endswith(WORKSPACE_EXTENSION):
            return open_workspace(given)
        raise ValueError(
            f"{path} is not a workspace ({WORKSPACE_EXTENSION}), but services need one. Create one "
            "from an image, with the tags that the service asks for: "
            f"Workspace.create({path!r}, tags=[...]). To send the file unchanged, with its name "
            f"and all its content, give a list: [{path!r}]."
        )
    if isinstance(given, Workspace | WorkspaceHolder):
        return open_workspace(given)
    return validation.read_file_paths(given)


def open_workspace(workspace: Workspace | WorkspaceHolder | str | PathLike[str]) -> Workspace:
    """Return a workspace, taken from its wrapper or read from its file if needed.

    Raises:
        WorkspaceMissing: the file does not exist.
        WorkspaceUnreadable: the file is not a workspace.
        TypeError: the argument is neither a workspace nor a path.
    """
    if isinstance(workspace, WorkspaceHolder):
        workspace = workspace.workspace
    if isinstance(workspace, Workspace):
        return workspace
    if not isinstance(workspace, str | PathLike):
        raise TypeError(f"A Workspace or its path is needed, not {type(workspace).__name__}.")
    return Workspace.open(workspace)


@contextmanager
def export_temporarily(
    workspace: Workspace, anonymize: Anonymize, meshes: bool
) -> Iterator[Manifest]:
    """Export a workspace to a temporary folder, removed at the end of the `with` block.

    Only this user can read the folder. `TMPDIR` sets where it is created.

    Raises:
        DssError, ValueError: the workspace cannot be exported.
    """
    with TemporaryDirectory(prefix="itksnap-dss-") as folder:
        path = Path(folder) / f"workspace{WORKSPACE_EXTENSION}"
        yield workspace.export(path, anonymize=anonymize, meshes=meshes)


def rename_workspace(manifest: Manifest, name: str) -> Manifest:
    """Rename the workspace file of an export and return the new manifest."""
    workspace = manifest.workspace.rename(manifest.workspace.with_name(name))
    return attrs.evolve(manifest, workspace=workspace)
