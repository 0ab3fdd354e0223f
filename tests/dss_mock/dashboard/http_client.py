"""HTTP requests to the mock, as a program sends them that reads its state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import attrs

from dss_mock import DssServer

STATE = "/_mock/state"


@attrs.frozen
class HttpResponse:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def send(server: DssServer, path: str, method: str = "GET", **headers: str) -> HttpResponse:
    with closing(HTTPConnection(server.host, server.port, timeout=30)) as connection:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=names)
        response = connection.getresponse()
        return HttpResponse(response.status, dict(response.getheaders()), response.read())


def get_state(server: DssServer, query: str = "") -> Any:
    response = send(server, f"{STATE}?{query}")
    assert response.status == 200, response.text
    return response.json


def listed_ids(state: Any) -> list[int]:
    return [ticket["id"] for ticket in state["tickets"]]
