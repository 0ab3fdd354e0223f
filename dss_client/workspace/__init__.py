"""ITK-SNAP workspaces (`.itksnap`): the input and the result of a ticket."""

from dss_client.errors import (
    ImageMissing,
    ImagesNotInstalled,
    ImageUnreadable,
    KeyMissing,
    KeyUnreadable,
    LabelsMissing,
    LabelsUnreadable,
    LayerMissing,
    LayerNotUnique,
    MainImageNeeded,
    NoMainImage,
    TagMissing,
    TagNotUnique,
    WorkspaceMissing,
    WorkspaceNotUnique,
    WorkspaceUnreadable,
)
from dss_client.images.arrays import Voxels
from dss_client.workspace.annotations import Annotation
from dss_client.workspace.display import Contrast
from dss_client.workspace.label import Label
from dss_client.workspace.labels import Labels
from dss_client.workspace.layers import Layer
from dss_client.workspace.meshes import MeshLayer
from dss_client.workspace.registry import Registry
from dss_client.workspace.role import Role
from dss_client.workspace.time_points import TimePoint
from dss_client.workspace.workspace import Workspace

__all__ = [
    "Annotation",
    "Contrast",
    "ImageMissing",
    "ImageUnreadable",
    "ImagesNotInstalled",
    "KeyMissing",
    "KeyUnreadable",
    "Label",
    "Labels",
    "LabelsMissing",
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
    "TimePoint",
    "Voxels",
    "Workspace",
    "WorkspaceMissing",
    "WorkspaceNotUnique",
    "WorkspaceUnreadable",
]
