"""A picture as bytes."""

from __future__ import annotations

from os import PathLike
from pathlib import Path


class Png(bytes):
    """A picture in the PNG format, which notebooks show."""

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file.

        Args:
            path: the file; its folder must be there.

        Returns:
            The path.
        """
        file = Path(path)
        file.write_bytes(self)
        return file

    def _repr_png_(self) -> bytes:
        return self
