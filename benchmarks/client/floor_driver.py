"""The program of `driver.py` with the least work that every client must do.

It sends the same bytes as this client over one kept-alive connection of `http.client`. It reads the
responses without parsing them. curl moves the files, one by one.
"""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.client.driver import CODE, run_command
from benchmarks.curl import Curl
from benchmarks.users import SignedInUser, User
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


class FloorClient:
    """A client that sends prepared bytes, and moves files with curl."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._user = SignedInUser(url, User("", token))
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._prepared: dict[object, Request] = {}

    def claim(self, service: str, provider: str) -> int:
        parameters = ClaimTicketRequest(services=(service,), provider=provider, code=CODE)
        body = self._send(CLAIM_TICKET, parameters)
        return int(body.partition(b'"id":')[2].partition(b",")[0])

    def set_progress(self, ticket: int) -> None:
        parameters = SetProgressRequest(
            ticket_id=ticket, chunk_start=0.0, chunk_end=1.0, progress=0.5
        )
        self._send(SET_PROGRESS, parameters)

    def list_services(self) -> None:
        self._send(LIST_PROVIDED_SERVICES, ListProvidedServicesRequest())

    def download(self, ticket: int, folder: Path, files: int) -> float:
        path = DOWNLOAD_CLAIMED_TICKET_FILE.path
        urls = [
            self._url + path.format(ticket_id=ticket, area=FileArea.INPUT, index=index)
            for index in range(files)
        ]
        return Curl(self._user.session).download(urls, folder)

    def upload(self, ticket: int, path: Path) -> float:
        operation = UPLOAD_CLAIMED_TICKET_FILE
        url = self._url + operation.path.format(ticket_id=ticket, area=FileArea.RESULTS)
        rate = Curl(self._user.session).upload(url, operation, path)
        return path.stat().st_size / rate

    def read_log(self, ticket: int) -> int:
        body = self._send(GET_TICKET_LOG, GetTicketLogRequest(ticket_id=ticket))
        return body.count(b'"atime"')

    def _send(
        self, operation: Operation[OperationRequest, object], parameters: OperationRequest
    ) -> bytes:
        request = self._prepared.get(parameters)
        if request is None:
            request = self._user.add_session(encode_request(operation, parameters))
            self._prepared[parameters] = request
        headers = {"User-Agent": f"itksnap-dss/{__version__}", **request.headers}
        self._connection.request(request.method, request.target, request.body, headers)
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == operation.answer.status, (response.status, body)
        return body


if __name__ == "__main__":
    run_command(FloorClient)
