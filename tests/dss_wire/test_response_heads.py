"""An answer whose head breaks off is no answer, wherever it does."""

from __future__ import annotations

import socket

import pytest

from dss_api import AnswerTimeout, DssApi, FileArea, TransportError, Urllib3Transport

from .test_connections import request_head, slow_socket

HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: application/octet-stream\r\n"
    b'Content-Disposition: attachment; filename="scan.nii.gz"\r\n'
    b"Content-Length: 6\r\n"
    b"\r\n"
)


def fetched(server: str, *, read_timeout: float = 10) -> bytes:
    with Urllib3Transport(server, read_timeout=read_timeout) as transport:
        api = DssApi(transport)
        with api.user.download_ticket_file(ticket_id=1, area=FileArea.RESULTS, index=0) as download:
            return download.read()


def test_a_head_that_breaks_off_never_passes_for_a_whole_one() -> None:
    for size in range(len(HEAD)):

        def answer(connection: socket.socket, size: int = size) -> None:
            request_head(connection)
            connection.sendall(HEAD[:size])

        with slow_socket(answer) as server, pytest.raises(TransportError) as caught:
            fetched(server)
        assert caught.value.sent


def test_a_whole_head_is_one() -> None:
    def answer(connection: socket.socket) -> None:
        request_head(connection)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"voxels")

    with slow_socket(answer) as server:
        assert fetched(server) == b"voxels"


def test_a_head_that_does_not_end_is_a_timeout() -> None:
    def answer(connection: socket.socket) -> None:
        request_head(connection)
        try:
            while True:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        except OSError:
            pass

    with slow_socket(answer) as server, pytest.raises(AnswerTimeout, match="does not end"):
        fetched(server, read_timeout=0.3)
