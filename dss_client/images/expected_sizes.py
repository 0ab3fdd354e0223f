"""Sizes of GIPL and legacy VTK image files, computed from their headers.

The readers of these formats do not check the size. GIPL is read here as ITK-SNAP writes it.
"""

from __future__ import annotations

import math
import re
import struct

MAX_HEADER_SIZE = 4096
"""The number of bytes to read in order to find the header."""

_GIPL_HEADER_SIZE = 256
_GIPL_VOXEL_SIZES = {1: 1, 7: 1, 8: 1, 15: 2, 16: 2, 31: 4, 32: 4, 64: 4, 65: 8}
"""Bytes per voxel, by the type code in the header."""
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
    """Return the minimum number of bytes of a GIPL file, or `None` if its header is not valid."""
    if len(start) < _GIPL_HEADER_SIZE:
        return None
    size: list[int]
    *size, type_code = struct.unpack_from(">5H", start)
    if type_code not in _GIPL_VOXEL_SIZES:
        return None
    count = math.prod(max(1, length) for length in size)
    return _GIPL_HEADER_SIZE + count * _GIPL_VOXEL_SIZES[type_code]


def compute_vtk_size(start: bytes) -> int | None:
    """Return the minimum number of bytes of a binary VTK image file.

    The result is `None` if the header does not state it.
    """
    dimensions, voxels = _VTK_DIMENSIONS.search(start), _VTK_VOXELS.search(start)
    if dimensions is None or voxels is None:
        return None
    count = math.prod(map(int, dimensions.groups()))
    if voxels["colours"]:
        return voxels.end() + count * int(voxels["colours"])
    name = voxels["scalar"] or voxels["vector"] or voxels["tensor"]
    number_size = _VTK_NUMBER_SIZES.get(name.removeprefix(b"unsigned_"))
    if number_size is None:
        return None
    components = int(voxels["count"] or 1) if voxels["scalar"] else 3 if voxels["vector"] else 9
    return voxels.end() + count * number_size * components
