"""Requests to the control interface of a mock."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import cast

import attrs
import pytest

from dss_mock import DssServer


@attrs.frozen
class ControlResponse:
    status: int
    body: dict[str, object]

    @property
    def error(self) -> str:
        return str(self.body["error"])


Call = Callable[..., ControlResponse]


@pytest.fixture
def call(dss_server: DssServer) -> Call:
    """Send a request to the control interface."""

    def send(
        method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> ControlResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        with closing(HTTPConnection(dss_server.host, dss_server.port, timeout=30)) as connection:
            connection.request(method, f"/_mock/{path}", data, headers or {})
            response = connection.getresponse()
            assert response.getheader("Content-Type") == "application/json"
            assert response.getheader("Set-Cookie") is None
            value = cast(dict[str, object], json.loads(response.read()))
            return ControlResponse(response.status, value)

    return send
