"""The lookup of the contract's failure for a refused request."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from dss_api import (
    Dialect,
    FormerPath,
    MiddlewareFault,
    Operation,
    OperationRequest,
)
from dss_wire.operation import Failure
from dss_wire.text_templates import list_fields

from .errors import RequestRefused

RefusingRoute = Operation[OperationRequest, object] | FormerPath
"""An operation, or a path that only answers errors."""


def find_failure(
    route: RefusingRoute, refusal: RequestRefused, path: Mapping[str, str], dialect: Dialect
) -> tuple[Failure, str]:
    """Return the contract's failure for a refused request, and the text of the response.

    Args:
        path: the parameters in the URL path. The texts repeat them as the client wrote them.

    Raises:
        LookupError: no version has such a failure.
    """
    values = {**refusal.fields, **path}
    rows = [
        row
        for row in route.failures
        if row.error is refusal.error and list_fields(row.text) <= values.keys()
    ]
    for row in rows:
        if dialect in row.versions:
            return row, row.text.format_map(values)
    # A failure that only other versions know is an internal error in this one.
    if rows or refusal.error is MiddlewareFault:
        return find_internal_failure(route, dialect)
    raise LookupError(f"{route.path} does not have the failure {refusal.error.__name__}")


def find_internal_failure(
    route: RefusingRoute, dialect: Dialect, started: str = ""
) -> tuple[Failure, str]:
    """Return the failure for an internal error of the middleware, and the text of the response.

    Args:
        started: the content type of the response that was started before the error.
    """
    rows = [
        row
        for row in route.failures
        if row.status == HTTPStatus.INTERNAL_SERVER_ERROR
        and dialect in row.versions
        and row.media_type.startswith(started)
    ]
    row = next((row for row in rows if row.error is MiddlewareFault), rows[0])
    return row, row.text
