"""A picture as bytes."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from dss_client.atomic_write import open_atomically


class Png(bytes):
    """A picture in PNG format. Notebooks display it."""

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file.

        Args:
            path: the file name must end in `.png`, and the folder must exist.

        Returns:
            The path.

        Raises:
            ValueError: the file name does not end in `.png`.
            FileNotWritten: the file could not be written. An older file stays as it was.
        """
        file = Path(path)
        if file.suffix.lower() != ".png":
            raise ValueError(
                f"The picture is a PNG. Its file name must end in .png, not {file.name}"
            )
        with open_atomically(file) as write:
            write(self)
        return file

    def __repr__(self) -> str:
        """Show the size of the picture instead of its bytes."""
        width, height = (int.from_bytes(self[start : start + 4]) for start in (16, 20))
        return f"<Png {width} x {height}, {len(self) / 1000:.0f} kB>"

    __str__ = __repr__

    def _repr_png_(self) -> bytes:
        return self
