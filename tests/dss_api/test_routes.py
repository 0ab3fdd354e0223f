"""The table of routes and the methods that are made from it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import types
import typing
from typing import Any

import attrs
import pytest

import dss_api
from dss_api import (
    ELSEWHERE,
    FORMER_PATHS,
    OPERATIONS,
    Dialect,
    DssApi,
    NotAProvider,
    Request,
    Response,
    TicketStatus,
    errors,
)
from tests.dss_api.support import AnyOperation


class Nowhere:
    """A transport that nothing is to be sent over."""

    def send(self, request: Request) -> Response:
        raise AssertionError(request)


API = DssApi(Nowhere())

EXAMPLES = {
    "ticket_id": "7",
    "log_id": "7",
    "index": "0",
    "user_id": "3",
    "area": "input",
    "githash": "a1b2c3",
    "provider": "test-lab_2",
    "category": "info",
    "scope": "completed",
    "blob": "deadbeef",
}


def example(operation: AnyOperation) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: EXAMPLES[match[1]], operation.path)


def test_there_are_47_operations_with_names_of_their_own() -> None:
    assert len(OPERATIONS) == 47
    assert len({operation.name for operation in OPERATIONS}) == 47
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == 47


def test_an_older_version_has_less() -> None:
    younger = [o.name for o in OPERATIONS if Dialect.V2020 not in o.versions]
    assert younger == ["list_available_services"]
    assert all(Dialect.V0_2_0 in operation.versions for operation in OPERATIONS)
    [former] = FORMER_PATHS
    assert former.versions == (Dialect.V2020,)
    assert former.failures[0].error is NotAProvider
    path = "/api/pro/services/RegistrationExample/tickets"
    match = former.pattern.fullmatch(path)
    assert match is not None
    assert match["githash"] == "RegistrationExample"
    assert not any(operation.pattern.fullmatch(path) for operation in OPERATIONS)


def test_what_is_answered_where_there_is_no_operation() -> None:
    answers = {status: (row.text, row.media_type) for status, row in ELSEWHERE.items()}
    assert answers == {
        404: ("not found", "text/html; charset=utf-8"),
        405: ("method not allowed", "text/html"),
    }


def test_constants_are_what_the_contract_says() -> None:
    from dss_api import constants

    assert constants.TOKEN_LENGTH == 48
    assert constants.PURGE_DAYS == 7
    assert constants.OUTCOMES == (TicketStatus.SUCCESS, TicketStatus.FAILED)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_path_leads_to_its_own_operation_alone(operation: AnyOperation) -> None:
    path = example(operation)
    fitting = [o for o in OPERATIONS if o.pattern.fullmatch(path) and o.method == operation.method]
    assert fitting == [operation]
    match = operation.pattern.fullmatch(path)
    assert match is not None
    assert match.groupdict() == {
        name: EXAMPLES[name] for name in re.findall(r"\{(\w+)\}", operation.path)
    }


def test_no_path_fits_two_operations_even_when_parameters_are_named_like_fixed_parts() -> None:
    # A service whose hash is "claims" or "available", a provider that is called "delete", ...
    fixed = {part for o in OPERATIONS for part in o.path.split("/") if part and "{" not in part}
    twice = set()
    for operation in OPERATIONS:
        names = re.findall(r"\{(\w+)\}", operation.path)
        for name in names:
            for part in fixed:
                filled = re.sub(
                    r"\{(\w+)\}",
                    lambda m, name=name, part=part: part if m[1] == name else EXAMPLES[m[1]],  # type: ignore[misc]
                    operation.path,
                )
                fitting = [
                    o.name
                    for o in OPERATIONS
                    if o.method == operation.method and o.pattern.fullmatch(filled)
                ]
                if len(fitting) > 1:
                    twice.add(tuple(fitting))
    assert twice == set()


@pytest.mark.parametrize(
    "path", ["/api/tickets/", "/api/tickets/x/status", "/api/tickets/1/files/other", "/API/tickets"]
)
def test_a_path_that_is_none_fits_nothing(path: str) -> None:
    assert [o.name for o in OPERATIONS if o.pattern.fullmatch(path)] == []


def test_an_id_may_have_leading_zeros() -> None:
    fitting = [o.name for o in OPERATIONS if o.pattern.fullmatch("/api/tickets/007/queuepos")]
    assert fitting == ["get_queue_position"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_a_documented_method_with_the_same_parameters(
    operation: AnyOperation,
) -> None:
    method = getattr(getattr(API, operation.group), operation.name)
    parameters = inspect.signature(method).parameters
    assert {p.kind for p in parameters.values()} <= {inspect.Parameter.KEYWORD_ONLY}
    fields = {field.name: field for field in attrs.fields(operation.request)}
    assert list(parameters) == list(fields)
    for name, parameter in parameters.items():
        needed = fields[name].default is attrs.NOTHING
        assert (parameter.default is inspect.Parameter.empty) == needed
        if not needed:
            assert parameter.default == fields[name].default
    documentation = inspect.getdoc(method) or ""
    assert documentation.strip()
    for name in parameters:
        assert f"    {name}: " in documentation
    assert "see `dss_api.errors`" in documentation
    common = f"{errors.__doc__}"
    for failure in operation.failures:
        name = failure.error.__name__
        assert name in documentation or f"* `{name}`:" in common


def test_no_method_is_there_that_is_no_operation() -> None:
    methods = {
        name
        for group in ("session", "user", "provider", "admin")
        for name, _ in inspect.getmembers(getattr(API, group), inspect.ismethod)
        if not name.startswith("_")
    }
    assert methods == {operation.name for operation in OPERATIONS}


def test_an_operation_that_creates_something_is_not_repeatable() -> None:
    assert {o.name for o in OPERATIONS if not o.repeatable and o.method == "GET"} == {
        "retry_ticket"
    }
    assert all(operation.repeat_effect for operation in OPERATIONS)


def public_functions() -> list[Any]:
    """Every public function and method of the package."""
    found = []
    for module_info in pkgutil.iter_modules(dss_api.__path__):
        module = importlib.import_module(f"dss_api.{module_info.name}")
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(thing):
                found.append(pytest.param(thing, id=f"{module_info.name}.{name}"))
            elif inspect.isclass(thing):
                for part, member in vars(thing).items():
                    function = getattr(member, "__func__", getattr(member, "fget", member))
                    written = isinstance(function, types.FunctionType) and (
                        function.__code__.co_filename == module.__file__
                    )
                    if written and (not part.startswith("_") or part == "__init__"):
                        name_of = f"{module_info.name}.{name}.{part}"
                        found.append(pytest.param(function, id=name_of))
    return found


def mentioned(kind: object) -> set[object]:
    """A type and all types within it."""
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is typing.Literal:
        return {kind}
    found: set[object] = {kind} if isinstance(kind, typing.Hashable) else set()
    for part in parts:
        for inner in part if isinstance(part, list) else [part]:
            found |= mentioned(inner)
    return found


@pytest.mark.parametrize("function", public_functions())
def test_a_public_signature_is_typed_without_any_and_without_further_keywords(
    function: Any,
) -> None:
    parameters = inspect.signature(function).parameters
    assert not [p for p in parameters.values() if p.kind is inspect.Parameter.VAR_KEYWORD]
    namespace = {"Upload": dss_api.Upload, "Operation": dss_api.Operation,
                 "OperationRequest": dss_api.OperationRequest}  # fmt: skip
    hints = typing.get_type_hints(function, localns=namespace)
    untyped = [name for name in parameters if name not in ("self", "cls") and name not in hints]
    assert untyped == []
    assert "return" in hints
    for kind in hints.values():
        assert Any not in mentioned(kind)


def test_the_package_names_what_it_offers() -> None:
    assert len(set(dss_api.__all__)) == len(dss_api.__all__)
    for name in dss_api.__all__:
        assert getattr(dss_api, name) is not None
