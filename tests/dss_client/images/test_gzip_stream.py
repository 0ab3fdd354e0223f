import gzip
import io
import zlib

import pytest

from dss_client.images import gzip_stream
from dss_client.images.gzip_stream import (
    DamagedFile,
    GzipReader,
    compress_chunks,
    read_header_length,
)
from tests.dss_client.export.nifti_bytes import deflate_stream, gzip_bytes

DATA = b"some numbers " * 20_000
FIELDS = [
    {},
    {"name": b"Mueller.nii"},
    {"name": b"a", "comment": b"b", "extra": b"\0" * 300, "check": True},
    {"extra": b"x" * 65535},
    {"comment": b"y" * 200_000},
]


@pytest.fixture(params=["isal", "zlib"], autouse=True)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run each test with isal and with zlib."""
    if request.param == "zlib":
        monkeypatch.setattr(gzip_stream, "isal_zlib", None)
    else:
        pytest.importorskip("isal")
    return str(request.param)


@pytest.mark.parametrize("fields", FIELDS)
def test_header_length_includes_all_optional_fields(fields: dict[str, bytes]) -> None:
    file = io.BytesIO(gzip_bytes(DATA, **fields))  # type: ignore[arg-type]  # check is a bool

    length = read_header_length(file)

    assert file.tell() == 0
    assert file.getvalue()[length:-8] == deflate_stream(DATA)


@pytest.mark.parametrize("other", [b"", b"\x1f", b"\x1f\x8b", b"n+1", b"x" * 400])
def test_header_length_of_files_that_are_not_gzip_is_zero(other: bytes) -> None:
    assert read_header_length(io.BytesIO(other)) == 0


@pytest.mark.parametrize("fields", FIELDS)
def test_reader_yields_content_and_passes_compressed_blocks_on(fields: dict[str, bytes]) -> None:
    raw = gzip_bytes(DATA, **fields)  # type: ignore[arg-type]
    blocks: list[bytes] = []
    inflated = GzipReader(io.BytesIO(raw), blocks.append)

    assert b"".join(inflated) == DATA
    assert inflated.size == len(DATA)
    assert inflated.is_single_member
    assert b"".join(blocks) == raw


@pytest.mark.parametrize(
    "size", [0, 1, gzip_stream.CHUNK_SIZE - 1, gzip_stream.CHUNK_SIZE, 5_000_000]
)
def test_chunks_have_bounded_size(size: int) -> None:
    pieces = list(GzipReader(io.BytesIO(gzip_bytes(bytes(size)))))

    assert sum(map(len, pieces)) == size
    assert max(map(len, pieces)) <= gzip_stream.CHUNK_SIZE


@pytest.mark.parametrize("at", [1, gzip_stream.READ_SIZE, 100_000])
def test_several_members_are_joined(at: int) -> None:
    # Uncompressed, so that members start within blocks and at their ends.
    raw = gzip_bytes(DATA[:at], level=0) + gzip_bytes(DATA[at:], level=0) + gzip_bytes(b"")
    inflated = GzipReader(io.BytesIO(raw))

    assert b"".join(inflated) == DATA
    assert not inflated.is_single_member


@pytest.mark.parametrize("rest", [b"\0", b"\x1f", b"private", b"\0" * 70_000])
def test_trailing_data_is_ignored_and_reported(rest: bytes) -> None:
    inflated = GzipReader(io.BytesIO(gzip_bytes(DATA) + rest))

    assert b"".join(inflated) == DATA
    assert not inflated.is_single_member


@pytest.mark.parametrize("gap", range(4))
def test_member_that_starts_at_end_of_block_is_read(gap: int) -> None:
    length = gzip_stream.READ_SIZE - gap - len(gzip_bytes(b"some", comment=b""))
    first = gzip_bytes(b"some", comment=b"x" * length)
    assert len(first) == gzip_stream.READ_SIZE - gap
    inflated = GzipReader(io.BytesIO(first + gzip_bytes(b"more")))

    assert b"".join(inflated) == b"somemore"
    assert not inflated.is_single_member


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.99])
def test_truncated_file_is_damaged(share: float) -> None:
    raw = gzip_bytes(DATA, name=b"name")
    with pytest.raises(DamagedFile):
        list(GzipReader(io.BytesIO(raw[: int(len(raw) * share)])))


@pytest.mark.parametrize("cut", [1, 4, 8])
def test_file_without_checksum_is_damaged(cut: int) -> None:
    with pytest.raises(DamagedFile):
        list(GzipReader(io.BytesIO(gzip_bytes(DATA)[:-cut])))


@pytest.mark.parametrize("at", [-1, -5, -8, 20, 40])
def test_file_with_changed_byte_is_damaged(at: int) -> None:
    raw = bytearray(gzip_bytes(DATA))
    raw[at] ^= 0x55
    with pytest.raises(DamagedFile):
        list(GzipReader(io.BytesIO(bytes(raw))))


def test_file_with_damaged_second_member_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        list(GzipReader(io.BytesIO(gzip_bytes(DATA) + gzip_bytes(DATA)[:-9])))


def test_compressed_chunks_form_reproducible_gzip_file_without_names() -> None:
    pieces = [DATA[at : at + 999] for at in range(0, len(DATA), 999)]

    raw = b"".join(compress_chunks(pieces))

    assert gzip.decompress(raw) == DATA
    assert raw == b"".join(compress_chunks(pieces))
    assert raw[3] == 0
    assert raw[4:8] == bytes(4)
    assert read_header_length(io.BytesIO(raw)) == 10


def test_neutral_header_is_valid_gzip_header(library: str) -> None:
    tail = zlib.crc32(DATA).to_bytes(4, "little") + len(DATA).to_bytes(4, "little")
    raw = gzip_stream.NEUTRAL_HEADER + deflate_stream(DATA) + tail

    assert gzip.decompress(raw) == DATA
    assert b"".join(GzipReader(io.BytesIO(raw))) == DATA
