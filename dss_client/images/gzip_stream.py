"""Reading and writing gzip files as streams, as fast as what is installed allows.

That is isal, of the `images` extra, several times faster than Python's own zlib, or else zlib.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol, cast

try:
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment]  # there is no other name for a module or none

MAGIC = b"\x1f\x8b"
NEUTRAL_HEADER = MAGIC + b"\x08\x00" + bytes(4) + b"\x00\xff"
"""The header of a gzip file that names no file, no time and no system (RFC 1952)."""
READ_SIZE = 64 * 1024
"""How much of a compressed file is read at a time, in bytes."""
CHUNK_SIZE = 1024 * 1024
"""How much is decompressed or compressed at a time at most, in bytes."""

_GZIP_WBITS = 31
"""The window that makes zlib read and write gzip, and check what it read."""
_FHCRC, _FEXTRA, _FNAME, _FCOMMENT = 2, 4, 8, 16


class DamagedFile(Exception):
    """A gzip file is damaged or ends too early."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


_ZLIB_ERRORS: tuple[type[Exception], ...] = (zlib.error,)
if isal_zlib is not None:
    _ZLIB_ERRORS += (cast("type[Exception]", isal_zlib.error),)  # its stub has an instance


def _create_decompressor() -> _Decompressor:
    if isal_zlib is None:
        return zlib.decompressobj(_GZIP_WBITS)
    return isal_zlib.decompressobj(_GZIP_WBITS)


def _create_compressor() -> _Compressor:
    if isal_zlib is None:
        return zlib.compressobj(wbits=_GZIP_WBITS)
    return isal_zlib.compressobj(wbits=_GZIP_WBITS)


def read_header_length(file: BinaryIO) -> int:
    """How long the header of a gzip file is, in bytes; 0 if it is none.

    Args:
        file: stands at its beginning afterwards.
    """
    file.seek(0)
    try:
        return _skip_header(file)
    finally:
        file.seek(0)


def _skip_header(file: BinaryIO) -> int:
    start = file.read(len(NEUTRAL_HEADER))
    if len(start) < len(NEUTRAL_HEADER) or not start.startswith(MAGIC):
        return 0
    flags = start[3]
    if flags & _FEXTRA:
        file.seek(int.from_bytes(file.read(2), "little"), 1)
    for _ in range(bool(flags & _FNAME) + bool(flags & _FCOMMENT)):
        while file.read(1) not in (b"\0", b""):
            pass
    if flags & _FHCRC:
        file.seek(2, 1)
    return file.tell()


class GzipReader:
    """What is in a gzip file, in pieces of bounded size.

    Attributes:
        size: how many bytes the pieces had so far.
        single: after all pieces, whether the file is a single member with nothing behind it.
    """

    def __init__(
        self, file: BinaryIO, on_read: Callable[[bytes], object] = lambda block: None
    ) -> None:
        """Inflate a file that stands at its beginning.

        Args:
            read: what is given each block of the file, as it is, once it was inflated.
        """
        self.size = 0
        self.is_single_member = True
        self._file = file
        self._on_read = on_read

    def __iter__(self) -> Iterator[bytes]:
        """All pieces.

        Raises:
            Damaged: the file is damaged or ends too early.
        """
        member = _create_decompressor()
        while block := self._file.read(READ_SIZE):
            rest = block
            while rest:
                if member.eof:
                    self.is_single_member = False
                    if len(rest) < len(MAGIC):
                        rest += self._file.read(READ_SIZE)
                    if not rest.startswith(MAGIC):
                        return  # padding, or whatever follows; gunzip leaves it alone too
                    member = _create_decompressor()
                for piece in _decompress(member, rest):
                    self.size += len(piece)
                    yield piece
                rest = member.unused_data
            self._on_read(block)
        if not member.eof:
            raise DamagedFile("its compressed data breaks off")


def _decompress(member: _Decompressor, data: bytes) -> Iterator[bytes]:
    while True:
        try:
            piece = member.decompress(data, CHUNK_SIZE)
        except _ZLIB_ERRORS as error:
            raise DamagedFile(str(error)) from error
        yield piece
        data = member.unconsumed_tail
        if member.eof or (not data and len(piece) < CHUNK_SIZE):
            return


def compress_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A gzip file with what is in pieces; the same bytes whenever the pieces are the same."""
    member = _create_compressor()
    for piece in chunks:
        yield member.compress(piece)
    yield member.flush()
