"""Users of the middlewares, and their requests."""

from __future__ import annotations

import sqlite3
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
CLAIMER_COUNT = 8
"""The number of users that work for the provider."""

UNLIMITED = "xnat"
"""A tier that allows more tickets than the benchmarks need."""


@attrs.frozen
class User:
    """A user that exists when the middleware starts."""

    email: str
    token: str
    tier: str = "guest"
    sysadmin: bool = False


ADMIN = User("admin@example.com", "a" * 48, sysadmin=True)
SUBMITTER = User("user@example.com", "c" * 48, tier=UNLIMITED)
CLAIMERS = tuple(User(f"provider{n}@example.com", f"{n}" * 48) for n in range(CLAIMER_COUNT))
USERS = (ADMIN, SUBMITTER, *CLAIMERS)


def write_seed(path: Path, users: Sequence[User]) -> None:
    """Write the users to a seed file of the mock."""
    path.write_text(
        yaml.safe_dump({"users": [attrs.asdict(user) for user in users]}), encoding="utf-8"
    )


def insert_users(database: Path, users: Sequence[User]) -> None:
    """Insert the users into the database of a real middleware, the only way to add them there."""
    rows = [(user.email, user.token, user.email, user.sysadmin, user.tier) for user in users]
    connection = sqlite3.connect(database)
    with connection:
        connection.executemany(
            "insert into users (email, passwd, dispname, sysadmin, tier) values (?, ?, ?, ?, ?)",
            rows,
        )
    connection.close()


class SignedInUser:
    """A user that is signed in at a middleware.

    Send requests inside a `with` block, which keeps the connection alive and can be entered again.
    Keep only a few blocks open: the middleware accepts ten connections.

    Attributes:
        api: the operations, in the name of this user.
        session: the session of this user.
    """

    def __init__(self, url: str, user: User) -> None:
        self._inner = Urllib3Transport(url)
        self.session: str | None = None
        self.api = DssApi(self)
        with self:
            self.api.session.login(token=user.token)

    def send(self, request: Request) -> Response:
        """Send a request in the name of this user."""
        response = self._inner.send(self.add_session(request))
        self.session = response.session or self.session
        return response

    def add_session(self, request: Request) -> Request:
        """Return the request with the session of this user."""
        return request.with_session(self.session) if self.session else request

    def encode(
        self, operation: Operation[OperationRequest, object], parameters: OperationRequest
    ) -> Request:
        """Return the request of this user for an operation; it asks for CSV, as most clients do."""
        plain = attrs.evolve(operation, format_parameter="")
        return self.add_session(encode_request(plain, parameters))

    def submit_ticket(self, service: str, *files: Path) -> int:
        """Submit a ticket with files, and return its id."""
        ticket = self.api.user.create_ticket(githash=service)
        for file in files:
            with file.open("rb") as stream:
                self.api.user.upload_ticket_file(
                    ticket_id=ticket, area=FileArea.INPUT, file=Upload.of(file, stream)
                )
        self.api.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY)
        return ticket

    def claim_ticket(self, service: str) -> Claim | None:
        """Claim the oldest ticket; return `None` if the queue is empty."""
        return self.api.provider.claim_ticket(services=(service,), provider=PROVIDER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        # This closes the connections; the session stays valid.
        self._inner.close()
