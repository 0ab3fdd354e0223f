"""The same as `drive.py` with the least that any client has to do.

Requests are the bytes that this client sends, over one kept-alive connection of `http.client`;
their answers are read, and not looked at. Files are moved by curl, one after the other.
"""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.client.drive import CODE, run
from benchmarks.transfers import Curl
from benchmarks.world import Person, Seat
from dss_api import FileArea, OperationRequest, Request
from dss_api.requests import (
    ClaimTicketRequest,
    GetTicketLogRequest,
    ListProvidedServicesRequest,
    SetProgressRequest,
)
from dss_api.routes import (
    CLAIM_TICKET,
    DOWNLOAD_CLAIMED_TICKET_FILE,
    GET_TICKET_LOG,
    LIST_PROVIDED_SERVICES,
    SET_PROGRESS,
    UPLOAD_CLAIMED_TICKET_FILE,
)
from dss_client.version import __version__
from dss_wire.codec import encode_request
from dss_wire.operation import Operation


class Floor:
    """Somebody who asks with prepared bytes, and moves files with curl."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._seat = Seat(url, Person("", token))
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._prepared: dict[object, Request] = {}

    def claim(self, service: str, provider: str) -> int:
        asked = ClaimTicketRequest(services=(service,), provider=provider, code=CODE)
        answer = self._ask(CLAIM_TICKET, asked)
        return int(answer.partition(b'"id":')[2].partition(b",")[0])

    def set_progress(self, ticket: int) -> None:
        asked = SetProgressRequest(ticket_id=ticket, chunk_start=0.0, chunk_end=1.0, progress=0.5)
        self._ask(SET_PROGRESS, asked)

    def list_services(self) -> None:
        self._ask(LIST_PROVIDED_SERVICES, ListProvidedServicesRequest())

    def download(self, ticket: int, folder: Path, files: int) -> float:
        place = DOWNLOAD_CLAIMED_TICKET_FILE.path
        urls = [
            self._url + place.format(ticket_id=ticket, area=FileArea.INPUT, index=index)
            for index in range(files)
        ]
        return Curl(self._seat.session).keep(urls, folder)

    def upload(self, ticket: int, path: Path) -> float:
        operation = UPLOAD_CLAIMED_TICKET_FILE
        url = self._url + operation.path.format(ticket_id=ticket, area=FileArea.RESULTS)
        rate = Curl(self._seat.session).send(url, operation, path)
        return path.stat().st_size / rate

    def read_log(self, ticket: int) -> int:
        return self._ask(GET_TICKET_LOG, GetTicketLogRequest(ticket_id=ticket)).count(b'"atime"')

    def _ask(
        self, operation: Operation[OperationRequest, object], asked: OperationRequest
    ) -> bytes:
        request = self._prepared.get(asked)
        if request is None:
            request = self._seat.signed(encode_request(operation, asked))
            self._prepared[asked] = request
        headers = {"User-Agent": f"itksnap-dss/{__version__}", **request.headers}
        self._connection.request(request.method, request.target, request.body, headers)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == operation.answer.status, (answer.status, body)
        return body


if __name__ == "__main__":
    run(Floor)
