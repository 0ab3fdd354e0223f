"""The start and the end of the HTTP server, also with obstacles."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

from dss_mock.http_server import STOP_TIMEOUT, HttpServer, is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TIMEOUT = 2 * STOP_TIMEOUT + 5
"""Seconds that no test needs unless it hangs."""


def answer_hello(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"hello"]


def answer_endlessly(_: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [])
    while True:
        yield bytes(1 << 20)


@pytest.mark.parametrize(
    ("host", "port", "error"),
    [
        ("127.0.0.1", 70_000, OverflowError),
        ("a" * 70, 0, ValueError),
        ("no.such.host.invalid", 0, OSError),
        ("203.0.113.1", 0, OSError),
    ],
)
def test_server_refuses_invalid_address(host: str, port: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        HttpServer(host, port, answer_hello)


def test_port_in_use_error_gives_reason() -> None:
    with HttpServer("127.0.0.1", 0, answer_hello) as first, pytest.raises(OSError) as caught:
        HttpServer("127.0.0.1", first.port, answer_hello)
    assert caught.value.strerror == "Address already in use"


def test_close_does_not_wait_for_handler_that_never_answers() -> None:
    asked, forever = threading.Event(), threading.Event()

    def never_answer(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.set()
        forever.wait()
        start_response("200 OK", [])
        return []

    host = HttpServer("127.0.0.1", 0, never_answer)
    with socket.create_connection(("127.0.0.1", host.port), TIMEOUT) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert asked.wait(TIMEOUT)
        begun = time.monotonic()
        host.close()
        assert time.monotonic() - begun < TIMEOUT
    forever.set()


def test_close_does_not_wait_for_client_that_reads_nothing() -> None:
    host = HttpServer("127.0.0.1", 0, answer_endlessly)
    with socket.create_connection(("127.0.0.1", host.port), TIMEOUT) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert peer.recv(10)
        begun = time.monotonic()
        host.close()
        assert time.monotonic() - begun < TIMEOUT


@pytest.mark.parametrize("name", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_is_loopback_accepts_names_of_this_machine(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])
def test_is_loopback_rejects_other_names(name: str) -> None:
    assert not is_loopback(name)
