"""Tests of multipart bodies."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dss_api import Upload, UploadChanged
from dss_wire.multipart import Multipart
from tests.dss_wire.exchanges import parse_multipart
from tests.dss_wire.strategies import few_examples, texts


class CountingStream(io.BytesIO):
    """A stream that records the size of its largest read."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.largest = max(self.largest, len(piece))
        return piece


class BrokenStream(io.BytesIO):
    """A stream on a broken disk."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


class UnseekableStream(io.BytesIO):
    """A stream that cannot be read a second time."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError("no way back")


def make_body(content: bytes, filename: str = "a.nii", **fields: str) -> Multipart:
    """Return a multipart body with a file and fields."""
    upload = Upload(filename, io.BytesIO(content), len(content))
    return Multipart(tuple(fields.items()), "myfile", upload)


@few_examples
@given(texts, st.binary(max_size=200), st.integers(1, 64))
def test_body_read_in_pieces_contains_fields_and_file(text: str, content: bytes, size: int) -> None:
    body = make_body(content, desc=text)
    pieces = []
    while piece := body.read(size):
        assert len(piece) <= size
        pieces.append(piece)
    joined = b"".join(pieces)
    assert len(joined) == body.size
    assert parse_multipart(joined, body.content_type) == ({"desc": text}, "a.nii", content)


@pytest.mark.parametrize(
    "name", ["a.nii.gz", "with blank", 'a"b', "é", "漢字.nii", "a;b", "a,b", "a'b", "a=b", "-"]
)
def test_file_name_arrives_unchanged(name: str) -> None:
    body = make_body(b"x", name)
    assert parse_multipart(body.read(), body.content_type) == ({}, name, b"x")


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a\nb", "\r", '"\r\n\r\n--'])
def test_newline_in_a_file_name_does_not_add_a_header(name: str) -> None:
    body = make_body(b"x", name)
    content = body.read()
    head = content[: content.index(b"\r\n\r\n")]
    assert head.count(b"\r\n") == 2
    fields, arrived_name, data = parse_multipart(content, body.content_type)
    assert (fields, data) == ({}, b"x")
    assert "\r" not in arrived_name
    assert "\n" not in arrived_name


def test_file_name_that_is_not_utf8_keeps_its_bytes() -> None:
    name = os.fsdecode(b"caf\xe9.nii")
    assert b'filename="caf\xe9.nii"' in make_body(b"", name).read()


def test_empty_file_arrives() -> None:
    body = make_body(b"", desc="")
    assert parse_multipart(body.read(), body.content_type) == ({"desc": ""}, "a.nii", b"")


def test_large_file_is_read_in_pieces() -> None:
    stream = CountingStream(b"x" * (5 << 20))
    body = Multipart((), "myfile", Upload("a", stream, 5 << 20))
    assert sum(len(piece) for piece in body) == body.size
    assert 0 < stream.largest <= 1 << 17


def test_rewound_body_is_read_again_unchanged() -> None:
    stream = io.BytesIO(b"before|the file")
    stream.seek(7)
    body = Multipart((("a", "b"),), "myfile", Upload("a", stream, 8))
    first = body.read()
    assert body.read() == b""
    body.rewind()
    assert body.read() == first
    assert parse_multipart(first, body.content_type)[2] == b"the file"
    body.rewind()
    body.read(3)
    body.rewind()
    assert body.read() == first


def test_file_that_grew_is_sent_with_its_original_size() -> None:
    body = Multipart((), "myfile", Upload("a", io.BytesIO(b"12345"), 3))
    assert parse_multipart(body.read(), body.content_type)[2] == b"123"


def test_file_that_became_shorter_raises_upload_changed(tmp_path: Path) -> None:
    file = tmp_path / "scan.nii"
    file.write_bytes(b"x" * 1000)
    with file.open("rb") as stream:
        upload = Upload.of(file, stream)
        assert (upload.filename, upload.size) == ("scan.nii", 1000)
        os.truncate(file, 400)
        with pytest.raises(UploadChanged, match=r"'scan\.nii' became shorter .* 600 of 1000 bytes"):
            Multipart((), "myfile", upload).read()


def test_unreadable_file_raises_upload_changed() -> None:
    body = Multipart((), "myfile", Upload("scan.nii", BrokenStream(), 10))
    with pytest.raises(UploadChanged, match=r"'scan\.nii' could not be read .*Input/output error"):
        body.read()


def test_each_body_has_its_own_boundary() -> None:
    assert make_body(b"").content_type != make_body(b"").content_type


Change = Callable[[Path], object]

CHANGES: dict[str, tuple[Change, str]] = {
    "overwritten": (lambda file: file.write_bytes(b"z" * 1000), "changed"),
    "grown": (lambda file: file.write_bytes(b"y" * 1001), "changed"),
    "touched": (lambda file: os.utime(file, ns=(1, 1)), "changed"),
    "removed": (lambda file: file.unlink(), "was removed or replaced"),
    "replaced": (
        lambda file: file.with_suffix(".new").rename(file),
        "was removed or replaced",
    ),
}


@pytest.mark.skipif(os.name != "posix", reason="an open file can be removed on POSIX only")
@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("content", [b"x" * 1000, b""])
def test_changed_file_raises_upload_changed_before_the_end_is_read(
    tmp_path: Path, what: str, content: bytes
) -> None:
    change, reason = CHANGES[what]
    file = tmp_path / "a.nii"
    file.write_bytes(content)
    file.with_suffix(".new").write_bytes(content)
    os.utime(file, ns=(0, 0))
    with file.open("rb") as stream:
        body = Multipart((), "myfile", Upload.of(file, stream))
        received = body.read(1 << 16)
        change(file)
        with pytest.raises(UploadChanged, match=rf"'a\.nii' {reason} while it was being sent"):
            while piece := body.read(1 << 16):
                received += piece

    assert len(received) < body.size
    assert not received.endswith(b"--\r\n")


def test_unchanged_file_can_be_sent_twice(tmp_path: Path) -> None:
    file = tmp_path / "a.nii"
    file.write_bytes(b"voxels")
    with file.open("rb") as stream:
        body = Multipart((), "myfile", Upload.of(file, stream))
        first = body.read()
        body.rewind()
        assert body.read() == first
    assert len(first) == body.size


def test_rewinding_seeks_only_if_the_body_was_read() -> None:
    body = Multipart((), "myfile", Upload("a", UnseekableStream(b"voxels"), 6))
    body.rewind()
    assert b"voxels" in body.read()
    with pytest.raises(UploadChanged, match=r"'a' cannot be read a second time: no way back"):
        body.rewind()
