"""Small NIfTI files, written byte by byte from the definition of the format."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

MM, MICRON = 2, 3
SECOND, MILLISECOND = 8, 16
_TYPES = {"uint8": 2, "int16": 4, "float32": 16}


def write_nifti(
    path: Path,
    array: npt.NDArray[np.generic],
    affine: npt.ArrayLike | None = None,
    *,
    seconds: float = 1.0,
    units: int = MM | SECOND,
) -> Path:
    """Write an array with axes x, y, z and time, and an affine in the units of the file."""
    matrix = np.eye(4) if affine is None else np.asarray(affine, dtype=float)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    dimensions = (array.ndim, *array.shape, *(1,) * (7 - array.ndim))
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, *dimensions)
    struct.pack_into("<hh", header, 70, _TYPES[str(array.dtype)], array.dtype.itemsize * 8)
    struct.pack_into("<8f", header, 76, 1, *spacing, seconds, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    header[123] = units
    struct.pack_into("<hh", header, 252, 0, 1)  # the affine is the sform
    for row in range(3):
        struct.pack_into("<4f", header, 280 + 16 * row, *matrix[row])
    header[344:348] = b"n+1\0"
    data = bytes(header) + array.tobytes(order="F")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
