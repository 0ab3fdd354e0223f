"""A picture as bytes."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from dss_client.atomic_write import whole_file


class Png(bytes):
    """A picture in the PNG format, which notebooks show."""

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file.

        Args:
            path: the file, whose name ends in `.png`; its folder must be there.

        Returns:
            The path.

        Raises:
            ValueError: the name has another ending, by which nothing would open it.
            FileNotWritten: it could not be written; a file that was there is as it was.
        """
        file = Path(path)
        if file.suffix.lower() != ".png":
            raise ValueError(f"The picture is a PNG, so its name must end in .png, not {file.name}")
        with whole_file(file) as write:
            write(self)
        return file

    def __repr__(self) -> str:
        """Its size, not its hundreds of thousands of characters."""
        width, height = (int.from_bytes(self[start : start + 4]) for start in (16, 20))
        return f"<Png {width} x {height}, {len(self) / 1000:.0f} kB>"

    __str__ = __repr__

    def _repr_png_(self) -> bytes:
        return self
