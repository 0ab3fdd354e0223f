"""Start and end of what carries the mock, whatever is in the way."""

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

NOT_LONG = 2 * STOP_TIMEOUT + 5
"""Seconds that nothing here comes near, unless it hangs."""


def hello(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"hello"]


def endless(_: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
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
def test_an_address_that_cannot_be(host: str, port: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        HttpServer(host, port, hello)


def test_a_port_in_use_is_said_with_its_reason() -> None:
    with HttpServer("127.0.0.1", 0, hello) as first, pytest.raises(OSError) as caught:
        HttpServer("127.0.0.1", first.port, hello)
    assert caught.value.strerror == "Address already in use"


def test_it_does_not_wait_for_an_answer_that_never_comes() -> None:
    asked, forever = threading.Event(), threading.Event()

    def stuck(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.set()
        forever.wait()
        start_response("200 OK", [])
        return []

    host = HttpServer("127.0.0.1", 0, stuck)
    with socket.create_connection(("127.0.0.1", host.port), NOT_LONG) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert asked.wait(NOT_LONG)
        begun = time.monotonic()
        host.close()
        assert time.monotonic() - begun < NOT_LONG
    forever.set()


def test_it_does_not_wait_for_a_client_that_reads_nothing() -> None:
    host = HttpServer("127.0.0.1", 0, endless)
    with socket.create_connection(("127.0.0.1", host.port), NOT_LONG) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert peer.recv(10)
        begun = time.monotonic()
        host.close()
        assert time.monotonic() - begun < NOT_LONG


@pytest.mark.parametrize("name", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_alone(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])
def test_others_too(name: str) -> None:
    assert not is_loopback(name)
