"""Tests of incomplete response heads."""

from __future__ import annotations

import socket

import pytest

from dss_api import AnswerTimeout, DssApi, FileArea, TransportError, Urllib3Transport
from tests.dss_wire.servers import read_request_head, slow_server

HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: application/octet-stream\r\n"
    b'Content-Disposition: attachment; filename="scan.nii.gz"\r\n'
    b"Content-Length: 6\r\n"
    b"\r\n"
)


def download_file(server: str, *, read_timeout: float = 10) -> bytes:
    """Download a file of a ticket."""
    with Urllib3Transport(server, read_timeout=read_timeout) as transport:
        api = DssApi(transport)
        with api.user.download_ticket_file(ticket_id=1, area=FileArea.RESULTS, index=0) as download:
            return download.read()


def test_incomplete_head_raises_transport_error() -> None:
    for size in range(len(HEAD)):

        def answer(connection: socket.socket, size: int = size) -> None:
            read_request_head(connection)
            connection.sendall(HEAD[:size])

        with slow_server(answer) as server, pytest.raises(TransportError) as caught:
            download_file(server)
        assert caught.value.sent


def test_complete_head_after_an_interim_response_is_read() -> None:
    def answer(connection: socket.socket) -> None:
        read_request_head(connection)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"voxels")

    with slow_server(answer) as server:
        assert download_file(server) == b"voxels"


def test_endless_head_raises_answer_timeout() -> None:
    def answer(connection: socket.socket) -> None:
        read_request_head(connection)
        try:
            while True:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        except OSError:
            pass

    with slow_server(answer) as server, pytest.raises(AnswerTimeout, match="do not end"):
        download_file(server, read_timeout=0.3)
