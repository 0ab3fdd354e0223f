import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest

from dss_api import DssApi, TransportError, Urllib3Transport
from dss_wire.cancellation import Cancelled, Canceller, sleep
from tests.dss_api.support import raw_server

DEADLINE = 30


def outcome_of(
    work: Callable[[], object], canceller: Canceller, ready: threading.Event
) -> Exception:
    """What a thread meets that is stopped once it is ready."""
    met: list[Exception] = []

    def run() -> None:
        try:
            with canceller.applied():
                work()
        except (Cancelled, TransportError) as error:
            met.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(DEADLINE)
    canceller.cancel()
    thread.join(DEADLINE)
    assert not thread.is_alive()
    return met[0]


def test_who_waits_for_an_answer_waits_no_longer() -> None:
    asked = threading.Event()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Urllib3Transport(f"http://127.0.0.1:{listener.getsockname()[1]}") as transport,
    ):

        def say_nothing() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                asked.set()
                connection.recv(1)  # ends with the other side

        server = threading.Thread(target=say_nothing)
        server.start()

        error = outcome_of(DssApi(transport).session.get_login, Canceller(), asked)

        assert isinstance(error, Cancelled)
        server.join(DEADLINE)


def test_who_waits_for_a_connection_waits_no_longer(never_accepting: str) -> None:
    begun = threading.Event()
    with Urllib3Transport(never_accepting, connect_timeout=DEADLINE) as transport:

        def ask() -> None:
            begun.set()
            DssApi(transport).session.get_login()

        started = time.monotonic()
        assert isinstance(outcome_of(ask, Canceller(), begun), Cancelled)
    assert time.monotonic() - started < DEADLINE / 2


def test_who_waits_for_encryption_waits_no_longer() -> None:
    context = ssl.create_default_context()
    asked = threading.Event()

    def say_nothing(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        asked.set()
        connection.recv(1)  # ends with the other side

    with (
        raw_server(say_nothing) as server,
        Urllib3Transport(
            server.replace("http", "https"), ssl_context=context, connect_timeout=DEADLINE
        ) as transport,
    ):
        assert isinstance(
            outcome_of(DssApi(transport).session.get_login, Canceller(), asked), Cancelled
        )


def test_stopping_ends_no_connection_that_may_serve_another_thread_by_now() -> None:
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


def test_who_waits_to_ask_again_waits_no_longer() -> None:
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        sleep(DEADLINE)

    started = time.monotonic()
    assert isinstance(outcome_of(wait, Canceller(), waiting), Cancelled)
    assert time.monotonic() - started < DEADLINE / 2


def test_who_is_stopped_asks_for_nothing_more() -> None:
    canceller = Canceller()
    canceller.cancel()

    with pytest.raises(Cancelled), canceller.applied():
        sleep(0)
    sleep(0)  # but the same thread may go on elsewhere
