"""What both middlewares hold when they are measured: the same users, services and tickets."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import attrs
import yaml

from dss_api import (
    Claim,
    DssApi,
    FileArea,
    OperationRequest,
    Request,
    Response,
    TicketStatus,
    Upload,
)
from dss_api.urllib3_transport import Urllib3Transport
from dss_wire.codec import encode_request
from dss_wire.operation import Operation

PROVIDER = "testlab"
CLIENTS = 8
"""How many users act for the provider, each with a session and a claimed ticket of its own."""
SERVICES = 10
"""How many services there are; a usual number."""

UNLIMITED = "xnat"
"""The tier whose users may have as many tickets as anybody needs here."""


@attrs.frozen
class Person:
    """A user that a middleware begins with."""

    email: str
    token: str
    tier: str = "guest"
    sysadmin: bool = False


ADMIN = Person("admin@example.com", "a" * 48, sysadmin=True)
USER = Person("user@example.com", "c" * 48, tier=UNLIMITED)
CLAIMERS = tuple(Person(f"provider{n}@example.com", f"{n}" * 48) for n in range(CLIENTS))
PEOPLE = (ADMIN, USER, *CLAIMERS)


def write_seed(path: Path, people: Sequence[Person]) -> None:
    """Write the users as a seed file of the mock."""
    path.write_text(
        yaml.safe_dump({"users": [attrs.asdict(person) for person in people]}), encoding="utf-8"
    )


def insert_users(database: Path, people: Sequence[Person]) -> None:
    """Add the users to the database of a real middleware, which has no other way."""
    rows = [(p.email, p.token, p.email, p.sysadmin, p.tier) for p in people]
    connection = sqlite3.connect(database)
    with connection:
        connection.executemany(
            "insert into users (email, passwd, dispname, sysadmin, tier) values (?, ?, ?, ?, ?)",
            rows,
        )
    connection.close()


def make_repository(folder: Path) -> None:
    """Make the git repository of the services, with a branch for each."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
        subprocess.run(  # noqa: S603  # no shell, and only arguments from here
            ("git", "-C", f"{folder}", *identity, *arguments),  # noqa: S607  # whichever there is
            check=True,
            capture_output=True,
        )

    folder.mkdir()
    git("init", "--quiet")
    for number in range(SERVICES):
        descriptor = {
            "name": f"Service{number}",
            "version": "1.0.0",
            "shortdesc": f"Outline the structure number {number} in a T1-weighted MRI",
            "longdesc": "",
            "url": "",
            "tags": [],
        }
        (folder / "service.json").write_text(json.dumps(descriptor), encoding="utf-8")
        git("add", "service.json")
        git("commit", "--quiet", "--message", f"Service {number}")
        git("branch", f"service{number}")


class Seat:
    """Somebody who is signed in at a middleware.

    Asks within a `with` block, which may be entered again and keeps a connection alive as long as
    it lasts. The middleware keeps no more than ten.

    Attributes:
        api: the operations in that name.
        session: what the middleware knows this one by.
    """

    def __init__(self, url: str, person: Person) -> None:
        self._inner = Urllib3Transport(url)
        self.session: str | None = None
        self.api = DssApi(self)
        with self:
            self.api.session.login(token=person.token)

    def send(self, request: Request) -> Response:
        """Send a request in this one's name."""
        response = self._inner.send(self.signed(request))
        self.session = response.session or self.session
        return response

    def signed(self, request: Request) -> Request:
        """The request in this one's name."""
        return request.with_session(self.session) if self.session else request

    def request(
        self, operation: Operation[OperationRequest, object], parameters: OperationRequest
    ) -> Request:
        """What this one sends for an operation, as most clients do: for CSV."""
        plain = attrs.evolve(operation, format_parameter="")
        return self.signed(encode_request(plain, parameters))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        # The connections are closed, the session lasts.
        self._inner.close()


@attrs.frozen
class World:
    """A middleware with all that is needed, and those who use it.

    Attributes:
        service: the hash of the service that all tickets are for.
        claimed: a ticket of each of the claimers.
    """

    user: Seat
    claimers: Sequence[Seat]
    service: str
    claimed: Sequence[int]


def inhabited(url: str, repository: Path) -> World:
    """Set a middleware up that has the users."""
    user = Seat(url, USER)
    claimers = [Seat(url, person) for person in CLAIMERS]
    services = provide(url, repository, CLAIMERS)
    with user:
        claimed = [submit(user, services[0]) for _ in claimers]
    for claimer in claimers:
        with claimer:
            claim(claimer, services[0])
    return World(user, claimers, services[0], claimed)


def provide(url: str, repository: Path, people: Sequence[Person]) -> Sequence[str]:
    """Make the provider, for whom these people act; the hashes of its services."""
    with Seat(url, ADMIN) as admin:
        admin.api.admin.create_provider(name=PROVIDER)
        for person in people:
            admin.api.admin.add_provider_user(provider=PROVIDER, email=person.email)
        return [
            admin.api.admin.register_service(
                provider=PROVIDER, repo=f"{repository}", ref=f"service{number}"
            )
            for number in range(SERVICES)
        ]


def submit(user: Seat, service: str, *files: Path) -> int:
    """Submit a ticket; its id."""
    ticket = user.api.user.create_ticket(githash=service)
    for file in files:
        with file.open("rb") as stream:
            user.api.user.upload_ticket_file(
                ticket_id=ticket, area=FileArea.INPUT, file=Upload.of(file, stream)
            )
    user.api.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY)
    return ticket


def claim(claimer: Seat, service: str) -> Claim | None:
    """Claim the oldest ticket; `None` if there is none."""
    return claimer.api.provider.claim_ticket(services=(service,), provider=PROVIDER)
