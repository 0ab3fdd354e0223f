"""The header of a NIfTI-1 file: what the voxels are, and where text may stand that tells too much.

The layout is that of the NIfTI-1.1 data format, of files with the magic `n+1`.
"""

from __future__ import annotations

import math
import struct
from typing import Self

from attrs import frozen

START = 352
"""How many bytes stand before the voxels where there are no extensions."""

_SIZE = 348
_MAGIC = slice(344, 348)
_OFFSET = 108
_FREE_TEXT = {
    "data_type": slice(4, 14),
    "db_name": slice(14, 32),
    "descrip": slice(148, 228),
    "aux_file": slice(228, 252),
    "intent_name": slice(328, 344),
}
_UNUSED = (slice(32, 39), slice(140, 148))
"""Numbers that NIfTI-1 does not use: extents, session_error, regular, glmax and glmin."""
_USUAL = {bytes(7), bytes(6) + b"r", b"\0\x40\0\0\0\0r", b"\0\0\x40\0\0\0r", bytes(8)}
"""What stands there in most files: nothing, or what Analyze wrote."""
_TYPES: dict[int, tuple[int, int]] = {
    # datatype: size of a number in bytes, and how many of them, one after the other, are a voxel
    2: (1, 1),
    256: (1, 1),
    4: (2, 1),
    512: (2, 1),
    8: (4, 1),
    768: (4, 1),
    16: (4, 1),
    1024: (8, 1),
    1280: (8, 1),
    64: (8, 1),
    32: (4, 2),
    1792: (8, 2),
    128: (1, 3),
    2304: (1, 4),
}
_OF_VECTORS = {1005, 1006, 1007}
"""Intents by which a fifth axis holds components: symmetric matrices, displacements, vectors."""
_DISPLACEMENTS = 1006
"""The intent of vectors that ITK turns from RAS to LPS, so that its voxels are others."""
_REAL = {16, 64}
"""The types of which it does so."""
_COLOURS = {128, 2304}


@frozen
class NiftiHeader:
    """The first bytes of a NIfTI-1 file, and what they mean.

    Attributes:
        raw: the bytes before the voxels, without extensions.
        big_endian: the order of the bytes of each number.
        number_size: how many bytes a number has.
        element_size: how many bytes of a voxel stand together.
        planes: how many such elements a voxel has, each standing in an image of its own.
        is_plain: whether readers take the voxels as they stand; else they scale them, or turn them
            in space.
        voxels_at: where the voxels begin.
        voxels_size: how many bytes they have.
        grid: how many voxels there are along x, y and z.
    """

    raw: bytes
    big_endian: bool
    number_size: int
    element_size: int
    planes: int
    is_plain: bool
    voxels_at: int
    voxels_size: int
    grid: tuple[int, ...]

    @classmethod
    def parse(cls, start: bytes) -> Self | None:
        """The header of a file that begins so; `None` if it is none, or of voxels of a rare type.

        Args:
            start: at least `START` bytes of the file, or all of it.
        """
        if len(start) < _SIZE or start[_MAGIC] != b"n+1\0":
            return None
        start = start.ljust(START, b"\0")  # of one that ends too early, which is told later
        order = "<" if start[:4] == _SIZE.to_bytes(4, "little") else ">"
        size, *dim = struct.unpack_from(f"{order}i36x8h", start)
        intent, datatype = struct.unpack_from(f"{order}2h", start, 68)
        offset, slope, shift = struct.unpack_from(f"{order}3f", start, _OFFSET)
        used = dim[1 : dim[0] + 1]
        is_known = (
            size == _SIZE
            and 2 <= dim[0] <= 5
            and min(used) > 0
            and datatype in _TYPES
            and offset >= START
            and offset.is_integer()
        )
        if not is_known:
            return None
        planes = used[4] if len(used) == 5 and intent in _OF_VECTORS else 1
        # ITK adds the shift even where a slope of 0 says not to scale.
        is_scaled = slope not in (0, 1) or shift != 0
        is_turned = intent == _DISPLACEMENTS and planes > 1 and datatype in _REAL
        # ITK spoils the memory of this process if it has to scale numbers of several components.
        is_scaled = is_scaled and planes == 1 and datatype not in _COLOURS
        number, together = _TYPES[datatype]
        return cls(
            raw=start[:START],
            big_endian=order == ">",
            number_size=number,
            element_size=number * together,
            planes=planes,
            is_plain=not (is_turned or is_scaled),
            voxels_at=int(offset),
            voxels_size=math.prod(used) * number * together,
            grid=(*used, 1, 1)[:3],
        )

    @classmethod
    def parse_pair(cls, start: bytes) -> Self | None:
        """The header of a file (`.hdr`) whose voxels stand in another, as if they stood behind it.

        Of Analyze files too, which NIfTI-1 has these fields from.
        """
        if len(start) < _SIZE:
            return None
        order = "<" if start[:4] == _SIZE.to_bytes(4, "little") else ">"
        raw = bytearray(start)
        raw[_MAGIC] = b"n+1\0"
        (offset,) = struct.unpack_from(f"{order}f", raw, _OFFSET)
        struct.pack_into(f"{order}f", raw, _OFFSET, START + offset)
        return cls.parse(bytes(raw))

    @property
    def size(self) -> int:
        """How many bytes the whole file has, at least."""
        return self.voxels_at + self.voxels_size

    @property
    def texts(self) -> tuple[str, ...]:
        """Where the file says more than what its voxels are: free fields, and extensions."""
        found = [name for name, place in _FREE_TEXT.items() if self.raw[place].strip(b"\0 ")]
        if not {self.raw[place] for place in _UNUSED} <= _USUAL:
            found.append("unused numbers")
        if any(self.raw[_SIZE:]) or self.voxels_at > START:
            found.append("extensions")
        return tuple(found)

    def cleaned(self) -> bytes:
        """What may stand before the voxels instead: the same, without any text or extension."""
        raw = bytearray(self.raw)
        for place in (*_FREE_TEXT.values(), *_UNUSED, slice(_SIZE, START)):
            raw[place] = bytes(len(raw[place]))
        struct.pack_into(f"{'>' if self.big_endian else '<'}f", raw, _OFFSET, START)
        return bytes(raw)
