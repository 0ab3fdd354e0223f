"""Streams of gzip files, read and written with isal if it is installed, otherwise with zlib.

isal is part of the `images` extra. It is several times faster than Python's own zlib.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol, cast

try:
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment]  # a module cannot be declared optional

MAGIC = b"\x1f\x8b"
NEUTRAL_HEADER = MAGIC + b"\x08\x00" + bytes(4) + b"\x00\xff"
"""The header of a gzip file without file name, time and operating system (RFC 1952)."""
READ_SIZE = 64 * 1024
"""The number of bytes of a compressed file to read at a time."""
CHUNK_SIZE = 1024 * 1024
"""The largest number of uncompressed bytes to handle at a time."""

_GZIP_WBITS = 31
"""The `wbits` value that makes zlib read, write and verify gzip files."""
_FHCRC, _FEXTRA, _FNAME, _FCOMMENT = 2, 4, 8, 16


class DamagedFile(Exception):
    """An image file is damaged or ends too early."""


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
    """Return the number of bytes of a gzip header, or 0 if the file is not a gzip file.

    Args:
        file: an open file. Its position is reset to the beginning.
    """
    file.seek(0)
    try:
        return _skip_header(file)
    finally:
        file.seek(0)


def _skip_header(file: BinaryIO) -> int:
    """Read to the end of the header and return its length."""
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
    """The decompressed content of a gzip file, in chunks of at most `CHUNK_SIZE`.

    Attributes:
        size: the number of decompressed bytes so far.
        is_single_member: after the last chunk, whether the file is one gzip member and nothing
            follows it.
    """

    def __init__(
        self, file: BinaryIO, on_read: Callable[[bytes], object] = lambda block: None
    ) -> None:
        """Decompress an open file from its beginning.

        Args:
            on_read: called with each block of compressed bytes after its decompression.
        """
        self.size = 0
        self.is_single_member = True
        self._file = file
        self._on_read = on_read

    def __iter__(self) -> Iterator[bytes]:
        """Yield all chunks.

        Raises:
            DamagedFile: the file is damaged or ends too early.
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
                        return  # the rest is not gzip; gunzip ignores it too
                    member = _create_decompressor()
                for chunk in _decompress(member, rest):
                    self.size += len(chunk)
                    yield chunk
                rest = member.unused_data
            self._on_read(block)
        if not member.eof:
            raise DamagedFile("its compressed data ends too early")


def _decompress(member: _Decompressor, data: bytes) -> Iterator[bytes]:
    while True:
        try:
            chunk = member.decompress(data, CHUNK_SIZE)
        except _ZLIB_ERRORS as error:
            raise DamagedFile(str(error)) from error
        yield chunk
        data = member.unconsumed_tail
        if member.eof or (not data and len(chunk) < CHUNK_SIZE):
            return


def compress_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a gzip file with the given content. Equal chunks give equal bytes."""
    member = _create_compressor()
    for chunk in chunks:
        yield member.compress(chunk)
    yield member.flush()
