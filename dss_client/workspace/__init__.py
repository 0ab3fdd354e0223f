"""Workspaces of ITK-SNAP (`.itksnap`): what a ticket brings, and what is sent back."""

from dss_client.workspace.errors import (
    ImageMissing,
    ImagesNotInstalled,
    ImageUnreadable,
    KeyMissing,
    KeyUnreadable,
    LabelsUnreadable,
    LayerMissing,
    LayerNotUnique,
    MainImageNeeded,
    NoMainImage,
    TagMissing,
    TagNotUnique,
    WorkspaceMissing,
    WorkspaceUnreadable,
)
from dss_client.workspace.labels import Label, Labels
from dss_client.workspace.layers import Layer
from dss_client.workspace.meshes import MeshLayer
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.voxels import Voxels
from dss_client.workspace.workspace import Workspace

__all__ = [
    "ImageMissing",
    "ImageUnreadable",
    "ImagesNotInstalled",
    "KeyMissing",
    "KeyUnreadable",
    "Label",
    "Labels",
    "LabelsUnreadable",
    "Layer",
    "LayerMissing",
    "LayerNotUnique",
    "MainImageNeeded",
    "MeshLayer",
    "NoMainImage",
    "Registry",
    "Role",
    "TagMissing",
    "TagNotUnique",
    "Voxels",
    "Workspace",
    "WorkspaceMissing",
    "WorkspaceUnreadable",
]
