"""Exporting a workspace: its images and meshes under neutral names, and its file without paths."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dss_client.export.manifest import Manifest
    from dss_client.workspace import Workspace

Anonymize = Literal["names", "strict"]
"""How much is taken out: what names a person or a place, or also nicknames and labels' names."""


def export_workspace(
    workspace: Workspace,
    path: str | PathLike[str],
    *,
    anonymize: Anonymize = "names",
    meshes: bool = True,
    parallel: int | None = None,
) -> Manifest:
    """Write a workspace and copies of its files into a folder, with nothing private in them."""
    raise NotImplementedError
