"""Exports of workspaces without private information."""

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
