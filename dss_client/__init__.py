"""The client of ITK-SNAP's Distributed Segmentation Service (DSS).

```python
from dss_client import DSSClient

client = DSSClient("https://dss.itksnap.org")
client.login_if_needed()
print(client.dssp_list_services())
```
"""

from importlib import import_module
from typing import TYPE_CHECKING

from dss_api import DssError, FileArea, LogCategory, OutcomeUnknown, PurgeScope, TicketStatus
from dss_client.client import DSSClient
from dss_client.errors import (
    CertificateUnusable,
    FileNotWritten,
    FilesChanged,
    ProviderNotFound,
    RequirementsNotMet,
    ResultsIncomplete,
    SessionFileExposed,
    SessionMissing,
    SignInTimeout,
    TicketIncomplete,
    TokenMissing,
    TokenSpent,
    UnsafeFileName,
    UnverifiedServer,
    UploadNotKept,
)
from dss_client.transport.retries import Retries
from dss_client.version import __version__

if TYPE_CHECKING:
    from dss_client.snapshots import NotDrawable, Png, snapshot
    from dss_client.workspace import (
        Annotation,
        Contrast,
        ImageMissing,
        ImagesNotInstalled,
        ImageUnreadable,
        KeyMissing,
        KeyUnreadable,
        Label,
        Labels,
        LabelsMissing,
        LabelsUnreadable,
        Layer,
        LayerMissing,
        LayerNotUnique,
        MainImageNeeded,
        MeshLayer,
        NoMainImage,
        Registry,
        Role,
        TagMissing,
        TagNotUnique,
        TimePoint,
        Voxels,
        Workspace,
        WorkspaceMissing,
        WorkspaceNotUnique,
        WorkspaceUnreadable,
    )

__all__ = [
    "Annotation",
    "CertificateUnusable",
    "Contrast",
    "DSSClient",
    "DssError",
    "FileArea",
    "FileNotWritten",
    "FilesChanged",
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
    "LogCategory",
    "MainImageNeeded",
    "MeshLayer",
    "NoMainImage",
    "NotDrawable",
    "OutcomeUnknown",
    "Png",
    "ProviderNotFound",
    "PurgeScope",
    "Registry",
    "RequirementsNotMet",
    "ResultsIncomplete",
    "Retries",
    "Role",
    "SessionFileExposed",
    "SessionMissing",
    "SignInTimeout",
    "TagMissing",
    "TagNotUnique",
    "TicketIncomplete",
    "TicketStatus",
    "TimePoint",
    "TokenMissing",
    "TokenSpent",
    "UnsafeFileName",
    "UnverifiedServer",
    "UploadNotKept",
    "Voxels",
    "Workspace",
    "WorkspaceMissing",
    "WorkspaceNotUnique",
    "WorkspaceUnreadable",
    "__version__",
    "snapshot",
]

_LAZY_MODULES = ("dss_client.workspace", "dss_client.snapshots")
"""Modules that are loaded at the first use of one of their names. Many programs never need them."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        for module in map(import_module, _LAZY_MODULES if name in __all__ else ()):
            if name in module.__all__:
                globals()[name] = getattr(module, name)
                return globals()[name]
        if f"{__name__}.{name}" in _LAZY_MODULES:
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
