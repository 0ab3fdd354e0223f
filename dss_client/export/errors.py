"""What can be wrong with files that are to leave; all else is in `dss_client.workspace.errors`.

```text
DssError
├── MeshUnreadable          a mesh cannot be made fit to leave              (OSError)
└── SizesDiffer             a segmentation does not fit the main image      (ValueError)
```

`MeshLeftOut` is a warning.
"""

from __future__ import annotations

from dss_api import DssError


class MeshUnreadable(DssError, OSError):
    """The file of a mesh cannot be read, or it is not known how to clean such a one."""


class SizesDiffer(DssError, ValueError):
    """A segmentation has other numbers of voxels than the main image, so ITK-SNAP opens neither."""


class MeshLeftOut(UserWarning):
    """Files of a mesh are not there, so that an exported workspace has it not, or not whole."""
