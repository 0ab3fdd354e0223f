"""How long image files are by what their headers say, of formats whose readers do not look.

They are GIPL, as ITK-SNAP writes it, and the images among legacy VTK files.
"""

from __future__ import annotations

import math
import re
import struct

MAX_HEADER_SIZE = 4096
"""How much of a file is enough to find its header, in bytes."""

_GIPL_HEADER_SIZE = 256
_GIPL_VOXEL_SIZES = {1: 1, 7: 1, 8: 1, 15: 2, 16: 2, 31: 4, 32: 4, 64: 4, 65: 8}
"""How many bytes a voxel has, by what stands for its type in the header."""
_VTK_DIMENSIONS = re.compile(rb"^DIMENSIONS\s+(\d+)\s+(\d+)\s+(\d+)\s*$", re.MULTILINE)
_VTK_VOXELS = re.compile(
    rb"^BINARY\s.*?^(?:"
    rb"SCALARS\s+\S+\s+(?P<scalar>\w+)(?:[ \t]+(?P<count>\d+))?\s+LOOKUP_TABLE\s+\S+"
    rb"|VECTORS\s+\S+\s+(?P<vector>\w+)"
    rb"|TENSORS\s+\S+\s+(?P<tensor>\w+)"
    rb"|COLOR_SCALARS\s+\S+\s+(?P<colours>\d+)"
    rb")[ \t]*\r?\n",
    re.MULTILINE | re.DOTALL,
)
_VTK_NUMBER_SIZES = {b"char": 1, b"short": 2, b"int": 4, b"float": 4, b"double": 8, b"long": 8}


def compute_gipl_size(start: bytes) -> int | None:
    """How many bytes a GIPL file has, at least; `None` if its header does not say it."""
    if len(start) < _GIPL_HEADER_SIZE:
        return None
    size: list[int]
    *size, kind = struct.unpack_from(">5H", start)
    if kind not in _GIPL_VOXEL_SIZES:
        return None
    return _GIPL_HEADER_SIZE + math.prod(max(1, each) for each in size) * _GIPL_VOXEL_SIZES[kind]


def compute_vtk_size(start: bytes) -> int | None:
    """How many bytes a binary VTK file with an image has, at least; `None` if it does not say."""
    dimensions, voxels = _VTK_DIMENSIONS.search(start), _VTK_VOXELS.search(start)
    if dimensions is None or voxels is None:
        return None
    count = math.prod(map(int, dimensions.groups()))
    if voxels["colours"]:
        return voxels.end() + count * int(voxels["colours"])
    name = voxels["scalar"] or voxels["vector"] or voxels["tensor"]
    number = _VTK_NUMBER_SIZES.get(name.removeprefix(b"unsigned_"))
    if number is None:
        return None
    numbers = int(voxels["count"] or 1) if voxels["scalar"] else 3 if voxels["vector"] else 9
    return voxels.end() + count * number * numbers
