"""The hash of an image's voxels, by which its exported file is called."""

from __future__ import annotations

import hashlib
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from dss_client.atomic_write import translate_os_errors
from dss_client.images.nifti_header import NiftiHeader

_TYPE_CODES = {2: "H", 4: "I", 8: "Q"}
_INTERLEAVE_SIZE = 1024 * 1024
"""How many bytes of interleaved voxels are made at a time, about."""


class VoxelHash(Protocol):
    """What takes the voxels of a NIfTI file as they stand in it, and hashes them as ITK does.

    That is as little-endian numbers, x fastest, the components of a voxel side by side.
    """

    def update(self, piece: bytes, /) -> None:
        """Take the bytes that come next."""
        ...

    def hexdigest(self) -> str:
        """The hash of all of them."""
        ...


@contextmanager
def open_voxel_hash(header: NiftiHeader, folder: Path) -> Iterator[VoxelHash]:
    """What hashes the voxels of a file with this header.

    Args:
        folder: where voxels are put that must be read in another order than they come.
    """
    if header.planes > 1:
        with tempfile.TemporaryFile(dir=folder) as spool:
            yield _InterleavingHash(header, spool, folder)
    elif header.is_big_endian and header.number_size > 1:
        yield _SwappingHash(header.number_size)
    else:
        yield hashlib.md5(usedforsecurity=False)


class _SwappingHash:
    """Hashes big-endian numbers as little-endian ones."""

    def __init__(self, number_size: int) -> None:
        self._hash = hashlib.md5(usedforsecurity=False)
        self._size = number_size
        self._rest = b""

    def update(self, piece: bytes, /) -> None:
        numbers = self._rest + piece
        whole = len(numbers) // self._size * self._size
        self._rest = numbers[whole:]
        self._hash.update(swap_bytes(numbers[:whole], self._size))

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


class _InterleavingHash:
    """Hashes components that come one image after the other, side by side for each voxel."""

    def __init__(self, header: NiftiHeader, spool: IO[bytes], folder: Path) -> None:
        self._header = header
        self._folder = folder
        self._spool = spool

    def update(self, piece: bytes, /) -> None:
        with translate_os_errors(
            f"The voxels of an image cannot be put in another order in {self._folder}"
        ):
            self._spool.write(piece)

    def hexdigest(self) -> str:
        import numpy as np  # noqa: PLC0415 - most images do not need it

        found = hashlib.md5(usedforsecurity=False)
        header = self._header
        plane = header.voxels_size // header.planes
        step = (
            max(1, _INTERLEAVE_SIZE // (header.planes * header.element_size)) * header.element_size
        )
        for start in range(0, plane, step):
            parts = list[bytes]()
            for number in range(header.planes):
                self._spool.seek(number * plane + start)
                part = self._spool.read(min(step, plane - start))
                parts.append(swap_bytes(part, header.number_size) if header.is_big_endian else part)
            elements = [np.frombuffer(part, dtype=f"V{header.element_size}") for part in parts]
            found.update(np.stack(elements, axis=-1).tobytes())
        return found.hexdigest()


def swap_bytes(numbers: bytes, size: int) -> bytes:
    """Numbers of so many bytes each, with their bytes the other way round."""
    if size == 1:
        return numbers
    turned = array(_TYPE_CODES[size], numbers)
    turned.byteswap()
    return turned.tobytes()
