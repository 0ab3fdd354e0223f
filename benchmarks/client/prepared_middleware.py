"""A running middleware with the users, services and tickets for the measurements."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from dss_api import LogCategory
from dss_api.requests import LogMessageRequest
from dss_api.routes import LOG_MESSAGE

from ..load_generator import LoadGenerator, serialize_request
from ..middlewares import Middleware, Mock
from ..server_process import ServerProcess
from ..services import register_services
from ..users import ADMIN, PROVIDER, SUBMITTER, UNLIMITED, SignedInUser, User

HERE = Path(__file__).parent
DELAY = 0.02
"""Seconds that the simulated long line adds to every request."""


@attrs.frozen(eq=False)
class PreparedMiddleware:
    """A running middleware.

    Attributes:
        folder: the folder for its state.
        delayed_url: its address at the end of a simulated long line.
        submitter: the user that submits tickets.
        service: the hash of the service of all tickets.
    """

    middleware: Middleware
    folder: Path
    server: ServerProcess
    delayed_url: str
    submitter: SignedInUser
    service: str
    _new_users: Iterator[User]

    @property
    def name(self) -> str:
        """The name of the middleware in the results."""
        return self.middleware.name

    @property
    def url(self) -> str:
        """The address of the middleware."""
        return self.server.url

    def take_token(self) -> str:
        """Return the token of a user that has not signed in yet; a token signs in only once."""
        return next(self._new_users).token

    def make_parameters(self, **more: object) -> dict[str, object]:
        """Return the parameters of a stage at this middleware."""
        return {"service": self.service, "provider": PROVIDER, **more}

    @contextmanager
    def submit_temporary_ticket(self, *files: Path) -> Iterator[int]:
        """Submit a ticket that clients can claim, and delete it at the end of the block."""
        with self.submitter as submitter:
            ticket = submitter.submit_ticket(self.service, *files)
        try:
            yield ticket
        finally:
            with self.submitter as submitter:
                submitter.api.user.delete_ticket(ticket_id=ticket)

    def make_logged_ticket(self, rows: int) -> int:
        """Make a ticket with at least that number of log messages, and return its id."""
        with self.submitter as submitter:
            ticket = submitter.submit_ticket(self.service)
        with SignedInUser(self.url, next(self._new_users)) as claimer:
            claimer.claim_ticket(self.service)
            message = LogMessageRequest(
                ticket_id=ticket, category=LogCategory.INFO, message="Wrote the layer, 0.97 alike"
            )
            request = serialize_request(claimer.encode(LOG_MESSAGE, message))
        if isinstance(self.middleware, Mock):
            with LoadGenerator(self.server.port, 1) as load:
                load.run([request], responses=rows)
            return ticket
        # The requests would take the real middleware most of a minute.
        with sqlite3.connect(self.folder / "dss.sqlite") as database:
            database.executemany(
                "insert into ticket_log (ticket_id, category, message) values (?, ?, ?)",
                [(ticket, str(message.category), message.message)] * rows,
            )
        return ticket


@contextmanager
def prepare_middleware(
    middleware: Middleware, folder: Path, repository: Path, user_count: int
) -> Iterator[PreparedMiddleware]:
    """Start a middleware, and add what the measurements need.

    Args:
        folder: the parent of its folder if the system cannot keep files in memory.
        repository: the git repository of the services.
        user_count: the number of users that can sign in.
    """
    users = make_users(user_count)
    middleware = attrs.evolve(middleware, users=(ADMIN, SUBMITTER, *users))
    memory = Path("/dev/shm")  # noqa: S108  # only a folder with a random name in it is used
    # On a disk, the real middleware would wait for the disk at every change.
    parent = memory if memory.is_dir() else folder
    with TemporaryDirectory(prefix="bench_client_", dir=parent) as name, ExitStack() as stack:
        home = Path(name)
        server = stack.enter_context(middleware.start(home))
        command = [sys.executable, f"{HERE / 'delay_relay.py'}", "{port}"]
        command += [f"{server.port}", f"{DELAY}"]
        relay = stack.enter_context(ServerProcess(command, home / "relay.txt"))
        services = register_services(server.url, repository, users)
        submitter = SignedInUser(server.url, SUBMITTER)
        yield PreparedMiddleware(
            middleware, home, server, relay.url, submitter, services[0], iter(users)
        )


def make_users(count: int) -> list[User]:
    """Make users that can work for the provider, and read the tickets of all users."""
    return [
        User(f"person{number}@example.com", f"{number:048x}", UNLIMITED, sysadmin=True)
        for number in range(1, count + 1)
    ]
