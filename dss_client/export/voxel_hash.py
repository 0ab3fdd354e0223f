"""Hashes of the voxels of images, which name the exported files."""

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
"""The approximate number of bytes to interleave at a time."""


class VoxelHash(Protocol):
    """A hash of voxels in ITK's order, updated with voxels in the order of a NIfTI file.

    ITK's order is little-endian, with x fastest and the components of a voxel adjacent.
    """

    def update(self, chunk: bytes, /) -> None:
        """Add the next bytes of the file."""
        ...

    def hexdigest(self) -> str:
        """Return the hash of all bytes."""
        ...


@contextmanager
def open_voxel_hash(header: NiftiHeader, folder: Path) -> Iterator[VoxelHash]:
    """Provide the hash for the voxels of a file.

    Args:
        header: the header of the file.
        folder: the folder of a temporary file for voxels that must be reordered.
    """
    if header.planes > 1:
        with tempfile.TemporaryFile(dir=folder) as spool:
            yield _InterleavingHash(header, spool, folder)
    elif header.is_big_endian and header.number_size > 1:
        yield _SwappingHash(header.number_size)
    else:
        yield hashlib.md5(usedforsecurity=False)


class _SwappingHash:
    """A hash that converts big-endian numbers to little-endian."""

    def __init__(self, number_size: int) -> None:
        self._hash = hashlib.md5(usedforsecurity=False)
        self._size = number_size
        self._rest = b""

    def update(self, chunk: bytes, /) -> None:
        numbers = self._rest + chunk
        end = len(numbers) // self._size * self._size
        self._rest = numbers[end:]
        self._hash.update(swap_bytes(numbers[:end], self._size))

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


class _InterleavingHash:
    """A hash that interleaves components, which a NIfTI file stores one image after the other."""

    def __init__(self, header: NiftiHeader, spool: IO[bytes], folder: Path) -> None:
        self._header = header
        self._folder = folder
        self._spool = spool

    def update(self, chunk: bytes, /) -> None:
        with translate_os_errors(f"The voxels of an image cannot be reordered in {self._folder}"):
            self._spool.write(chunk)

    def hexdigest(self) -> str:
        import numpy as np  # noqa: PLC0415 - most images do not need it

        voxel_hash = hashlib.md5(usedforsecurity=False)
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
            voxel_hash.update(np.stack(elements, axis=-1).tobytes())
        return voxel_hash.hexdigest()


def swap_bytes(numbers: bytes, size: int) -> bytes:
    """Reverse the bytes of each number."""
    if size == 1:
        return numbers
    swapped = array(_TYPE_CODES[size], numbers)
    swapped.byteswap()
    return swapped.tobytes()
