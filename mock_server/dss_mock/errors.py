"""The errors of the mock."""

from __future__ import annotations

from dss_api import AnswerError


class MockError(Exception):
    """Base class of all errors that the mock defines."""


class DataDirError(MockError):
    """An unusable data folder. The message is one line: the folder, the problem, and what to do."""


class SeedError(MockError, ValueError):
    """An unusable seed file. The message has one line for each mistake, with file and line."""


class RequestRefused(MockError):
    """A refused request. The response is the failure that the contract has for `error`.

    Args:
        error: the error class that a client raises for this response.
        fields: the values of the placeholders in the text of the response.
    """

    def __init__(self, error: type[AnswerError], **fields: object) -> None:
        super().__init__(error.__name__, fields)
        self.error = error
        self.fields = fields


class ResponseUnsendable(MockError):
    """A response that cannot be written. The HTTP server answers 500 and closes the connection."""
