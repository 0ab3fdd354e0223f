"""Module path that some existing provider scripts import the client from."""

from dss_client import DSSClient

__all__ = ["DSSClient"]
