"""The name under which existing provider scripts import the client; see `dss_client`."""

from dss_client import DSSClient, DssError, __version__

__all__ = ["DSSClient", "DssError", "__version__"]
