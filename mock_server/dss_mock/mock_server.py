"""The mock middleware behind a real socket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from dss_api import Dialect
from dss_api.enums import NEWEST

from .app import Expectation, MockApplication
from .control import Control
from .dashboard import Dashboard
from .faults import Faults
from .http_server import HttpServer
from .request_log import RequestLog
from .routing import MOCK_PREFIX
from .seed import EMPTY_SEED, Seed, plant
from .state import State
from .state.clock import Clock
from .state.tickets import Tickets

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class MockServer:
    """A mock middleware on a port of its own.

    Start and stop the server in a `with` statement, or with `start()` and `close()`.

    Args:
        host: the address to listen at.
        port: the port to listen at. 0 takes a free port.
        state: users, services and tickets of the mock. The default is a new, empty state.
        noauth: whether every request is signed in as a system administrator.
        dialect: the version of the middleware to imitate.
        seed: the content at the start and after a reset. A restored state ignores it until a reset.
        expectation: a function that is asked first for each response.

    Raises:
        ValueError: the seed contradicts the state.

    Attributes:
        host: the address of the server.
        port: the port of the server, once it has started.
        state: users, services and tickets of the mock.
        mock: the WSGI application.
        is_closed: whether `close()` was called.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        state: State | None = None,
        noauth: bool = False,
        dialect: Dialect = NEWEST,
        seed: Seed = EMPTY_SEED,
        expectation: Expectation | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.state = state or State()
        # If the start fails, nothing is saved, and the next start tries again from an empty state.
        with self.state.transaction():
            self.mock = MockApplication(
                self.state, noauth=noauth, dialect=dialect, expectation=expectation
            )
            if not self.state.is_restored:
                self.plant(seed)
        self._control = Control(self)
        self._seed = seed
        self._http_server: HttpServer | None = None
        self.is_closed = False

    @property
    def url(self) -> str:
        """The address of the server, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def dialect(self) -> Dialect:
        """The version of the middleware that the mock imitates."""
        return self.mock.dialect

    @property
    def tickets(self) -> Tickets:
        """All tickets by their ids, for assertions."""
        return self.state.tickets

    @property
    def requests(self) -> RequestLog:
        """The last requests with the status of their responses, oldest first, without bodies."""
        return self.mock.request_log

    @property
    def clock(self) -> Clock:
        """The clock of the mock: `server.clock.advance(hours=3)`."""
        return self.state.clock

    @property
    def faults(self) -> Faults:
        """The faults of the mock.

        Example: `server.faults.add(DropAfter(), operation="claim_ticket", times=1)`.
        """
        return self.mock.faults

    @property
    def dashboard(self) -> Dashboard:
        """The dashboard of the mock."""
        return self.mock.dashboard

    # ----------------------------------------------------------------------- start and stop

    def start(self) -> None:
        """Listen, and answer requests in the background.

        Raises:
            OSError: the address does not exist, or the port is in use.
            RuntimeError: the server is running already, or was closed.
        """
        if self._http_server:
            raise RuntimeError("the server is running already")
        if self.is_closed:
            raise RuntimeError(
                "The server was closed. To start it again, use stop() instead of close()."
            )
        self._http_server = HttpServer(self.host, self.port, self._answer)
        self.port = self._http_server.port

    def is_running(self) -> bool:
        return self._http_server is not None

    def stop(self) -> None:
        """Stop listening.

        Raises:
            RuntimeError: the server is not running.
        """
        if self._http_server is None:
            raise RuntimeError("the server is not running")
        # A delayed request must not keep the server from stopping.
        self.faults.lift_all()
        self._http_server.close()
        self._http_server = None

    def close(self) -> None:
        """Stop the server if it is running, and close its state. The server cannot start again.

        A state that came from `State.open()` is saved. Any other state is discarded.
        """
        self.is_closed = True
        if self.is_running():
            self.stop()
        self.state.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------ content

    def reset(self, *, random_seed: int | None = None) -> None:
        """Remove all content and all faults, and restore the seed.

        Args:
            random_seed: the seed of random tokens and names from now on. The default is the seed of
                the state.
        """
        if random_seed is not None and type(random_seed) is not int:
            raise TypeError(f"random_seed must be a whole number, not {random_seed!r}")
        self.faults.clear(random_seed)
        self.state.reset(seed=random_seed)
        self.mock.ensure_test_user()
        self.requests.clear()
        self.plant(self._seed)

    def plant(self, seed: Seed) -> None:
        """Add the users, providers and services of a seed.

        Raises:
            ValueError: a user or service of the seed exists already, or a name in the seed is
                unknown. Nothing was added.
        """
        plant(self.state, seed)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(MOCK_PREFIX):
            response = self._control.answer(environ)
            start_response(response.status, list(response.headers))
            return response.body
        return self.mock(environ, start_response)
