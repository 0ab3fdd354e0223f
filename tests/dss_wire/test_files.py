"""Tests of downloads."""

from __future__ import annotations

import os

import pytest
from pytest_httpserver import HTTPServer

from dss_api import AnswerCutShort, AnswerUnusable, DssApi, FileArea, Urllib3Transport
from dss_api.routes import DOWNLOAD_TICKET_FILE
from dss_wire.codec import call
from tests.dss_wire.exchanges import DOWNLOAD_PARAMETERS
from tests.dss_wire.servers import FILE_HEAD, raw_server, send_bytes


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_download_arrives_in_chunks(
    size: int, httpserver: HTTPServer, transport: Urllib3Transport
) -> None:
    content = os.urandom(size)
    httpserver.expect_request("/api/tickets/1/files/input/0").respond_with_data(
        content,
        headers={"Content-Disposition": 'attachment; filename="a b.nii"'},
        content_type="application/octet-stream",
    )
    with DssApi(transport).user.download_ticket_file(
        ticket_id=1, area=FileArea.INPUT, index=0
    ) as download:
        assert (download.filename, download.size) == ("a b.nii", size)
        chunks = list(download)
    assert b"".join(chunks) == content
    assert all(0 < len(chunk) <= 1 << 20 for chunk in chunks)


def test_chunked_download_arrives_without_a_size() -> None:
    content = FILE_HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with raw_server(send_bytes(content)) as server, Urllib3Transport(server) as transport:
        download = call(transport, DOWNLOAD_TICKET_FILE, DOWNLOAD_PARAMETERS)
        with download:
            assert (download.size, download.filename) == (None, None)
            assert b"".join(download) == b"abcde"


BROKEN_DOWNLOADS = [
    pytest.param(FILE_HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 400, id="of known length"),
    pytest.param(
        FILE_HEAD + b"Content-Length: 3000000\r\n\r\n" + b"x" * 2_500_000, id="of many chunks"
    ),
    pytest.param(
        FILE_HEAD + b"Transfer-Encoding: chunked\r\n\r\n100\r\n" + b"x" * 100, id="within a chunk"
    ),
    pytest.param(
        FILE_HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n", id="between two chunks"
    ),
]


@pytest.mark.parametrize("content", BROKEN_DOWNLOADS)
def test_broken_download_raises_answer_cut_short_when_read(content: bytes) -> None:
    with raw_server(send_bytes(content)) as server, Urllib3Transport(server) as transport:
        download = call(transport, DOWNLOAD_TICKET_FILE, DOWNLOAD_PARAMETERS)
        with download, pytest.raises(AnswerCutShort) as caught:
            download.read()
    assert "GET /api/tickets/1/files/input/0" in str(caught.value)
    assert "not complete" in str(caught.value)
    assert caught.value.path == "/api/tickets/1/files/input/0"


@pytest.mark.parametrize("content", BROKEN_DOWNLOADS)
def test_broken_download_raises_answer_cut_short_while_iterating(content: bytes) -> None:
    with raw_server(send_bytes(content)) as server, Urllib3Transport(server) as transport:
        download = call(transport, DOWNLOAD_TICKET_FILE, DOWNLOAD_PARAMETERS)
        with download, pytest.raises(AnswerCutShort, match="broke off"):
            for chunk in download:
                assert set(chunk) == {ord("x")}


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        pytest.param(
            FILE_HEAD + b"Connection: close\r\n", "marking its end", id="connection closes"
        ),
        pytest.param(FILE_HEAD.replace(b"/1.1", b"/1.0"), "marking its end", id="HTTP/1.0"),
        pytest.param(
            FILE_HEAD + b"Content-Length: abc\r\n", "marking its end", id="length is not a number"
        ),
        pytest.param(
            FILE_HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n",
            "marking its end",
            id="too many digits",
        ),
        pytest.param(
            FILE_HEAD + b"Transfer-Encoding: gzip, chunked\r\n",
            "marking its end",
            id="transfer coding",
        ),
        pytest.param(
            FILE_HEAD + b"Content-Length: 5\r\nContent-Encoding: gzip\r\n",
            "'gzip'",
            id="compressed",
        ),
    ],
)
def test_download_without_a_detectable_end_raises_answer_unusable(head: bytes, reason: str) -> None:
    with (
        raw_server(send_bytes(head + b"\r\nvoxel")) as server,
        Urllib3Transport(server) as transport,
        pytest.raises(AnswerUnusable, match=reason) as caught,
    ):
        call(transport, DOWNLOAD_TICKET_FILE, DOWNLOAD_PARAMETERS)
    assert "GET /api/tickets/1/files/input/0" in str(caught.value)
    assert "Nothing was downloaded" in str(caught.value)
