"""Import names of the original client for existing provider scripts; see `dss_client`."""

from importlib import import_module
from typing import TYPE_CHECKING

from dss_client import DSSClient, DssError, __version__

if TYPE_CHECKING:
    from itksnap_dss.itksnap_ws import WorkspaceWrapper
    from itksnap_dss.registry import Registry

__all__ = ["DSSClient", "DssError", "Registry", "WorkspaceWrapper", "__version__"]

_LAZY_MODULES = {"WorkspaceWrapper": "itksnap_dss.itksnap_ws", "Registry": "itksnap_dss.registry"}
"""Names that are imported when they are first used, with their modules."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _LAZY_MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = getattr(import_module(_LAZY_MODULES[name]), name)
        return globals()[name]
