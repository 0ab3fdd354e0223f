"""Tests of cancelling the network calls of a thread."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest

from dss_api import DssApi, TransportError, Urllib3Transport
from dss_wire.cancellation import Cancelled, Canceller, sleep
from tests.dss_wire.servers import raw_server

DEADLINE = 30


def run_until_cancelled(
    work: Callable[[], object], canceller: Canceller, ready: threading.Event
) -> Exception:
    """Return the error in a thread that is cancelled when it is ready."""
    errors: list[Exception] = []

    def run() -> None:
        try:
            with canceller.applied():
                work()
        except (Cancelled, TransportError) as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(DEADLINE)
    canceller.cancel()
    thread.join(DEADLINE)
    assert not thread.is_alive()
    return errors[0]


def test_cancelling_ends_waiting_for_a_response() -> None:
    request_arrived = threading.Event()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Urllib3Transport(f"http://127.0.0.1:{listener.getsockname()[1]}") as transport,
    ):

        def hold_connection() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                request_arrived.set()
                connection.recv(1)  # ends when the client closes

        server = threading.Thread(target=hold_connection)
        server.start()

        error = run_until_cancelled(
            DssApi(transport).session.get_login, Canceller(), request_arrived
        )

        assert isinstance(error, Cancelled)
        server.join(DEADLINE)


def test_cancelling_ends_waiting_for_a_connection(unresponsive_url: str) -> None:
    started_request = threading.Event()
    with Urllib3Transport(unresponsive_url, connect_timeout=DEADLINE) as transport:

        def request_login() -> None:
            started_request.set()
            DssApi(transport).session.get_login()

        started = time.monotonic()
        assert isinstance(
            run_until_cancelled(request_login, Canceller(), started_request), Cancelled
        )
    assert time.monotonic() - started < DEADLINE / 2


def test_cancelling_ends_waiting_for_a_tls_handshake() -> None:
    context = ssl.create_default_context()
    request_arrived = threading.Event()

    def hold_connection(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        request_arrived.set()
        connection.recv(1)  # ends when the client closes

    with (
        raw_server(hold_connection) as server,
        Urllib3Transport(
            server.replace("http", "https"), ssl_context=context, connect_timeout=DEADLINE
        ) as transport,
    ):
        assert isinstance(
            run_until_cancelled(DssApi(transport).session.get_login, Canceller(), request_arrived),
            Cancelled,
        )


def test_cancelling_leaves_released_connections_open() -> None:
    def answer_twice(connection: socket.socket) -> None:
        for _ in range(2):
            assert connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt")

    canceller = Canceller()
    with raw_server(answer_twice) as server, Urllib3Transport(server, read_timeout=2) as transport:
        session = DssApi(transport).session
        with canceller.applied():
            assert session.get_token() == "t"
        canceller.cancel()
        assert session.get_token() == "t"


def test_cancelling_ends_a_sleep() -> None:
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        sleep(DEADLINE)

    started = time.monotonic()
    assert isinstance(run_until_cancelled(wait, Canceller(), waiting), Cancelled)
    assert time.monotonic() - started < DEADLINE / 2


def test_sleep_after_cancelling_raises_only_within_the_context() -> None:
    canceller = Canceller()
    canceller.cancel()

    with pytest.raises(Cancelled), canceller.applied():
        sleep(0)
    sleep(0)  # outside the context the thread is not cancelled
