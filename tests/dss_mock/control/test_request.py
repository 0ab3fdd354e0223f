"""Checks of requests to the control interface."""

from __future__ import annotations

import pytest

from dss_mock import DssServer
from dss_mock.control.request import BODY_LENGTH

from .conftest import Call


def test_body_that_is_too_large_is_refused(call: Call) -> None:
    assert call("POST", "seed", b"#" * (BODY_LENGTH + 1)).status == 413


def test_request_with_a_foreign_origin_is_refused(dss_server: DssServer, call: Call) -> None:
    response = call("POST", "reset", headers={"Origin": "http://evil.example"})
    assert response.status == 403
    assert response.error.startswith(
        "Web pages from http://evil.example are not allowed to use this mock."
    )
    assert call("POST", "reset", headers={"Origin": dss_server.url}).status == 200
    for odd in ("http://[", "null", ""):
        assert call("POST", "reset", headers={"Origin": odd}).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "["]
)
def test_request_with_a_foreign_host_name_is_refused(call: Call, host: str) -> None:
    response = call("GET", "state", headers={"Host": host})
    assert (response.status, "The Host header names" in response.error) == (403, True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9:1", "[::1]:8080"])
def test_request_with_a_loopback_host_name_is_answered(call: Call, host: str) -> None:
    assert call("GET", "health", headers={"Host": host}).status == 200
