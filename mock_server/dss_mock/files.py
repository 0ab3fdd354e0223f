"""The folder in which the bytes of uploads lie."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

import attrs


@attrs.frozen
class StoredFile:
    """A file that a ticket holds.

    Attributes:
        name: as it is listed.
        path: where its bytes lie; no other file lies there, now or later.
        size: the number of bytes.
    """

    name: str
    path: Path
    size: int

    def read_bytes(self) -> bytes:
        """What is in it.

        Raises:
            FileNotFoundError: it was erased or overwritten.
        """
        return self.path.read_bytes()


class Folder:
    """A temporary folder; removed with all that is in it when it is closed."""

    def __init__(self) -> None:
        self._home = TemporaryDirectory(prefix="dss_mock_")
        self._numbers = itertools.count(1)

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self._home.name)

    def new_file(self) -> BinaryIO:
        """A new file, open for writing and reading; its `name` is its path."""
        path = self.path / f"{next(self._numbers):08d}"
        return cast(BinaryIO, path.open("x+b"))

    def new_path(self) -> Path:
        """A path at which nothing is."""
        return self.path / f"{next(self._numbers):08d}"

    def clear(self) -> None:
        """Remove the files."""
        remove(path for path in self.path.iterdir() if path.is_file())

    def close(self) -> None:
        """Remove the folder."""
        self._home.cleanup()


def remove(paths: Iterable[Path]) -> None:
    """Remove files, whether or not they are still there."""
    for path in paths:
        path.unlink(missing_ok=True)
