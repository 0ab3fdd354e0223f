"""The header of a NIfTI-1 file: what the voxels are, and where text may stand that tells too much.

The layout is that of the NIfTI-1.1 data format, of files with the magic `n+1`.
"""

from __future__ import annotations

import math
import struct
from typing import Self

from attrs import frozen

MIN_VOX_OFFSET = 352
"""How many bytes stand before the voxels where there are no extensions."""

_SIZEOF_HDR = 348
_MAGIC = slice(344, 348)
_VOX_OFFSET = 108
_TEXT_FIELDS = {
    "data_type": slice(4, 14),
    "db_name": slice(14, 32),
    "descrip": slice(148, 228),
    "aux_file": slice(228, 252),
    "intent_name": slice(328, 344),
}
_UNUSED_FIELDS = (slice(32, 39), slice(140, 148))
"""Numbers that NIfTI-1 does not use: extents, session_error, regular, glmax and glmin."""
_HARMLESS_VALUES = {bytes(7), bytes(6) + b"r", b"\0\x40\0\0\0\0r", b"\0\0\x40\0\0\0r", bytes(8)}
"""What stands there in most files: nothing, or what Analyze wrote."""
_DATATYPES: dict[int, tuple[int, int]] = {
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
_VECTOR_INTENTS = {1005, 1006, 1007}
"""Intents by which a fifth axis holds components: symmetric matrices, displacements, vectors."""
_DISPLACEMENT_INTENT = 1006
"""The intent of vectors that ITK turns from RAS to LPS, so that its voxels are others."""
_REAL_DATATYPES = {16, 64}
"""The types of which it does so."""
_COLOUR_DATATYPES = {128, 2304}


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
    is_big_endian: bool
    number_size: int
    element_size: int
    planes: int
    is_plain: bool
    voxels_offset: int
    voxels_size: int
    grid: tuple[int, ...]

    @classmethod
    def parse(cls, start: bytes) -> Self | None:
        """The header of a file that begins so; `None` if it is none, or of voxels of a rare type.

        Args:
            start: at least `START` bytes of the file, or all of it.
        """
        if len(start) < _SIZEOF_HDR or start[_MAGIC] != b"n+1\0":
            return None
        start = start.ljust(
            MIN_VOX_OFFSET, b"\0"
        )  # of one that ends too early, which is told later
        order = "<" if start[:4] == _SIZEOF_HDR.to_bytes(4, "little") else ">"
        size, *dim = struct.unpack_from(f"{order}i36x8h", start)
        intent, datatype = struct.unpack_from(f"{order}2h", start, 68)
        offset, slope, shift = struct.unpack_from(f"{order}3f", start, _VOX_OFFSET)
        used = dim[1 : dim[0] + 1]
        is_known = (
            size == _SIZEOF_HDR
            and 2 <= dim[0] <= 5
            and min(used) > 0
            and datatype in _DATATYPES
            and offset >= MIN_VOX_OFFSET
            and offset.is_integer()
        )
        if not is_known:
            return None
        planes = used[4] if len(used) == 5 and intent in _VECTOR_INTENTS else 1
        # ITK adds the shift even where a slope of 0 says not to scale.
        is_scaled = slope not in (0, 1) or shift != 0
        is_turned = intent == _DISPLACEMENT_INTENT and planes > 1 and datatype in _REAL_DATATYPES
        # ITK spoils the memory of this process if it has to scale numbers of several components.
        is_scaled = is_scaled and planes == 1 and datatype not in _COLOUR_DATATYPES
        number, together = _DATATYPES[datatype]
        return cls(
            raw=start[:MIN_VOX_OFFSET],
            is_big_endian=order == ">",
            number_size=number,
            element_size=number * together,
            planes=planes,
            is_plain=not (is_turned or is_scaled),
            voxels_offset=int(offset),
            voxels_size=math.prod(used) * number * together,
            grid=(*used, 1, 1)[:3],
        )

    @classmethod
    def parse_pair(cls, start: bytes) -> Self | None:
        """The header of a file (`.hdr`) whose voxels stand in another, as if they stood behind it.

        Of Analyze files too, which NIfTI-1 has these fields from.
        """
        if len(start) < _SIZEOF_HDR:
            return None
        order = "<" if start[:4] == _SIZEOF_HDR.to_bytes(4, "little") else ">"
        raw = bytearray(start)
        raw[_MAGIC] = b"n+1\0"
        (offset,) = struct.unpack_from(f"{order}f", raw, _VOX_OFFSET)
        struct.pack_into(f"{order}f", raw, _VOX_OFFSET, MIN_VOX_OFFSET + offset)
        return cls.parse(bytes(raw))

    @property
    def file_size(self) -> int:
        """How many bytes the whole file has, at least."""
        return self.voxels_offset + self.voxels_size

    @property
    def removable_parts(self) -> tuple[str, ...]:
        """Where the file says more than what its voxels are: free fields, and extensions."""
        found = [name for name, place in _TEXT_FIELDS.items() if self.raw[place].strip(b"\0 ")]
        if not {self.raw[place] for place in _UNUSED_FIELDS} <= _HARMLESS_VALUES:
            found.append("unused numbers")
        if any(self.raw[_SIZEOF_HDR:]) or self.voxels_offset > MIN_VOX_OFFSET:
            found.append("extensions")
        return tuple(found)

    def get_clean_bytes(self) -> bytes:
        """What may stand before the voxels instead: the same, without any text or extension."""
        raw = bytearray(self.raw)
        for place in (*_TEXT_FIELDS.values(), *_UNUSED_FIELDS, slice(_SIZEOF_HDR, MIN_VOX_OFFSET)):
            raw[place] = bytes(len(raw[place]))
        struct.pack_into(f"{'>' if self.is_big_endian else '<'}f", raw, _VOX_OFFSET, MIN_VOX_OFFSET)
        return bytes(raw)
