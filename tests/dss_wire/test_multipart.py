"""A multipart body: its size, its pieces, and files that are not what they were."""

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
from tests.dss_api.support import calm, parsed, texts


class Counting(io.BytesIO):
    """Bytes that remember the largest piece that was asked for."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        taken = super().read(size)
        self.largest = max(self.largest, len(taken))
        return taken


class Failing(io.BytesIO):
    """Bytes on a disk that breaks."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


class Pipe(io.BytesIO):
    """Bytes that come but once."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError("no way back")


def multipart(content: bytes, filename: str = "a.nii", **fields: str) -> Multipart:
    upload = Upload(filename, io.BytesIO(content), len(content))
    return Multipart(tuple(fields.items()), "myfile", upload)


@calm
@given(texts, st.binary(max_size=200), st.integers(1, 64))
def test_fields_and_file_arrive_as_they_are_in_pieces_of_any_size(
    text: str, content: bytes, size: int
) -> None:
    body = multipart(content, desc=text)
    pieces = []
    while piece := body.read(size):
        assert len(piece) <= size
        pieces.append(piece)
    whole = b"".join(pieces)
    assert len(whole) == body.size
    assert parsed(whole, body.content_type) == ({"desc": text}, "a.nii", content)


@pytest.mark.parametrize(
    "name", ["a.nii.gz", "with blank", 'a"b', "é", "漢字.nii", "a;b", "a,b", "a'b", "a=b", "-"]
)
def test_the_name_of_a_file_arrives(name: str) -> None:
    body = multipart(b"x", name)
    assert parsed(body.read(), body.content_type) == ({}, name, b"x")


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a\nb", "\r", '"\r\n\r\n--'])
def test_a_newline_in_a_name_makes_no_further_header(name: str) -> None:
    body = multipart(b"x", name)
    content = body.read()
    head = content[: content.index(b"\r\n\r\n")]
    assert head.count(b"\r\n") == 2
    fields, found, data = parsed(content, body.content_type)
    assert (fields, data) == ({}, b"x")
    assert "\r" not in found
    assert "\n" not in found


def test_a_name_in_the_encoding_of_another_system_keeps_its_bytes() -> None:
    name = os.fsdecode(b"caf\xe9.nii")
    assert b'filename="caf\xe9.nii"' in multipart(b"", name).read()


def test_an_empty_file_is_a_file() -> None:
    body = multipart(b"", desc="")
    assert parsed(body.read(), body.content_type) == ({"desc": ""}, "a.nii", b"")


def test_a_large_file_is_read_in_pieces() -> None:
    stream = Counting(b"x" * (5 << 20))
    body = Multipart((), "myfile", Upload("a", stream, 5 << 20))
    assert sum(len(piece) for piece in body) == body.size
    assert 0 < stream.largest <= 1 << 17


def test_it_can_be_sent_a_second_time_after_rewinding() -> None:
    stream = io.BytesIO(b"before|the file")
    stream.seek(7)
    body = Multipart((("a", "b"),), "myfile", Upload("a", stream, 8))
    first = body.read()
    assert body.read() == b""
    body.rewind()
    assert body.read() == first
    assert parsed(first, body.content_type)[2] == b"the file"
    body.rewind()
    body.read(3)
    body.rewind()
    assert body.read() == first


def test_a_file_that_grew_is_sent_as_long_as_it_was() -> None:
    body = Multipart((), "myfile", Upload("a", io.BytesIO(b"12345"), 3))
    assert parsed(body.read(), body.content_type)[2] == b"123"


def test_a_file_that_became_shorter_is_told(tmp_path: Path) -> None:
    file = tmp_path / "scan.nii"
    file.write_bytes(b"x" * 1000)
    with file.open("rb") as stream:
        upload = Upload.of(file, stream)
        assert (upload.filename, upload.size) == ("scan.nii", 1000)
        os.truncate(file, 400)
        with pytest.raises(UploadChanged, match=r"'scan\.nii' became shorter .* 600 of 1000 bytes"):
            Multipart((), "myfile", upload).read()


def test_a_file_that_cannot_be_read_is_told() -> None:
    body = Multipart((), "myfile", Upload("scan.nii", Failing(), 10))
    with pytest.raises(UploadChanged, match=r"'scan\.nii' could not be read .*Input/output error"):
        body.read()


def test_every_body_has_a_boundary_of_its_own() -> None:
    assert multipart(b"").content_type != multipart(b"").content_type


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
def test_the_end_of_a_file_that_is_not_what_it_was_is_not_given(
    tmp_path: Path, what: str, content: bytes
) -> None:
    change, said = CHANGES[what]
    file = tmp_path / "a.nii"
    file.write_bytes(content)
    file.with_suffix(".new").write_bytes(content)
    os.utime(file, ns=(0, 0))
    with file.open("rb") as stream:
        body = Multipart((), "myfile", Upload.of(file, stream))
        given = body.read(1 << 16)
        change(file)
        with pytest.raises(UploadChanged, match=rf"'a\.nii' {said} while it was being sent"):
            while piece := body.read(1 << 16):
                given += piece

    assert len(given) < body.size
    assert not given.endswith(b"--\r\n")


def test_a_file_that_stays_as_it_is_may_be_sent_twice(tmp_path: Path) -> None:
    file = tmp_path / "a.nii"
    file.write_bytes(b"voxels")
    with file.open("rb") as stream:
        body = Multipart((), "myfile", Upload.of(file, stream))
        first = body.read()
        body.rewind()
        assert body.read() == first
    assert len(first) == body.size


def test_a_body_that_was_not_begun_needs_no_going_back() -> None:
    body = Multipart((), "myfile", Upload("a", Pipe(b"voxels"), 6))
    body.rewind()
    assert b"voxels" in body.read()
    with pytest.raises(UploadChanged, match=r"'a' cannot be read a second time: no way back"):
        body.rewind()
