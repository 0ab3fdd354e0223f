"""Write providers for ITK-SNAP's Distributed Segmentation Service (DSS).

```python
from dss_client import DSSClient

client = DSSClient("https://dss.itksnap.org")
client.login()
print(client.dssp_list_services())
```
"""

from dss_api import DssError, FileArea, LogCategory, TicketStatus
from dss_client.client import DSSClient
from dss_client.errors import (
    FileNotWritten,
    FilesChanged,
    SessionFileExposed,
    SessionMissing,
    SignInTimeout,
    TokenMissing,
    TokenSpent,
    UnsafeFileName,
)
from dss_client.version import __version__

__all__ = [
    "DSSClient",
    "DssError",
    "FileArea",
    "FileNotWritten",
    "FilesChanged",
    "LogCategory",
    "SessionFileExposed",
    "SessionMissing",
    "SignInTimeout",
    "TicketStatus",
    "TokenMissing",
    "TokenSpent",
    "UnsafeFileName",
    "__version__",
]
