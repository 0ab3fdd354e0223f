"""A middleware with services, and tickets for those who are measured."""

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

from ..contenders import Contender, Mock
from ..load import Clients, raw
from ..process import ServerProcess
from ..world import ADMIN, PROVIDER, UNLIMITED, USER, Person, Seat, claim, provide, submit

HERE = Path(__file__).parent
DELAY = 0.02
"""Seconds that a long line adds to every request."""


def people(count: int) -> list[Person]:
    """So many who can act for the provider, or read anybody's ticket; a token signs in once."""
    return [
        Person(f"person{number}@example.com", f"{number:048x}", UNLIMITED, sysadmin=True)
        for number in range(1, count + 1)
    ]


@attrs.frozen(eq=False)
class Site:
    """A middleware that runs.

    Attributes:
        name: what the results call it.
        url: its address.
        far_url: its address at the end of a long line.
        user: who submits tickets.
        service: the hash of the service that all of them are for.
    """

    contender: Contender
    folder: Path
    server: ServerProcess
    far_url: str
    user: Seat
    service: str
    _people: Iterator[Person]

    @property
    def name(self) -> str:
        return self.contender.name

    @property
    def url(self) -> str:
        return self.server.url

    def token(self) -> str:
        """Of somebody who has not signed in yet."""
        return next(self._people).token

    def ask(self, **more: object) -> dict[str, object]:
        """What a stage is given here."""
        return {"service": self.service, "provider": PROVIDER, **more}

    @contextmanager
    def ticket(self, *files: Path) -> Iterator[int]:
        """A ticket that can be claimed, and is deleted in the end."""
        with self.user as user:
            ticket = submit(user, self.service, *files)
        try:
            yield ticket
        finally:
            with self.user as user:
                user.api.user.delete_ticket(ticket_id=ticket)

    def logged_ticket(self, rows: int) -> int:
        """A ticket with a log of so many messages, at least."""
        with self.user as user:
            ticket = submit(user, self.service)
        with Seat(self.url, next(self._people)) as claimer:
            claim(claimer, self.service)
            message = LogMessageRequest(
                ticket_id=ticket, category=LogCategory.INFO, message="Wrote the layer, 0.97 alike"
            )
            posted = raw(claimer.request(LOG_MESSAGE, message))
        if isinstance(self.contender, Mock):
            with Clients(self.server.port, 1) as clients:
                clients.ask([posted], answers=rows)
            return ticket
        # It would take the middleware most of a minute.
        with sqlite3.connect(self.folder / "dss.sqlite") as database:
            database.executemany(
                "insert into ticket_log (ticket_id, category, message) values (?, ?, ?)",
                [(ticket, str(message.category), message.message)] * rows,
            )
        return ticket


@contextmanager
def site(contender: Contender, folder: Path, repository: Path, persons: int) -> Iterator[Site]:
    """Start a middleware and set it up.

    Args:
        folder: for what it keeps, if memory cannot.
        persons: how many can sign in.
    """
    crowd = people(persons)
    contender = attrs.evolve(contender, people=(ADMIN, USER, *crowd))
    memory = Path("/dev/shm")  # noqa: S108  # a folder in it, that nobody else can name before
    # Or else the disk would be measured, by which the real one is held up at every change.
    within = memory if memory.is_dir() else folder
    with TemporaryDirectory(prefix="bench_client_", dir=within) as name, ExitStack() as stack:
        home = Path(name)
        server = stack.enter_context(contender.start(home))
        command = [sys.executable, f"{HERE / 'serve_delayed.py'}", "{port}"]
        command += [f"{server.port}", f"{DELAY}"]
        far = stack.enter_context(ServerProcess(command, home / "far.txt"))
        services = provide(server.url, repository, crowd)
        user = Seat(server.url, USER)
        yield Site(contender, home, server, far.url, user, services[0], iter(crowd))
