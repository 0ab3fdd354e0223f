"""Workspaces made ready to leave this machine, with nothing private in them."""

from dss_client.errors import MeshLeftOut, MeshUnreadable, SizesDiffer
from dss_client.export.exporter import Anonymize, export_workspace
from dss_client.export.manifest import ExportedFile, Manifest

__all__ = [
    "Anonymize",
    "ExportedFile",
    "Manifest",
    "MeshLeftOut",
    "MeshUnreadable",
    "SizesDiffer",
    "export_workspace",
]
