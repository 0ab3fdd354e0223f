"""The names under which existing provider scripts import the client; see `dss_client`."""

from dss_client import DSSClient, DssError, __version__
from itksnap_dss.itksnap_ws import WorkspaceWrapper
from itksnap_dss.registry import Registry

__all__ = ["DSSClient", "DssError", "Registry", "WorkspaceWrapper", "__version__"]
