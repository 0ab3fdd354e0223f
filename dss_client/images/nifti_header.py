"""Headers of NIfTI-1 files: the layout of the voxels, and the fields that can hold private text.

The layout follows the NIfTI-1.1 data format (nifti1.h) for single files, with the magic `n+1`.
"""

from __future__ import annotations

import math
import struct
from typing import Self

from attrs import frozen

MIN_VOX_OFFSET = 352
"""The number of bytes before the voxels in a file without extensions."""

_SIZEOF_HDR = 348
_MAGIC = slice(344, 348)
_VOX_OFFSET = 108
"""The byte offset of the field `vox_offset`."""
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
"""The usual values of unused fields: zeros, or the values that Analyze writes."""
_DATATYPES: dict[int, tuple[int, int]] = {
    # datatype: bytes per number, and interleaved numbers per voxel
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
"""Intents with components on the fifth axis: symmetric matrices, displacements, vectors."""
_DISPLACEMENT_INTENT = 1006
"""The intent of displacement vectors. ITK converts them from RAS to LPS when it reads them."""
_REAL_DATATYPES = {16, 64}
"""The datatypes of displacement vectors that ITK converts."""
_COLOUR_DATATYPES = {128, 2304}


@frozen
class NiftiHeader:
    """The header of a NIfTI-1 file.

    Attributes:
        raw: the bytes before the voxels, without extensions.
        is_big_endian: whether numbers are big-endian.
        number_size: the number of bytes per number.
        element_size: the number of adjacent bytes of one voxel.
        planes: the number of elements per voxel. The file stores one image for each element.
        is_plain: whether readers use the voxels unchanged. Otherwise they scale or rotate them.
        voxels_offset: the position of the first voxel in bytes.
        voxels_size: the number of bytes of all voxels.
        grid: the number of voxels along x, y and z.
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
        """Parse the header of a file.

        Args:
            start: the first `MIN_VOX_OFFSET` bytes of the file or more, or all of a shorter file.

        Returns:
            The header, or `None` if the file is not NIfTI-1 or has an unusual voxel type.
        """
        if len(start) < _SIZEOF_HDR or start[_MAGIC] != b"n+1\0":
            return None
        start = start.ljust(MIN_VOX_OFFSET, b"\0")  # a file that ends too early is refused later
        order = "<" if start[:4] == _SIZEOF_HDR.to_bytes(4, "little") else ">"
        size, *dim = struct.unpack_from(f"{order}i36x8h", start)
        intent, datatype = struct.unpack_from(f"{order}2h", start, 68)
        offset, slope, intercept = struct.unpack_from(f"{order}3f", start, _VOX_OFFSET)
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
        # ITK adds the intercept even if a slope of 0 means "do not scale".
        is_scaled = slope not in (0, 1) or intercept != 0
        is_turned = intent == _DISPLACEMENT_INTENT and planes > 1 and datatype in _REAL_DATATYPES
        # ITK corrupts memory when it scales voxels with several components.
        is_scaled = is_scaled and planes == 1 and datatype not in _COLOUR_DATATYPES
        number_size, count = _DATATYPES[datatype]
        return cls(
            raw=start[:MIN_VOX_OFFSET],
            is_big_endian=order == ">",
            number_size=number_size,
            element_size=number_size * count,
            planes=planes,
            is_plain=not (is_turned or is_scaled),
            voxels_offset=int(offset),
            voxels_size=math.prod(used) * number_size * count,
            grid=(*used, 1, 1)[:3],
        )

    @classmethod
    def parse_pair(cls, start: bytes) -> Self | None:
        """Parse the header file (`.hdr`) of a NIfTI or Analyze pair, as if the voxels followed.

        NIfTI-1 and Analyze share these fields.
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
        """The minimum number of bytes of the file."""
        return self.voxels_offset + self.voxels_size

    @property
    def removable_parts(self) -> tuple[str, ...]:
        """Names of the fields and extensions that can hold private content."""
        parts = [name for name, place in _TEXT_FIELDS.items() if self.raw[place].strip(b"\0 ")]
        if not {self.raw[place] for place in _UNUSED_FIELDS} <= _HARMLESS_VALUES:
            parts.append("unused numbers")
        if any(self.raw[_SIZEOF_HDR:]) or self.voxels_offset > MIN_VOX_OFFSET:
            parts.append("extensions")
        return tuple(parts)

    def get_clean_bytes(self) -> bytes:
        """Return the bytes before the voxels: texts are zeros, and extensions are removed."""
        raw = bytearray(self.raw)
        for place in (*_TEXT_FIELDS.values(), *_UNUSED_FIELDS, slice(_SIZEOF_HDR, MIN_VOX_OFFSET)):
            raw[place] = bytes(len(raw[place]))
        struct.pack_into(f"{'>' if self.is_big_endian else '<'}f", raw, _VOX_OFFSET, MIN_VOX_OFFSET)
        return bytes(raw)
