"""The names under which existing provider scripts import the client; see `dss_client`."""

from importlib import import_module
from typing import TYPE_CHECKING

from dss_client import DSSClient, DssError, __version__

if TYPE_CHECKING:
    from itksnap_dss.itksnap_ws import WorkspaceWrapper
    from itksnap_dss.registry import Registry

__all__ = ["DSSClient", "DssError", "Registry", "WorkspaceWrapper", "__version__"]

_LATER = {"WorkspaceWrapper": "itksnap_dss.itksnap_ws", "Registry": "itksnap_dss.registry"}
"""What is loaded when it is first asked for, and the modules in which it is."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = getattr(import_module(_LATER[name]), name)
        return globals()[name]
