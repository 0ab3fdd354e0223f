"""The module from which some existing provider scripts import the client."""

from dss_client import DSSClient

__all__ = ["DSSClient"]
