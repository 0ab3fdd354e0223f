"""Write providers for ITK-SNAP's Distributed Segmentation Service (DSS).

```python
from dss_client import DSSClient

client = DSSClient("https://dss.itksnap.org")
client.login_if_needed()
print(client.dssp_list_services())
```
"""

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
from dss_client.retries import Retries
from dss_client.snapshots import NotDrawable, Png, snapshot
from dss_client.version import __version__
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
