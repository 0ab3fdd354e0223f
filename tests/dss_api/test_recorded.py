"""Tests with recorded exchanges of two versions of the real middleware."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any

import pytest

from dss_api import (
    ELSEWHERE,
    FORMER_PATHS,
    OPERATIONS,
    AnswerError,
    Dialect,
    Download,
    DssApi,
    MiddlewareFault,
    UnexpectedAnswer,
)
from dss_wire.codec import decode_answer, encode_answer
from dss_wire.operation import Failure
from tests.dss_wire.exchanges import AnyOperation, make_request, make_response

WIRE = Path(__file__).parents[3] / "shared" / "wire"
RECORDED = [WIRE / "exchanges-0.2.0.jsonl", WIRE / "exchanges-2020.jsonl"]

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in RECORDED), reason="the recorded exchanges are missing"
)

# Pages for browsers are not part of the contract.
PAGES = ("/token", "/services")


def list_exchanges() -> list[Any]:
    """Return the recorded exchanges as parameters of a test."""
    parameters = []
    for file in RECORDED:
        if not file.exists():
            continue
        version = Dialect(file.stem.removeprefix("exchanges-"))
        lines = file.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            recorded: dict[str, Any] = json.loads(line)
            name = f"{version}-{number}-{recorded['label'].replace(' ', '_')}"
            parameters.append(pytest.param(version, recorded, id=name))
    return parameters


def find_operation(method: str, path: str) -> AnyOperation | None:
    """Return the operation that a request calls."""
    matching = [o for o in OPERATIONS if o.method == method and o.pattern.fullmatch(path)]
    assert len(matching) <= 1, [operation.name for operation in matching]
    return matching[0] if matching else None


def find_refusal(version: Dialect, method: str, path: str) -> tuple[Failure, str]:
    """Return the failure, and its text, if a request matches no operation of a version."""
    for former in FORMER_PATHS:
        match = former.pattern.fullmatch(path)
        if match and former.method == method and version in former.versions:
            return former.failures[0], former.failures[0].text.format_map(match.groupdict())
    known = any(o.pattern.fullmatch(path) for o in OPERATIONS if version in o.versions)
    row = ELSEWHERE[405 if known else 404]
    return row, row.text


def get_declared_type(operation: AnyOperation) -> object:
    """Return the type that the method of an operation returns."""

    class Nowhere:
        def send(self, request: object) -> Any:
            raise AssertionError(request)

    method = getattr(getattr(DssApi(Nowhere()), operation.group), operation.name)
    return typing.get_type_hints(method)["return"]


def has_type(value: object, kind: object) -> bool:
    """Check whether a value has a declared type."""
    if typing.get_origin(kind) is list:
        return isinstance(value, list) and all(has_type(v, typing.get_args(kind)[0]) for v in value)
    if typing.get_args(kind):
        return any(has_type(value, part) for part in typing.get_args(kind))
    assert isinstance(kind, type)
    return type(value) is kind


@pytest.mark.parametrize(("version", "recorded"), list_exchanges())
def test_recorded_answer_is_decoded_and_written_again_by_the_contract(
    version: Dialect, recorded: dict[str, Any]
) -> None:
    method, path = recorded["method"], recorded["path"].partition("?")[0]
    headers = recorded["headers"]
    operation = find_operation(method, path)
    if operation is None or version not in operation.versions:
        if path not in PAGES:
            row, text = find_refusal(version, method, path)
            assert (recorded["status"], recorded["body"]) == (row.status, text)
            assert headers.get("content-type", "") == row.media_type
        return
    # Texts without a charset were recorded as Latin-1.
    latin = headers.get("content-type", "").startswith("text/") and "charset" not in str(headers)
    body = recorded["body"].encode("latin-1" if latin else "utf-8")
    session = "" if recorded["actor"] == "anonymous" or not operation.needs_session else "cafe"
    response = make_response(
        make_request(operation, session), recorded["status"], body, headers, recorded["reason"]
    )
    if recorded["status"] == operation.answer.status:
        answer = decode_answer(operation, response)
        assert has_type(answer, get_declared_type(operation)), answer
        if isinstance(answer, Download):
            with answer:
                assert answer.read() == body
        else:
            as_json = recorded["body"].startswith("{")
            written = encode_answer(operation, answer, as_json=as_json, dialect=version)
            assert written == (headers.get("content-type", ""), body)
    else:
        with pytest.raises(AnswerError) as caught:
            decode_answer(operation, response)
        assert not isinstance(caught.value, UnexpectedAnswer)
        fitting = [
            failure.error
            for failure in operation.failures
            if failure.status == recorded["status"]
            and version in failure.versions
            and failure.media_type == headers.get("content-type", "")
        ]
        assert type(caught.value) in fitting
        if type(caught.value) is MiddlewareFault:
            assert recorded["status"] == 500
        for piece in (operation.method, operation.path, str(recorded["status"])):
            assert piece in str(caught.value)


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_recording_has_153_exchanges_of_more_than_40_operations(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 153
    operations = {find_operation(line["method"], line["path"].partition("?")[0]) for line in lines}
    assert len(operations - {None}) > 40
