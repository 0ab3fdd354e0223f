"""Tests of the contract itself: valid, complete and described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import validate

from spec.codegen.check import check
from spec.codegen.layout import iterate_operations
from spec.codegen.read import Node, read
from tests.codegen.support import CONTRACT, load_contract

DOCUMENT = read(CONTRACT)
OPERATIONS = list(iterate_operations(DOCUMENT.root))


def test_contract_is_valid_openapi() -> None:
    plain: dict[Any, Any] = {**load_contract()}
    validate(plain)


def test_compiler_accepts_the_contract_without_mistakes() -> None:
    assert check(DOCUMENT) == []


def test_contract_has_47_operations_in_four_groups() -> None:
    groups = Counter(operation["tags"].texts for _, _, operation in OPERATIONS)
    assert groups == {("session",): 4, ("user",): 18, ("provider",): 14, ("admin",): 11}


def test_every_operation_states_its_version_and_the_effect_of_repeating_it() -> None:
    for path, method, operation in OPERATIONS:
        assert operation["x-since"].text in ("2020", "0.2.0"), (path, method)
        assert isinstance(operation["x-repeat"]["safe"].value, bool), (path, method)
        assert operation["x-repeat"]["effect"].text, (path, method)
        harmful = not operation["x-repeat"]["safe"].flag
        assert bool(operation["x-repeat"]["unknown"].text) == harmful, (path, method)


def test_operations_that_create_or_claim_are_marked_unsafe_to_repeat() -> None:
    unsafe = {o["operationId"].text for _, _, o in OPERATIONS if not o["x-repeat"]["safe"].flag}
    assert unsafe == {
        "login",
        "create_ticket",
        "set_ticket_status",
        "set_claimed_ticket_status",
        "retry_ticket",
        "claim_ticket",
        "claim_service_ticket",
        "log_message",
        "attach_file",
    }


def test_list_available_services_is_the_only_operation_added_after_2020() -> None:
    younger = [o["operationId"].text for _, _, o in OPERATIONS if o["x-since"].text != "2020"]
    assert younger == ["list_available_services"]


def test_every_operation_has_a_sentence_as_its_summary() -> None:
    for _, _, operation in OPERATIONS:
        summary = operation["summary"].text
        assert summary.endswith("."), summary
        assert summary[0].isupper(), summary


def test_every_parameter_field_schema_tag_and_error_has_a_description() -> None:
    bare = [f"line {DOCUMENT.lines[node.path]}" for node in _describable(DOCUMENT.root) if not (
        node["description"].text or node.resolve()["description"].text
    )]  # fmt: skip
    assert bare == []


def test_every_response_has_a_description() -> None:
    for path, method, operation in OPERATIONS:
        for status, response in operation["responses"].entries():
            assert response.resolve()["description"].text, (path, method, status)


def test_every_error_has_advice() -> None:
    for name, error in DOCUMENT.root["components"]["x-errors"].entries():
        assert error["advice"].text.endswith("."), name


def test_every_error_of_the_contract_is_used_by_an_operation() -> None:
    defined = {name for name, _ in DOCUMENT.root["components"]["x-errors"].entries()}
    used = {
        row["error"].text
        for _, _, operation in OPERATIONS
        for _, response in operation["responses"].entries()
        for row in response.resolve()["x-errors"].items()
    }
    assert used == defined


def test_every_operation_except_list_service_claims_has_one_success_response() -> None:
    broken = []
    for _, _, operation in OPERATIONS:
        statuses = [s for s, _ in operation["responses"].entries() if s[0] in "23"]
        assert len(statuses) <= 1
        if not statuses:
            broken.append(operation["operationId"].text)
    assert broken == ["list_service_claims"]


def test_every_csv_response_lists_its_columns() -> None:
    tables = [
        content["x-columns"].texts
        for _, _, operation in OPERATIONS
        for _, response in operation["responses"].entries()
        for media, content in response.resolve()["content"].entries()
        if media == "text/csv"
    ]
    assert len(tables) == 14
    assert all(tables)


def test_every_x_key_is_explained_at_the_top_of_the_contract() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    head = text[: text.index("openapi: 3.1.0")]
    used = {
        key
        for node in DOCUMENT.root.walk()
        for key, _ in node.entries()
        if key.startswith("x-") and "headers" not in node.path
    }
    assert {key for key in used if key not in head} == set()


def _describable(root: Node) -> Iterator[Node]:
    for _, schema in root["components"]["schemas"].entries():
        yield schema
    for _, error in root["components"]["x-errors"].entries():
        yield error
    yield from root["tags"].items()
    for _, _, operation in OPERATIONS:
        for parameter in operation["parameters"].items():
            yield parameter.resolve()
        for _, content in operation["requestBody"].resolve()["content"].entries():
            for _, field in content["schema"]["properties"].entries():
                yield field
    for _, schema in root["components"]["schemas"].entries():
        for _, field in schema["properties"].entries():
            yield field
