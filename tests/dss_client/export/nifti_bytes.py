"""NIfTI-1 and gzip files, written byte by byte, with arbitrary content in all fields."""

from __future__ import annotations

import math
import struct
import zlib

MIN_VOX_OFFSET = 352
"""The position of the voxels in a file without extensions."""
VOXEL_SIZES = {
    **{2: 1, 256: 1, 4: 2, 512: 2, 8: 4, 768: 4, 16: 4, 64: 8, 1024: 8, 1280: 8},
    **{32: 8, 1792: 16, 128: 3, 2304: 4},
}
"""Bytes per voxel, by datatype."""
TEXT_FIELDS = {
    "data_type": (4, 10),
    "db_name": (14, 18),
    "descrip": (148, 80),
    "aux_file": (228, 24),
    "intent_name": (328, 16),
}
"""Position and maximum length of the texts in a header."""


def create_voxels(shape: tuple[int, ...], datatype: int) -> bytes:
    """Create the voxels of an image. Their bytes are valid numbers of any type."""
    return bytes(number * 7 % 61 for number in range(math.prod(shape) * VOXEL_SIZES[datatype]))


def create_header(
    shape: tuple[int, ...],
    datatype: int = 4,
    *,
    order: str = "<",
    intent: int = 0,
    start: int = MIN_VOX_OFFSET,
    slope: float = 0,
    intercept: float = 0,
    spacing: tuple[float, ...] = (0.5, 0.75, 2),
    texts: dict[str, bytes] | None = None,
) -> bytes:
    """Create the bytes of a file before its extensions.

    The qform rotates the image by 90 degrees about the third axis.

    Args:
        texts: the content of the fields in `TEXT_FIELDS`.
    """
    raw = bytearray(MIN_VOX_OFFSET)
    struct.pack_into(f"{order}i", raw, 0, 348)
    raw[38:39] = b"r"
    dimensions = (len(shape), *shape, *(1,) * (7 - len(shape)))
    struct.pack_into(f"{order}8h", raw, 40, *dimensions)
    component = VOXEL_SIZES[datatype] * 8
    struct.pack_into(f"{order}3h", raw, 68, intent, datatype, component)
    widths = (*spacing, *(1,) * (7 - len(spacing)))
    struct.pack_into(f"{order}8f", raw, 76, 1, *widths)
    struct.pack_into(f"{order}3f", raw, 108, start, slope, intercept)
    raw[123] = 2 | 8  # mm and s
    struct.pack_into(f"{order}2h", raw, 252, 1, 0)
    struct.pack_into(f"{order}6f", raw, 256, 0, 0, math.sqrt(0.5), -10, 20.5, 30)
    raw[344:348] = b"n+1\0"
    for name, text in (texts or {}).items():
        at, length = TEXT_FIELDS[name]
        raw[at : at + length] = text[:length].ljust(length, b"\0")
    return bytes(raw)


def create_extension(text: bytes, *, order: str = "<") -> bytes:
    """Create the bytes between header and voxels, with a comment (code 6) as extension."""
    size = (len(text) + 8 + 15) // 16 * 16
    return b"\1\0\0\0" + struct.pack(f"{order}2i", size, 6) + text.ljust(size - 8, b"\0")


def gzip_bytes(
    data: bytes,
    *,
    name: bytes | None = None,
    comment: bytes | None = None,
    extra: bytes | None = None,
    check: bool = False,
    level: int = 6,
) -> bytes:
    """Create a member of a gzip file, with any header fields of RFC 1952."""
    flags = 2 * check + 4 * (extra is not None) + 8 * (name is not None)
    flags += 16 * (comment is not None)
    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\x12\x34\x56\x65" + b"\x02\x03"
    if extra is not None:
        head += struct.pack("<H", len(extra)) + extra
    head += b"".join(text + b"\0" for text in (name, comment) if text is not None)
    if check:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + deflate_stream(data, level) + struct.pack("<2I", zlib.crc32(data), len(data))


def deflate_stream(data: bytes, level: int = 6) -> bytes:
    """Return the bytes between the header and the checksum of a gzip file."""
    deflater = zlib.compressobj(level, wbits=-15)
    return deflater.compress(data) + deflater.flush()
