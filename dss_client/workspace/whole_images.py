"""Whether a file holds all of its image.

SimpleITK reads NIfTI files that are damaged, or end too early, as if zeros stood there.
"""

from __future__ import annotations

import os
from pathlib import Path

from dss_client.workspace.errors import ImageUnreadable
from dss_client.workspace.gzip_files import MAGIC, Damaged, Inflated
from dss_client.workspace.nifti import START, NiftiHeader


def check_whole(path: Path) -> None:
    """Check that a file is whole: all of it if it is compressed, else how long it is.

    Raises:
        ImageUnreadable: it is damaged, or ends too early.
        OSError: it cannot be read at all.
    """
    with path.open("rb") as stream:
        start, size = stream.read(START), os.fstat(stream.fileno()).st_size
        if start.startswith(MAGIC):
            stream.seek(0)
            start, pieces = b"", Inflated(stream)
            try:
                for piece in pieces:
                    start = start if len(start) >= START else start + piece
            except Damaged as cause:
                raise ImageUnreadable(f"{path} is damaged: {cause}. Get it anew.") from cause
            size = pieces.size
    header = NiftiHeader.parse(start)
    if header is not None and size < header.size:
        raise ImageUnreadable(
            f"{path} ends too early: it has {size} bytes, its image {header.size}. Get it anew."
        )
