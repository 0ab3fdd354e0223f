"""JSON bodies of requests to the control interface."""

from __future__ import annotations

import re

import pytest

from dss_mock import DssServer

from .conftest import Call


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "fault must be one of answer, close_idle, cut, .*, not None"),
        ({"fault": "nope"}, "not 'nope'"),
        ({"fault": ["answer"]}, "fault must be one of"),
        ({"fault": "answer", "status": "503"}, 'status: "503" is not a whole number'),
        ({"fault": "answer", "status": 99}, "status"),
        ({"fault": "answer", "colour": 1}, "colour is not a known name"),
        ({"fault": "delay", "seconds": -1}, "seconds"),
        ({"fault": "delay", "times": 0}, "times"),
        ({"fault": "delay", "times": True}, "times: true is not a whole number"),
        ({"fault": "delay", "probability": 2}, "probability"),
        ({"fault": "delay", "operation": "claim"}, "'claim' is not an operation"),
        (b"[1]", "must be a JSON object"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_invalid_fault_is_refused_with_the_reason(
    dss_server: DssServer, call: Call, given: object, reason: str
) -> None:
    response = call("POST", "faults", given if given else b"{}")
    assert response.status == 400
    assert re.search(reason, response.error), response.error
    assert not dss_server.faults.list_active()
