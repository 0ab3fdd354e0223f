"""Asking a mock over HTTP, as a program does that watches it."""

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
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def document(self) -> Any:
        return json.loads(self.text)


def ask(server: DssServer, path: str, method: str = "GET", **headers: str) -> Answered:
    with closing(HTTPConnection(server.host, server.port, timeout=30)) as connection:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=names)
        answer = connection.getresponse()
        return Answered(answer.status, dict(answer.getheaders()), answer.read())


def seen(server: DssServer, query: str = "") -> Any:
    answer = ask(server, f"{STATE}?{query}")
    assert answer.status == 200, answer.text
    return answer.document
