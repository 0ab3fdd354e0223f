"""Tests of the errors of the contract, and of their messages."""

from __future__ import annotations

import builtins
import copy
import pickle

import pytest

import dss_api
from dss_api import (
    OPERATIONS,
    AnswerCutShort,
    AnswerError,
    AnswerTimeout,
    DssError,
    MiddlewareFault,
    NotLoggedIn,
    SessionExpired,
    TicketNotFound,
    TransportError,
    UnexpectedAnswer,
    UploadChanged,
)
from dss_api.routes import LIST_PROVIDERS
from spec.codegen.read import read
from tests.codegen.support import CONTRACT as CONTRACT_FILE
from tests.dss_wire.exchanges import OPERATIONS_BY_NAME, WEB_PAGE, AnyOperation, catch_error
from tests.dss_wire.secret_texts import SESSION

DEFINED = dict(read(CONTRACT_FILE).root["components"]["x-errors"].entries())


@pytest.mark.parametrize("name", list(DEFINED))
def test_known_error_derives_from_the_builtin_in_the_contract(name: str) -> None:
    error = getattr(dss_api, name)
    definition = DEFINED[name]
    base = definition["builtin"].text or DEFINED[definition["extends"].text]["builtin"].text
    assert issubclass(error, AnswerError)
    assert issubclass(error, getattr(builtins, base))
    assert error.description == definition["description"].text
    assert error.advice == definition["advice"].text


KNOWN = [
    pytest.param(operation, index, id=f"{operation.name}-{index}-{failure.error.__name__}")
    for operation in OPERATIONS
    for index, failure in enumerate(operation.failures)
]


@pytest.mark.parametrize(("operation", "index"), KNOWN)
def test_message_of_a_known_failure_contains_request_response_and_advice(
    operation: AnyOperation, index: int
) -> None:
    failure = operation.failures[index]
    text = failure.text.replace("{", "").replace("}", "")
    session = SESSION if failure.session else ""
    error = catch_error(operation, failure.status, text.encode(), session=session)
    assert type(error) is failure.error
    assert (error.method, error.path) == (operation.method, operation.path)
    assert (error.status, error.text) == (failure.status, text)
    shown = f'the answer was "{text.strip()}"' if text else "the answer was empty"
    unknown = ""
    if type(error) is MiddlewareFault and operation.when_unknown:
        unknown = f"It is not known whether the request took effect. {operation.when_unknown} "
    assert str(error) == (
        f"{error.description} {operation.method} {operation.path} gave {failure.status} Reason; "
        f"{shown}. {unknown}{error.advice}"
    )


def test_missing_session_and_expired_session_raise_different_errors() -> None:
    text = b"You are not logged in!"
    assert type(catch_error(LIST_PROVIDERS, 401, text)) is NotLoggedIn
    assert type(catch_error(LIST_PROVIDERS, 401, text, session=SESSION)) is SessionExpired


def test_varying_parts_of_a_known_text_match_any_text() -> None:
    operation = OPERATIONS_BY_NAME["get_ticket_status"]
    assert type(catch_error(operation, 400, b"Ticket 12 not found for user 3")) is TicketNotFound
    assert type(catch_error(operation, 400, b"Ticket 12 not found for user 3\n")) is TicketNotFound
    assert type(catch_error(operation, 400, b"Ticket 12 not found")) is UnexpectedAnswer
    other_text = b"No: Ticket 1 not found for user 3"
    assert type(catch_error(operation, 400, other_text)) is UnexpectedAnswer


def list_errors() -> list[DssError]:
    """Return an error of each kind, and each known error of each operation."""
    errors: list[DssError] = [
        catch_error(operation, failure.status, failure.text.encode(), session=SESSION)
        for operation in OPERATIONS
        for failure in operation.failures
    ]
    errors += [
        catch_error(LIST_PROVIDERS, 200, WEB_PAGE),
        catch_error(LIST_PROVIDERS, 200, b"?"),
        catch_error(LIST_PROVIDERS, 502, b"?"),
        catch_error(LIST_PROVIDERS, 301, b"", {"Location": "http://h"}),
    ]
    plain = (DssError, TransportError, AnswerTimeout, AnswerCutShort, UploadChanged)
    return errors + [kind("What failed.", method="GET", path="/api") for kind in plain]


def test_pickled_and_copied_errors_keep_all_attributes() -> None:
    for error in list_errors():
        for duplicate in (
            pickle.loads(pickle.dumps(error)),
            copy.copy(error),
            copy.deepcopy(error),
        ):
            assert type(duplicate) is type(error)
            assert str(duplicate) == str(error)
            assert vars(duplicate) == vars(error)
            assert duplicate.args == error.args
        assert error.path.startswith("/")
