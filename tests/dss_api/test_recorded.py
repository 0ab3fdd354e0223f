"""What two versions of the real middleware were heard to say means what the contract says."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any

import pytest

from dss_api import (
    OPERATIONS,
    AnswerError,
    Download,
    MiddlewareFault,
    OperationNotSupported,
    UnexpectedAnswer,
)
from dss_api.codec import decode_answer
from dss_api.forms import OneOf
from dss_api.routes import GET_SERVICE_STATS
from tests.dss_api.support import AnyOperation, answer_to, request_of

WIRE = Path(__file__).parents[3] / "shared" / "wire"
RECORDED = [WIRE / "exchanges-0.2.0.jsonl", WIRE / "exchanges-2020.jsonl"]

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in RECORDED), reason="the recorded exchanges are not here"
)

# Method and path of what is recorded but no operation of the contract.
FOREIGN = {
    ("GET", "/api/nosuch"): 404,
    ("DELETE", "/api/services"): 405,
    ("POST", "/api/admin/providers/testlab/delete"): 405,
    ("GET", "/token"): 200,
    ("GET", "/services"): 200,
    # Routed for a category that always fails, and for one that there is not.
    ("POST", "/api/pro/tickets/1/log"): 500,
    ("POST", "/api/pro/tickets/1/debug"): 404,
    ("POST", "/api/pro/tickets/1/files/result"): 404,
}


def exchanges() -> list[Any]:
    found = []
    for file in RECORDED:
        if not file.exists():
            continue
        version = file.stem.removeprefix("exchanges-")
        lines = file.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            recorded: dict[str, Any] = json.loads(line)
            name = f"{version}-{number}-{recorded['label'].replace(' ', '_')}"
            found.append(pytest.param(recorded, id=name))
    return found


def routed(method: str, path: str) -> AnyOperation | None:
    """The operation that a request is for."""
    fitting = [o for o in OPERATIONS if o.method == method and o.pattern.fullmatch(path)]
    assert len(fitting) <= 1, [operation.name for operation in fitting]
    return fitting[0] if fitting else None


def declared(operation: AnyOperation) -> object:
    """The type that the method of an operation gives."""
    from dss_api import DssApi

    class Nowhere:
        def send(self, request: object) -> Any:
            raise AssertionError(request)

    method = getattr(getattr(DssApi(Nowhere()), operation.group), operation.name)
    return typing.get_type_hints(method)["return"]


def fits(value: object, kind: object) -> bool:
    """Whether a value has a declared type."""
    if typing.get_origin(kind) is list:
        return isinstance(value, list) and all(fits(v, typing.get_args(kind)[0]) for v in value)
    if typing.get_args(kind):
        return any(fits(value, part) for part in typing.get_args(kind))
    assert isinstance(kind, type)
    return type(value) is kind


@pytest.mark.parametrize("recorded", exchanges())
def test_a_recorded_answer_means_what_the_contract_says(recorded: dict[str, Any]) -> None:
    method, path = recorded["method"], recorded["path"].partition("?")[0]
    operation = routed(method, path)
    if operation is None:
        known = FOREIGN.get((method, path))
        assert known == recorded["status"] or ("/tickets" in path and path.startswith(
            "/api/pro/services/"
        )), (method, path, recorded["status"])  # fmt: skip
        return
    headers = recorded["headers"]
    # What had no charset was recorded as if it were Latin-1.
    latin = headers.get("content-type", "").startswith("text/") and "charset" not in str(headers)
    body = recorded["body"].encode("latin-1" if latin else "utf-8")
    session = "" if recorded["actor"] == "anonymous" or not operation.needs_session else "cafe"
    response = answer_to(
        request_of(operation, session), recorded["status"], body, headers, recorded["reason"]
    )
    if (
        operation is GET_SERVICE_STATS
        and ":" in recorded["body"]
        and recorded["label"] in ("stats", "stats after")
    ):
        # The order of the CSV columns is arbitrary in 2020; the contract says so in x-broken.
        assert "CSV" in operation.broken
        with pytest.raises(UnexpectedAnswer):
            decode_answer(operation, response)
    elif recorded["status"] == operation.answer.status:
        answer = decode_answer(operation, response)
        assert fits(answer, declared(operation)), answer
        if isinstance(answer, Download):
            with answer:
                assert answer.read() == body
        elif isinstance(operation.answer, OneOf) and headers.get("content-type") == "text/csv":
            assert operation.answer.encode(answer)[0] == "text/csv"
    else:
        with pytest.raises(AnswerError) as caught:
            decode_answer(operation, response)
        assert not isinstance(caught.value, UnexpectedAnswer)
        fitting = [f for f in operation.failures if f.status == recorded["status"]]
        assert type(caught.value) in {failure.error for failure in fitting}
        if recorded["status"] == 404:
            assert type(caught.value) is OperationNotSupported
        if type(caught.value) is MiddlewareFault:
            assert recorded["status"] == 500
        for piece in (operation.method, operation.path, str(recorded["status"])):
            assert piece in str(caught.value)


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_every_exchange_was_looked_at(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 153
    asked = {routed(line["method"], line["path"].partition("?")[0]) for line in lines} - {None}
    assert len(asked) > 40
