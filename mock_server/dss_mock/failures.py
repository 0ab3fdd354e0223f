"""How a handler says no: by the class of the error that the contract has for it."""

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

Route = Operation[OperationRequest, object] | FormerPath
"""What a request can be for."""


def find_failure(
    asked: Route, refused: RequestRefused, path: Mapping[str, str], dialect: Dialect
) -> tuple[Failure, str]:
    """The row of the known failures that a refusal means, and the text of its answer.

    Args:
        path: the parameters in the path, which the texts repeat as they were written.

    Raises:
        LookupError: no version has such a failure.
    """
    values = {**refused.fields, **path}
    rows = [
        row
        for row in asked.failures
        if row.error is refused.error and list_fields(row.text) <= values.keys()
    ]
    for row in rows:
        if dialect in row.versions:
            return row, row.text.format_map(values)
    # What other versions foresee is a fault in this one.
    if rows or refused.error is MiddlewareFault:
        return find_internal_failure(asked, dialect)
    raise LookupError(f"{asked.path} has no answer for {refused.error.__name__}")


def find_internal_failure(asked: Route, dialect: Dialect, begun: str = "") -> tuple[Failure, str]:
    """The row for whatever the middleware does not foresee, and its text.

    Args:
        begun: the content type of the answer that had begun when it failed.
    """
    rows = [
        row
        for row in asked.failures
        if row.status == HTTPStatus.INTERNAL_SERVER_ERROR
        and dialect in row.versions
        and row.media_type.startswith(begun)
    ]
    row = next((row for row in rows if row.error is MiddlewareFault), rows[0])
    return row, row.text
