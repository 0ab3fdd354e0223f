import socket
import threading
import time
from collections.abc import Callable

import pytest

from dss_api import DssApi, TransportError, Urllib3Transport
from dss_api.stopping import Stopped, Stopper, sleep

DEADLINE = 30


def outcome_of(work: Callable[[], object], stopper: Stopper, ready: threading.Event) -> Exception:
    """What a thread meets that is stopped once it is ready."""
    met: list[Exception] = []

    def run() -> None:
        try:
            with stopper.applied():
                work()
        except (Stopped, TransportError) as error:
            met.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(DEADLINE)
    stopper.stop()
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

        error = outcome_of(DssApi(transport).session.get_login, Stopper(), asked)

        assert isinstance(error, TransportError)
        server.join(DEADLINE)


def test_who_waits_to_ask_again_waits_no_longer() -> None:
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        sleep(DEADLINE)

    started = time.monotonic()
    assert isinstance(outcome_of(wait, Stopper(), waiting), Stopped)
    assert time.monotonic() - started < DEADLINE / 2


def test_who_is_stopped_asks_for_nothing_more() -> None:
    stopper = Stopper()
    stopper.stop()

    with pytest.raises(Stopped), stopper.applied():
        sleep(0)
    sleep(0)  # but the same thread may go on elsewhere
