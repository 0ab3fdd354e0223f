"""Tests of the table of routes, and of the methods compiled from it."""

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
import dss_wire
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
from tests.dss_wire.exchanges import AnyOperation


class UnusedTransport:
    """A transport that must not be used."""

    def send(self, request: Request) -> Response:
        raise AssertionError(request)


API = DssApi(UnusedTransport())

COMMON_ERRORS = {"MiddlewareFault", "NotLoggedIn", "OperationNotSupported", "SessionExpired"}
"""The errors of every operation. A method refers to them instead of listing them."""

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


def fill_path(operation: AnyOperation) -> str:
    """Return an example path of an operation."""
    return re.sub(r"\{(\w+)\}", lambda match: EXAMPLES[match[1]], operation.path)


def test_table_has_47_operations_with_unique_names_and_paths() -> None:
    assert len(OPERATIONS) == 47
    assert len({operation.name for operation in OPERATIONS}) == 47
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == 47


def test_version_2020_lacks_one_operation_and_has_one_former_path() -> None:
    added_later = [o.name for o in OPERATIONS if Dialect.V2020 not in o.versions]
    assert added_later == ["list_available_services"]
    assert all(Dialect.V0_2_0 in operation.versions for operation in OPERATIONS)
    failures = [failure for operation in OPERATIONS for failure in operation.failures]
    assert {type(failure.versions) for failure in failures} == {tuple}
    assert {type(operation.versions) for operation in OPERATIONS} == {tuple}
    [former] = FORMER_PATHS
    assert former.versions == (Dialect.V2020,)
    assert former.failures[0].error is NotAProvider
    path = "/api/pro/services/RegistrationExample/tickets"
    match = former.pattern.fullmatch(path)
    assert match is not None
    assert match["githash"] == "RegistrationExample"
    assert not any(operation.pattern.fullmatch(path) for operation in OPERATIONS)


def test_table_has_the_answers_to_unrouted_requests() -> None:
    answers = {status: (row.text, row.media_type) for status, row in ELSEWHERE.items()}
    assert answers == {
        404: ("not found", "text/html; charset=utf-8"),
        405: ("method not allowed", "text/html"),
    }


def test_constants_have_the_values_of_the_contract() -> None:
    from dss_api import constants

    assert constants.TOKEN_LENGTH == 48
    assert constants.PURGE_DAYS == 7
    assert constants.OUTCOMES == (TicketStatus.SUCCESS, TicketStatus.FAILED)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_path_of_an_operation_matches_only_that_operation(operation: AnyOperation) -> None:
    path = fill_path(operation)
    matching = [o for o in OPERATIONS if o.pattern.fullmatch(path) and o.method == operation.method]
    assert matching == [operation]
    match = operation.pattern.fullmatch(path)
    assert match is not None
    assert match.groupdict() == {
        name: EXAMPLES[name] for name in re.findall(r"\{(\w+)\}", operation.path)
    }


def test_path_matches_one_operation_if_a_parameter_equals_a_fixed_part() -> None:
    # Such as a service with the hash "claims", or a provider named "delete".
    fixed = {part for o in OPERATIONS for part in o.path.split("/") if part and "{" not in part}
    ambiguous = set()
    for operation in OPERATIONS:
        names = re.findall(r"\{(\w+)\}", operation.path)
        for name in names:
            for part in fixed:
                filled = re.sub(
                    r"\{(\w+)\}",
                    lambda m, name=name, part=part: part if m[1] == name else EXAMPLES[m[1]],  # type: ignore[misc]
                    operation.path,
                )
                matching = [
                    o.name
                    for o in OPERATIONS
                    if o.method == operation.method and o.pattern.fullmatch(filled)
                ]
                if len(matching) > 1:
                    ambiguous.add(tuple(matching))
    assert ambiguous == set()


@pytest.mark.parametrize(
    "path", ["/api/tickets/", "/api/tickets/x/status", "/api/tickets/1/files/other", "/API/tickets"]
)
def test_unknown_path_does_not_match_an_operation(path: str) -> None:
    assert [o.name for o in OPERATIONS if o.pattern.fullmatch(path)] == []


def test_id_in_a_path_can_have_leading_zeros() -> None:
    matching = [o.name for o in OPERATIONS if o.pattern.fullmatch("/api/tickets/007/queuepos")]
    assert matching == ["get_queue_position"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_method_of_an_operation_is_documented_and_has_its_parameters(
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
    for failure in operation.failures:
        name = failure.error.__name__
        assert name in documentation or name in COMMON_ERRORS


def test_common_errors_are_documented_in_the_module_of_errors() -> None:
    assert set(re.findall(r"^\* `(\w+)`:", f"{errors.__doc__}", re.MULTILINE)) == COMMON_ERRORS


def test_every_method_is_an_operation() -> None:
    methods = {
        name
        for group in ("session", "user", "provider", "admin")
        for name, _ in inspect.getmembers(getattr(API, group), inspect.ismethod)
        if not name.startswith("_")
    }
    assert methods == {operation.name for operation in OPERATIONS}


def test_every_get_except_retry_ticket_is_repeatable() -> None:
    assert {o.name for o in OPERATIONS if not o.repeatable and o.method == "GET"} == {
        "retry_ticket"
    }
    assert all(operation.repeat_effect for operation in OPERATIONS)


def list_public_functions() -> list[Any]:
    """Return every public function and method of the packages as parameters of a test."""
    parameters = []
    for module_name in [
        f"{package.__name__}.{module_info.name}"
        for package in (dss_api, dss_wire)
        for module_info in pkgutil.iter_modules(package.__path__)
    ]:
        module = importlib.import_module(module_name)
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(thing):
                parameters.append(pytest.param(thing, id=f"{module_name}.{name}"))
            elif inspect.isclass(thing):
                for part, member in vars(thing).items():
                    function = getattr(member, "__func__", getattr(member, "fget", member))
                    is_own = isinstance(function, types.FunctionType) and (
                        function.__code__.co_filename == module.__file__
                    )
                    if is_own and (not part.startswith("_") or part == "__init__"):
                        name_of = f"{module_name}.{name}.{part}"
                        parameters.append(pytest.param(function, id=name_of))
    return parameters


def list_inner_types(kind: object) -> set[object]:
    """Return a type and all types within it."""
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is typing.Literal:
        return {kind}
    found: set[object] = {kind} if isinstance(kind, typing.Hashable) else set()
    for part in parts:
        for inner in part if isinstance(part, list) else [part]:
            found |= list_inner_types(inner)
    return found


@pytest.mark.parametrize("function", list_public_functions())
def test_public_function_is_typed_without_any_and_without_extra_keywords(
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
        assert Any not in list_inner_types(kind)


def test_names_in_all_are_unique_and_exist() -> None:
    assert len(set(dss_api.__all__)) == len(dss_api.__all__)
    for name in dss_api.__all__:
        assert getattr(dss_api, name) is not None
