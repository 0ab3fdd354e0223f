"""Workspaces on their way to a ticket: exported into a folder that is gone afterwards."""

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
"""How the names of workspace files end."""


@runtime_checkable
class WorkspaceHolder(Protocol):
    """What wraps a workspace, as `itksnap_dss.WorkspaceWrapper` does, and is taken for it."""

    workspace: Workspace


def open_workspace_or_paths(
    given: Workspace | WorkspaceHolder | Iterable[str | PathLike[str]] | str | PathLike[str],
) -> Workspace | list[Path]:
    """What somebody wants to send: a workspace, also by the path of its file, or files as they are.

    Raises:
        WorkspaceMissing, WorkspaceUnreadable: a single path has the ending of workspaces, and there
            is none.
        ValueError: a single path is none of a workspace, or the list is empty.
        TypeError: there are neither a workspace nor paths.
    """
    if isinstance(given, str | PathLike):
        path = str(given)
        if path.lower().endswith(WORKSPACE_EXTENSION):
            return open_workspace(given)
        raise ValueError(
            f"{path} is no workspace ({WORKSPACE_EXTENSION}), which is what services take. Make one of an image "
            f"with the tags that the service asks for: Workspace.create({path!r}, tags=[...]). To "
            f"send the file as it is, with its name and all that is in it, give a list: [{path!r}]."
        )
    if isinstance(given, Workspace | WorkspaceHolder):
        return open_workspace(given)
    return validation.file_paths(given)


def open_workspace(workspace: Workspace | WorkspaceHolder | str | PathLike[str]) -> Workspace:
    """A workspace as it is given, out of what wraps it, or from its file.

    Raises:
        WorkspaceMissing, WorkspaceUnreadable: there is none at the path.
        TypeError: it is neither.
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
    """A workspace's export, until the end of the block.

    Only this user can read it meanwhile. It lies where temporary files do, which is what `TMPDIR`
    says.

    Raises:
        DssError, ValueError: it cannot be exported.
    """
    with TemporaryDirectory(prefix="itksnap-dss-") as folder:
        path = Path(folder) / f"workspace{WORKSPACE_EXTENSION}"
        yield workspace.export(path, anonymize=anonymize, meshes=meshes)


def rename_workspace(manifest: Manifest, name: str) -> Manifest:
    """The same export, with its workspace file under another name."""
    workspace = manifest.workspace.rename(manifest.workspace.with_name(name))
    return attrs.evolve(manifest, workspace=workspace)
