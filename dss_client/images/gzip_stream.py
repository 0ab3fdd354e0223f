"""Reading and writing gzip files as streams, as fast as what is installed allows.

That is isal, of the `images` extra, several times faster than Python's own zlib, or else zlib.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol, cast

try:
    from isal import isal_zlib as fast
except ImportError:
    fast = None  # type: ignore[assignment]  # there is no other name for a module or none

MAGIC = b"\x1f\x8b"
NEUTRAL_HEADER = MAGIC + b"\x08\x00" + bytes(4) + b"\x00\xff"
"""The header of a gzip file that names no file, no time and no system (RFC 1952)."""
BLOCK = 64 * 1024
"""How much of a compressed file is read at a time, in bytes."""
PIECE = 1024 * 1024
"""How much is decompressed or compressed at a time at most, in bytes."""

_WITH_CHECK = 31
"""The window that makes zlib read and write gzip, and check what it read."""
_CHECKSUM, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16


class Damaged(Exception):
    """A gzip file is damaged or ends too early."""


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class _Deflater(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


_ERRORS: tuple[type[Exception], ...] = (zlib.error,)
if fast is not None:
    _ERRORS += (cast("type[Exception]", fast.error),)  # its stub has an instance


def _inflater() -> _Inflater:
    if fast is None:
        return zlib.decompressobj(_WITH_CHECK)
    return fast.decompressobj(_WITH_CHECK)


def _deflater() -> _Deflater:
    if fast is None:
        return zlib.compressobj(wbits=_WITH_CHECK)
    return fast.compressobj(wbits=_WITH_CHECK)


def header_length(file: BinaryIO) -> int:
    """How long the header of a gzip file is, in bytes; 0 if it is none.

    Args:
        file: stands at its beginning afterwards.
    """
    file.seek(0)
    try:
        return _header_length(file)
    finally:
        file.seek(0)


def _header_length(file: BinaryIO) -> int:
    start = file.read(len(NEUTRAL_HEADER))
    if len(start) < len(NEUTRAL_HEADER) or not start.startswith(MAGIC):
        return 0
    flags = start[3]
    if flags & _EXTRA:
        file.seek(int.from_bytes(file.read(2), "little"), 1)
    for _ in range(bool(flags & _NAME) + bool(flags & _COMMENT)):
        while file.read(1) not in (b"\0", b""):
            pass
    if flags & _CHECKSUM:
        file.seek(2, 1)
    return file.tell()


class Inflated:
    """What is in a gzip file, in pieces of bounded size.

    Attributes:
        size: how many bytes the pieces had so far.
        single: after all pieces, whether the file is a single member with nothing behind it.
    """

    def __init__(
        self, file: BinaryIO, read: Callable[[bytes], object] = lambda block: None
    ) -> None:
        """Inflate a file that stands at its beginning.

        Args:
            read: what is given each block of the file, as it is, once it was inflated.
        """
        self.size = 0
        self.single = True
        self._file = file
        self._read = read

    def __iter__(self) -> Iterator[bytes]:
        """All pieces.

        Raises:
            Damaged: the file is damaged or ends too early.
        """
        member = _inflater()
        while block := self._file.read(BLOCK):
            rest = block
            while rest:
                if member.eof:
                    self.single = False
                    if len(rest) < len(MAGIC):
                        rest += self._file.read(BLOCK)
                    if not rest.startswith(MAGIC):
                        return  # padding, or whatever follows; gunzip leaves it alone too
                    member = _inflater()
                for piece in _inflate(member, rest):
                    self.size += len(piece)
                    yield piece
                rest = member.unused_data
            self._read(block)
        if not member.eof:
            raise Damaged("its compressed data breaks off")


def _inflate(member: _Inflater, data: bytes) -> Iterator[bytes]:
    while True:
        try:
            piece = member.decompress(data, PIECE)
        except _ERRORS as error:
            raise Damaged(str(error)) from error
        yield piece
        data = member.unconsumed_tail
        if member.eof or (not data and len(piece) < PIECE):
            return


def deflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A gzip file with what is in pieces; the same bytes whenever the pieces are the same."""
    member = _deflater()
    for piece in pieces:
        yield member.compress(piece)
    yield member.flush()
