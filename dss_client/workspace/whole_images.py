"""Whether a file holds all of its image.

SimpleITK reads NIfTI files that are damaged, or end too early, as if zeros stood there.
"""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path

from dss_client.export.gzip_files import MAGIC, Damaged, Inflated
from dss_client.workspace.errors import ImageUnreadable

_HEADER = 352
"""How many bytes of a file say how many there must be."""


def check_whole(path: Path) -> None:
    """Check that a file is whole: all of it if it is compressed, else how long it is.

    Raises:
        ImageUnreadable: it is damaged, or ends too early.
        OSError: it cannot be read at all.
    """
    with path.open("rb") as stream:
        header, size = stream.read(_HEADER), os.fstat(stream.fileno()).st_size
        if header.startswith(MAGIC):
            stream.seek(0)
            header, pieces = b"", Inflated(stream)
            try:
                for piece in pieces:
                    header = header if len(header) >= _HEADER else header + piece
            except Damaged as cause:
                raise ImageUnreadable(f"{path} is damaged: {cause}. Get it anew.") from cause
            size = pieces.size
    if size < (needed := _needed(header)):
        raise ImageUnreadable(
            f"{path} ends too early: it has {size} bytes, its image {needed}. Get it anew."
        )


def _needed(header: bytes) -> int:
    """How many bytes a NIfTI-1 file has, at least; 0 if it is none that holds its voxels itself."""
    if len(header) < _HEADER or header[344:348] != b"n+1\0":
        return 0
    order = "<" if header[:4] == (348).to_bytes(4, "little") else ">"
    count, *sizes = struct.unpack_from(f"{order}8h", header, 40)
    (bits,) = struct.unpack_from(f"{order}h", header, 72)
    (begin,) = struct.unpack_from(f"{order}f", header, 108)
    voxels = math.prod(sizes[: max(0, count)])
    return int(begin) + voxels * bits // 8 if math.isfinite(begin) and voxels > 0 else 0
