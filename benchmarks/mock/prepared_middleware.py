"""A running middleware with the users, services and tickets for the measurements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from dss_api import FileArea, OperationRequest
from dss_api.requests import ClaimTicketRequest, ListServicesRequest, SetProgressRequest
from dss_api.routes import (
    CLAIM_TICKET,
    DOWNLOAD_CLAIMED_TICKET_FILE,
    DOWNLOAD_TICKET_FILE,
    LIST_SERVICES,
    SET_PROGRESS,
    UPLOAD_CLAIMED_TICKET_FILE,
    UPLOAD_TICKET_FILE,
)
from dss_wire.operation import Operation

from ..curl import Curl
from ..load_generator import serialize_request
from ..middlewares import Middleware
from ..server_process import ServerProcess
from ..services import register_services
from ..users import CLAIMERS, PROVIDER, SUBMITTER, SignedInUser


@attrs.frozen(eq=False)
class PreparedMiddleware:
    """A running middleware, with the requests and transfers that are measured.

    Attributes:
        submitter: the user that submits tickets.
        claimers: the users that work for the provider.
        service: the hash of the service of all tickets.
        claimed: one claimed ticket for each of the claimers.
        new_ticket: a ticket that is not submitted.
        ticket_with_file: a ticket with a file, claimed by the first claimer.
    """

    middleware: Middleware
    server: ServerProcess
    submitter: SignedInUser
    claimers: Sequence[SignedInUser]
    service: str
    claimed: Sequence[int]
    new_ticket: int
    ticket_with_file: int

    @property
    def name(self) -> str:
        """The name of the middleware in the results."""
        return self.middleware.name

    def make_listings(self, count: int) -> list[bytes]:
        """Return the requests of the first claimers for the list of services."""
        return [
            serialize_request(claimer.encode(LIST_SERVICES, ListServicesRequest()))
            for claimer in self.claimers[:count]
        ]

    def make_progress_reports(self, count: int) -> list[bytes]:
        """Return the requests of the first claimers to set the progress of their tickets."""
        return [
            serialize_request(
                claimer.encode(
                    SET_PROGRESS,
                    SetProgressRequest(ticket_id=ticket, chunk_start=0, chunk_end=1, progress=0.5),
                )
            )
            for claimer, ticket in zip(self.claimers[:count], self.claimed, strict=False)
        ]

    def make_claims(self, count: int) -> list[bytes]:
        """Return the requests of the first claimers to claim a ticket."""
        parameters = ClaimTicketRequest(services=(self.service,), provider=PROVIDER)
        return [
            serialize_request(claimer.encode(CLAIM_TICKET, parameters))
            for claimer in self.claimers[:count]
        ]

    def submit_tickets(self, count: int) -> None:
        """Submit tickets without files."""
        with self.submitter as submitter:
            for _ in range(count):
                submitter.submit_ticket(self.service)

    def claim_remaining_tickets(self) -> int:
        """Claim all tickets in the queue, and return how many there were."""
        with self.claimers[0] as claimer:
            return sum(1 for _ in iter(lambda: claimer.claim_ticket(self.service), None))

    def download_as_submitter(self, size: int) -> float:
        """Download the file of that size of `ticket_with_file`; return the bytes per second."""
        url = self._url(DOWNLOAD_TICKET_FILE, self.ticket_with_file, FileArea.INPUT, index=0)
        return Curl(self.submitter.session).fetch(url, size)

    def download_as_provider(self, size: int) -> float:
        """Do the same as the user that has claimed the ticket."""
        url = self._url(
            DOWNLOAD_CLAIMED_TICKET_FILE, self.ticket_with_file, FileArea.INPUT, index=0
        )
        return Curl(self.claimers[0].session).fetch(url, size)

    def download_second_upload(self, size: int) -> float:
        """Download the second file of `new_ticket`; the middlewares list files by upload time."""
        url = self._url(DOWNLOAD_TICKET_FILE, self.new_ticket, FileArea.INPUT, index=1)
        return Curl(self.submitter.session).fetch(url, size)

    def upload_as_submitter(self, file: Path) -> float:
        """Upload a file to `new_ticket`, and return the bytes per second."""
        operation = UPLOAD_TICKET_FILE
        url = self._url(operation, self.new_ticket, FileArea.INPUT)
        return Curl(self.submitter.session).upload(url, operation, file)

    def upload_as_provider(self, file: Path) -> float:
        """Upload a result of `ticket_with_file`, and return the bytes per second."""
        operation = UPLOAD_CLAIMED_TICKET_FILE
        url = self._url(operation, self.ticket_with_file, FileArea.RESULTS)
        return Curl(self.claimers[0].session).upload(url, operation, file)

    def _url(
        self,
        operation: Operation[OperationRequest, object],
        ticket: int,
        area: FileArea,
        **index: int,
    ) -> str:
        return self.server.url + operation.path.format(ticket_id=ticket, area=area, **index)


@contextmanager
def prepare_middleware(
    middleware: Middleware, folder: Path, repository: Path, file: Path
) -> Iterator[PreparedMiddleware]:
    """Start a middleware, and add what the measurements need.

    Args:
        folder: the parent of the temporary folder for the state of the middleware.
        repository: the git repository of the services.
        file: the file of `ticket_with_file`.
    """
    with TemporaryDirectory(dir=folder) as home, middleware.start(Path(home)) as server:
        submitter = SignedInUser(server.url, SUBMITTER)
        claimers = [SignedInUser(server.url, user) for user in CLAIMERS]
        service = register_services(server.url, repository, CLAIMERS)[0]
        with submitter:
            claimed = [submitter.submit_ticket(service) for _ in claimers]
        for claimer in claimers:
            with claimer:
                claimer.claim_ticket(service)
        with submitter, claimers[0]:
            new_ticket = submitter.api.user.create_ticket(githash=service)
            ticket_with_file = submitter.submit_ticket(service, file)
            claimers[0].claim_ticket(service)
        yield PreparedMiddleware(
            middleware, server, submitter, claimers, service, claimed, new_ticket, ticket_with_file
        )
