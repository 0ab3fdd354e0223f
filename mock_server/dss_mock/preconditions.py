"""The checks before a handler runs: required parameters first, then the rights of the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dss_api import MiddlewareFault, MissingParameter, NotAnAdministrator, NotLoggedIn
from dss_api.routes import (
    CLAIM_TICKET,
    LIST_AVAILABLE_SERVICES,
    LIST_SERVICE_CLAIMS,
    SET_TICKET_STATUS,
)
from dss_wire.scalars import DecodingError

from .errors import RequestRefused
from .request_body import RequestBody
from .routing import AnyOperation
from .state import User


def check_parameters(operation: AnyOperation, body: RequestBody) -> None:
    """Check the parameters that the middleware needs before it checks the session.

    Raises:
        DecodingError: a parameter is missing.
        RequestRefused: a parameter is missing, or the operation always fails.
    """
    check = _PARAMETER_CHECKS.get(operation.name)
    if check is not None:
        check(body)


def check_rights(operation: AnyOperation, actor: User | None) -> None:
    """Check that a user has the right to an operation.

    Raises:
        RequestRefused: the operation needs a session or an administrator.
    """
    known = {row.error for row in operation.failures}
    # The handlers of other operations check their users themselves.
    if actor is None and NotLoggedIn in known:
        raise RequestRefused(NotLoggedIn)
    if NotAnAdministrator in known and not (actor and actor.sysadmin):
        raise RequestRefused(NotAnAdministrator)


def _require_status(body: RequestBody) -> None:
    if "status" not in body.parameters:
        raise DecodingError("status is missing")


def _require_services(body: RequestBody) -> None:
    if "services" not in body.parameters:
        raise RequestRefused(MissingParameter)
    if "services" in body.files:
        raise RequestRefused(MiddlewareFault)


def _fail(_: RequestBody) -> None:
    raise RequestRefused(MiddlewareFault)


_PARAMETER_CHECKS: Mapping[str, Callable[[RequestBody], None]] = {
    SET_TICKET_STATUS.name: _require_status,
    CLAIM_TICKET.name: _require_services,
    LIST_AVAILABLE_SERVICES.name: _require_services,
    LIST_SERVICE_CLAIMS.name: _fail,
}
"""The check of each operation that has one, by the name of the operation."""
