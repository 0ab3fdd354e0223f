"""Exports of a workspace with one image."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from dss_client import Workspace
from dss_client.export import ExportedFile


def export_one_image(source: Path, target: Path) -> ExportedFile:
    """Export a workspace with one image."""
    (file,) = Workspace.create(source).export(target, parallel=1).files
    return file


def read_hash_and_geometry(path: Path) -> tuple[str, list[object]]:
    """Return the hash of the voxels, and type and geometry of an image, as SimpleITK reads it."""
    image = sitk.ReadImage(path)
    raw = np.ascontiguousarray(sitk.GetArrayViewFromImage(image)).tobytes()
    kind = (image.GetPixelIDTypeAsString(), image.GetNumberOfComponentsPerPixel())
    space = (image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    return hashlib.md5(raw).hexdigest(), [*kind, *space]
