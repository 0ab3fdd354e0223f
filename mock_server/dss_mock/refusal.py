"""How a handler says no: by the class of the error that the contract has for it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from dss_api import AnswerError, MiddlewareFault, Operation, OperationRequest
from dss_api.errors import Failure
from dss_api.template import fields


class Refused(Exception):
    """A request is refused; the answer is the contract's row for this error.

    Args:
        error: what a client is to see.
        fields: what varies in the text of the answer.
    """

    def __init__(self, error: type[AnswerError], **fields: object) -> None:
        super().__init__(error.__name__, fields)
        self.error = error
        self.fields = fields


def find_row(
    operation: Operation[OperationRequest, object], refused: Refused, path: Mapping[str, str]
) -> tuple[Failure, str]:
    """The row of an operation's known failures that a refusal means, and the text of its answer.

    Args:
        path: the parameters in the path, which the texts repeat as they were written.

    Raises:
        LookupError: the operation has no such failure.
    """
    values = {**refused.fields, **path}
    for row in operation.failures:
        if row.error is refused.error and fields(row.text) <= values.keys():
            return row, row.text.format_map(values)
    if refused.error is MiddlewareFault:
        return find_fault(operation)
    raise LookupError(f"{operation.name} has no answer for {refused.error.__name__}")


def find_fault(operation: Operation[OperationRequest, object]) -> tuple[Failure, str]:
    """The row for whatever the middleware does not foresee, and its text."""
    rows = [row for row in operation.failures if row.status == HTTPStatus.INTERNAL_SERVER_ERROR]
    row = next((row for row in rows if row.error is MiddlewareFault), rows[0])
    return row, row.text


def status_line(row: Failure) -> str:
    """Status and reason phrase of an answer that says no."""
    # What the middleware refuses itself, and thus without a type, has its reason in lower case.
    phrase = HTTPStatus(row.status).phrase
    return f"{row.status} {phrase if row.media_type else phrase.lower()}"
